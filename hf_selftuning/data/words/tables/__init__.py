"""Tables of sentences: one sentence in each row, or one word in each row, or an export of an annotation tool."""
