"""Of all that want a cell one has it, and one that is gone loses it."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hf_selftuning.comparison.lease import Claim, ClaimLostError, owner_of
from hf_selftuning.comparison.processes import machine

LONG = 1000.0


def silent(claim: Claim, seconds: float = 2 * LONG) -> None:
    """As if made on another machine, and not heard of since."""
    claim.path.write_text(json.dumps({"machine": "another", "process": 1}))
    past = time.time() - seconds
    os.utime(claim.path, (past, past))


def test_a_cell_has_one_owner_until_it_is_released(tmp_path: Path) -> None:
    claim = Claim.take(tmp_path, stale_after=LONG)
    assert claim is not None
    assert Claim.take(tmp_path, stale_after=LONG) is None
    claim.release()
    assert Claim.take(tmp_path, stale_after=LONG) is not None


def test_of_many_that_try_at_once_one_succeeds(tmp_path: Path) -> None:
    for number in range(20):
        with ThreadPoolExecutor(8) as pool:
            claims = list(pool.map(lambda _, n=number: Claim.take(tmp_path / str(n), stale_after=LONG), range(8)))
        assert sum(claim is not None for claim in claims) == 1


def test_of_many_that_take_over_a_silent_owner_one_succeeds(tmp_path: Path) -> None:
    for number in range(20):
        first = Claim.take(tmp_path / str(number), stale_after=LONG)
        assert first is not None
        silent(first)
        with ThreadPoolExecutor(8) as pool:
            claims = list(pool.map(lambda _, n=number: Claim.take(tmp_path / str(n), stale_after=LONG), range(8)))
        assert sum(claim is not None for claim in claims) == 1


def test_an_owner_that_wakes_up_late_sees_that_it_lost(tmp_path: Path) -> None:
    first = Claim.take(tmp_path, stale_after=LONG)
    assert first is not None
    silent(first)
    second = Claim.take(tmp_path, stale_after=LONG)
    assert second is not None
    with pytest.raises(ClaimLostError, match="was taken over by another process"):
        first.beat()
    first.release()
    assert owner_of(tmp_path) == second.path
    second.beat()
    second.release()
    assert owner_of(tmp_path) is None


def test_a_sign_of_life_keeps_the_cell(tmp_path: Path) -> None:
    claim = Claim.take(tmp_path, stale_after=LONG)
    assert claim is not None
    silent(claim)
    claim.beat()
    assert Claim.take(tmp_path, stale_after=LONG) is None


def test_a_process_of_this_machine_that_ended_is_gone_at_once_and_one_elsewhere_is_not(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for name, where in (("here", machine()), ("elsewhere", "another")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "claim.0").write_text(json.dumps({"machine": where, "process": ended.pid}))
    assert Claim.take(tmp_path / "here", stale_after=LONG) is not None
    assert Claim.take(tmp_path / "elsewhere", stale_after=LONG) is None


def test_a_process_of_this_machine_that_runs_keeps_its_cell_however_silent(tmp_path: Path) -> None:
    claim = Claim.take(tmp_path, stale_after=LONG)
    assert claim is not None
    past = time.time() - 2 * LONG
    os.utime(claim.path, (past, past))
    assert Claim.take(tmp_path, stale_after=LONG) is None
    told = json.loads(claim.path.read_text())
    claim.path.write_text(json.dumps({**told, "began": "1"}))  # the number was given to another process since
    assert Claim.take(tmp_path, stale_after=LONG) is not None


def test_a_claim_that_is_being_written_counts(tmp_path: Path) -> None:
    (tmp_path / "claim.0").touch()
    assert Claim.take(tmp_path, stale_after=LONG) is None
