"""Reading takes memory in proportion to the file, also where its rows are as short as rows can be."""

import gc
import gzip
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from hf_selftuning.data.texts.text_columns import TextColumns
from hf_selftuning.data.texts.text_files import read_texts_file
from hf_selftuning.data.words.tables.table_columns import WordColumns
from hf_selftuning.data.words.word_files import read_sentences

BYTES = 400_000
Rows = dict[str, tuple[str, str]]

# File, its first line, and a row, whose "Ada" gets a number in the long rows.
SHORT_WORDS = {
    "a.txt": ("", "a\n"),
    "a.conll": ("", "a O\n\nb B-X\n\n"),
    "two.conll": ("", "a O\nb B-X\n\n"),
    "a.csv": ("tokens,tags\n", "a b,O B-X\n"),
    "a.tsv": ("tokens\ttags\n", "a b\tO B-X\n"),
    "a.jsonl": ("", '{"tokens":["a"],"tags":["O"]}\n{"tokens":["b"],"tags":["B-X"]}\n'),
    "a.json": ("[", '[["a","O"],["b","B-X"]],\n'),
    "a.txt.gz": ("", "a\n"),
    "emoji.txt": ("\U0001f600\n", "abc\n"),  # because of it Python holds four bytes for each character
}
LONG_WORDS = {
    "a.txt": ("", "Ada slept in Oslo .\n"),
    "a.conll": ("", "Ada B-PER\nslept O\nin O\nOslo B-LOC\n\n"),
    "a.csv": ("tokens,tags\n", "Ada slept in Oslo,B-PER O O B-LOC\n"),
    "a.tsv": ("tokens\ttags\n", "Ada slept in Oslo\tB-PER O O B-LOC\n"),
    "a.jsonl": ("", '{"tokens": ["Ada", "slept"], "ner_tags": ["B-PER", "O"]}\n'),
    "a.json": ("[", '{"text": "Ada slept in Oslo.", "label": [[0, 3, "PER"]]},\n'),
    "a.csv.gz": ("tokens,tags\n", "Ada slept in Oslo,B-PER O O B-LOC\n"),
}
TEXTS = {
    "a.txt": ("", "a b\n"),
    "a.csv": ("text,label\n", "a b,x\nc d,y\n"),
    "a.tsv": ("text\tlabel\n", "a b\tx\nc d\ty\n"),
    "a.jsonl": ("", '{"text":"a b","label":"x"}\n{"text":"c d","label":"y"}\n'),
    "a.json": ("[", '{"text":"a b","label":"x"},\n{"text":"c d","label":"y"},\n'),
    "marked.txt": ("", "__label__x a b\n__label__y c d\n"),
    "a.csv.gz": ("text,label\n", "a b,x\nc d,y\n"),
}


def write(path: Path, first: str, row: str, size: int = BYTES) -> int:
    """Write a file of such rows, and return how many bytes it has, unpacked."""
    rows = (row.replace("Ada", f"Ada{number}") for number in range(size // len(row)))
    text = first + "".join(rows)
    text = text.rstrip(",\n") + "]" if first == "[" else text
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return len(text.encode())


def peak_of(read: Callable[[], object]) -> int:
    """The most memory, in bytes, that reading takes beside what there was before."""
    gc.collect()
    tracemalloc.start()
    found = read()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found is not None
    return peak


@pytest.mark.slow
@pytest.mark.parametrize("rows", [SHORT_WORDS, LONG_WORDS], ids=["short", "long"])
def test_reading_words_takes_less_than_ten_times_the_unpacked_file(tmp_path: Path, rows: Rows) -> None:
    for name, (first, row) in rows.items():
        size = write(tmp_path / name, first, row)
        tagged = "txt" not in name
        peak = peak_of(lambda: read_sentences(tmp_path / name, WordColumns(), tagged=tagged))  # noqa: B023
        assert peak < 10 * size, f"{name}: {peak / size:.1f}"


@pytest.mark.slow
def test_reading_texts_takes_less_than_ten_times_the_unpacked_file(tmp_path: Path) -> None:
    for name, (first, row) in TEXTS.items():
        size = write(tmp_path / name, first, row)
        labeled = name != "a.txt"
        peak = peak_of(lambda: read_texts_file(tmp_path / name, TextColumns(), labeled=labeled))  # noqa: B023
        assert peak < 10 * size, f"{name}: {peak / size:.1f}"


@pytest.mark.slow
def test_reading_parquet_takes_less_than_ten_times_its_unpacked_table(tmp_path: Path) -> None:
    table = pyarrow.table({"tokens": [["a"], ["b"]] * 20_000, "ner_tags": [["O"], ["B-X"]] * 20_000})
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < table.nbytes / 100  # equal rows are packed to nearly nothing
    assert peak_of(lambda: read_sentences(tmp_path / "a.parquet", WordColumns())) < 10 * table.nbytes


@pytest.mark.slow
def test_a_json_file_of_columns_takes_less_than_thirty_times_its_size_because_it_is_parsed_as_a_whole(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"tokens": [["a"]] * 20_000, "tags": [["O"]] * 20_000}, separators=(",", ":")))
    assert peak_of(lambda: read_sentences(path, WordColumns())) < 30 * path.stat().st_size


RESIDENT = """
import resource, sys
from hf_selftuning.data.words.load_words import WordColumns, read_sentences

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
read_sentences(sys.argv[1], WordColumns(), tagged=not sys.argv[1].endswith("txt"))
print(1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before))
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.txt", "a.conll", "a.csv"])
def test_the_process_grows_by_less_than_ten_times_the_file(tmp_path: Path, name: str) -> None:
    size = write(tmp_path / name, *SHORT_WORDS[name], size=2_000_000)
    found = subprocess.run(
        [sys.executable, "-c", RESIDENT, str(tmp_path / name)], capture_output=True, text=True, check=True
    )
    assert int(found.stdout) < 10 * size, f"{name}: {int(found.stdout) / size:.1f}"
