"""The loop over cells: it trains one free cell after another until all are finished, here or in other processes."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tqdm import tqdm

from ..distributed import rank, told_by_first, world_size
from ..experiment.command.terminal import say
from ..experiment.stages.plan import SAME_TIME
from .cells import Result, drop_checkpoints, failure_of, is_finished, note_failure
from .grid import Cell
from .lease import Claim, ClaimLostError

Train = Callable[[Cell, Claim | None], Result]


class CellFailedError(RuntimeError):
    """This cell cannot be trained; the others can."""


OF_ONE_CELL = (FloatingPointError, ValueError, CellFailedError)
"""Errors that concern one cell only, such as a loss that is not finite or fewer unlabelled examples than a batch."""


@dataclass
class Worker:
    """One of the processes that share a comparison's folder, or several ranks that train each cell together.

    Args:
        root: the comparison's folder.
        cells: all of them.
        train: trains and scores a cell; on the first rank it gets the claim, on the others None.
        stale_after: seconds without a refresh after which another process's claim can be taken over.
        pause: seconds to wait while every unfinished cell has an owner.
    """

    root: Path
    cells: Sequence[Cell]
    train: Train
    stale_after: float = 900.0
    pause: float = 5.0
    _seconds: dict[Cell, float] = field(default_factory=dict, repr=False)
    _claims: dict[Cell, Claim] = field(default_factory=dict, repr=False)

    def run(self) -> None:
        """Train free cells, wait for those that other processes train, and return once none is left."""
        with tqdm(total=len(self.cells), disable=rank() > 0, bar_format="{bar:20} {n_fmt}/{total_fmt} cells{postfix}",
                  dynamic_ncols=True) as bar:  # fmt: skip
            while True:
                self._show(bar)
                over, cell = told_by_first(self._next)
                if over:
                    return
                if cell is None:
                    time.sleep(self.pause)
                else:
                    self._train(cell)

    def failed(self) -> dict[Cell, str]:
        """The cells that could not be trained, here or elsewhere, and why."""
        reasons = {cell: failure_of(self.root, cell) for cell in self.cells}
        return {cell: reason for cell, reason in reasons.items() if reason is not None}

    def _is_open(self, cell: Cell) -> bool:
        return not is_finished(self.root, cell) and failure_of(self.root, cell) is None

    def _left(self) -> list[Cell]:
        return [cell for cell in self.cells if self._is_open(cell)]

    def _claim(self, cell: Cell) -> Claim:
        """The cell's claim. Every try uses the same object, which measures how long another owner has been silent."""
        if cell not in self._claims:
            self._claims[cell] = Claim(cell.folder(self.root), stale_after=self.stale_after)
        return self._claims[cell]

    def _next(self) -> tuple[bool, Cell | None]:
        """Whether no cell is left, and the cell that this process has just claimed, if one was free."""
        left = self._left()
        for cell in left:
            # Its number of steps follows from the times of the other cells with its labels and its seed.
            if cell.method == SAME_TIME and any(other.is_of(cell) and other != cell for other in left):
                continue
            claim = self._claim(cell)
            if not claim.take():
                continue
            if self._is_open(cell):
                return False, cell
            claim.release()  # another process finished it after `left` was listed
        return not left, None

    def _train(self, cell: Cell) -> None:
        claim = self._claims[cell] if rank() == 0 else None
        try:
            result = self._trained(cell, claim)
            if claim is not None:
                claim.check()
                result.save(self.root)
                drop_checkpoints(self.root, cell)
        except OF_ONE_CELL as error:
            note = note_failure(self.root, cell, str(error))
            say(f"\n*** {cell.title} failed and is left out: {error} ***\nDelete {note} to try again.", loudly=True)
            if world_size() > 1 and not isinstance(error, CellFailedError):
                raise  # other ranks may not have the error, and would wait for this one in the middle of a step
        except ClaimLostError as error:
            if world_size() > 1:
                raise  # the other ranks are in the middle of a step
            say(f"\n*** {error} ***", loudly=True)
        finally:
            if claim is not None:
                claim.release()

    def _trained(self, cell: Cell, claim: Claim | None) -> Result:
        try:
            return self.train(cell, claim)
        except OF_ONE_CELL:
            # Two processes in one folder break each other's files: such an error says nothing of the cell.
            if claim is not None:
                claim.check()
            raise

    def _show(self, bar: tqdm) -> None:
        """Update the progress bar and its estimate of the remaining time."""
        if rank() > 0:
            return
        new = [cell for cell in self.cells if cell not in self._seconds and is_finished(self.root, cell)]
        self._seconds |= {cell: Result.load(self.root, cell).seconds for cell in new}
        bar.n = len(self._seconds)
        taken: dict[str, list[float]] = {}
        for cell, spent in self._seconds.items():
            taken.setdefault(cell.method, []).append(spent)
        left = self._left()
        seconds = seconds_left([cell.method for cell in left], taken, workers=self._workers(left))
        bar.set_postfix_str("" if seconds is None else f"about {timedelta(seconds=round(seconds))} left")

    def _workers(self, left: Sequence[Cell]) -> int:
        """Number of processes that will train what is left: the owners of cells, and this one if a cell is free."""
        others = sum(self._claim(cell).is_taken for cell in left)
        return max(others + (others < len(left)), 1)


def seconds_left(left: Sequence[str], taken: Mapping[str, Sequence[float]], *, workers: int) -> float | None:
    """The seconds that all unfinished cells will take; None if no cell has finished yet, 0 if none is left.

    Args:
        left: the method of each unfinished cell.
        taken: seconds of the finished cells of each method; a method without any counts as the mean of all cells.
        workers: number of processes that share the work.
    """
    every = [seconds for several in taken.values() for seconds in several]
    if left and not every:
        return None
    means = {method: sum(several) / len(several) for method, several in taken.items() if several}
    return sum(means.get(method, sum(every) / len(every)) for method in left) / workers
