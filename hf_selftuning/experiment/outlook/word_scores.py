"""Frozen words: which sentence each stands in, and the F1 of the entities that their tags make."""

from collections.abc import Sequence

from jaxtyping import Int
from torch import Tensor

from ...core.task import IGNORED
from ...metrics import entity_counts, score_of


def sentence_f1(
    predicted: Int[Tensor, "n"], expected: Int[Tensor, "n"], sentences: Int[Tensor, "n"], tag_names: Sequence[str]
) -> float:
    """F1 of the entities in the sentences of n words, as a fraction.

    Args:
        predicted: the tag of each word.
        expected: its true tag.
        sentences: the sentence of each word; words of one sentence keep their order.
        tag_names: by index.
    """
    order = sentences.argsort(stable=True)
    sizes = sentences[order].unique_consecutive(return_counts=True)[1].tolist()
    ours, theirs = (_in_sentences(tags[order], sizes, tag_names) for tags in (predicted, expected))
    return float(score_of(entity_counts(ours, theirs)))


def _in_sentences(tags: Tensor, sizes: list[int], tag_names: Sequence[str]) -> list[list[str]]:
    return [[tag_names[tag] for tag in part.tolist()] for part in tags.split(sizes)]


def words_in_sentences(
    sentences: Sequence[Sequence[str]], tags: Sequence[Sequence[int]] | None, places: Int[Tensor, "n"]
) -> list[str]:
    """A name for each of n words: the word, and the sentence in which it stands.

    A word without pieces, or with a hidden tag, is not among the n words. Where some are missing without a hidden tag,
    the words cannot be told apart, and the sentence alone is the name.

    Args:
        sentences: words of all sentences.
        tags: their tags; None if they are not known.
        places: the sentence of each of the n words, in the order of the words.
    """
    names: list[str] = []
    given, counts = places.unique_consecutive(return_counts=True)
    for place, count in zip(given.tolist(), counts.tolist(), strict=True):
        words, text = sentences[place], " ".join(sentences[place])
        if tags is not None:
            words = [word for word, tag in zip(words, tags[place], strict=True) if tag != IGNORED]
        names += [f"{word} (in: {text})" for word in words] if len(words) == count else [text] * count
    return names
