"""Folders of images: which folders are parts of the data, and which are classes."""
