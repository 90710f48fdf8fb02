"""Runs on words: flags, examples and training, scores of a saved tagger, and its answers."""
