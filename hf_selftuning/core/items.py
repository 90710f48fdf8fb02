"""Items of a dataset that are no dictionaries: dataclasses, tuples and other objects, read and written by field."""

import copy
import dataclasses
from collections.abc import Mapping
from numbers import Integral
from typing import Any

import numpy as np
import torch
from torch import Tensor

PIXELS, PIECES, RAW, LABEL = "pixel_values", "input_ids", "image", "labels"
"""Names of the two parts of a tuple: an image, as torchvision's datasets return it, or the pieces of a text; and the
index of its class."""


def fields_of(item: Any) -> dict[str, Any] | None:
    """The fields of an item by name; None if its parts have no names that are known.

    Args:
        item: a dictionary, a dataclass, a named tuple, another object with attributes, or a pair of input and class.
    """
    if isinstance(item, Mapping):
        return dict(item)
    if hasattr(item, "_asdict"):  # a named tuple
        return dict(item._asdict())
    if isinstance(item, tuple | list):
        return dict(zip(_names(item[0]), item, strict=True)) if len(item) == 2 and _is_class(item[1]) else None
    if isinstance(item, Tensor | np.ndarray) or not hasattr(item, "__dict__"):
        names = [field.name for field in dataclasses.fields(item)] if dataclasses.is_dataclass(item) else []
        return {name: getattr(item, name) for name in names} or None  # a dataclass with slots
    return dict(vars(item)) or None


def with_fields(item: Any, fields: Mapping[str, Any]) -> Any:
    """An item of the same kind with other values in its fields, for the collator that reads this kind.

    Args:
        item: as in `fields_of`.
        fields: the new values by name; names that the item lacks are left out, unless it is a dictionary.
    """
    if isinstance(item, Mapping):
        return fields
    if hasattr(item, "_asdict"):
        return item._replace(**{name: value for name, value in fields.items() if name in item._fields})
    if isinstance(item, tuple | list):
        # A task's transform turns a raw `image` and its `label` into `pixel_values` and `labels`.
        first = next(fields[name] for name in (PIXELS, PIECES, RAW) if name in fields)
        return type(item)((first, _like(item[1], fields.get(LABEL, 0))))
    made = copy.copy(item)
    for name in fields.keys() & (fields_of(item) or {}).keys():
        object.__setattr__(made, name, fields[name])  # a frozen dataclass refuses `setattr`
    return made


def described(item: Any) -> str:
    """What an item consists of, for error messages."""
    fields = fields_of(item)
    if fields is not None:
        return ", ".join(fields)
    if isinstance(item, tuple | list):
        return f"{type(item).__name__}s of {len(item)} parts"
    return f"items of type {type(item).__name__}"


def _names(first: Any) -> tuple[str, str]:
    """Names of the parts of a pair; an image that no transform has turned into a tensor is a raw `image`."""
    if not isinstance(first, Tensor | np.ndarray):
        return RAW, LABEL
    return (PIECES if first.ndim == 1 and _is_whole(first) else PIXELS), LABEL


def _is_whole(values: Tensor | np.ndarray) -> bool:
    """Whether an array holds whole numbers."""
    if isinstance(values, Tensor):
        return not (values.is_floating_point() or values.is_complex())
    return np.issubdtype(values.dtype, np.integer)


def _like(given: Any, label: Any) -> Any:
    """The index of a class as the dataset returns it: an array of no dimension, or a number."""
    if isinstance(given, Tensor):
        return torch.as_tensor(label, dtype=given.dtype, device=given.device)
    return np.asarray(label, given.dtype) if isinstance(given, np.ndarray) else label


def _is_class(value: Any) -> bool:
    """Whether a value is one whole number."""
    if isinstance(value, Tensor | np.ndarray):
        return value.ndim == 0
    return isinstance(value, Integral)
