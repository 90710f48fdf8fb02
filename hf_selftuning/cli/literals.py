"""The values of literal expressions in parsed source, and the names that they are assigned to."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Unread:
    """An expression whose value cannot be read without an import.

    Args:
        text: its source.
    """

    text: str


def assignments(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """Names and the expressions assigned to them. The body of an `if` comes after its `else`: it wins in a dict."""
    for node in body:
        if isinstance(node, ast.If):
            yield from assignments([*node.orelse, *node.body])
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            yield node.target.id, node.value
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _pairs(target, node.value)


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, its_value in zip(target.elts, value.elts, strict=True):
            yield from _pairs(one, its_value)


def is_class_variable(node: ast.AnnAssign) -> bool:
    """Whether `ClassVar` marks the name as no field of the dataclass."""
    return "ClassVar" in ast.unparse(node.annotation)


def evaluate(node: ast.expr, constant: Callable[[str], Any]) -> Any:
    """The value of a literal expression, in which names may stand for constants; `Unread` for any other.

    Args:
        node: the expression.
        constant: gives the value of a name.
    """
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return constant(name)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
        case ast.Tuple(elts=parts):
            return tuple(evaluate(part, constant) for part in parts)
        case ast.List(elts=parts):
            return [evaluate(part, constant) for part in parts]
        case ast.Dict(keys=keys, values=values) if None not in keys:
            pairs = zip(keys, values, strict=True)
            return {evaluate(key, constant): evaluate(value, constant) for key, value in pairs if key is not None}
        case ast.Lambda(body=body):  # a `default_factory`: the default is what it returns
            return evaluate(body, constant)
        case ast.Call(func=ast.Name(id="list" | "tuple" as kind), args=[part]):
            value = evaluate(part, constant)
            return value if isinstance(value, Unread) else {"list": list, "tuple": tuple}[kind](value)
    return Unread(ast.unparse(node))
