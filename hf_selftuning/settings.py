"""Settings of a method: fields with a sentence each, and the check of their types."""

import dataclasses
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

KINDS: dict[Any, type] = {bool: bool, int: Integral, float: Real, str: str, NoneType: NoneType}


def setting(default: Any, text: str) -> Any:
    """A hyper-parameter of a method: its default, which is the paper's, and what it is."""
    return dataclasses.field(default=default, metadata={"help": text})


def share(default: float | None, text: str) -> Any:
    """A setting in [0, 1]: a probability, a momentum, a part of the steps."""
    return dataclasses.field(default=default, metadata={"help": text, "share": True})


def check_settings(owner: Any) -> None:
    """Refuse a setting of another type than its field says, as a command line may give it, and a share that is none.

    Raises:
        ValueError: names the setting, the value and what it takes.
    """
    for field in dataclasses.fields(owner):
        value, kinds = getattr(owner, field.name), _kinds(field.type)
        if kinds <= KINDS.keys() and not _fits(value, kinds):
            wanted = " or ".join(sorted("none" if kind is NoneType else kind.__name__ for kind in kinds))
            raise ValueError(f"{type(owner).__name__} has {field.name}={value!r}, and it takes {wanted}; give one.")
        if field.metadata.get("share") and value is not None and not 0 <= value <= 1:
            raise ValueError(f"{type(owner).__name__} has {field.name}={value}, which is no share; it is in [0, 1].")


def _kinds(annotation: Any) -> set[Any]:
    return set(get_args(annotation)) if get_origin(annotation) in (Union, UnionType) else {annotation}


def _fits(value: Any, kinds: set[Any]) -> bool:
    if isinstance(value, bool):
        return bool in kinds
    return any(isinstance(value, KINDS[kind]) for kind in kinds)
