"""Flags of a dataclass as `HfArgumentParser` makes them, read from the source without importing it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .literals import Unread
from .source import FieldSource, read_module
from .value_kind import ValueKind, all_words


@dataclass(frozen=True)
class Flag:
    """A flag of the command line.

    Args:
        kind: the type of a value: int, float, bool, or str for any value that is not checked before the command runs.
        nargs: `+` for a list, `?` if the value may be left out, else None.
        choices: the allowed values; None if all are allowed, or if only an import could list them.
        module: the module whose dataclass gives the default.
    """

    name: str
    help: str
    default: Any
    kind: type
    nargs: str | None
    choices: tuple[str, ...] | None
    required: bool
    module: str

    @property
    def options(self) -> list[str]:
        """The spellings of the flag; help shows the first one."""
        return list(dict.fromkeys((f"--{self.name}", f"--{self.name.replace('_', '-')}")))

    @property
    def negations(self) -> list[str]:
        """The spellings that set it to false, such as `--no_name`, if it is true by default; they take no value."""
        if self.kind is not bool or self.default is not True:
            return []
        return [f"--no_{self.name}", f"--no-{self.name.replace('_', '-')}"]


def flags_of(module: str, name: str) -> list[Flag]:
    """The flags of a dataclass; inherited ones come first.

    Args:
        module: dotted name of the module that defines the class.
        name: name of the class.

    Raises:
        ValueError: the module has no such class.
    """
    found = read_module(module).find_class(name)
    if found is None:
        raise ValueError(f"{module} defines no class {name}, so its flags cannot be read; give its module.")
    return [flag for definitions in found.fields().values() for flag in _flag(definitions)]


def _flag(definitions: list[FieldSource]) -> Iterator[Flag]:
    """The flag of a field, if the field is an argument of `__init__`.

    A definition that only changes the default has no metadata. The help text then comes from a base class.
    """
    field = definitions[0]
    given = field_arguments(field)
    if given.get("init") is False:
        return
    texts = [field_metadata(one).get("help") for one in definitions]
    metadata, kind = field_metadata(field), ValueKind.of(field)
    # For a list, HfArgumentParser reads a default only from `default_factory`.
    default = given.get("default_factory", None if kind.is_list else given.get("default"))
    yield Flag(
        name=field.name,
        help=next((text for text in texts if isinstance(text, str)), ""),
        default=[] if default == Unread("list") else default,
        kind=kind.type,
        nargs=metadata.get("nargs", kind.nargs(default)),
        choices=kind.choices or all_words(metadata.get("choices")),
        required=not given.keys() & {"default", "default_factory"},
        module=field.owner.module.name,
    )


def field_arguments(field: FieldSource) -> dict[str, Any]:
    """The arguments of `dataclasses.field(...)`; a plain value is the argument `default`."""
    match field.value:
        case None:
            return {}
        case ast.Call(func=ast.Name(id="field") | ast.Attribute(attr="field"), keywords=keywords):
            return {word.arg: field.owner.evaluate(word.value) for word in keywords if word.arg is not None}
        case value:
            return {"default": field.owner.evaluate(value)}


def field_metadata(field: FieldSource) -> dict[str, Any]:
    """The metadata of a field; empty if it has none that can be read."""
    metadata = field_arguments(field).get("metadata")
    return metadata if isinstance(metadata, dict) else {}
