"""Checks of a method: no state that would be lost, and no terms that cannot be summed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from torch import Tensor, nn

from ..modules.part import Part
from .method import Method

SUPERVISED = "supervised"
"""Name of the term that a method may replace: the loss of the labelled examples."""


def check_state(method: Method, student: nn.Module) -> None:
    """Refuse state that `build` left outside of the module tree, such as an EMA copy in a list.

    Such state would not be updated after a step, trained, saved or moved to the device.

    Args:
        method: the method, just built.
        student: the user's model, whose modules a method may keep anywhere.

    Raises:
        ValueError: there is such state; the message names the attribute and what to write instead.
    """
    inside = set(method.modules()) | set(student.modules())
    # In these three dictionaries nn.Module keeps what is registered; everything else is a plain attribute.
    plain = {
        name: value for name, value in vars(method).items() if name not in ("_modules", "_parameters", "_buffers")
    }
    for name, value in plain.items():
        for held in _held(value):
            if isinstance(held, Tensor):
                raise ValueError(
                    f"{type(method).__name__} keeps a tensor in `{name}`, where it is neither saved nor brought to "
                    f"the device; register it: self.register_buffer({name!r}, ...)."
                )
            if held not in inside and (isinstance(held, Part) or any(p.requires_grad for p in held.parameters())):
                raise ValueError(
                    f"{type(method).__name__} keeps {_named(held)} in `{name}`, a plain {type(value).__name__}, where "
                    "it is neither moved after a step nor trained nor saved; make it an attribute of its own, or keep "
                    "several in an nn.ModuleList or nn.ModuleDict."
                )


def _named(module: nn.Module) -> str:
    name = type(module).__name__
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"


def _held(value: Any) -> Iterator[Any]:
    """The modules and tensors in a value, those in plain containers included."""
    if isinstance(value, Tensor | nn.Module):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _held(inner)
    elif isinstance(value, list | tuple | set):
        for inner in value:
            yield from _held(inner)


def check_averages(methods: Iterable[Method]) -> None:
    """Refuse two methods that each put averaged weights in the student's place.

    Raises:
        ValueError: there are two; the message names them.
    """
    names = [type(method).__name__ for method in methods if method.averaged() is not None]
    if len(names) > 1:
        raise ValueError(
            f"{' and '.join(names)} each average the weights, and only one average can be evaluated and saved; "
            "leave one of them out."
        )


def check_terms(method: Method, terms: Mapping[str, Any], others: Mapping[str, Tensor]) -> None:
    """Refuse terms that cannot be summed and logged.

    Args:
        method: the method that returned the terms.
        terms: the terms by name.
        others: terms of the methods before it.

    Raises:
        ValueError: a term is no scalar tensor, or has the name of another method's term.
    """
    for name, value in terms.items():
        if not isinstance(value, Tensor) or value.ndim:
            found = f"shape {tuple(value.shape)}" if isinstance(value, Tensor) else f"type {type(value).__name__}"
            raise ValueError(
                f"{type(method).__name__} returns a term {name!r} of {found}, and a term is a scalar tensor; take the "
                "mean of one value for each row with step.mean(stream, values)."
            )
    both = sorted(terms.keys() & others.keys())
    if SUPERVISED in both:
        raise ValueError(
            f"{type(method).__name__} brings a supervised loss of its own, and so does another method or your script "
            "(compute_loss, compute_loss_func, or a model with a loss of its own); leave one of them out."
        )
    if both:
        raise ValueError(
            f"{type(method).__name__} and another method both name a loss term {', '.join(both)}; "
            "let each name its own."
        )
