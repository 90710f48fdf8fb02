"""Unlabelled examples that are copies of others, known by the digest of their content."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from datasets import Dataset, concatenate_datasets


def holders(rows: Iterable[int], contents: Sequence[str], labeled: Mapping[str, set[str]]) -> dict[int, str | None]:
    """For each row, the first part that holds the same content with a label; None if none does.

    Args:
        rows: of unlabelled examples.
        contents: the digest of every example of their part.
        labeled: the digests of each part's labelled examples.
    """
    return {row: next((part for part, known in labeled.items() if contents[row] in known), None) for row in rows}


def counted_holders(found: Mapping[int, str | None]) -> str:
    """How many copies each part holds, such as "3 of the train part, 1 of the test part"; empty without copies."""
    copied = Counter(holder for holder in found.values() if holder)
    return ", ".join(f"{count:,} of the {holder} part" for holder, count in copied.items())


def joined(pools: Sequence[Dataset]) -> Dataset | None:
    """The datasets one after another; None without any."""
    return (concatenate_datasets(list(pools)) if len(pools) > 1 else pools[0]) if pools else None
