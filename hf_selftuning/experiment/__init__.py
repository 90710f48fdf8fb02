"""One run from the command line: data, split, stages, report."""
