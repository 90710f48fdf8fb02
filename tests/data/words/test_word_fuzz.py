"""Whatever bytes a file holds, a reader gives words that pass the gate, or one sentence that names the file."""

from functools import partial
from pathlib import Path

import pytest
from any_contents import WORDS
from fuzzing import any_files, for_minutes, refused

from hf_selftuning.data.words.tables.table_columns import WordColumns
from hf_selftuning.data.words.tagging import named_part, scheme_of
from hf_selftuning.data.words.word_files import read_sentences

SUFFIXES = [".txt", ".conll", ".tsv", ".csv", ".json", ".jsonl", ".parquet", ""]


def check(path: Path) -> None:
    """Read a file with tags and without, and check that it passed the gate, or was refused in a sentence of ours."""
    for tagged in (True, False):
        try:
            reading = read_sentences(path, WordColumns(), tagged=tagged)
            assert reading.sentences
            part = named_part(reading, None)
            scheme = scheme_of([part])
            rows = [scheme.to_iob2(row) for row in part.tags]
        except ValueError as error:
            refused(error, [str(path)])
            continue
        for sentence in reading.sentences:
            assert sentence.words
            assert all(isinstance(word, str) and word.strip(" \t\r\n") and word.encode() for word in sentence.words)
            assert sentence.tags is None or len(sentence.tags) == len(sentence.words)
            assert tagged or sentence.tags is None
        assert all(tag in (None, "O") or tag[:2] in ("B-", "I-") for row in rows for tag in row)


def run(folder: Path, examples: int) -> None:
    any_files(check, folder, WORDS, SUFFIXES, examples)


def test_any_bytes_give_words_or_a_sentence(tmp_path: Path) -> None:
    run(tmp_path, 400)


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_any_bytes_for_long_give_words_or_a_sentence(tmp_path: Path) -> None:
    for_minutes(partial(run, tmp_path), 2000, "files")
