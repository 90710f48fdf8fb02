"""Which images have the same content: digests of their files, and copies in several parts of the data."""

import hashlib
import os
from collections.abc import Hashable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

from datasets import Dataset

WHOLE = 2**20
"""Bytes up to which a file is read as a whole."""

BLOCKS, BLOCK = 16, 2**16
"""Of a larger file, this many pieces of this size are read, spread evenly from its start to its end."""

DIGEST = 16
THREADS = 8
ROWS = 256


def digests(images: Dataset) -> list[str]:
    """A text for each image, equal for equal files. Of a file that cannot be read it is the path.

    Images with the same pixels in files of other formats have other digests.

    Args:
        images: with a column `image`, unopened.
    """
    column = images.select_columns(["image"]).with_format("arrow")
    with ThreadPoolExecutor(THREADS) as pool:
        found: list[str] = []
        for batch in column.iter(batch_size=ROWS):
            values: Any = batch["image"].to_pylist()
            found += pool.map(_digest, values)
    return found


def repeats(contents: Iterable[Hashable]) -> list[int]:
    """For each image the index of the first one with the same content."""
    first: dict[Hashable, int] = {}
    return [first.setdefault(digest, index) for index, digest in enumerate(contents)]


def _digest(value: Mapping[str, Any]) -> str:
    if value.get("bytes") is not None:
        return _of_pieces(_pieces(value["bytes"]), len(value["bytes"]))
    path = str(value.get("path"))
    try:
        status = os.stat(path)
        return _of_file(path, status.st_size, status.st_mtime_ns)
    except OSError:
        return path


@lru_cache(maxsize=1_000_000)  # the cells of a comparison read the same files
def _of_file(path: str, size: int, _: int) -> str:
    with open(path, "rb") as file:
        if size <= WHOLE:
            return _of_pieces([file.read()], size)
        pieces = []
        for start in _starts(size):
            file.seek(start)
            pieces.append(file.read(BLOCK))
        return _of_pieces(pieces, size)


def _pieces(data: bytes) -> list[bytes]:
    return [data] if len(data) <= WHOLE else [data[start : start + BLOCK] for start in _starts(len(data))]


def _starts(size: int) -> list[int]:
    return [place * (size - BLOCK) // (BLOCKS - 1) for place in range(BLOCKS)]


def _of_pieces(pieces: Sequence[bytes], size: int) -> str:
    digest = hashlib.blake2b(str(size).encode(), digest_size=DIGEST)
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()
