"""Modules that hold state, and how a model is read."""
