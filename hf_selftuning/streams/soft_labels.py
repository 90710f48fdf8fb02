"""What teachers say of the rows of the unlabelled data, computed once and read from disk by example."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from ..files import replacing

PROBABILITIES, ENDS = "probabilities", "ends"


class SoftLabels:
    """The probabilities of several teachers for the rows of each example, in half precision.

    Each teacher has a file with the rows of the examples that the training reads, one example after another. A
    process opens the files when it reads the first example, and reads the rows of one example at a time.

    Args:
        files: of the teachers.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self.files = list(files)
        self._open: list[Any] = []
        self._ends: Tensor | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_open": []}  # an open file does not go to a loader's worker

    def __len__(self) -> int:
        return len(self._read_ends())

    def __getitem__(self, example: int) -> Tensor:
        """The probabilities of each row by each teacher (n, t, c)."""
        ends = self._read_ends()
        if not self._open:
            # A slice reads only the rows that are asked for, and not the whole file.
            self._open = [safe_open(str(file), "pt").get_slice(PROBABILITIES) for file in self.files]
        first, end = int(ends[example - 1]) if example else 0, int(ends[example])
        return torch.stack([rows[first:end] for rows in self._open], dim=1)

    @property
    def seconds(self) -> float:
        """How long the teachers took."""
        return sum(float(metadata_of(file)["seconds"]) for file in self.files)

    def _read_ends(self) -> Tensor:
        """Where the rows of each example end (e,)."""
        if self._ends is None:
            with safe_open(str(self.files[0]), "pt") as file:
                self._ends = file.get_tensor(ENDS)
        return self._ends


def save_soft_labels(path: Path, rows: Tensor, counts: Tensor, metadata: dict[str, str]) -> None:
    """Write the probabilities of one teacher.

    Args:
        path: of the file.
        rows: probabilities (n, c) of the rows of all examples, one example after another.
        counts: the number of rows of each example (e,).
        metadata: text about the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as draft:
        save_file({PROBABILITIES: rows.half(), ENDS: counts.cumsum(0)}, draft, metadata)


def metadata_of(path: Path) -> dict[str, str]:
    """The text about a file of soft labels."""
    with safe_open(str(path), "pt") as file:
        return file.metadata()
