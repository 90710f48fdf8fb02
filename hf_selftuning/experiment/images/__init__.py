"""Runs on images: flags, examples and training, scores of a saved classifier, and its answers."""
