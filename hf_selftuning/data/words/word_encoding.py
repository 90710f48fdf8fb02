"""Words to word pieces: the first piece of a word has the label of the word, and every other position has -100."""

from collections.abc import Sequence
from typing import Any

from datasets import Dataset, IterableDataset
from transformers import BatchEncoding, PreTrainedTokenizerBase

from ...core.task import IGNORED
from ..class_names import class_indices
from ..raw_columns import raw_columns


def encode_words(
    dataset: Dataset | IterableDataset,
    tokenizer: PreTrainedTokenizerBase,
    *,
    max_length: int,
    tags: str | None = "ner_tags",
    class_names: Sequence[str] | None = None,
) -> Any:
    """Tokenise sentences of words; a sentence is cut after `max_length` pieces.

    Args:
        dataset: a column `tokens`, and a column of tags if the words have tags. Without tags every word gets the
            placeholder 0, which shows where words begin.
        tokenizer: a fast tokenizer, because only those know the word of each piece.
        max_length: largest number of pieces of a sentence, special pieces included.
        tags: the column of the tags; None reads none.
        class_names: the model's classes by index, for tags that are text.

    Returns:
        The dataset with `labels` and the columns of the tokenizer, and without its former columns.

    Raises:
        ValueError: the tokenizer is not a fast one, no word fits into `max_length`, the tokenizer's model reads fewer
            pieces, or a tag is no class of the model.
    """
    check_limit(tokenizer, max_length)

    def encode(batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
        encoded = _pieces(batch["tokens"], tokenizer, max_length)
        if tags is None or tags not in batch:
            given = [[0] * len(words) for words in batch["tokens"]]
        else:
            _check_counts(batch["tokens"], batch[tags], tags)
            given = [class_indices(tags, row, class_names) for row in batch[tags]]
        labels = [_align(encoded.word_ids(i), row) for i, row in enumerate(given)]
        return {**encoded, "labels": labels}

    options = {} if isinstance(dataset, IterableDataset) else {"desc": "Tokenising"}
    return dataset.map(encode, batched=True, remove_columns=raw_columns(dataset), **options)


def check_limit(tokenizer: PreTrainedTokenizerBase, max_length: int) -> None:
    """Refuse a tokenizer that does not know the word of each piece, and a length that does not suit it."""
    if not tokenizer.is_fast:
        raise ValueError(
            f"{type(tokenizer).__name__} cannot tell which piece belongs to which word; load the fast tokenizer "
            "(AutoTokenizer.from_pretrained(..., use_fast=True)) or a model that has one."
        )
    special = tokenizer.num_special_tokens_to_add()
    if max_length <= special:
        raise ValueError(
            f"max_length={max_length} leaves no room for a word beside the {special} special pieces of a sentence; "
            f"give {special + 1} or more."
        )
    if max_length > tokenizer.model_max_length:
        raise ValueError(
            f"max_length={max_length} is more than the {tokenizer.model_max_length} pieces the model reads; give that "
            "or less."
        )


def _check_counts(sentences: list[list[str]], given: list[list[Any]], tags: str) -> None:
    """Refuse a sentence whose words and tags differ in number."""
    for words, row in zip(sentences, given, strict=True):
        if len(words) != len(row):
            raise ValueError(
                f"The sentence {' '.join(words)!r} has {len(words)} words and {len(row)} tags in the column {tags!r}; "
                "give each word one tag."
            )


def _pieces(sentences: list[list[str]], tokenizer: PreTrainedTokenizerBase, max_length: int) -> BatchEncoding:
    """Pieces of every word; a word that the tokenizer drops, such as a lone control character, gets the unknown piece.

    A word without a piece would have no prediction, and the words after it would be scored against wrong tags.
    """
    limits: dict[str, Any] = {"is_split_into_words": True, "truncation": True, "max_length": max_length}
    encoded = tokenizer(sentences, **limits)
    seen = [{word for word in encoded.word_ids(i) if word is not None} for i in range(len(sentences))]
    # A gap in the numbers of the words shows a word without a piece. Words after the last number were cut off.
    if all(len(words) == max(words, default=-1) + 1 for words in seen):
        return encoded
    unknown = tokenizer.unk_token or "?"
    spoken = [
        [word if place in words or place > max(words, default=-1) else unknown for place, word in enumerate(sentence)]
        for sentence, words in zip(sentences, seen, strict=True)
    ]
    return tokenizer(spoken, **limits)


def _align(word_ids: list[int | None], tags: list[int]) -> list[int]:
    """The tag of each word at its first piece, and -100 at its other pieces and at special pieces."""
    before = [None, *word_ids[:-1]]
    return [
        IGNORED if word is None or word == last else tags[word] for word, last in zip(word_ids, before, strict=True)
    ]


def by_length(dataset: Dataset) -> list[int]:
    """Indices of an encoded dataset, longest sentence first, so that batches of an evaluation need little padding."""
    lengths = [len(ids) for ids in dataset["input_ids"]]
    return sorted(range(len(lengths)), key=lambda i: -lengths[i])
