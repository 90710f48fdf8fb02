"""Who trains a cell: files that several processes and machines can agree by."""

import json
import math
import os
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from .processes import began, machine, runs

BEAT = 15.0
"""Seconds between two signs of life."""


class ClaimLostError(RuntimeError):
    """Another process took the cell, for this one gave no sign of life."""


@dataclass
class Claim:
    """A cell's owner: the claim file with the largest number, made by `O_EXCL`, so that each number has one maker.

    A stale claim is taken over by making the next number. Nothing has to be deleted for that, so of two processes
    that try one succeeds, and an owner that wakes up late sees that it no longer is one.

    Args:
        path: the file; its time of change is the last sign of life.
    """

    path: Path
    _beaten: float = field(default=-math.inf, repr=False)

    @classmethod
    def take(cls, folder: Path, *, stale_after: float) -> "Claim | None":
        """Claim a cell, if it is free or its owner is gone; None where it has an owner.

        Args:
            folder: the cell's.
            stale_after: seconds without a sign of life after which an owner on another machine counts as gone; one on
                this machine does when its process has ended, and not before.
        """
        folder.mkdir(parents=True, exist_ok=True)
        owner = owner_of(folder)
        if owner is not None and not is_gone(owner, stale_after):
            return None
        path = folder / f"claim.{_number(owner) + 1 if owner else 0}"
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            return None
        with os.fdopen(handle, "w") as file:
            json.dump({"machine": machine(), "process": os.getpid(), "began": began(os.getpid())}, file)
        return cls(path) if owner_of(folder) == path else None

    def check(self) -> None:
        """Raise if the cell has another owner by now.

        Raises:
            ClaimLostError: it has.
        """
        if owner_of(self.path.parent) != self.path:
            raise ClaimLostError(f"{self.path.parent} was taken over by another process.")

    def beat(self) -> None:
        """Give a sign of life, unless one was given just now.

        Raises:
            ClaimLostError: the cell has another owner by now.
        """
        if time.monotonic() - self._beaten < BEAT:
            return
        self.check()
        os.utime(self.path)
        self._beaten = time.monotonic()

    def release(self) -> None:
        """Let others have the cell, and clear away those that were taken over."""
        for path in self.path.parent.glob("claim.*"):
            if _number(path) <= _number(self.path):
                path.unlink(missing_ok=True)


class Heartbeat(TrainerCallback):
    """Signs of life while a cell trains and is scored; stops the training of one that was taken over."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: object
    ) -> None:
        """A sign of life."""
        self.claim.beat()

    on_prediction_step = on_train_begin = on_save = on_step_end


def owner_of(folder: Path) -> Path | None:
    """The claim file that counts."""
    return max(folder.glob("claim.*"), key=_number, default=None)


def is_gone(path: Path, stale_after: float) -> bool:
    """Whether a claim's owner is a process of this machine that has ended, or elsewhere was silent for so long."""
    try:
        age = _now(path.parent) - path.stat().st_mtime
        owner = _owner(path)
    except FileNotFoundError:
        return False
    if owner.get("machine") == machine():
        return not runs(owner["process"], owner.get("began"))
    return age > stale_after


def _owner(path: Path) -> dict:
    """What the file says; nothing where it is being written."""
    try:
        return json.loads(path.read_text())
    except ValueError:
        return {}


def _number(path: Path | None) -> int:
    return -1 if path is None else int(path.suffix.removeprefix("."))


def _now(folder: Path) -> float:
    """The time by the clock that the folder's files are stamped with, which may be a server's."""
    with tempfile.TemporaryFile(dir=folder) as file:
        return os.fstat(file.fileno()).st_mtime
