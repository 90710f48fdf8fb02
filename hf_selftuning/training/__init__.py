"""The trainer, its hooks into transformers, and checkpoints."""
