"""The loop over cells: takes the next free one, until all are finished, here or elsewhere."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tqdm import tqdm

from ..distributed import rank, told_by_first, world_size
from ..experiment.flags import say
from ..experiment.plan import SAME_TIME
from .cells import Result, drop_checkpoints, failure_of, is_finished, note_failure
from .grid import Cell
from .lease import Claim, ClaimLostError, is_gone, owner_of

Train = Callable[[Cell, Claim | None], Result]


class CellFailedError(RuntimeError):
    """A cell cannot be trained; the others can."""


OF_ONE_CELL = (FloatingPointError, ValueError, CellFailedError)
"""Errors that are a cell's own, such as a loss that is not finite or a pool smaller than a batch."""


@dataclass
class Worker:
    """One process, or the ranks that train together, among those that share a folder.

    Args:
        root: the comparison's folder.
        cells: all of them.
        train: trains and scores one; the claim, on the first rank, wants signs of life.
        stale_after: seconds after which a silent owner counts as gone.
        pause: seconds between two looks where every cell that is left has an owner.
    """

    root: Path
    cells: Sequence[Cell]
    train: Train
    stale_after: float = 900.0
    pause: float = 5.0
    _seconds: dict[Cell, float] = field(default_factory=dict, repr=False)

    def run(self) -> None:
        """Train what is free, wait for what others train, and come back once nothing is left."""
        with tqdm(total=len(self.cells), disable=rank() > 0, bar_format="{bar:20} {n_fmt}/{total_fmt} cells{postfix}",
                  dynamic_ncols=True) as bar:  # fmt: skip
            while True:
                self._show(bar)
                over, claim, cell = told_by_first(self._next)
                if over:
                    return
                if cell is None:
                    time.sleep(self.pause)
                else:
                    self._train(cell, claim)

    def failed(self) -> dict[Cell, str]:
        """Cells that could not be trained, here or elsewhere, and why."""
        reasons = {cell: failure_of(self.root, cell) for cell in self.cells}
        return {cell: reason for cell, reason in reasons.items() if reason is not None}

    def _is_open(self, cell: Cell) -> bool:
        return not is_finished(self.root, cell) and failure_of(self.root, cell) is None

    def _left(self) -> list[Cell]:
        return [cell for cell in self.cells if self._is_open(cell)]

    def _next(self) -> tuple[bool, Claim | None, Cell | None]:
        """Whether nothing is left; else a cell that is ours now, if one is free."""
        left = self._left()
        for cell in left:
            if cell.method == SAME_TIME and any(other.is_of(cell) and other != cell for other in left):
                continue
            claim = Claim.take(cell.folder(self.root), stale_after=self.stale_after)
            if claim is None:
                continue
            if self._is_open(cell):
                return False, claim, cell
            claim.release()  # another process ended it since the look above
        return not left, None, None

    def _train(self, cell: Cell, claim: Claim | None) -> None:
        try:
            result = self.train(cell, claim if rank() == 0 else None)
            if rank() == 0 and claim is not None:
                claim.check()
                result.save(self.root)
                drop_checkpoints(self.root, cell)
        except OF_ONE_CELL as error:
            note = note_failure(self.root, cell, str(error))
            say(f"\n*** {cell.title} failed and is left out: {error} ***\nDelete {note} to try again.", loudly=True)
            if world_size() > 1 and not isinstance(error, CellFailedError):
                raise  # perhaps on this rank alone, and the others wait for it in the middle of a step
        except ClaimLostError as error:
            if world_size() > 1:
                raise  # the other ranks are in the middle of a step
            say(f"\n*** {error} ***", loudly=True)
        finally:
            if rank() == 0 and claim is not None:
                claim.release()

    def _show(self, bar: tqdm) -> None:
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
        """The owners of cells, and this process, which has none at the moment, if there is one for it to take."""
        owners = [owner_of(cell.folder(self.root)) for cell in left]
        others = sum(owner is not None and not is_gone(owner, self.stale_after) for owner in owners)
        return max(others + (others < len(left)), 1)


def seconds_left(left: Sequence[str], taken: Mapping[str, Sequence[float]], *, workers: int) -> float | None:
    """What the cells that are left will take; None where none has finished, 0 where none is left.

    Args:
        left: the method of each.
        taken: seconds of the finished cells of each method; one that has none counts as the mean of all.
        workers: processes that share the work.
    """
    every = [seconds for several in taken.values() for seconds in several]
    if left and not every:
        return None
    means = {method: sum(several) / len(several) for method, several in taken.items() if several}
    return sum(means.get(method, sum(every) / len(every)) for method in left) / workers
