"""Of all processes that want a cell one has it, and one that has ended or is silent loses it."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from hf_selftuning.comparison.lease import Claim, ClaimLostError

LONG, SHORT = 1000.0, 0.6


def hold(folder: Path, stale_after: float, pipe: Connection) -> None:
    """Take a cell, say so, and on a word check the claim, say what was found, and give the cell back."""
    claim = Claim(folder, stale_after=stale_after)
    pipe.send(claim.take())
    pipe.recv()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:  # until the refreshing thread has seen the loss
        try:
            claim.check()
        except ClaimLostError as error:
            pipe.send(str(error))
            break
        time.sleep(0.02)
    claim.release()


@contextmanager
def owner(folder: Path, stale_after: float) -> Iterator[tuple[BaseProcess, Connection]]:
    """Another process of this machine that has taken the cell, and a pipe to it."""
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe()
    process = fork.Process(target=hold, args=(folder, stale_after, theirs))
    process.start()
    assert ours.recv()
    yield process, ours
    process.kill()
    process.join()


def take_within(claim: Claim, seconds: float) -> bool:
    """Try again and again, as the worker does."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if claim.take():
            return True
        time.sleep(0.02)
    return False


def test_a_cell_has_one_owner_until_it_is_released(tmp_path: Path) -> None:
    first, second = Claim(tmp_path, stale_after=LONG), Claim(tmp_path, stale_after=LONG)
    assert first.take()
    assert not second.take()
    assert second.is_taken
    first.release()
    assert not second.is_taken
    assert second.take()
    second.release()


def test_of_many_that_try_at_once_one_succeeds(tmp_path: Path) -> None:
    for number in range(20):
        claims = [Claim(tmp_path / str(number), stale_after=LONG) for _ in range(8)]
        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(Claim.take, claims)) == 1


def test_a_process_that_was_killed_loses_its_cell_at_once(tmp_path: Path) -> None:
    claim = Claim(tmp_path, stale_after=LONG)
    with owner(tmp_path, LONG) as (process, _):
        assert not claim.take()
        process.kill()
        process.join()
        assert take_within(claim, 5)
    claim.release()


def test_a_silent_owner_loses_its_cell_and_sees_it_when_it_wakes_up(tmp_path: Path) -> None:
    claim = Claim(tmp_path, stale_after=SHORT)
    with owner(tmp_path, SHORT) as (process, pipe):
        assert not take_within(claim, 2 * SHORT)  # it refreshes the lease
        os.kill(process.pid, signal.SIGSTOP)
        assert take_within(claim, 10 * SHORT)
        os.kill(process.pid, signal.SIGCONT)
        pipe.send("check")
        assert "was taken over by another process" in pipe.recv()
    claim.check()
    assert claim.is_taken  # what the other process gave back was no longer its own
    claim.release()


def test_processes_must_agree_on_how_long_an_owner_may_be_silent(tmp_path: Path) -> None:
    first = Claim(tmp_path, stale_after=LONG)
    assert first.take()
    with pytest.raises(ValueError, match=r"with another --stale_minutes; give all processes of a comparison the same"):
        Claim(tmp_path, stale_after=2 * LONG).take()
    first.release()


def test_a_claim_that_is_being_written_counts(tmp_path: Path) -> None:
    claim = Claim(tmp_path, stale_after=LONG)
    claim.path.touch()
    assert not claim.take()
