"""The file of the methods' state, and the parts of it that a later stage starts from."""

import re
from pathlib import Path

from safetensors import safe_open
from torch import Tensor

STATE_FILE = "selftuning_state.safetensors"
"""Name of the file, beside the weights; tensors are named by the number of the method in the list of methods."""


def saved_part(folder: str | Path, part: str) -> dict[str, Tensor]:
    """The tensors of the part that a method keeps under this name; empty if no method has such a part."""
    path = Path(folder) / STATE_FILE
    if not path.is_file():
        return {}
    start = re.compile(rf"\d+\.{re.escape(part)}\.")
    with safe_open(path, "pt") as file:
        return {start.sub("", name, count=1): file.get_tensor(name) for name in file.keys() if start.match(name)}  # noqa: SIM118
