"""Whatever bytes a file holds, a reader gives words that pass the gate, or one sentence that names the file."""

import gzip
import io
import json
import tracemalloc
from datetime import timedelta
from functools import partial
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from fuzzing import for_minutes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hf_selftuning.data.words.tables.table_columns import WordColumns
from hf_selftuning.data.words.tagging import named_part, scheme_of
from hf_selftuning.data.words.word_files import read_sentences

SUFFIXES = [".txt", ".conll", ".tsv", ".csv", ".json", ".jsonl", ".parquet", ".gz", ""]
PIECES = [
    *["Ada", "Oslo", "#", "# x", "-DOCSTART-", "1", "2", "2-3", "_", "O", "B-PER", "E-PER", "I-LOC", "PER", "b-per"],
    *["0", "-100", "小王去了奥斯陆", "\u200b", "\u00a0", "\ufeff", "é", "/O", "|B-PER", "'", '"', "''", '""', "\\"],
    *["tokens", "tags", "text", "label", "sentence_id", "word", "[", "]", "{", "}", ":", ",", ";", "(", ")", "[["],
    *["null", "NaN", '"tokens":', '"tags":', '"text":', '"label":', '"spans":', '"data":', '"start": 0', '"end": 3'],
    *['[0, 3, "PER"]', "1e999", "...", "[Ada](PER)", "](", "<PER>Ada</PER>", "<PER>"],
    *["7|t|Ada", "7|a|", "7\t0\t3\tAda\tPER", "sep=;", "O O", "B-PER O", "Ada saw"],
    *["- ", "## ", '[Ada]{"entity": "PER"}', "<START:PER> Ada <END>"],
]  # fmt: skip
GAPS = ["", " ", "\t", "\n", "\n\n", "\r\n", "  ", "\u2028", "\x0b", "\x1c"]

pieces = st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(GAPS)), max_size=30).map(
    lambda parts: "".join(piece + gap for piece, gap in parts).encode()
)
words = st.one_of(
    st.sampled_from(["Ada", "Oslo", "", " ", "a b", "\ud800"]), st.none(), st.integers(), st.floats(), st.booleans()
)
cells = st.recursive(
    st.one_of(
        words,
        st.sampled_from(
            ["B-PER", "O", "['a', 'b']", "['a' 'b']", "(1,)", "[0, 3, 'PER']", "Ada saw Oslo .", [0, 0, "PER"]]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(["text", "start", "end", "label", "labels", "result", "value", "index", "type", "word"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)
keys = [
    "tokens",
    "words",
    "text",
    "tags",
    "ner_tags",
    "label",
    "spans",
    "entities",
    "data",
    "annotations",
    "answer",
    "word",
    "sentence_id",
    "sentences",
    "ner",
    "columns",
    "x",
]
table = st.lists(st.dictionaries(st.sampled_from(keys), cells, max_size=5), max_size=5)
json_bytes = st.one_of(
    table.map(lambda rows: json.dumps(rows).encode()),
    cells.map(lambda value: json.dumps(value).encode()),
    table.map(lambda rows: json.dumps(dict(zip("abcde", rows, strict=False))).encode()),
    table.map(lambda rows: "\n".join(map(json.dumps, rows)).encode()),
    cells.map(lambda value: json.dumps({"tokens": value, "tags": value}).encode()),
)


def parquet_bytes(rows):
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"tokens": rows, "ner_tags": [[0] * len(row) for row in rows]}), buffer)
    return buffer.getvalue()


damaged_parquet = st.builds(
    lambda data, place, byte: data[: place % len(data)] + bytes([byte]) + data[place % len(data) + 1 :],
    st.lists(st.lists(st.sampled_from(["Ada", "Oslo"]), max_size=3), min_size=1, max_size=3).map(parquet_bytes),
    st.integers(0, 10_000),
    st.integers(0, 255),
)
packed = st.one_of(
    pieces.map(gzip.compress), st.binary(max_size=40).map(lambda data: gzip.compress(b"Ada O\n")[:-9] + data)
)
encoded = pieces.map(lambda data: data.decode().encode("utf-16"))
contents = st.one_of(pieces, json_bytes, st.binary(max_size=200), damaged_parquet, packed, encoded)


def check(path: Path, *, tagged: bool) -> None:
    """Read a file and check that it passed the gate, or was refused in a sentence of ours."""
    try:
        reading = read_sentences(path, WordColumns(), tagged=tagged)
        assert reading.sentences
        part = named_part(reading, None)
        scheme = scheme_of([part])
        rows = [scheme.to_iob2(row) for row in part.tags]
    except ValueError as error:
        message = str(error)
        assert str(path) in message, repr(error)  # noqa: PT017
        assert message.endswith((".", ")"))
        return
    for sentence in reading.sentences:
        assert sentence.words
        assert all(isinstance(word, str) and word.strip(" \t\r\n") and word.encode() for word in sentence.words)
        assert sentence.tags is None or len(sentence.tags) == len(sentence.words)
        assert tagged or sentence.tags is None
    assert all(tag in (None, "O") or tag[:2] in ("B-", "I-") for row in rows for tag in row)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


def run(folder, examples):
    @settings(
        max_examples=examples, deadline=timedelta(seconds=5), suppress_health_check=list(HealthCheck), database=None
    )
    @given(contents, st.sampled_from(SUFFIXES), st.booleans())
    def any_bytes(data, suffix, tagged):
        path = folder / f"data{suffix}"
        path.write_bytes(data)
        check(path, tagged=tagged)

    any_bytes()


def test_any_bytes_give_words_or_a_sentence(folder):
    run(folder, 400)


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_any_bytes_for_long_give_words_or_a_sentence(folder):
    for_minutes(partial(run, folder), 2000, "files")


LARGE = {
    ".conll": "Ada B-PER\nslept O\nin O\nOslo B-LOC\n\n",
    ".txt": "Ada slept in Oslo .\n",
    ".csv": "Ada slept in Oslo,B-PER O O B-LOC\n",
    ".jsonl": json.dumps({"tokens": ["Ada", "slept"], "ner_tags": ["B-PER", "O"]}) + "\n",
    ".json": json.dumps({"text": "Ada slept in Oslo.", "label": [[0, 3, "PER"]]}) + "\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("suffix", LARGE)
def test_reading_takes_less_than_ten_times_the_memory_of_the_file(tmp_path, suffix):
    path = tmp_path / f"large{suffix}"
    lines = [LARGE[suffix].replace("Ada", f"Ada{number}") for number in range(1_000_000 // len(LARGE[suffix]))]
    path.write_text(("tokens,tags\n" if suffix == ".csv" else "") + "".join(lines))
    tracemalloc.start()
    reading = read_sentences(path, WordColumns(), tagged=suffix != ".txt")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(reading.sentences) == len(lines)
    assert peak < 10 * path.stat().st_size
