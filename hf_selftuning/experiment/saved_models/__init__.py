"""A saved model of any kind: its scores and its predictions."""
