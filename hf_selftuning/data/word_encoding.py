"""Words to word pieces: labels at the first piece of each word, -100 elsewhere."""

from typing import Any

from datasets import Dataset
from transformers import BatchEncoding, PreTrainedTokenizerBase

from ..core.task import IGNORED


def encode_words(
    dataset: Dataset, tokenizer: PreTrainedTokenizerBase, *, max_length: int, tags: str = "ner_tags"
) -> Dataset:
    """Tokenise sentences of words; what lies beyond `max_length` pieces is cut.

    Args:
        dataset: a column `tokens`, and `tags` where the words have tags; without it every word gets the
            placeholder 0, which tells where words begin.
        tokenizer: a fast one, whose pieces know their words.
        max_length: pieces a sentence.
        tags: the column of tag indices.

    Raises:
        ValueError: the tokenizer is not a fast one, no word fits into `max_length`, or the model reads fewer pieces.
    """
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

    def encode(batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
        encoded = _pieces(batch["tokens"], tokenizer, max_length)
        given = batch.get(tags) or [[0] * len(words) for words in batch["tokens"]]
        labels = [_align(encoded.word_ids(i), given[i]) for i in range(len(given))]
        return {**encoded, "labels": labels}

    return dataset.map(encode, batched=True, remove_columns=dataset.column_names, desc="Tokenising")


def _pieces(sentences: list[list[str]], tokenizer: PreTrainedTokenizerBase, max_length: int) -> BatchEncoding:
    """Pieces of every word: the unknown one for words that a tokenizer drops, such as a lone control character.

    A word without a piece would have no prediction, and those behind it would be scored against wrong tags.
    """
    limits: dict[str, Any] = {"is_split_into_words": True, "truncation": True, "max_length": max_length}
    encoded = tokenizer(sentences, **limits)
    seen = [{word for word in encoded.word_ids(i) if word is not None} for i in range(len(sentences))]
    if all(len(words) == max(words, default=-1) + 1 for words in seen):
        return encoded
    unknown = tokenizer.unk_token or "?"
    spoken = [
        [word if place in words or place > max(words, default=-1) else unknown for place, word in enumerate(sentence)]
        for sentence, words in zip(sentences, seen, strict=True)
    ]
    return tokenizer(spoken, **limits)


def _align(word_ids: list[int | None], tags: list[int]) -> list[int]:
    """A word's tag at its first piece."""
    before = [None, *word_ids[:-1]]
    return [
        IGNORED if word is None or word == last else tags[word] for word, last in zip(word_ids, before, strict=True)
    ]


def by_length(dataset: Dataset) -> list[int]:
    """Indices from the longest to the shortest, so that evaluation pads little."""
    lengths = [len(ids) for ids in dataset["input_ids"]]
    return sorted(range(len(lengths)), key=lambda i: -lengths[i])
