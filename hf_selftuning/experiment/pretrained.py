"""Which model and data a recipe takes: what the user named, or a default that may fall back to embedded parts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoConfig,
    AutoModelForImageClassification,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    TimmWrapperConfig,
)

from ..data.hub import hub_reachable, is_cached, require_hub
from .flags import say

EMBEDDED = "embedded"
"""The name of what packages carry, for runs that are to be the same with the Hub and without."""


def named_or_fallback(given: str | None, default: str, what: str, embedded: str) -> str | None:
    """The user's name, else the default, else None for the embedded part, said loudly.

    Args:
        given: what the user named; it is never replaced. "embedded" asks for the embedded part.
        default: the Hub id taken otherwise.
        what: "model" or "dataset".
        embedded: what stands in where the Hub cannot be reached.

    Raises:
        ValueError: the user's name can neither be found nor loaded.
    """
    if given == EMBEDDED:
        return None
    if given is not None:
        require_hub(given, what)
        if what == "model" and Path(given).is_dir() and not (Path(given) / "config.json").is_file():
            raise ValueError(
                f"The folder {given} holds no config.json, so no model was saved there; name the folder that "
                "save_pretrained or timm's save_for_hf wrote."
            )
        return given
    filename, kind = ("config.json", "model") if what == "model" else ("README.md", "dataset")
    if is_cached(default, filename, kind) or hub_reachable():
        return default
    say(
        f"\n*** The Hub cannot be reached and the default {what} {default} is not cached: {embedded} stands in. ***",
        loudly=True,
    )
    return None


def word_tokenizer(source: str, *, revision: str | None = None) -> PreTrainedTokenizerBase:
    """The fast tokenizer of a model, told how many pieces the model reads where its own files do not say."""
    tokenizer = AutoTokenizer.from_pretrained(source, revision=revision, use_fast=True, add_prefix_space=True)
    positions = getattr(AutoConfig.from_pretrained(source, revision=revision), "max_position_embeddings", None)
    tokenizer.model_max_length = min(tokenizer.model_max_length, positions or tokenizer.model_max_length)
    return tokenizer


def image_model(source: str, names: Sequence[str], *, revision: str | None = None) -> PreTrainedModel:
    """A pretrained image network with a new head for the named classes.

    A folder that timm's `save_for_hf` wrote repeats the number of classes among the network's arguments, which
    transformers hands to timm besides its own.
    """
    config = AutoConfig.from_pretrained(
        source,
        revision=revision,
        num_labels=len(names),
        id2label=dict(enumerate(names)),
        label2id={name: label for label, name in enumerate(names)},
    )
    if isinstance(config, TimmWrapperConfig) and config.model_args:
        config.model_args = {name: value for name, value in config.model_args.items() if name != "num_classes"}
    return AutoModelForImageClassification.from_pretrained(
        source, revision=revision, config=config, dtype=torch.float32, ignore_mismatched_sizes=True
    )


def with_own_head(auto: Any, source: str, *, revision: str | None = None, way_out: str) -> PreTrainedModel:
    """A pretrained model with the head it was saved with, for methods that learn from that head.

    Args:
        auto: AutoModelForImageClassification or AutoModelForMaskedLM.
        source: folder or Hub id.
        revision: branch, tag or commit on the Hub.
        way_out: the end of the sentence that says what to do where the weights have no such head.

    Raises:
        ValueError: the weights have no such head, and a random one knows nothing to learn from.
    """
    model, report = auto.from_pretrained(source, revision=revision, dtype=torch.float32, output_loading_info=True)
    missing = sorted(report["missing_keys"])
    if missing:
        raise ValueError(
            f"Co-Tuning learns from the pretrained head, and {source} was saved without it ({missing[0]} is missing); "
            f"{way_out}."
        )
    return model


def hub_id(name: str | None) -> str | None:
    """The name, where it is one on the Hub and no folder of this machine."""
    return None if name is None or Path(name).exists() else name
