"""Pixels: how a file is opened, what a network expects, and the views that it is shown."""
