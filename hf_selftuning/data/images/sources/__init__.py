"""Each source of images: folders, tables, the Hub, known data sets."""
