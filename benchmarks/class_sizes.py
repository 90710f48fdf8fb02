"""Test accuracy of the rows of a comparison on images or texts, for classes that are frequent and rare in training.

    python -m benchmarks.class_sizes runs/compare

The classes are divided into thirds by their number of training examples, labelled or not. A column has the mean over
the classes of a third, then the standard deviation over seeds.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hf_selftuning.data.texts.text_data import LABEL
from hf_selftuning.experiment.images.image_examples import read_image_data
from hf_selftuning.experiment.images.image_flags import ImageDataArguments
from hf_selftuning.experiment.texts.text_examples import read_text_data
from hf_selftuning.experiment.texts.text_flags import TextDataArguments

from .comparison_data import finished_cells, flags_of

PARTS = 3
UNITS = {"images": "images", "text": "texts"}
READERS: dict[str, Callable[[Path], Any]] = {
    "images": lambda folder: read_image_data(flags_of(folder, ImageDataArguments)),
    "text": lambda folder: read_text_data(flags_of(folder, TextDataArguments)),
}
"""How the examples of a comparison are read again, by its task."""


def main() -> None:
    """Print the table."""
    print(by_class_size(arguments().folder).to_markdown(index=False, disable_numparse=True))


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="of the comparison")
    return parser.parse_args()


def by_class_size(folder: Path) -> pd.DataFrame:
    """A row for each method and budget of a comparison, a column for each third of the classes."""
    task = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))["task"]
    data = READERS[task](folder)
    if data.test is None:
        raise ValueError(f"The data of {folder} has no test part; compare on data that has one.")
    sizes, tested = np.bincount(data.train[LABEL][:]), np.asarray(data.test[LABEL][:])
    thirds = np.array_split(np.argsort(-sizes, kind="stable"), PARTS)
    names = [f"{sizes[part].max()} to {sizes[part].min()} {UNITS[task]} a class" for part in thirds]
    found: dict[tuple[str, int], list[list[float]]] = defaultdict(list)
    for result in finished_cells(folder):
        if result.counts is not None:
            accuracies = class_accuracies(result.counts[:, 0], tested, len(sizes))
            found[result.title, result.labels].append([100 * float(accuracies[part].mean()) for part in thirds])
    rows = [
        {"method": title, "labels": labels, **dict(zip(names, _cells(scores), strict=True))}
        for (title, labels), scores in found.items()
    ]
    return pd.DataFrame(rows)


def class_accuracies(right: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """The accuracy of each class, from whether each test example is right, and its class."""
    return np.bincount(labels, right, classes) / np.bincount(labels, minlength=classes).clip(min=1)


def _cells(scores: Sequence[Sequence[float]]) -> list[str]:
    count = len(scores)
    spread = np.std(scores, axis=0, ddof=1) if count > 1 else np.full(PARTS, np.nan)
    means = np.mean(scores, axis=0)
    return [f"{mean:.1f} +- {around:.1f} ({count})" for mean, around in zip(means, spread, strict=True)]


if __name__ == "__main__":
    main()
