"""Settings of a method: fields with a sentence each, and the check of their types."""

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

KINDS: dict[Any, type] = {bool: bool, int: Integral, float: Real, str: str, NoneType: NoneType}


def setting(default: Any, text: str) -> Any:
    """A hyper-parameter of a method: its default, which is the paper's, and what it is."""
    return dataclasses.field(default=default, metadata={"help": text})


def share(default: float | None, text: str) -> Any:
    """A setting in [0, 1]: a probability, a momentum, a part of the steps."""
    return _checked(default, text, lambda value: 0 <= value <= 1, "is no share; it is in [0, 1]")


def positive(default: float | None, text: str) -> Any:
    """A setting above 0: a temperature, a size, a number of views."""
    return _checked(default, text, lambda value: value > 0, f"must be positive; the default is {default}")


def choice(default: str | None, options: Sequence[str], text: str) -> Any:
    """A setting that is one of several words; None where its type allows that."""
    return _checked(default, text, lambda value: value in options, f"is unknown; take {' or '.join(options)}")


def _checked(default: Any, text: str, fits: Callable[[Any], bool], refusal: str) -> Any:
    return dataclasses.field(default=default, metadata={"help": text, "fits": fits, "refusal": refusal})


def check_settings(owner: Any) -> None:
    """Refuse a setting of another type than its field says, as a command line may give it, or outside its range.

    Raises:
        ValueError: names the setting, the value and what it takes.
    """
    for field in dataclasses.fields(owner):
        value, kinds = getattr(owner, field.name), _kinds(field.type)
        if kinds <= KINDS.keys() and not _fits(value, kinds):
            wanted = " or ".join(sorted("none" if kind is NoneType else kind.__name__ for kind in kinds))
            raise ValueError(f"{type(owner).__name__} has {field.name}={value!r}, and it takes {wanted}; give one.")
        if "fits" in field.metadata and value is not None and not field.metadata["fits"](value):
            raise ValueError(f"{type(owner).__name__} has {field.name}={value!r}, which {field.metadata['refusal']}.")


def _kinds(annotation: Any) -> set[Any]:
    return set(get_args(annotation)) if get_origin(annotation) in (Union, UnionType) else {annotation}


def _fits(value: Any, kinds: set[Any]) -> bool:
    if isinstance(value, bool):
        return bool in kinds
    return any(isinstance(value, KINDS[kind]) for kind in kinds)


def nearest(name: str, known: Iterable[str]) -> str:
    """The part of a message that suggests the known name most like an unknown one; empty where none is alike."""
    found = get_close_matches(name, list(known), n=1)
    return f" (did you mean {found[0]!r}?)" if found else ""
