"""The time of a step on large pools against that on the smallest, some steps of each in turn in one process."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median

from tabulate import tabulate

from .pool_data import sentence_file
from .pool_runs import Figures, start
from .timing import ratio

ROUNDS, QUICK_ROUNDS = 10, 2


def steps_in_turn(data: Path, folder: Path, *, sizes: Sequence[int], rounds: int) -> Figures:
    """Seconds of a step for each size and round, on the clock and of the processor; see `start` for the training.

    Each round starts with another size. A figure of a round is the median of its steps after those that warm up.
    """
    files = {size: sentence_file(data / f"sentences-{size}.arrow", size) for size in sizes}
    seconds: dict[str, list[list[float]]] = {str(size): [] for size in sizes}
    for turn in range(rounds):
        first = turn % len(sizes)
        for size in [*sizes[first:], *sizes[:first]]:
            seconds[str(size)].append(start(files[size], folder)["step"])
    return {"sizes": list(sizes), "seconds": seconds}


def table_of_steps(figures: Figures) -> str:
    """A line for each size; its ratio to the smallest is the median, over the rounds, of processor seconds."""
    seconds = figures["seconds"]
    names = list(seconds)
    processor = {name: [both[1] for both in seconds[name]] for name in names}
    lines = []
    for name in names:
        wall, own = (1000 * median(each) for each in zip(*seconds[name], strict=True))
        lines.append([f"{int(name):,}", f"{wall:.1f} ({own:.1f})", f"{ratio(processor, name, names[0]):.3f}"])
    headers = ["examples", "a step, ms", "processor seconds / those of the smallest pool"]
    return tabulate(lines, headers=headers, tablefmt="pipe", disable_numparse=True, stralign="right")
