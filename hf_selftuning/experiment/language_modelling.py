"""Task-adaptive pretraining (Gururangan et al., ACL 2020), https://arxiv.org/abs/2004.10964: words, no labels."""

import torch
from datasets import Dataset, concatenate_datasets
from transformers import (
    AutoModelForMaskedLM,
    DataCollatorForLanguageModeling,
    PreTrainedTokenizerBase,
    Trainer,
    TrainingArguments,
)


def language_trainer(
    source: str,
    tokenizer: PreTrainedTokenizerBase,
    sentences: list[Dataset],
    args: TrainingArguments,
    *,
    revision: str | None = None,
) -> Trainer:
    """A plain Trainer that goes on with masked-language modelling on the task's own sentences.

    Args:
        source: folder or Hub id; where it was saved without a language head, a new one is learned.
        tokenizer: makes the masks.
        sentences: encoded, labelled or not; labels are dropped.
        args: of the training.
        revision: branch, tag or commit on the Hub.

    Raises:
        ValueError: the tokenizer has no mask.
    """
    if tokenizer.mask_token_id is None:
        raise ValueError(f"The stage tapt masks words, and the tokenizer of {source} has no mask; leave tapt out.")
    model = AutoModelForMaskedLM.from_pretrained(source, revision=revision, dtype=torch.float32)
    data = concatenate_datasets([part.remove_columns("labels") for part in sentences])
    collate = DataCollatorForLanguageModeling(tokenizer, mlm_probability=0.15)
    return Trainer(model, args, collate, data, processing_class=tokenizer)
