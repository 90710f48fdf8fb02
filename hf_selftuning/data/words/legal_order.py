"""Which tags may stand where in a sentence, for the names of a model's tags."""

from collections.abc import Sequence

from ...functional.decoding import Legal, Mark, legal_tags
from .tag_schemes import OUTSIDE, UnknownTagError, recognise


def legal_order(names: Sequence[str]) -> Legal:
    """Which tags may stand where.

    Names without marks, such as NOUN, and those that mix schemes allow every sequence.

    Args:
        names: of the tags by index.
    """
    free: list[Mark | None] = [None] * len(names)
    try:
        scheme = recognise(dict.fromkeys(names, 1))
    except UnknownTagError:
        return legal_tags(free)
    if scheme.name in ("without prefix", "one class a word"):
        return legal_tags(free)
    marks = [None if name == OUTSIDE else scheme.split(name) for name in names]
    return legal_tags([None if mark is None or mark[0] == OUTSIDE else mark for mark in marks])
