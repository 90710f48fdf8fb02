"""The benchmark of large pools, on small ones."""

import os
import sys
from pathlib import Path

import pytest

from benchmarks import pool, pool_data, pool_runs
from hf_selftuning.data.piece_lengths import piece_lengths


def test_made_sentences_are_encoded_ones(tmp_path: Path) -> None:
    made = pool_data.sentences(pool_data.sentence_file(tmp_path / "made.arrow", 2500))
    assert len(made) == 2500
    lengths = piece_lengths(made)
    assert (lengths.min(), lengths.max()) == (pool_data.SHORTEST, pool_data.LONGEST)
    for row in (made[0], made[2499]):
        assert (row["input_ids"][0], row["input_ids"][-1]) == (1, 2)
        assert row["labels"] == [-100, *[0] * (len(row["input_ids"]) - 2), -100]


def test_memory_of_an_example_is_that_beyond_the_smallest_pool() -> None:
    parts = {"read": (1.5, 0.25)}
    rows = [
        {"size": size, "parts": parts, "total": parts["read"], "step": (0.0, 0.0), "memory": memory}
        for size, memory in ((100, 2**20), (1100, 2**20 + 12_000))
    ]
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in pool.table(rows).splitlines()]
    assert lines[0] == ["examples", "read", "together", "MiB", "bytes an example"]
    assert lines[2] == ["100", "1.50 (0.25)", "1.50 (0.25)", "1", ""]
    assert lines[3][-1] == "12"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc")
def test_own_memory_is_counted_without_mapped_files() -> None:
    before = pool.own_memory(os.getpid())
    held = bytearray(b"1") * 2**26
    assert pool.own_memory(os.getpid()) - before > 0.9 * len(held)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc")
def test_every_kind_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(pool, "QUICK_SIZES", (300, 400))
    monkeypatch.setattr(pool, "QUICK_IMAGE_SIZES", (80, 90))
    monkeypatch.setattr(pool_runs, "STEPS", 3)
    monkeypatch.setattr(pool_runs, "WARM", 1)
    monkeypatch.setattr("sys.argv", ["pool", "--quick", "--json", str(tmp_path / "pool.json")])
    pool.main()
    printed = capsys.readouterr().out
    assert printed.count("bytes an example") == 6
    assert (tmp_path / "pool.json").is_file()
