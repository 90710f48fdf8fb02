"""Parts of a method's state that a later stage goes on with, read from the folder of a trained model."""

import re
from pathlib import Path

from safetensors import safe_open
from torch import Tensor

STATE_FILE = "selftuning_state.safetensors"
"""Beside the weights: what the methods hold, under their numbers in the list of methods."""


def saved_part(folder: str | Path, part: str) -> dict[str, Tensor]:
    """The tensors under a name that a method gave one of its parts; none where no method has such a part."""
    path = Path(folder) / STATE_FILE
    if not path.is_file():
        return {}
    start = re.compile(rf"\d+\.{re.escape(part)}\.")
    with safe_open(path, "pt") as file:
        return {start.sub("", name, count=1): file.get_tensor(name) for name in file.keys() if start.match(name)}  # noqa: SIM118
