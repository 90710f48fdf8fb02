"""The data and the finished cells of a comparison on texts or images, read by the flags that its folder holds."""

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import TypeVar

from transformers import HfArgumentParser

from hf_selftuning.comparison.cells import RESULT, Result
from hf_selftuning.comparison.grid import Budget, Cell

Flags = TypeVar("Flags")


def flags_of(folder: Path, kind: type[Flags]) -> Flags:
    """The flags of the data with which the cells of a comparison were trained.

    Args:
        folder: of the comparison.
        kind: the dataclass of the flags, such as `TextDataArguments`.
    """
    given = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))
    words: list[str] = []
    for field in fields(kind):  # type: ignore[arg-type]
        if field.name in given:
            value = given[field.name]
            words += [f"--{field.name}", *(value.split() if "list" in str(field.type) else [value])]
    parser = HfArgumentParser(kind)  # type: ignore[arg-type]
    (found,) = parser.parse_args_into_dataclasses(words, look_for_args_file=False)
    return found


def finished_cells(folder: Path, method: str = "*") -> Iterator[Result]:
    """The finished cells of a comparison, fewest labels first.

    Args:
        folder: of the comparison.
        method: name of the folder of a method's cells; `*` stands for all methods.
    """
    paths = folder.glob(f"cells/*/{method}/*/{RESULT}")
    cells = [json.loads(path.read_text(encoding="utf-8"))["cell"] for path in paths]
    for cell in sorted(cells, key=lambda cell: (cell["budget"]["value"], cell["method"], cell["seed"])):
        yield Result.load(folder, Cell(Budget(**cell["budget"]), cell["method"], cell["seed"]))
