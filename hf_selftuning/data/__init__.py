"""Where words, texts and images come from: files, folders, the Hub, and packages that carry real data."""
