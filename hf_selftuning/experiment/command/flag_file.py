"""A YAML file of flags, as `--config` names it."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import yaml

from ...core.spelling import did_you_mean
from .foreign_flags import own_flag


def flags_of_file(path: Path) -> dict[str, Any]:
    """The flags of a file and their values.

    Raises:
        ValueError: there is no such file, or it does not hold a value for each flag.
    """
    if not path.is_file():
        raise ValueError(f"The configuration file {path} does not exist; give the path of a YAML file of flags.")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not YAML ({error}); write a line `flag: value` for each flag.") from error
    if not isinstance(values, dict):
        raise ValueError(f"{path} holds a {type(values).__name__}; write a line `flag: value` for each flag.")
    return values


def known_flags_of_file(path: Path, known: Collection[str]) -> dict[str, Any]:
    """The flags of a file and their values, under the names that they have here.

    Args:
        path: of the file.
        known: names of the flags that the command takes.

    Raises:
        ValueError: the file cannot be read, or it sets a flag that does not exist.
    """
    values = {own_flag(f"--{name}", known).removeprefix("--"): value for name, value in flags_of_file(path).items()}
    unknown = sorted(set(values) - set(known))
    if unknown:
        near = did_you_mean(unknown[0], known)
        raise ValueError(f"{path} sets {', '.join(unknown)}, which is no flag; --help lists them.{near}")
    return values
