"""One run from start to end, the same for every kind of data."""
