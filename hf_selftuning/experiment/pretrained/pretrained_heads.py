"""The head that a model was saved with: kept where its classes are the data's, in any order, and new elsewhere."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import nn
from transformers import PretrainedConfig, PreTrainedModel

from ...data.class_names import model_class_names
from ..command.terminal import say

SHOWN = 12
"""Number of class names that a printed line holds."""


def fit_head(model: PreTrainedModel, *, source: str, saved: PretrainedConfig, report: Mapping[str, Any]) -> None:
    """Give each class of the model the row of that class in the saved head, or make the head new; print which.

    transformers keeps a saved head whose size fits. Its rows may then stand for other classes, or for the same ones in
    another order.

    Args:
        model: loaded with the classes of the data in its config; changed in place.
        source: folder or Hub id, for the line.
        saved: the config that the weights were saved with.
        report: the loading info of `from_pretrained`.
    """
    config: Any = model.config
    names, known = [config.id2label[index] for index in range(config.num_labels)], model_class_names(saved)
    tensors = class_tensors(type(model), config) if saved.num_labels == len(names) else {}
    kept = bool(tensors) and not tensors.keys() & set(report["missing_keys"])  # transformers kept the saved head
    if kept and known is not None and sorted(known) == sorted(names):
        reorder(model, tensors, [known.index(name) for name in names])
        _say_head(source, "kept" if known == names else "kept, its rows put in the order of the data's classes")
        return
    if kept:
        _draw_again(model, tensors)
    _say_head(source, f"new, {_reason(names, known)}")


def class_tensors(kind: type[PreTrainedModel], config: Any) -> dict[str, int]:
    """The tensors of an architecture that have a slice for each class, and the dimension of these slices.

    They are those whose shape changes with the number of classes, so no name of a layer needs to be known.
    """
    one_more = copy.deepcopy(config)
    one_more.num_labels = config.num_labels + 1
    with torch.device("meta"):
        ours, larger = (kind(copy.deepcopy(one)).state_dict() for one in (config, one_more))
    return {
        name: next(d for d, (a, b) in enumerate(zip(tensor.shape, larger[name].shape, strict=True)) if a != b)
        for name, tensor in ours.items()
        if tensor.shape != larger[name].shape
    }


@torch.no_grad()
def reorder(model: nn.Module, tensors: Mapping[str, int], order: Sequence[int]) -> None:
    """Let slice i of each tensor be its slice `order[i]`."""
    state = model.state_dict()
    for name, dimension in tensors.items():
        state[name].copy_(state[name].index_select(dimension, torch.tensor(order)))


@torch.no_grad()
def _draw_again(model: PreTrainedModel, tensors: Iterable[str]) -> None:
    """Draw the head as transformers draws a new one."""
    state, fresh = model.state_dict(), type(model)(copy.deepcopy(model.config)).state_dict()
    for name in tensors:
        state[name].copy_(fresh[name])


def _reason(names: Sequence[str], known: Sequence[str] | None) -> str:
    if known is None:
        return "because the saved model does not name the classes of a head"
    if sorted(known) == sorted(names):
        return "because the model was saved without one"
    return f"because the saved model has the classes {_few(known)}, and the data has {_few(names)}"


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


@lru_cache(maxsize=8)  # every row of a run loads the same model
def _say_head(source: str, what: str) -> None:
    say(f"  the head of {source}: {what}")
