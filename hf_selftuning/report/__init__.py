"""Tables, figures, results and the model card of a run."""
