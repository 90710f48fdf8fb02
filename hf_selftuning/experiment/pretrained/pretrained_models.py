"""Pretrained models with a new head for the classes, or with the head that they were saved with."""

from collections.abc import Sequence
from typing import Any

import torch
from transformers import (
    AutoConfig,
    AutoModelForImageClassification,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    TimmWrapperConfig,
)

from ...data.words.word_pieces import usable_positions
from .pretrained_heads import fit_head


def word_tokenizer(source: str, *, revision: str | None = None) -> PreTrainedTokenizerBase:
    """The tokenizer of a model, a fast one if there is one. Its `model_max_length` is what the model reads at once."""
    # With a prefix space, byte-level tokenizers such as RoBERTa's give each word the pieces it has within a text.
    tokenizer = AutoTokenizer.from_pretrained(source, revision=revision, use_fast=True, add_prefix_space=True)
    return fitted(tokenizer, usable_positions(_outline(AutoModelForTokenClassification, source, revision)))


def text_tokenizer(source: str, *, revision: str | None = None) -> PreTrainedTokenizerBase:
    """The tokenizer of a model, as a pipeline uses it. Its `model_max_length` is what the model reads."""
    tokenizer = AutoTokenizer.from_pretrained(source, revision=revision)
    return fitted(tokenizer, usable_positions(_outline(AutoModelForSequenceClassification, source, revision)))


def fitted(tokenizer: PreTrainedTokenizerBase, positions: int | None) -> PreTrainedTokenizerBase:
    """The tokenizer with the limit of its model, and with a piece to pad with.

    Args:
        tokenizer: one that was saved without a limit has a huge one, and a longer input would fail in the embedding.
        positions: of the model; None where it has no limit.
    """
    tokenizer.model_max_length = min(tokenizer.model_max_length, positions or tokenizer.model_max_length)
    if tokenizer.pad_token is None:  # such as GPT-2's; the attention mask hides what is padded
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
    return tokenizer


def _outline(auto: Any, source: str, revision: str | None) -> PreTrainedModel:
    """A model without weights, which shows its layers."""
    config = AutoConfig.from_pretrained(source, revision=revision)
    with torch.device("meta"):
        return auto.from_config(config)


def word_model(
    source: str, names: Sequence[str], tokenizer: PreTrainedTokenizerBase, *, revision: str | None = None
) -> PreTrainedModel:
    """A pretrained encoder with a head for the named tags: the saved one if it has these tags, else a new one.

    Args:
        source: folder or Hub id.
        names: names of the tags.
        tokenizer: the tokenizer that encodes the sentences.
        revision: branch, tag or commit on the Hub.

    Raises:
        ValueError: the encoder has fewer word pieces than the tokenizer.
    """
    config = AutoConfig.from_pretrained(source, revision=revision, **_classes(names))
    model = _with_fitting_head(AutoModelForTokenClassification, source, config, revision)
    _check_vocabulary(model, source, tokenizer)
    return model


def text_model(
    source: str, names: Sequence[str], tokenizer: PreTrainedTokenizerBase, *, revision: str | None = None
) -> PreTrainedModel:
    """A pretrained model with a head for the named classes of texts: the saved one if it has these, else a new one.

    Args:
        source: folder or Hub id.
        names: names of the classes.
        tokenizer: the tokenizer that encodes the texts.
        revision: branch, tag or commit on the Hub.

    Raises:
        ValueError: the model has fewer word pieces than the tokenizer.
    """
    config = AutoConfig.from_pretrained(source, revision=revision, **_classes(names))
    config.problem_type = "single_label_classification"  # a saved one would choose another loss
    if getattr(config, "pad_token_id", None) is None:
        config.pad_token_id = tokenizer.pad_token_id  # a decoder finds the last piece of a text by it
    model = _with_fitting_head(AutoModelForSequenceClassification, source, config, revision)
    _check_vocabulary(model, source, tokenizer)
    return model


def _check_vocabulary(model: PreTrainedModel, source: str, tokenizer: PreTrainedTokenizerBase) -> None:
    known = getattr(model.config, "vocab_size", None)  # CANINE reads characters, and has no vocabulary
    if known is not None and known < len(tokenizer):
        raise ValueError(
            f"{source} knows {known} word pieces and the tokenizer {len(tokenizer)}; give a student "
            "with the teacher's vocabulary."
        )


def image_model(source: str, names: Sequence[str], *, revision: str | None = None) -> PreTrainedModel:
    """A pretrained image network with a head for the named classes: the saved one if it has these, else a new one."""
    config = AutoConfig.from_pretrained(source, revision=revision, **_classes(names))
    # The classes for distillation average two heads and compute no loss. The first class of the family has one head.
    config.architectures = [name for name in config.architectures or () if not name.endswith("WithTeacher")]
    # timm's `save_for_hf` also writes `num_classes` into `model_args`, and transformers passes it to timm twice.
    if isinstance(config, TimmWrapperConfig) and config.model_args:
        config.model_args = {name: value for name, value in config.model_args.items() if name != "num_classes"}
    return _with_fitting_head(AutoModelForImageClassification, source, config, revision)


def _classes(names: Sequence[str]) -> dict[str, Any]:
    """The classes as a config holds them."""
    both = {"id2label": dict(enumerate(names)), "label2id": {name: label for label, name in enumerate(names)}}
    return {"num_labels": len(names), **both}


def _with_fitting_head(auto: Any, source: str, config: PretrainedConfig, revision: str | None) -> PreTrainedModel:
    """The weights under a config with the data's classes; a saved head of another size is replaced."""
    given: dict[str, Any] = {"revision": revision, "config": config, "dtype": torch.float32}
    model, report = auto.from_pretrained(source, **given, ignore_mismatched_sizes=True, output_loading_info=True)
    saved = AutoConfig.from_pretrained(source, revision=revision)
    fit_head(model, source=source, saved=saved, report=report)
    return model


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
