"""Files and folders of any content, and fuzz tests that run for as long as they are told."""

import gzip
import io
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

GAPS = ["", " ", "\t", "\n", "\n\n", "\r\n", "  ", "\u2028", "\x0b", "\x1c"]
SIGNS = ["[", "]", "{", "}", ":", ",", ";", "|", "(", ")", "[[", "'", '"', "''", '""', "\\", "null", "NaN", "1e999"]
OTHERS = ["\u200b", "\u00a0", "\ufeff", "é", "小王去了奥斯陆", "0", "-1", "-100", "1", "2", "#", "sep=;"]

MINUTES = "FUZZ_MINUTES"
"""The variable of the environment that makes a long run of the slow tests."""
Files = st.SearchStrategy[bytes]


def contents_of(
    pieces: Sequence[str], values: Sequence[Any], inner: Sequence[str], columns: Sequence[str], rows: Mapping[str, Any]
) -> Files:
    """Files of any content: text, JSON, Parquet with a damaged byte, packed and encoded ones, and random bytes.

    Args:
        pieces: of text; brackets, quotation marks and some other signs come besides.
        values: of cells; numbers, null, lists and objects come besides.
        inner: keys of objects in cells.
        columns: names of columns.
        rows: cells of sound rows by column, for Parquet.
    """
    text = st.lists(st.tuples(st.sampled_from([*pieces, *SIGNS, *OTHERS]), st.sampled_from(GAPS)), max_size=30).map(
        lambda parts: "".join(piece + gap for piece, gap in parts).encode()
    )
    ends = st.sampled_from([b"Ada O\n", b"__label__a Ada\n"])
    packed = st.one_of(
        text.map(gzip.compress), st.binary(max_size=40).flatmap(lambda data: ends.map(lambda end: _torn(end) + data))
    )
    encoded = text.map(lambda data: data.decode().encode("utf-16"))
    return st.one_of(
        text, _json(values, inner, columns), st.binary(max_size=200), _damaged(_parquet(rows)), packed, encoded
    )


def _torn(data: bytes) -> bytes:
    return gzip.compress(data)[:-9]


def _json(values: Sequence[Any], inner: Sequence[str], columns: Sequence[str]) -> Files:
    """Lists of rows, lone values, rows by key, JSON lines, columns, and parts."""
    plain = [st.sampled_from(["Ada", "Oslo", "", " ", "a b", "\ud800", *values]), st.none(), st.integers()]
    cells = st.recursive(
        st.one_of(*plain, st.floats(), st.booleans()),
        lambda cell: st.one_of(st.lists(cell, max_size=4), st.dictionaries(st.sampled_from(inner), cell, max_size=4)),
        max_leaves=8,
    )
    table = st.lists(st.dictionaries(st.sampled_from(columns), cells, max_size=5), max_size=5)
    return st.one_of(
        table.map(lambda rows: json.dumps(rows).encode()),
        cells.map(lambda value: json.dumps(value).encode()),
        table.map(lambda rows: json.dumps(dict(zip("abcde", rows, strict=False))).encode()),
        table.map(lambda rows: "\n".join(map(json.dumps, rows)).encode()),
        cells.map(lambda value: json.dumps({columns[0]: value, columns[1]: value}).encode()),
        st.dictionaries(st.sampled_from(["train", "test", "val", "x"]), st.one_of(table, cells), max_size=3).map(
            lambda parts: json.dumps(parts).encode()
        ),
    )


def _parquet(rows: Mapping[str, Any]) -> bytes:
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(dict(rows)), buffer)
    return buffer.getvalue()


def _damaged(data: bytes) -> Files:
    return st.builds(
        lambda place, byte: data[:place] + bytes([byte]) + data[place + 1 :],
        st.integers(0, len(data) - 1),
        st.integers(0, 255),
    )


def any_files(
    check: Callable[[Path], None], folder: Path, contents: Files, suffixes: Sequence[str], examples: int
) -> None:
    """Call `check` with the path of each of so many files, some of which are packed."""

    @drawn(examples)
    @given(contents, st.sampled_from([*suffixes, *(f"{suffix}.gz" for suffix in suffixes)]))
    def any_bytes(data: bytes, suffix: str) -> None:
        path = folder / f"data{suffix}"
        path.write_bytes(gzip.compress(data) if suffix.endswith(".gz") and not data.startswith(b"\x1f\x8b") else data)
        check(path)

    any_bytes()


def trees_of(places: Sequence[str], names: Sequence[str], contents: Files) -> st.SearchStrategy[Any]:
    """Folders of files: paths that are made of a place and a name, and what the files hold."""
    paths = st.builds(lambda place, name: f"{place}/{name}", st.sampled_from(places), st.sampled_from(names))
    return st.lists(st.tuples(paths, contents), max_size=10)


def write_tree(root: Path, tree: Sequence[tuple[str, bytes]]) -> None:
    """Write the files of a tree into an empty folder; a path whose place is taken is left out."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    for path, data in tree:
        try:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        except OSError:  # a file is where a folder would be, or the other way round
            continue


def any_trees(check: Callable[[Any], None], trees: st.SearchStrategy[Any], examples: int) -> None:
    """Call `check` with each of so many trees of files."""
    drawn(examples)(given(trees)(lambda tree: check(tree)))()


def drawn(examples: int) -> Any:
    """How many examples a test draws: the same ones each time, and new ones in each round of a long run."""
    return settings(
        max_examples=examples,
        derandomize=MINUTES not in os.environ,
        deadline=timedelta(seconds=30),
        suppress_health_check=list(HealthCheck),
        database=None,
    )


def refused(error: ValueError, names: Sequence[str]) -> None:
    """Check that an error is a sentence that holds one of some names, such as that of the file."""
    message = str(error)
    assert any(name in message for name in names), repr(error)
    assert message.rstrip().endswith((".", ")")), repr(error)


def for_minutes(run: Callable[[int], object], size: int, what: str) -> None:
    """Call `run` with the number of examples until FUZZ_MINUTES are over; once if nobody sets them."""
    end = time.monotonic() + 60 * float(os.environ.get(MINUTES, "0"))
    rounds = 0
    while rounds == 0 or time.monotonic() < end:
        run(size)
        rounds += 1
    print(f"{size * rounds:,} {what}")
