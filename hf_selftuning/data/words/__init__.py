"""Sentences with a tag for each word: from files, tables, datasets and exports, in one form."""
