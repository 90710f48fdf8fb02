"""Punctuation at the ends of words: where it is a word of its own in the training data, it is cut off running text."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, zip_longest

SENTENCE_MARKS = ".,;:?!"
OPENING = "\"'([{«“‘„¿¡"  # noqa: RUF001
CLOSING = SENTENCE_MARKS + "\"')]}»”’…"  # noqa: RUF001
QUOTES = frozenset("\"'»”’")  # noqa: RUF001
NEED_PROOF = (*"$€£%", "'s", "'S", "’s", "’S")  # noqa: RUF001
"""Signs and endings that are cut off only if the training data shows them as words of their own."""

LIKE_TRAINING = ", its words cut from punctuation as in the training data"

ABBREVIATED = 3
"""Letters that a word with a full stop has at most where it is taken for an abbreviation, unless it ends the text."""


def marks_apart(sentences: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Marks that are words of their own in sentences; none if the sentences are cut at blanks alone.

    A mark that stands nowhere, alone or on a word, is apart as the others are.
    """
    alone: Counter[str] = Counter()
    attached: Counter[str] = Counter()
    for words in sentences:
        plain = [word if len(word) == 1 else word.replace("’", "'") for word in words]  # noqa: RUF001
        alone.update(word for word in plain if word in _MARKS)
        for word in (word for word in plain if any(map(str.isalnum, word)) and word not in _MARKS):
            attached.update(mark for mark in _AFTER if mark != "." and word.endswith(mark))
            attached.update(_BEFORE & {word[0]})
        # Within a sentence a full stop on a word tells nothing, because abbreviations have it in any text.
        last = plain[-1] if plain else ""
        attached["."] += len(last) > 1 and last.endswith(".") and _ends_sentence(last, None)
    if sum(alone[mark] for mark in SENTENCE_MARKS) <= sum(attached[mark] for mark in SENTENCE_MARKS):
        return ()
    for mark in ("'s", "'S"):
        alone[mark.replace("'", "’")], attached[mark.replace("'", "’")] = alone[mark], attached[mark]  # noqa: RUF001
    return tuple(mark for mark in _MARKS if alone[mark] > attached[mark] or not (mark in NEED_PROOF or attached[mark]))


def without_marks(words: Sequence[str], apart: Sequence[str]) -> list[str]:
    """Words of one text, with the marks at their ends as words of their own.

    A text in which a sentence mark stands alone has been cut before, and stays as it is.

    Args:
        words: apart by blanks.
        apart: marks that become words.
    """
    if not apart or any(word in SENTENCE_MARKS for word in words):
        return [*words]
    return [piece for word, after in zip_longest(words, words[1:]) for piece in _pieces(word, after, apart)]


def _pieces(word: str, after: str | None, apart: Sequence[str]) -> Iterator[str]:
    """The marks before a word, the word, and the marks after it."""
    if word.isalnum():  # as most words are, of which there may be many millions
        yield word
        return
    if not any(map(str.isalnum, word)):
        yield from ("".join(run) for _, run in groupby(word)) if set(word) <= {*apart} else [word]
        return
    while word[0] in apart and word[0] in _BEFORE:
        yield word[0]
        word = word[1:]
    ends: list[str] = []
    while (mark := _ending(word, after, apart)) is not None:
        ends.append(mark)
        after = None if mark in QUOTES else mark
        word = word[: -len(mark)]
    yield word
    yield from reversed(ends)


def _ending(word: str, after: str | None, apart: Sequence[str]) -> str | None:
    """The mark that is cut off the end of a word."""
    for mark in apart:
        if mark in _AFTER and word.endswith(mark) and word != mark and (mark != "." or _ends_sentence(word, after)):
            run = len(word) - len(word.rstrip(mark)) if len(mark) == 1 else 1
            return mark * run
    return None


def _ends_sentence(word: str, after: str | None) -> bool:
    """Whether the full stop of a word ends a sentence, rather than an abbreviation such as `U.S.` or `Inc.`."""
    stem = word.rstrip(".")
    if "." in stem:
        return not stem.replace(".", "").isalpha()
    if after is None or len(word) - len(stem) > 1:
        return True
    begins = next(filter(str.isalnum, after), "")
    return len(stem) > ABBREVIATED and not (begins.islower() or begins.isdigit())


_BEFORE = frozenset({*OPENING, *"$€£"})
_AFTER = frozenset({*CLOSING, *NEED_PROOF} - {*"$€£"})
_MARKS = tuple(dict.fromkeys([*NEED_PROOF, *CLOSING, *OPENING]))
