"""Column files read as the readers of words read them, for tests that compare words and tags alone."""

from hf_selftuning.data.rows.file_text import FilePath, read_text
from hf_selftuning.data.words.columns.conll import Sentences, iob2_sentences, read_columns


def read_conll(path: FilePath) -> Sentences:
    """Words, and tags as IOB2."""
    return iob2_sentences(read_columns(read_text(path), path))
