"""A whole comparison: its cells, their training, and its tables and figures."""

from collections.abc import Sequence
from pathlib import Path

from datasets import disable_progress_bars
from transformers.utils.logging import disable_progress_bar

from ..distributed import rank, told_by_first
from ..experiment.command.terminal import say, settings_table
from ..experiment.images.image_setup import ImageSetup
from ..experiment.setup.run_setup import Setup
from ..experiment.stages.plan import row_of
from ..experiment.texts.text_setup import TextSetup
from ..experiment.words.word_setup import WordSetup
from ..report.row import BASELINE
from .arguments import CompareArguments, description, given_flags, parse_compare_flags
from .cells import check_shared, finished, is_finished, settle
from .grid import Budget, Cell, grid
from .table_files import write_comparison
from .train_cell import Grid
from .worker import Worker

SETUPS: dict[str, type[Setup]] = {"ner": WordSetup, "text": TextSetup, "images": ImageSetup}
BUDGETS = {
    "ner": [Budget("label_ratio", share) for share in (0.01, 0.05, 0.15)],
    "text": [Budget("labels_per_class", count) for count in (1, 4, 8)],
    "images": [Budget("labels_per_class", count) for count in (4, 10)],
}
"""The budgets of each task where the flags name none."""


def plan_grid(asked: CompareArguments, shared: Sequence[str]) -> Grid:
    """The cells: every method at every budget of labels with every seed.

    Args:
        asked: what is compared.
        shared: words of the flags that all cells share.

    Raises:
        ValueError: a method, a budget or a flag cannot be used. Nothing has been loaded or written by then.
    """
    setup, given = SETUPS[asked.task], given_flags(shared)
    for method in asked.methods:
        row_of(method, setup.usual)
    same_time = asked.same_time and BASELINE in asked.methods and len(asked.methods) > 1
    root, budgets = Path(asked.output_dir), asked.budgets(BUDGETS[asked.task])
    cells = grid(budgets, asked.methods, asked.seeds, same_time=same_time)
    others = grid(budgets, asked.others, asked.seeds, same_time=False)
    _check_others(root, cells, [] if asked.dry_run else others)
    planned = Grid(root, cells, asked.task, setup, given, list(shared), others)
    planned.parse(cells[0])  # refuses shared flags that cannot be used
    return planned


def _check_others(root: Path, cells: Sequence[Cell], others: Sequence[Cell]) -> None:
    """Refuse a row of another program that has the name of a method's row, or no cell in the folder."""
    names = list(dict.fromkeys(cell.method for cell in others))
    ours = {cell.folder(root) for cell in cells}
    if taken := [cell.method for cell in others if cell.folder(root) in ours]:
        raise ValueError(f"The row {taken[0]} is named by --methods and by --others; name it once.")
    empty = [name for name in names if not any(is_finished(root, cell) for cell in others if cell.method == name)]
    if empty:
        raise ValueError(
            f"--others names {', '.join(empty)}, and {root} has no finished cell of it for these budgets and seeds; "
            "run the program that writes such cells first, or leave the name out."
        )


def announce_grid(planned: Grid) -> None:
    """Print what is compared: methods, budgets, seeds, and the flags that all cells share.

    Args:
        planned: the cells.
    """
    cells = planned.cells
    done = sum(is_finished(planned.root, cell) for cell in cells)
    rows = {
        "methods": ", ".join(dict.fromkeys(cell.method for cell in cells)),
        "labels": ", ".join(dict.fromkeys(cell.budget.title for cell in cells)),
        "seeds": ", ".join(dict.fromkeys(str(cell.seed) for cell in cells)),
        "cells": f"{len(cells)} of {planned.setup.unit_name}, {done} finished before",
        **(
            {"rows of others": ", ".join(dict.fromkeys(cell.method for cell in planned.others))}
            if planned.others
            else {}
        ),
        "folder": planned.root,
    }
    say(settings_table({**rows, **planned.given}))


def list_cells(planned: Grid) -> None:
    """Print the cells, a line each, and whether each is finished.

    Args:
        planned: the cells.

    Raises:
        ValueError: the folder holds cells of other flags.
    """
    check_shared(planned.root, description(planned.task, planned.given))
    for cell in planned.cells:
        state = "finished" if is_finished(planned.root, cell) else "to train"
        say(f"{state}  {cell.folder(planned.root).relative_to(planned.root)}")


def train_grid(planned: Grid, *, stale_minutes: float = 15.0) -> list[str]:
    """Train and score every unfinished cell. Other processes may train cells of the same folder meanwhile.

    Args:
        planned: the cells.
        stale_minutes: minutes of silence after which the cell of another process is taken over.

    Returns:
        a sentence for each cell that could not be trained.

    Raises:
        ValueError: the cells in the folder were trained with other flags.
    """
    disable_progress_bars()  # of datasets
    disable_progress_bar()  # of transformers; the worker shows a bar of its own
    # If several ranks were launched, asking for the device joins them into one process group.
    assert planned.parse(planned.cells[0])[-1].device is not None
    told_by_first(lambda: settle(planned.root, description(planned.task, planned.given)))
    worker = Worker(planned.root, planned.cells, planned, stale_after=60 * stale_minutes)
    worker.run()
    return [f"{cell.title}: {reason}" for cell, reason in worker.failed().items()]


def write_grid(planned: Grid, failed: Sequence[str] = ()) -> None:
    """Write the tables and figures of all finished cells, and print the table; on the first rank only.

    Args:
        planned: the cells.
        failed: a sentence for each cell that could not be trained.

    Raises:
        SystemExit: no cell is finished.
    """
    if rank() > 0:
        return
    results = finished(planned.root, planned.shown)
    if not results:
        raise SystemExit("No cell was finished, so there is no table:\n" + "\n".join(failed))
    names = ("data", "model", "learning_rate", "batch_size")
    text = write_comparison(
        planned.root,
        results,
        metric=planned.setup.metric,
        unit_name=planned.setup.unit_name,
        context={name: results[0].context[name] for name in names},
        selected_by=results[0].context["selected_by"],
        failed=failed,
    )
    say(f"\n{text}\n\nIn {planned.root}")


def compare(arguments: list[str] | None = None) -> None:
    """Compare methods at several budgets of labels with several seeds, and write tables and figures.

    Args:
        arguments: words of a command line, such as `["--task", "ner", "--seeds", "0", "1"]`; None takes those of this
            process.

    Raises:
        ValueError: flags or data cannot be used.
    """
    about = "Compare methods, label budgets and seeds; every other flag is one of `hf-selftuning train`."
    asked, shared = parse_compare_flags(arguments, description=about, prog="hf-selftuning compare")
    planned = plan_grid(asked, shared)
    announce_grid(planned)
    if asked.dry_run:
        list_cells(planned)
        return
    write_grid(planned, train_grid(planned, stale_minutes=asked.stale_minutes))
