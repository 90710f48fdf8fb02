"""Many rows that were read are mapped from a file, beside which `datasets` keeps their encodings."""

from collections.abc import Iterator
from pathlib import Path

import datasets
import pytest
import tiny
from small_data import columns

from hf_selftuning import encode_texts, encode_words, load_texts, load_words
from hf_selftuning.data import mapped_rows


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache, and rows that are many from 5 on."""
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(mapped_rows, "MAPPED_FROM", 5)
    yield tmp_path / "cache"
    datasets.enable_caching()


def table(folder: Path, rows: int = 6) -> Path:
    path = folder / "texts.csv"
    path.write_text("text,label\n" + "".join(f"w{row + 5} w{row + 9},{'ab'[row % 2]}\n" for row in range(rows)))
    return path


def encoded(data: datasets.Dataset) -> datasets.Dataset:
    return encode_texts(data, tiny.tokenizer(), max_length=8)


def encodings(cache: Path) -> dict[str, int]:
    """The files of encoded rows, and when each was written."""
    return {path.name: path.stat().st_mtime_ns for path in cache.rglob("cache-*.arrow")}


def test_many_texts_are_encoded_once(tmp_path: Path, cache: Path) -> None:
    path = table(tmp_path)
    first = encoded(load_texts(train_file=str(path), test_share=0.0).train)
    written = encodings(cache)
    assert len(written) == 1
    again = encoded(load_texts(train_file=str(path), test_share=0.0).train)
    assert again[:] == first[:]
    assert encodings(cache) == written
    path.write_text(path.read_text() + "w30,a\n")  # another file has other rows
    assert len(encoded(load_texts(train_file=str(path), test_share=0.0).train)) == len(first) + 1
    assert len(encodings(cache)) == 2


def test_many_sentences_are_mapped_with_their_tags_and_those_without(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "more.txt").write_text("".join(f"w{row + 5} w{row + 6}\n" for row in range(7)))
    path = columns(tmp_path / "train.conll", 6)
    read = load_words(train_file=str(path), unlabeled_file=str(tmp_path / "more.txt"))
    for part in (read.train, read.unlabeled):
        (file,) = part.cache_files
        assert cache in Path(file["filename"]).parents
    datasets.disable_caching()
    plain = load_words(train_file=str(path), unlabeled_file=str(tmp_path / "more.txt"))
    assert not plain.train.cache_files
    assert plain.train.features == read.train.features
    assert (plain.train[:], plain.unlabeled[:]) == (read.train[:], read.unlabeled[:])
    both = [encode_words(part, tiny.tokenizer(), max_length=8) for part in (read.train, plain.train)]
    assert both[0][:] == both[1][:]


def test_few_rows_stay_in_memory(tmp_path: Path, cache: Path) -> None:
    assert not load_texts(train_file=str(table(tmp_path, 4)), test_share=0.0).train.cache_files
    assert not cache.exists()


def test_rows_that_were_written_before_are_read_from_their_file(cache: Path) -> None:
    features = datasets.Features({"text": datasets.Value("string")})
    first, again = (mapped_rows.in_batches(({"text": text} for text in "abcdef"), features) for _ in range(2))
    assert first["text"][:] == again["text"][:] == list("abcdef")
    assert first.cache_files == again.cache_files
    assert first._fingerprint == again._fingerprint
    assert len([*cache.glob("hf_selftuning/*/*")]) == 1  # no draft is left
