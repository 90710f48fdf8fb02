"""A run on texts, and the answers of a saved classifier of texts."""
