"""Pretrained models with a new head for the classes, or with the head that they were saved with."""

from collections.abc import Sequence
from typing import Any

import torch
from transformers import (
    AutoConfig,
    AutoModelForImageClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    TimmWrapperConfig,
)


def word_tokenizer(source: str, *, revision: str | None = None) -> PreTrainedTokenizerBase:
    """The fast tokenizer of a model. Its `model_max_length` is at most the model's number of positions."""
    # Without a prefix space, byte-level tokenizers such as RoBERTa's refuse sentences that are split into words.
    tokenizer = AutoTokenizer.from_pretrained(source, revision=revision, use_fast=True, add_prefix_space=True)
    # A tokenizer that was saved without a limit has a huge one, and a longer sentence would fail in the embedding.
    positions = getattr(AutoConfig.from_pretrained(source, revision=revision), "max_position_embeddings", None)
    tokenizer.model_max_length = min(tokenizer.model_max_length, positions or tokenizer.model_max_length)
    return tokenizer


def word_model(
    source: str, names: Sequence[str], tokenizer: PreTrainedTokenizerBase, *, revision: str | None = None
) -> PreTrainedModel:
    """A pretrained encoder with a new head for the named tags.

    Args:
        source: folder or Hub id.
        names: names of the tags.
        tokenizer: the tokenizer that encodes the sentences.
        revision: branch, tag or commit on the Hub.

    Raises:
        ValueError: the encoder has fewer word pieces than the tokenizer.
    """
    model = AutoModelForTokenClassification.from_pretrained(
        source,
        revision=revision,
        dtype=torch.float32,
        num_labels=len(names),
        id2label=dict(enumerate(names)),
        label2id={name: i for i, name in enumerate(names)},
        ignore_mismatched_sizes=True,  # a saved head for other classes is replaced
    )
    if model.config.vocab_size < len(tokenizer):
        raise ValueError(
            f"{source} knows {model.config.vocab_size} word pieces and the tokenizer {len(tokenizer)}; give a student "
            "with the teacher's vocabulary."
        )
    return model


def image_model(source: str, names: Sequence[str], *, revision: str | None = None) -> PreTrainedModel:
    """A pretrained image network with a new head for the named classes."""
    config = AutoConfig.from_pretrained(
        source,
        revision=revision,
        num_labels=len(names),
        id2label=dict(enumerate(names)),
        label2id={name: label for label, name in enumerate(names)},
    )
    # timm's `save_for_hf` also writes `num_classes` into `model_args`, and transformers passes it to timm twice.
    if isinstance(config, TimmWrapperConfig) and config.model_args:
        config.model_args = {name: value for name, value in config.model_args.items() if name != "num_classes"}
    return AutoModelForImageClassification.from_pretrained(
        source, revision=revision, config=config, dtype=torch.float32, ignore_mismatched_sizes=True
    )


def with_own_head(auto: Any, source: str, *, revision: str | None = None, way_out: str) -> PreTrainedModel:
    """A pretrained model with the head that it was saved with, for methods that learn from that head.

    Args:
        auto: AutoModelForImageClassification or AutoModelForMaskedLM.
        source: folder or Hub id.
        revision: branch, tag or commit on the Hub.
        way_out: the end of the error message, which says what to do if the weights have no such head.

    Raises:
        ValueError: the weights have no such head. A random head holds nothing to learn from.
    """
    model, report = auto.from_pretrained(source, revision=revision, dtype=torch.float32, output_loading_info=True)
    missing = sorted(report["missing_keys"])
    if missing:
        raise ValueError(
            f"Co-Tuning learns from the pretrained head, and {source} was saved without it ({missing[0]} is missing); "
            f"{way_out}."
        )
    return model
