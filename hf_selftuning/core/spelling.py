"""What a misspelled word may have meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` Did you mean A or B?` with the one or two nearest known words; empty if none is near."""
    near = get_close_matches(word, list(known), n=2, cutoff=0.7)
    return f" Did you mean {' or '.join(near)}?" if near else ""
