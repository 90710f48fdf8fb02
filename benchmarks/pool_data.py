"""Made pools of any size: encoded sentences in an Arrow file, a table of texts, tiny images, and rows of features."""

from collections.abc import Iterator
from pathlib import Path

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from hf_selftuning.files import replacing

VOCABULARY, CLASSES, SHORTEST, LONGEST = 1000, 3, 5, 32
CHUNK = 1000
FIRST_WORD, IGNORED = 5, -100
SIDE, SHARDS = 8, 10
FEATURE_CLASSES, WIDTH, SPREAD = 50, 384, 2.0
SCHEMA = pa.schema(
    [("input_ids", pa.list_(pa.int32())), ("attention_mask", pa.list_(pa.int8())), ("labels", pa.list_(pa.int64()))]
)


def sentence_file(path: Path, size: int, *, hidden: bool = True) -> Path:
    """Write encoded sentences of 5 to 32 pieces.

    Args:
        path: of the file.
        size: number of sentences.
        hidden: whether every word has the placeholder 0 as its tag, else its id modulo 3.
    """
    if not path.exists():
        with replacing(path) as draft, pa.OSFile(str(draft), "wb") as sink, pa.ipc.new_stream(sink, SCHEMA) as writer:
            for first in range(0, size, CHUNK):
                writer.write_batch(_sentences(min(CHUNK, size - first), first, hidden=hidden))
    return path


def _sentences(size: int, seed: int, *, hidden: bool) -> pa.RecordBatch:
    generator = np.random.default_rng(seed)
    ends = generator.integers(SHORTEST, LONGEST + 1, size).cumsum()
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    ids = generator.integers(FIRST_WORD, VOCABULARY, ends[-1], dtype=np.int32)
    labels = np.zeros(len(ids), np.int64) if hidden else ids.astype(np.int64) % CLASSES
    for place, piece in ((offsets[:-1], 1), (offsets[1:] - 1, 2)):  # the special pieces at both ends
        ids[place], labels[place] = piece, IGNORED
    columns = (ids, np.ones(len(ids), np.int8), labels)
    return pa.record_batch([pa.ListArray.from_arrays(offsets, pa.array(each)) for each in columns], schema=SCHEMA)


def features(path: Path, size: int) -> Path:
    """Write rows of 384 features, in turn of 50 classes; those of a class lie in a cloud around its centre."""
    if not path.exists():
        generator = np.random.default_rng(0)
        centres = generator.standard_normal((FEATURE_CLASSES, WIDTH), dtype=np.float32)
        with replacing(path) as draft:
            made = np.lib.format.open_memmap(draft, "w+", np.float32, (size, WIDTH))
            for first in range(0, size, CHUNK):
                classes = np.arange(first, min(size, first + CHUNK)) % FEATURE_CLASSES
                noise = generator.standard_normal((len(classes), WIDTH), dtype=np.float32)
                made[first : first + CHUNK] = centres[classes] + SPREAD * noise
            made.flush()
    return path


def sentences(path: Path) -> datasets.Dataset:
    """The sentences of a file, mapped into memory."""
    return datasets.Dataset.from_file(str(path))


def sentence_shards(folder: Path, size: int) -> Path:
    """Write the same sentences as `sentence_file` into ten Parquet files."""
    if not folder.exists():
        folder.mkdir(parents=True)
        for shard in range(SHARDS):
            with pq.ParquetWriter(folder / f"{shard}.parquet", SCHEMA) as writer:
                for first in range(size * shard // SHARDS, size * (shard + 1) // SHARDS, CHUNK):
                    writer.write_batch(
                        _sentences(min(CHUNK, size * (shard + 1) // SHARDS - first), first, hidden=True)
                    )
    return folder


def streamed_sentences(folder: Path) -> datasets.IterableDataset:
    """The sentences of a folder of Parquet files as a stream."""
    files = sorted(map(str, folder.glob("*.parquet")))
    stream = datasets.load_dataset("parquet", data_files=files, split="train", streaming=True)
    assert isinstance(stream, datasets.IterableDataset)
    return stream


def rows_of(folder: Path) -> int:
    """Number of rows in all Parquet files of a folder."""
    return sum(pq.read_metadata(file).num_rows for file in folder.glob("*.parquet"))


def text_table(path: Path, size: int) -> Path:
    """Write a table of short texts, all different, and their classes."""
    if not path.exists():
        texts, classes = zip(*_texts(size), strict=True)
        pq.write_table(pa.table({"text": texts, "label": classes}), path)
    return path


def _texts(size: int) -> Iterator[tuple[str, str]]:
    words = np.random.default_rng(0).integers(VOCABULARY, size=(size, 6)).tolist()
    for number, drawn in enumerate(words):
        yield f"text {number} of {' '.join(f'w{word}' for word in drawn)}", f"class {number % CLASSES}"


def image_folder(folder: Path, size: int) -> Path:
    """Write a folder of tiny pictures, all different: three classes of 20 each, and the others without a class."""
    if not folder.exists():
        generator = np.random.default_rng(0)
        for number in range(size):
            part = f"train/class{number % CLASSES}" if number < 20 * CLASSES else "unlabeled"
            (folder / part).mkdir(parents=True, exist_ok=True)
            pixels = generator.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / part / f"{number}.bmp")
    return folder
