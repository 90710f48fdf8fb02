"""A value that a file of flags sets, read as its flag reads it on a command line."""

from argparse import Action, ArgumentTypeError
from pathlib import Path
from typing import Any

from transformers.hf_argparser import string_to_bool

KINDS: dict[Any, str] = {int: "a whole number", float: "a number", string_to_bool: "true or false"}
"""What a value has to be, by the type that reads it."""
TAKE_LISTS = ("report_to", "fsdp")
"""Flags with one value on the command line, whose fields take a list, too."""


def value_of_file(path: Path, action: Action, value: Any) -> Any:
    """The value that a file sets for a flag, as the flag reads it on a command line.

    Args:
        path: of the file, for messages.
        action: of the flag.
        value: as YAML has it. Nothing, and an object with settings, stay as they are.

    Raises:
        ValueError: the flag takes no such value.
    """
    if action.nargs == "+":
        return [_checked(path, action, item) for item in (value if isinstance(value, list) else [value])]
    if value is None or isinstance(value, dict) or (isinstance(value, list) and action.dest in TAKE_LISTS):
        return value
    if isinstance(value, list):
        raise ValueError(f"{path} sets {action.dest} to the list {value}, and it takes one value; give one.")
    return _checked(path, action, value)


def _checked(path: Path, action: Action, value: Any) -> Any:
    if value is False and action.dest.endswith("_strategy"):
        value = "no"  # which YAML reads as false
    if action.choices is not None and str(value) not in map(str, action.choices):
        raise ValueError(f"{path} sets {action.dest} to {value!r}; give {' or '.join(map(str, action.choices))}.")
    if action.type is str and action.nargs is None:
        return str(value)
    try:
        return action.type(str(value)) if callable(action.type) and action.type in KINDS else value
    except (ValueError, ArgumentTypeError) as error:
        raise ValueError(f"{path} sets {action.dest} to {value!r}; give {KINDS[action.type]}.") from error
