"""Compares the forecast of `inspect` with the gain that Self-Tuning had, draw by draw of the labels.

HF_SELFTUNING_DATA=data python docs/scripts/score_forecast.py

It reads all comparisons, computes the features of each data set of images or texts once, writes forecast.json into
docs/figures, and draws it. The words of CoNLL-2003 are too many for a graph of all of them. So for each draw of the
sentences the forecast is made from a sample, as `inspect` makes it.
"""

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import draw_forecast
import torch
from draw_forecast import Point
from write_which_method import Group, groups_of

from hf_selftuning.experiment.command.flags import FlagParser
from hf_selftuning.experiment.images.image_setup import ImageSetup
from hf_selftuning.experiment.outlook.frozen_parts import (
    MOST_SENTENCES,
    FrozenPart,
    FrozenParts,
    example_names,
    frozen_parts,
)
from hf_selftuning.experiment.outlook.outlook import Judged, Outlook, outlook_of
from hf_selftuning.experiment.setup.run_setup import Setup
from hf_selftuning.experiment.texts.text_setup import TextSetup
from hf_selftuning.experiment.words.word_setup import WordSetup

DOCS = Path(__file__).parents[1]
DATA = "HF_SELFTUNING_DATA"
OURS = "self_tuning"
OF_DATA = (
    "task", "data_dir", "train_flag", "max_classes", "image_size", "dataset_name", "model_name_or_path", "train_file",
    "test_file", "unlabeled_file", "text_column_name", "label_column_name", "open_set_class", "max_length",
)  # fmt: skip
ALL = 10**9


def ours_of(groups: Sequence[Group]) -> tuple[Group, Group] | None:
    """Fine-tuning, and the row of Self-Tuning with the highest mean; None if one is missing or labels are held out.

    Where no row is Self-Tuning alone, rows count whose last stage trains it together with other methods.
    """
    plain = next((group for group in groups if group.method == "fine_tuning"), None)
    alone = [group for group in groups if group.method.partition(":")[0] == OURS]
    mine = alone or [
        group for group in groups if any(name.partition(":")[0] == OURS for name in group.method.split("+"))
    ]
    if plain is None or not mine or any(result.held_out for result in plain.cells):
        return None
    return plain, max(mine, key=lambda group: group.score)


def measured(root: Path, comparison: Path, seen: set[str]) -> Iterator[Point]:
    """The points of a comparison.

    Args:
        root: folder of the data sets.
        comparison: its folder.
        seen: the splits of comparisons before it, which count once; those of this one are added.
    """
    flags = json.loads((comparison / "comparison.json").read_text(encoding="utf-8"))
    budgets = {budget: found for budget, groups in groups_of(comparison).items() if (found := ours_of(groups))}
    of_data = tuple(sorted((n, v) for n, v in flags.items() if n in OF_DATA))
    for budget, (plain, ours) in budgets.items():
        scores = {result.cell.seed: result.row.test or 0.0 for result in plain.cells}
        for result in ours.cells:
            if result.cell.seed not in scores:
                continue
            file = result.cell.folder(comparison) / "split.json"
            split = json.loads(file.read_text(encoding="utf-8"))
            digest = json.dumps(split, sort_keys=True)
            if digest in seen:
                continue
            seen.add(digest)
            outlook = of_words(root, of_data, file) if flags["task"] == "ner" else of_all(root, of_data, split)
            assert outlook.pool is not None
            gains = gain(outlook.pool), None if outlook.held_out is None else gain(outlook.held_out)
            real = 100 * ((result.row.test or 0.0) - scores[result.cell.seed])
            shown = [None if one is None else round(one, 3) for one in (*gains, real)]
            yield Point(comparison.name, budget.title, result.cell.seed, *shown)  # type: ignore[arg-type]


Flags = tuple[tuple[str, str], ...]
"""Those of a comparison that choose its data, by name."""


def setup_of(root: Path, flags: Flags, **more: str) -> Setup:
    """The run that a cell of a comparison was.

    Args:
        root: folder of the data sets.
        flags: of the comparison.
        more: other flags.
    """
    given = dict(flags)
    task = given.pop("task")
    kind: Any = {"images": ImageSetup, "text": TextSetup, "ner": WordSetup}[task]
    given = {name: str(root / v.removeprefix("data/")) if v.startswith("data/") else v for name, v in given.items()}
    usual = {"model_name_or_path": "embedded"}
    usual |= {"recipe": "standard"} if task == "images" else {}  # nothing trains, so no recipe need be measured
    words = [word for name, value in (usual | given | more).items() for word in (f"--{name}", value)]
    return kind.from_flags(*FlagParser(*kind.flags, description="").parse(words, strict=False))


def of_words(root: Path, flags: Flags, split: Path) -> Outlook:
    """The forecast for a draw of the sentences, from a sample of them."""
    with tempfile.TemporaryDirectory() as folder:
        setup = setup_of(root, flags, output_dir=folder, split_file=str(split))
        most = {name: MOST_SENTENCES[name] for name in ("labeled", "unlabeled")}
        return outlook_of(frozen_parts(setup, most=most, seconds=float("inf")), setup.class_names)


@cache
def everything(root: Path, flags: Flags) -> tuple[torch.Tensor, torch.Tensor, list[str]]:
    """Features and labels of all training examples in their order, and the names of the classes.

    Args:
        root: folder of the data sets.
        flags: of a comparison.
    """
    with tempfile.TemporaryDirectory() as folder:
        setup = setup_of(root, flags, output_dir=folder, label_ratio="1")
        most = {"labeled": ALL, "dev": 1, "test": 1, "unlabeled": 1}
        part = frozen_parts(setup, most=most, seconds=float("inf")).parts["labeled"]
        row_of = {name: row for row, name in enumerate(part.names)}
        order = [row_of[name] for name in example_names(setup.parts.labeled, range(part.total))]
    assert part.labels is not None
    return part.features[order], part.labels[order], list(setup.class_names)


def of_all(root: Path, flags: Flags, split: dict[str, Any]) -> Outlook:
    """The forecast for a draw of images or texts, from all of them."""
    features, labels, names = everything(root, flags)
    known, hidden = torch.tensor(split["labeled"]), torch.ones(len(labels), dtype=torch.bool)
    hidden[known] = False
    places = {"labeled": known, "unlabeled": hidden.nonzero()[:, 0]}
    parts = {
        name: FrozenPart(features[rows], labels[rows], [str(row) for row in rows.tolist()], len(rows))
        for name, rows in places.items()
    }
    return outlook_of(FrozenParts(parts, "", 0.0), names)


def gain(judged: Judged) -> float:
    """Mean over the folds of what propagation adds to the probe, in points."""
    pairs = zip(judged.scores(judged.probed), judged.scores(judged.spread), strict=True)
    differences = [100 * (after - before) for before, after in pairs]
    return sum(differences) / len(differences)


def main() -> None:
    """Measure, and draw what was measured."""
    root = Path(os.environ[DATA])
    seen: set[str] = set()
    folders = [path.parent for path in sorted((DOCS / "comparisons").glob("*/comparison.json"))]
    rows = ",\n".join(json.dumps(asdict(point)) for folder in folders for point in measured(root, folder, seen))
    draw_forecast.POINTS.write_text(f"[\n{rows}\n]\n", encoding="utf-8")
    draw_forecast.main()


if __name__ == "__main__":
    main()
