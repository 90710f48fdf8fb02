"""Checks of images from every source: broken files, copies in several parts, and what is surely wrong."""
