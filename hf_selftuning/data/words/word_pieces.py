"""The pieces of the words of sentences, by any tokenizer, and how many of them a model reads at once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

from transformers import PreTrainedModel, PreTrainedTokenizerBase

LONGEST = 512
"""Word pieces that are read at once, if neither the model nor the tokenizer states a number."""

NONE = -1
"""The number of the word at a special piece."""


@dataclass(frozen=True)
class SentencePieces:
    """A sentence as a tokenizer gives it, special pieces included, however long it is.

    Args:
        columns: the tokenizer's lists by name, such as `input_ids`, with an item for each piece.
        word_ids: the number of the word of each piece; -1 at special pieces.
    """

    columns: Mapping[str, list[int]]
    word_ids: list[int]

    @cached_property
    def words(self) -> int:
        """How many words there are."""
        return max(self.word_ids, default=NONE) + 1

    @cached_property
    def starts(self) -> list[int]:
        """Place of the first piece of each word, and the place behind the last word."""
        counts = Counter(self.word_ids)
        before = next((place for place, word in enumerate(self.word_ids) if word != NONE), 0)
        return [*accumulate((counts[word] for word in range(self.words)), initial=before)]

    @property
    def special(self) -> int:
        """How many pieces are special."""
        return len(self.word_ids) - self.starts[-1] + self.starts[0]

    def part(self, start: int, stop: int, room: int) -> "SentencePieces":
        """Some words between all special pieces.

        Args:
            start: number of the first word.
            stop: number of the word behind the last one.
            room: most pieces; further ones, as a word that alone is too long has, are left out.
        """
        if (start, stop) == (0, self.words) and self.starts[-1] - self.starts[0] <= room:
            return self
        first, end = self.starts[start], min(self.starts[stop], self.starts[start] + room)

        def kept(items: Sequence[int]) -> list[int]:
            return [*items[: self.starts[0]], *items[first:end], *items[self.starts[-1] :]]

        return SentencePieces({name: kept(items) for name, items in self.columns.items()}, kept(self.word_ids))


def usable_positions(model: PreTrainedModel) -> int | None:
    """Pieces that a model reads at once, special ones included; None where its positions have no end.

    RoBERTa and its kin count positions from the one after the padding piece's number, so the first positions of their
    table are never used. Such a table has a padding index, and the tables of other models have none.
    """
    positions = getattr(model.config, "max_position_embeddings", None)
    if not positions or positions < 0:
        return None
    unused = [
        table.padding_idx + 1
        for name, table in model.named_modules()
        if "position" in name.rpartition(".")[2] and getattr(table, "padding_idx", None) is not None
    ]
    return positions - max(unused, default=0)


def pieces_of(sentences: Sequence[Sequence[str]], tokenizer: PreTrainedTokenizerBase) -> list[SentencePieces]:
    """The pieces of sentences of words. A word that the tokenizer drops, such as a zero-width space, is unknown.

    A word without a piece would have no answer, and the words after it would be scored against wrong tags.
    """
    read = _by_tokenizer if tokenizer.is_fast else _word_by_word
    found = read(sentences, tokenizer)
    spoken = {
        place: [word if number in seen else tokenizer.unk_token or "?" for number, word in enumerate(words)]
        for place, words in enumerate(sentences)
        if len(seen := set(found[place].word_ids) - {NONE}) < len(words)
    }
    if spoken:
        for place, sentence in zip(spoken, read([*spoken.values()], tokenizer), strict=True):
            found[place] = sentence
    return found


def _by_tokenizer(sentences: Sequence[Sequence[str]], tokenizer: PreTrainedTokenizerBase) -> list[SentencePieces]:
    encoded = tokenizer([list(words) for words in sentences], is_split_into_words=True, verbose=False)
    return [
        SentencePieces(
            {name: column[i] for name, column in encoded.items()},
            [NONE if word is None else word for word in encoded.word_ids(i)],
        )
        for i in range(len(sentences))
    ]


def _word_by_word(sentences: Sequence[Sequence[str]], tokenizer: Any) -> list[SentencePieces]:
    """By a tokenizer written in Python, which does not know the word of a piece."""
    known: dict[str, list[int]] = {}

    def ids(word: str) -> list[int]:
        if word not in known:
            known[word] = tokenizer.convert_tokens_to_ids(tokenizer.tokenize(word))
        return known[word]

    # Where characters are pieces, words would run together: the blank between two is a last piece of the first.
    blank = ids(" ") if len(tokenizer.tokenize(" a")) > len(tokenizer.tokenize("a")) else []
    found = []
    for words in sentences:
        pieces = [
            [*ids(word), *blank] if ids(word) and i < len(words) - 1 else ids(word) for i, word in enumerate(words)
        ]
        found.append(_with_special(pieces, tokenizer))
    return found


def _with_special(pieces: Sequence[list[int]], tokenizer: Any) -> SentencePieces:
    flat = [piece for word in pieces for piece in word]
    columns = dict(tokenizer.prepare_for_model(flat, add_special_tokens=True, verbose=False))
    given = columns["input_ids"]
    before = next(k for k in range(len(given) + 1) if given[k : k + len(flat)] == flat)
    word_ids = [i for i, word in enumerate(pieces) for _ in word]
    after = len(given) - before - len(flat)
    return SentencePieces(columns, [*[NONE] * before, *word_ids, *[NONE] * after])
