"""Images and their classes: from folders, tables and datasets, in one form."""
