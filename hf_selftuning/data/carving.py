"""A test part split off from the training examples."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from itertools import pairwise

import numpy as np
from datasets import Dataset

TEST_SHARE = 0.2
"""Share of each class that is split off where nothing is said."""


def carve_test_part(dataset: Dataset, share: float) -> tuple[Dataset, Dataset]:
    """Split off a share of every class, see `carved_indices`; returns the rest and the test part."""
    kept, test = carved_indices(dataset["label"][:], dataset.features["label"].names, share)
    return dataset.select(kept), dataset.select(test)


def share_to_carve(test_share: float | None, *, test: str | None, unlabeled: bool) -> float:
    """The share of the training examples that becomes a test part; 0 where none is made.

    Args:
        test_share: what the user asked for; None splits off a fifth, or nothing beside unlabelled examples.
        test: file or folder of the test part; None if there is no such part.
        unlabeled: whether there are unlabelled examples.

    Raises:
        ValueError: a share was asked for, and a test part is there.
    """
    if test is not None and test_share:
        raise ValueError(
            f"test_share={test_share} is for data without a test part, and {test} is one; give one of the two."
        )
    usual = 0.0 if unlabeled else TEST_SHARE
    return 0.0 if test is not None else usual if test_share is None else test_share


def carved_indices(
    labels: Sequence[int],
    names: Sequence[str],
    share: float,
    *,
    contents: Sequence[str] = (),
    seed: int = 0,
    what: str = "image",
) -> tuple[list[int], list[int]]:
    """The indices that are kept, and those of a test part: a share of every class, at least one example of each.

    A class has no test image if all its images are there under another class, too. If that is so for every class, both
    parts share images.

    Args:
        labels: the class index of each example.
        names: of the classes.
        share: of each class to split off.
        contents: digests of the examples. They decide which of them are taken, so that neither names nor order matter,
            and copies of an example come into the same part. Without them, a seeded draw decides.
        seed: of that draw.
        what: an example is, for messages.

    Raises:
        ValueError: a class has one example only, or the share is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise ValueError(f"test_share={share} is not a share; give 0 for no test part, or one below 1, such as 0.2.")
    own, first = np.asarray(labels), _first_copies(labels, contents)
    generator, doubtful = np.random.default_rng(seed), _under_two_classes(labels, contents)
    torn = len(doubtful) == len(own)
    test: set[int] = set()
    for label, members in enumerate(_members(np.where(first == np.arange(len(own)), own, -1), len(names))):
        order = sorted(members.tolist(), key=contents.__getitem__) if contents else generator.permutation(members)
        if len(order) == 1:
            raise ValueError(
                f"The class {names[label]!r} has one {what}, and a test part needs one too; give two or more, or set "
                "--test_share 0."
            )
        wanted = max(round(share * len(order)), min(len(order), 1))
        # An example that is there under two classes stays in training: its other copy would be there, too.
        test |= set([row for row in order if torn or row not in doubtful][:wanted])
    tested = np.isin(first, list(test))
    return np.flatnonzero(~tested).tolist(), np.flatnonzero(tested).tolist()


def _first_copies(labels: Sequence[int], contents: Sequence[str]) -> np.ndarray:
    """For each example the first one of its class with its content, or itself where the class has one content only."""
    if not contents:
        return np.arange(len(labels))
    several = Counter(label for label, _ in set(zip(labels, contents, strict=True)))
    pairs = zip(labels, contents, strict=True)
    return np.asarray(repeats(pair if several[pair[0]] > 1 else place for place, pair in enumerate(pairs)))


def _under_two_classes(labels: Sequence[int], contents: Sequence[str]) -> set[int]:
    """The examples whose content is there under another class, too."""
    classes = Counter(content for _, content in set(zip(labels, contents, strict=bool(contents))))
    return {row for row, content in enumerate(contents) if classes[content] > 1}


def repeats(contents: Iterable[Hashable]) -> list[int]:
    """For each example the index of the first one with the same content."""
    first: dict[Hashable, int] = {}
    return [first.setdefault(digest, index) for index, digest in enumerate(contents)]


def _members(labels: np.ndarray, classes: int) -> list[np.ndarray]:
    """The indices of each class, in their order."""
    order = np.argsort(labels, kind="stable")
    edges = np.searchsorted(labels[order], np.arange(classes + 1))
    return [order[start:end] for start, end in pairwise(edges)]
