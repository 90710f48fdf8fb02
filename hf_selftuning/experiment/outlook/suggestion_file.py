"""The unlabelled examples that would help most if they were labelled next, and the table that a person fills."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ...files import replacing
from ...functional.label_propagation import centered
from ...functional.suggestions import suggested
from ...modules.head_start import EXPONENT
from .frozen_parts import IMAGE, LABEL, FrozenParts

GUESS = "guess"


@dataclass(frozen=True)
class Suggestion:
    """An example to label next.

    Args:
        cells: its text, or the path of its image, by the name of the column.
        guess: the class that is predicted for it.
    """

    cells: dict[str, str]
    guess: str


def suggestions_of(
    frozen: FrozenParts, predictions: Tensor, class_names: Sequence[str], count: int
) -> list[Suggestion]:
    """The examples that would help most, in the order in which they should be labelled.

    Args:
        frozen: samples of the parts of a run, with unlabelled examples.
        predictions: probabilities (m, c) of their classes.
        class_names: by index.
        count: number of suggestions.
    """
    known, pool = frozen.parts["labeled"], frozen.parts["unlabeled"]
    rows = rows_to_label(known.features, pool.features, predictions, count).tolist()
    return [Suggestion(pool.cells[row], class_names[int(predictions[row].argmax())]) for row in rows]


def rows_to_label(
    known: Float[Tensor, "n d"], pool: Float[Tensor, "m d"], predictions: Float[Tensor, "m c"], count: int
) -> Int[Tensor, "k"]:
    """Unlabelled rows that stand for many rows whose class is uncertain, see `suggested`; the best one first.

    Args:
        known: features of the labelled rows.
        pool: features of the unlabelled rows.
        predictions: probabilities of their classes.
        count: number of suggestions, k; fewer if the pool is smaller.
    """
    unit = centered(torch.cat([known, pool]))
    return suggested(unit[: len(known)], unit[len(known) :], 1 - predictions.amax(1), count, exponent=EXPONENT)


def write_suggestions(path: Path, suggestions: Sequence[Suggestion]) -> None:
    """Write a CSV file with an empty column for the labels. A run takes an example without a label as unlabelled.

    Args:
        path: the file.
        suggestions: at least one.
    """
    columns = [*suggestions[0].cells, LABEL, GUESS]
    with replacing(path) as draft, draft.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, columns)
        table.writeheader()
        table.writerows({**_found_from_anywhere(one.cells), LABEL: "", GUESS: one.guess} for one in suggestions)


def _found_from_anywhere(cells: dict[str, str]) -> dict[str, str]:
    """The cells with the absolute path of an image, so that the table may stand in any folder."""
    return {name: str(Path(cell).absolute()) if _is_file(name, cell) else cell for name, cell in cells.items()}


def _is_file(column: str, cell: str) -> bool:
    return column == IMAGE and Path(cell).is_file()
