"""Tables, learning curves, result files and the model card of a run."""
