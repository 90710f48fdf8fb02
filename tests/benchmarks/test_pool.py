"""The benchmark of large pools, on small ones."""

import json
import os
import sys
from pathlib import Path

import pytest

from benchmarks import pool, pool_data, pool_processes, pool_runs, pool_steps
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
        {"size": size, "parts": parts, "total": parts["read"], "step": (0.0, 0.0), "memory": [2**20, memory]}
        for size, memory in ((100, 2**20), (1100, 2**20 + 12_000))
    ]
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in pool.table(rows).splitlines()]
    assert lines[0] == ["examples", "read", "together", "MiB", "bytes an example"]
    assert lines[2] == ["100", "1.50 (0.25)", "1.50 (0.25)", "1 and 1", ""]
    assert lines[3][-1] == "12"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc")
def test_own_memory_is_counted_without_mapped_files() -> None:
    before = pool_processes.own_memory(os.getpid())
    held = bytearray(b"1") * 2**26
    assert pool_processes.own_memory(os.getpid()) - before > 0.9 * len(held)


@pytest.fixture
def small_pools(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quick benchmark of few examples and steps."""
    monkeypatch.setattr(pool, "QUICK_SIZES", (300, 400))
    monkeypatch.setattr(pool, "QUICK_IMAGE_SIZES", (80, 90))
    monkeypatch.setattr(pool_runs, "STEPS", 3)
    monkeypatch.setattr(pool_runs, "WARM", 1)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc")
@pytest.mark.usefixtures("small_pools")
def test_every_kind_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr("sys.argv", ["pool", "--quick", "--json", str(tmp_path / "pool.json")])
    pool.main()
    printed = capsys.readouterr().out
    assert printed.count("bytes an example") == 7
    assert printed.count("processor seconds / those of the smallest pool") == 1
    assert (tmp_path / "pool.json").is_file()


@pytest.mark.slow
@pytest.mark.distributed
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc")
@pytest.mark.usefixtures("small_pools")
def test_the_memory_of_each_of_two_ranks_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr("sys.argv", ["pool", "--quick", "--ranks", "2", "--json", str(tmp_path / "pool.json")])
    pool.main()
    figures = json.loads((tmp_path / "pool.json").read_text())
    for kind in pool_runs.TRAININGS:
        for row in figures[kind]:
            assert len(row["memory"]) == 2
            assert min(row["memory"]) > 2**26, "a process that has imported torch"
    assert capsys.readouterr().out.count(" and ") == 6


@pytest.mark.parametrize(("quick", "largest"), [([], 100_000), (["--largest"], 1_000_000)])
def test_a_million_images_are_asked_for(quick: list[str], largest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["pool", *quick])
    assert max(pool.sizes_of("images", pool.arguments())) == largest


def test_what_one_process_does_is_not_run_under_two_ranks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr("sys.argv", ["pool", "--ranks", "2", "--kinds", "start", "split"])
    with pytest.raises(SystemExit):
        pool.arguments()
    assert "--ranks 2 runs start, resume, images, and not split; leave --ranks out" in capsys.readouterr().err


def test_pools_are_compared_within_a_round() -> None:
    seconds = {"100": [[1.0, 0.5], [9.0, 1.0], [1.0, 0.5]], "2000": [[1.0, 1.0], [2.0, 2.0], [3.0, 0.5]]}
    last = pool_steps.table_of_steps({"sizes": [100, 2000], "seconds": seconds}).splitlines()[-1]
    assert [cell.strip() for cell in last.split("|")[1:-1]] == ["2,000", "2000.0 (1000.0)", "2.000"]
