"""The kind of values that a flag takes, read from the annotation of its dataclass field."""

import ast
from dataclasses import dataclass
from typing import Any

from .source import ClassSource, FieldSource

ENUMS = {"Enum", "ExplicitEnum", "StrEnum"}
NUMBERS = {"int": int, "float": float}


@dataclass(frozen=True)
class ValueKind:
    """The kind of values of a flag: type, list or single value, whether None is allowed, values of an enumeration."""

    type: type
    is_list: bool = False
    may_be_none: bool = False
    choices: tuple[str, ...] | None = None

    @classmethod
    def of(cls, field: FieldSource) -> "ValueKind":
        """The kind of a field; of a union, the member that `HfArgumentParser` would choose."""
        members = [ast.unparse(member) for member in _members(field.annotation)]
        has_none, chosen = "None" in members, members[0]
        if len(members) > 1 and not has_none:
            chosen = members[0] if members[1] == "str" else members[1]
        elif len(members) > 1:
            chosen = members[0] if members[1] == "None" else members[1]
        is_list = chosen.startswith("list[")
        inner = chosen.removeprefix("list[").removesuffix("]") if is_list else chosen
        kind = {**NUMBERS, "bool": bool}.get(inner, str)
        choices = None if is_list else literal_values(inner) or enum_values(field.owner, inner)
        return cls(kind, is_list, has_none, choices)

    def nargs(self, default: Any) -> str | None:
        """How many words follow the flag. A bool flag without a word means true, unless its default is None."""
        if self.is_list:
            return "+"
        return "?" if self.type is bool and not (self.may_be_none and default is None) else None


def _members(annotation: ast.expr) -> list[ast.expr]:
    """The types of a union; any other annotation alone."""
    if isinstance(annotation, ast.BinOp):
        return [*_members(annotation.left), *_members(annotation.right)]
    return [annotation]


def literal_values(annotation: str) -> tuple[str, ...] | None:
    """The words of `Literal[...]`; None for any other type."""
    if not annotation.startswith("Literal["):
        return None
    return all_words(ast.literal_eval(annotation.replace("Literal[", "(", 1).removesuffix("]") + ",)"))


def enum_values(owner: ClassSource, name: str) -> tuple[str, ...] | None:
    """The values of an enumeration; None for any other type."""
    found = owner.module.find_class(name)
    if found is None or not ENUMS & set(found.base_names):
        return None
    return all_words([found.constant(member) for member in found.constants])


def all_words(values: Any) -> tuple[str, ...] | None:
    """The choices, if all of them could be read as words."""
    if not isinstance(values, list | tuple) or not all(isinstance(value, str) for value in values):
        return None
    return tuple(values)
