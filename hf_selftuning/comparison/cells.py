"""The files of a cell: `cell.json` and the counts of each test item beside it, or `failure.json`."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from ..files import replacing
from ..metrics import Counts, score_of
from ..monitoring.log_history import History
from ..report.results import plain
from ..report.row import Row
from .grid import Budget, Cell

RESULT, COUNTS, FAILURE, SHARED = "cell.json", "counts.safetensors", "failure.json", "comparison.json"


@dataclass(frozen=True)
class Result:
    """One training and its scores.

    Args:
        cell: which training.
        title: of the row in tables.
        family: TL, SSL, combined or ours.
        labels: number of examples with labels, those held out included.
        held_out: number of these that were held out of training.
        row: the row of the run's own table.
        history: `state.log_history`.
        seconds: time that the cell took, from reading its data to its scores.
        counts: of each test item; None without a test part.
        context: data, model, split and the like.
        decodings: counts of each test item by every decoding of a tagger; empty for images.
    """

    cell: Cell
    title: str
    family: str
    labels: int
    held_out: int
    row: Row
    history: History
    seconds: float
    counts: Counts | None
    context: dict[str, Any]
    decodings: Mapping[str, Counts] = field(default_factory=dict)

    def by_decoding(self, name: str) -> "Result":
        """The same training with the scores of a decoding."""
        counts = self.decodings[name]
        return replace(self, counts=counts, row=replace(self.row, test=float(score_of(counts))))

    def save(self, root: Path) -> None:
        """Write the counts, then `cell.json`. That file is the mark of a finished cell, so it is written last."""
        folder = self.cell.folder(root)
        folder.mkdir(parents=True, exist_ok=True)
        if self.counts is not None:
            found = {"test": self.counts, **{f"test.{name}": counts for name, counts in self.decodings.items()}}
            with replacing(folder / COUNTS) as path:  # the counts of one item are small
                save_file({name: counts.astype(np.uint16) for name, counts in found.items()}, path)
        fields = {name: value for name, value in asdict(self).items() if name not in ("counts", "decodings")}
        with replacing(folder / RESULT) as path:
            path.write_text(json.dumps(plain(fields), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, root: Path, cell: Cell) -> "Result":
        """Read a finished cell."""
        folder = cell.folder(root)
        fields = json.loads((folder / RESULT).read_text(encoding="utf-8"))
        seconds = fields["row"]["seconds_per_step"]
        row = Row(**{**fields["row"], "seconds_per_step": float("nan") if seconds is None else seconds})
        path = folder / COUNTS
        tensors = load_file(path) if path.is_file() else {}
        counts = {name.removeprefix("test").removeprefix("."): t.astype(np.int64) for name, t in tensors.items()}
        test = counts.pop("", None)
        found = fields["cell"]
        read = Cell(Budget(**found["budget"]), found["method"], found["seed"])
        return cls(**{**fields, "cell": read, "row": row, "counts": test, "decodings": counts})


def is_finished(root: Path, cell: Cell) -> bool:
    """Whether a cell has a result."""
    return (cell.folder(root) / RESULT).is_file()


def finished(root: Path, cells: Sequence[Cell]) -> list[Result]:
    """The results of the finished cells, in the order of the cells."""
    return [Result.load(root, cell) for cell in cells if is_finished(root, cell)]


def note_failure(root: Path, cell: Cell, reason: str) -> Path:
    """Write down why a cell cannot be trained, so that no process tries it again; returns the file."""
    path = cell.folder(root) / FAILURE
    with replacing(path) as draft:
        draft.write_text(json.dumps({"cell": cell.title, "reason": reason}, indent=1) + "\n", encoding="utf-8")
    return path


def failure_of(root: Path, cell: Cell) -> str | None:
    """Why a cell failed; None if it did not."""
    path = cell.folder(root) / FAILURE
    return json.loads(path.read_text(encoding="utf-8"))["reason"] if path.is_file() else None


def drop_checkpoints(root: Path, cell: Cell) -> None:
    """Delete the checkpoints and stages of a finished cell."""
    for part in ("rows", "stages"):
        shutil.rmtree(cell.folder(root) / part, ignore_errors=True)


def settle(root: Path, description: dict[str, Any]) -> None:
    """Write the flags that all cells of a folder share into it, or compare them with those that it holds already.

    Args:
        root: the comparison's folder.
        description: flags and values, as text.

    Raises:
        ValueError: the cells there were trained with other flags.
    """
    path = root / SHARED
    if not path.is_file():
        root.mkdir(parents=True, exist_ok=True)
        with replacing(path) as draft:
            draft.write_text(json.dumps(description, indent=1) + "\n", encoding="utf-8")
    check_shared(root, description)


def check_shared(root: Path, description: dict[str, Any]) -> None:
    """Compare the flags that all cells share with those that the folder holds, if it holds some; see `settle`."""
    path = root / SHARED
    if not path.is_file():
        return
    noted = json.loads(path.read_text(encoding="utf-8"))
    other = [name for name in {**noted, **description} if noted.get(name) != description.get(name)]
    if other:
        raise ValueError(
            f"The cells in {root} are trained with {_in_words(noted, other)}, and "
            f"{_in_words(description, other)} was given; give the same flags, or another --output_dir."
        )


def check_start(root: Path, results: Sequence[Result], context: Mapping[str, Any]) -> None:
    """Check that a cell starts from the same model and data as the finished ones.

    The flags alone do not show it: without a flag for them, model and data depend on whether the Hub can be reached.

    Args:
        root: the comparison's folder.
        results: of the finished cells.
        context: of the cell that is about to train.

    Raises:
        RuntimeError: model or data differ.
    """
    for other in results:
        for name in ("model", "data"):
            if other.context[name] != context[name]:
                raise RuntimeError(
                    f"The cells in {root} have the {name} {other.context[name]}, and the default here is "
                    f"{context[name]}; take theirs (--model_name_or_path or --dataset_name embedded, or a Hub that "
                    "answers), or give another --output_dir."
                )


def _in_words(flags: dict[str, Any], names: list[str]) -> str:
    return ", ".join(f"--{name} {flags[name]}" if name in flags else f"no --{name}" for name in sorted(names))
