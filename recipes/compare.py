"""Methods, label budgets and seeds in one table: which is best on your data, and by how much.

    python recipes/compare.py --task ner --methods fine_tuning self_tuning self_tuning:preset=paper \
      --label_ratio 0.01 0.05 0.15 --seeds 0 1 2 --max_steps 600 --output_dir runs/compare

Every other flag is the recipe's (`python recipes/run_ner.py --help`, `recipes/run_image_classification.py --help`) and
holds for all cells. Start it again to go on; start it several times, on one machine or on several that share the
folder, to go faster; under `accelerate launch` the ranks train each cell together. It ends with table.md, .csv, .json,
.tex and figures.
"""

from pathlib import Path

import run_image_classification
import run_ner
from datasets import disable_progress_bars
from transformers import HfArgumentParser
from transformers.utils.logging import disable_progress_bar

from hf_selftuning.comparison.arguments import CompareArguments, description, given_flags
from hf_selftuning.comparison.cells import finished, is_finished, settle
from hf_selftuning.comparison.grid import Budget, grid
from hf_selftuning.comparison.table_files import write_comparison
from hf_selftuning.comparison.train_cell import Recipe, Training
from hf_selftuning.comparison.worker import Worker
from hf_selftuning.distributed import rank, told_by_first
from hf_selftuning.experiment.flags import BudgetArguments, ModelArguments, say, settings_table
from hf_selftuning.experiment.plan import row_of
from hf_selftuning.report.row import BASELINE

RECIPES = {
    "ner": Recipe(
        parts=(ModelArguments, run_ner.DataArguments, BudgetArguments, run_ner.NerConfig),
        make_setup=run_ner.Words,
        preset="words",
        metric="f1",
        unit_name="sentences",
        budgets=tuple(Budget("label_ratio", share) for share in (0.01, 0.05, 0.15)),
    ),
    "images": Recipe(
        parts=(
            ModelArguments,
            run_image_classification.DataArguments,
            BudgetArguments,
            run_image_classification.ImageConfig,
        ),
        make_setup=run_image_classification.Images,
        preset="images",
        metric="accuracy",
        unit_name="images",
        budgets=tuple(Budget("labels_per_class", count) for count in (4, 10)),
    ),
}


def training_of(asked: CompareArguments, rest: list[str]) -> Training:
    """The cells and how they are trained; refuses flags and methods that cannot be before anything is loaded."""
    recipe = RECIPES[asked.task]
    for method in asked.methods:
        row_of(method, preset=recipe.preset)
    same_time = asked.same_time and BASELINE in asked.methods and len(asked.methods) > 1
    cells = grid(asked.budgets(recipe.budgets), asked.methods, asked.seeds, same_time=same_time)
    return Training(Path(asked.output_dir), cells, recipe, given_flags(rest), rest)


def list_cells(training: Training) -> None:
    """Say what would be trained, cell by cell."""
    for cell in training.cells:
        state = "finished" if is_finished(training.root, cell) else "to train"
        say(f"{state}  {cell.folder(training.root).relative_to(training.root)}")


def say_what_happens(training: Training) -> None:
    """The head of the log: rows, budgets, seeds and the flags that all cells share."""
    cells = training.cells
    done = sum(is_finished(training.root, cell) for cell in cells)
    rows = {
        "methods": ", ".join(dict.fromkeys(cell.method for cell in cells)),
        "labels": ", ".join(dict.fromkeys(cell.budget.title for cell in cells)),
        "seeds": ", ".join(dict.fromkeys(str(cell.seed) for cell in cells)),
        "cells": f"{len(cells)} of {training.recipe.unit_name}, {done} finished before",
        "folder": training.root,
    }
    say(settings_table({**rows, **training.given}))


def write(training: Training, failed: list[str]) -> None:
    """Tables and figures of the cells that are there."""
    results = finished(training.root, training.cells)
    if not results:
        raise SystemExit("No cell was finished, so there is no table:\n" + "\n".join(failed))
    shared = {name: results[0].context[name] for name in ("data", "model", "learning_rate", "batch_size")}
    text = write_comparison(
        training.root,
        results,
        metric=training.recipe.metric,
        unit_name=training.recipe.unit_name,
        context=shared,
        selected_by=results[0].context["selected_by"],
        failed=failed,
    )
    say(f"\n{text}\n\nIn {training.root}")


def main() -> None:
    """Train all cells, then write tables and figures."""
    parser = HfArgumentParser(CompareArguments, description=__doc__, allow_abbrev=False)  # type: ignore[arg-type]
    asked, rest = parser.parse_args_into_dataclasses(return_remaining_strings=True, look_for_args_file=False)
    training = training_of(asked, rest)
    config = training.parse(training.cells[0])[-1]
    say_what_happens(training)
    if asked.dry_run:
        list_cells(training)
        return
    disable_progress_bars()
    disable_progress_bar()
    assert config.device is not None  # where several ranks were launched, they meet here
    told_by_first(lambda: settle(training.root, description(asked.task, training.given)))
    worker = Worker(training.root, training.cells, training, stale_after=60 * asked.stale_minutes)
    worker.run()
    if rank() == 0:
        write(training, [f"{cell.title}: {reason}" for cell, reason in worker.failed().items()])


if __name__ == "__main__":
    main()
