"""What a kind of data provides for a run: the examples of each part, and the record in the run's folder."""
