"""Task-adaptive pretraining (Gururangan et al., ACL 2020), https://arxiv.org/abs/2004.10964."""

import torch
from datasets import Dataset, concatenate_datasets
from transformers import (
    AutoModelForMaskedLM,
    DataCollatorForLanguageModeling,
    PreTrainedTokenizerBase,
    Trainer,
    TrainingArguments,
)

from ...data.texts.text_encoding import AUGMENTED
from ...data.words.window_joining import without_joining


def language_trainer(
    source: str,
    tokenizer: PreTrainedTokenizerBase,
    sentences: list[Dataset],
    args: TrainingArguments,
    *,
    revision: str | None = None,
) -> Trainer:
    """A plain Trainer that continues masked-language modelling on the sentences of the task, without their labels.

    Args:
        source: folder or Hub id; a model that was saved without a language head gets a new one.
        tokenizer: of the model; it must have a mask token.
        sentences: encoded, labelled or not; their labels are dropped.
        args: training arguments.
        revision: branch, tag or commit on the Hub.

    Raises:
        ValueError: the tokenizer has no mask token.
    """
    if tokenizer.mask_token_id is None:
        raise ValueError(f"The stage tapt masks words, and {source}'s tokenizer has no mask token; leave tapt out.")
    model = AutoModelForMaskedLM.from_pretrained(source, revision=revision, dtype=torch.float32)
    data = concatenate_datasets([_pieces_alone(part) for part in sentences])
    collate = DataCollatorForLanguageModeling(tokenizer, mlm_probability=0.15)
    return Trainer(model, args, collate, data, processing_class=tokenizer)


def _pieces_alone(part: Dataset) -> Dataset:
    """The sentences without labels, without what joins windows, and without other wordings."""
    part = without_joining(part)
    return part.remove_columns([name for name in ("labels", AUGMENTED) if name in part.column_names])
