"""Column files: one word on each line, with its tag beside it."""
