"""The metric of words: `evaluate.load` takes the path of this folder."""
