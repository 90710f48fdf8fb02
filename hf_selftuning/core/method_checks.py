"""Checks of a method: no state that would be lost, and no terms that cannot be summed."""

import functools
import gc
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Set
from types import FunctionType, MethodType, SimpleNamespace
from typing import Any

from torch import Tensor, nn

from ..modules.part import Part
from .method import Method

SUPERVISED = "supervised"
"""Name of the term that a method may replace: the loss of the labelled examples."""


def check_state(method: Method, *models: nn.Module) -> None:
    """Refuse state that `build` left outside of the module tree, such as an EMA copy in a list.

    Such state would not be updated after a step, trained, saved or moved to the device.

    Args:
        method: the method, just built.
        models: the user's models, whose modules and weights a method may keep anywhere.

    Raises:
        ValueError: there is such state; the message names the attribute and what to write instead.
    """
    roots = (method, *models)
    inside = {module for root in roots for module in root.modules()}
    registered = {tensor for root in roots for tensor in (*root.parameters(), *root.buffers())}
    for name, value in _plain_attributes(method).items():
        for held in held_in(value):
            if isinstance(held, Tensor) and held not in registered:
                raise ValueError(
                    f"{type(method).__name__} keeps a tensor in `{name}`, where it is neither saved nor brought to "
                    f"the device; register it: self.register_buffer({name!r}, ...)."
                )
            if isinstance(held, nn.Module) and held not in inside and _counts(held):
                raise ValueError(
                    f"{type(method).__name__} keeps {_named(held)} in `{name}`, a plain {type(value).__name__}, where "
                    "it is neither moved after a step nor trained nor saved; make it an attribute of its own, or keep "
                    "several in an nn.ModuleList or nn.ModuleDict."
                )


def check_no_new_part(method: Method, built: Set[nn.Module]) -> None:
    """Refuse a part that `terms` made: the optimizer does not know its weights, and a resumed run lacks it.

    Args:
        method: the method, after its first terms.
        built: what it had after `build`, and the student's modules.

    Raises:
        ValueError: there is such a part; the message names it.
    """
    for module in reachable(method) - built:
        if _counts(module):
            raise ValueError(
                f"{type(method).__name__} makes {_named(module)} after `build`, too late to be trained, and a resumed "
                "run would lack it; make it in `build`."
            )


def reachable(method: Method) -> set[nn.Module]:
    """All modules that a method holds, registered or not."""
    held = (part for part in held_in(_plain_attributes(method)) if isinstance(part, nn.Module))
    return {module for root in (method, *held) for module in root.modules()}


def held_in(value: Any) -> Iterator[Any]:
    """The modules and tensors in a value: in containers, in objects of data, and in what a function closes over."""
    found, seen = [value], set[int]()
    # The list grows in the loop. By identity, because a container may hold itself.
    for value in found:
        if id(value) in seen:
            continue
        seen.add(id(value))
        match value:
            case Tensor() | nn.Module():
                yield value
            case Mapping():
                found += [*value.keys(), *value.values()]
            case list() | tuple() | Set() | deque():
                found += value
            case functools.partial():
                found += [value.func, value.args, value.keywords]
            case MethodType():
                found += [value.__self__, value.__func__]
            case FunctionType():
                # Of a cell that is still empty, `cell_contents` would raise.
                found += [value.__defaults__, value.__kwdefaults__, *gc.get_referents(*value.__closure__ or ())]
            case SimpleNamespace():
                found.append(vars(value))
            case object(__dataclass_fields__=fields) if not isinstance(value, type):
                found += [getattr(value, name, None) for name in fields]


def _plain_attributes(method: Method) -> dict[str, Any]:
    # In these three dictionaries nn.Module keeps what is registered; everything else is a plain attribute.
    return {name: value for name, value in vars(method).items() if name not in ("_modules", "_parameters", "_buffers")}


def _counts(module: nn.Module) -> bool:
    """Whether it has a state that would be lost: it is a part, or has weights that are trained."""
    return isinstance(module, Part) or any(parameter.requires_grad for parameter in module.parameters())


def _named(module: nn.Module) -> str:
    name = type(module).__name__
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"


def _described(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    return "None" if value is None else f"a {type(value).__name__}"


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
        ValueError: they have no names, a term is no scalar tensor, or has the name of another method's term.
    """
    if not isinstance(terms, Mapping):
        raise ValueError(
            f"{type(method).__name__} returns {_described(terms)} from `terms`, and terms are a dict of scalar "
            "tensors by name; return {'name': value}, or {} where there is no term."
        )
    for name, value in terms.items():
        if not isinstance(value, Tensor) or value.ndim:
            raise ValueError(
                f"{type(method).__name__} returns {_described(value)} as its term {name!r}, and a term is a scalar "
                "tensor; take the mean of one value for each row with step.mean(stream, values)."
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
