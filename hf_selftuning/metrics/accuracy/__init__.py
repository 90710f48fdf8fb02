"""The metric of images: `evaluate.load` takes the path of this folder."""
