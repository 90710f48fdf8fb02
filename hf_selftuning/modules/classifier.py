"""One forward pass of a plain model, read as rows: the features that its classifier reads, and its logits."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

# Attributes that hold the classifier in transformers' models. Models distilled with a token average the logits of two
# heads; the second name is the head of that token.
HEAD_NAMES = (
    ("classifier", "classifier_distill"),
    ("score",),
    ("cls_classifier", "distillation_classifier"),
    ("head",),
    ("fc",),
    ("classification_head",),
    ("out_proj",),
)


@dataclass(frozen=True)
class Rows:
    """Features and logits of n rows; a row is an image or a word.

    Args:
        features: what the classifier reads.
        logits: what the classifier returns.
        kept: outputs (n, ...) of inner modules by their paths, if a method names such paths.
    """

    features: Float[Tensor, "n d"]
    logits: Float[Tensor, "n c"]
    kept: Mapping[str, Tensor] = field(default_factory=dict)


def _width_out(module: nn.Module) -> int:
    if isinstance(module, nn.Linear):
        return module.out_features
    # Some networks make their logits by a 1x1 convolution.
    return module.out_channels if isinstance(module, nn.Conv2d) else -1


def _last_linear(module: nn.Module, num_labels: int) -> nn.Module | None:
    # LoRA adds linear layers of its own to the classifier; they make no logits.
    named = [(n, m) for n, m in module.named_modules() if "lora_" not in n and _width_out(m) == num_labels]
    return named[-1][1] if named else None


def _timm_heads(model: nn.Module) -> list[nn.Module]:
    timm_model = getattr(model, "timm_model", None)
    if timm_model is None:
        return []
    heads = timm_model.get_classifier()
    return list(heads) if isinstance(heads, tuple) else [heads]


def _named_heads(model: nn.Module) -> list[nn.Module]:
    names = next((names for names in HEAD_NAMES if hasattr(model, names[0])), ())
    return [getattr(model, name) for name in names if hasattr(model, name)]


def _heads(model: Any, num_labels: int) -> list[nn.Module]:
    # peft wraps a model in one whose attributes are not those of the architecture.
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    named = _timm_heads(base) or _named_heads(base)
    # What is named may be a block of layers, of which the last linear one makes the logits.
    found = [_last_linear(head, num_labels) for head in named]
    heads = [head for head in found if head is not None]
    last = _last_linear(base, num_labels)
    return heads or ([last] if last is not None else [])


def find_classifier(model: nn.Module, num_labels: int, feature_module: str | None = None) -> tuple[str, ...]:
    """Paths of the linear layers that make the logits: one, or two in distilled models, which average them.

    Args:
        model: any transformers classification model, also a timm model in transformers' wrapper.
        num_labels: width of the logits.
        feature_module: path of the layer, if the search does not find it.

    Raises:
        ValueError: there is no such layer, or the named one does not make the logits.
    """
    paths = {module: path for path, module in model.named_modules()}
    if feature_module is not None:
        if feature_module not in paths.values():
            raise ValueError(
                f"feature_module={feature_module!r} is no module of {type(model).__name__}; "
                "give a path as model.named_modules() prints it."
            )
        named = model.get_submodule(feature_module)
        weight = getattr(named, "weight", None)
        if not isinstance(weight, Tensor) or weight.dim() < 2 or len(weight) != num_labels:
            raise ValueError(
                f"feature_module={feature_module!r} is a {type(named).__name__} and makes no {num_labels} logits; "
                f"name the layer whose weight has {num_labels} rows."
            )
        return (feature_module,)
    heads = _heads(model, num_labels)
    if not heads:
        raise ValueError(
            f"{type(model).__name__} has no linear layer with {num_labels} outputs that could be its classifier; "
            'name the layer that makes the logits with feature_module="path.to.layer".'
        )
    return tuple(paths[head] for head in heads)


def feature_width(model: nn.Module, paths: tuple[str, ...]) -> int:
    """Width of the features that the classifier reads."""
    return linear_weights(model.get_submodule(paths[0]))[0].shape[1]


def linear_weights(layer: Any) -> tuple[Float[Tensor, "c d"], Float[Tensor, "c"]]:
    """Weights and bias of a linear layer, or of a 1x1 convolution in its place; zeros for a missing bias."""
    weight: Tensor = layer.weight
    bias: Tensor | None = getattr(layer, "bias", None)  # a layer of the user's own may have none
    return weight.flatten(1), weight.new_zeros(len(weight)) if bias is None else bias


def read_features(
    model: nn.Module, paths: tuple[str, ...], inputs: Mapping[str, Any]
) -> tuple[Float[Tensor, "*a d"], Float[Tensor, "*b c"]]:
    """Run the model once; return the classifier's input (the mean if there are two heads) and the logits.

    Both have the same leading axes, except in a decoder that classifies texts: it reads every piece.

    The features are taken after the model's own dropout, so that two passes in train mode are two views.
    """
    with _captured(model, paths) as captured:
        logits = model(**inputs).logits
    return _joined(captured, logits), logits


@contextmanager
def _captured(model: nn.Module, paths: tuple[str, ...]) -> Iterator[list[Tensor]]:
    """Collect the inputs of the classifier's layers in this context."""
    captured: list[Tensor] = []

    def keep(_: nn.Module, args: tuple[Any, ...]) -> None:
        captured.append(args[0])

    hooks = [model.get_submodule(path).register_forward_pre_hook(keep) for path in paths]
    try:
        yield captured
    finally:
        for hook in hooks:
            hook.remove()


def _joined(captured: list[Tensor], logits: Tensor) -> Tensor:
    """The mean of the layers' inputs, in the shape of the logits: a 1x1 convolution reads (b, d, 1, 1).

    A decoder that classifies texts reads (b, l, d) and gives (b, c); the task chooses the piece that counts.
    """
    features = captured[0] if len(captured) == 1 else torch.stack(captured).mean(0)
    beyond = features.shape[logits.ndim :]
    return features.reshape(*logits.shape[:-1], -1) if all(size == 1 for size in beyond) else features


@dataclass(frozen=True)
class Pass:
    """A forward pass that other code made.

    Args:
        inputs: what the model was called with, by name.
        features: the classifier's input.
        logits: the model's logits.
    """

    inputs: Mapping[str, Any]
    features: Tensor
    logits: Tensor


@contextmanager
def watched_passes(model: nn.Module, paths: tuple[str, ...]) -> Iterator[list[Pass]]:
    """Collect the forward passes that other code makes of a model in this context, as far as they return logits."""
    passes: list[Pass] = []
    with _captured(model, paths) as captured:

        def keep(_: nn.Module, args: tuple[Any, ...], inputs: dict[str, Any], output: Any) -> None:
            logits = getattr(output, "logits", None)
            if logits is not None and captured:
                passes.append(Pass(inputs, _joined(captured[:], logits), logits))
            captured.clear()

        hook = model.register_forward_hook(keep, with_kwargs=True)
        try:
            yield passes
        finally:
            hook.remove()


@contextmanager
def kept_outputs(model: nn.Module, paths: Sequence[str]) -> Iterator[dict[str, Tensor]]:
    """Collect the outputs of inner modules, by path, from a forward pass in this context.

    If a module returns several outputs, the first is kept.
    """
    kept: dict[str, Tensor] = {}

    def keep(path: str, output: Any) -> None:
        kept[path] = output if isinstance(output, Tensor) else output[0]

    hooks = [
        # path=path binds the path of this turn; without it, every hook would keep its output under the last path.
        model.get_submodule(path).register_forward_hook(lambda _, __, output, path=path: keep(path, output))
        for path in paths
    ]
    try:
        yield kept
    finally:
        for hook in hooks:
            hook.remove()
