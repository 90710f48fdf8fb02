"""A test part split off from the training examples."""

from collections.abc import Sequence

import numpy as np
from datasets import Dataset

from .digests import Digests
from .sampling_order import members_of

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
    contents: Digests | None = None,
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
    own, generator = np.asarray(labels), np.random.default_rng(seed)
    same = np.arange(len(own)) if contents is None else contents.first_rows()
    first, doubtful = _first_copies(own, same), _under_two_classes(own, same)
    torn = doubtful.all()
    test = []
    for label, members in enumerate(members_of(np.where(first == np.arange(len(own)), own, -1), len(names))):
        order = generator.permutation(members) if contents is None else _sorted(members, contents)
        if len(order) == 1:
            raise ValueError(
                f"The class {names[label]!r} has one {what}, and a test part needs one too; give two or more, or set "
                "--test_share 0."
            )
        wanted = max(round(share * len(order)), min(len(order), 1))
        # An example that is there under two classes stays in training: its other copy would be there, too.
        test.append(order[torn | ~doubtful[order]][:wanted])
    tested = np.isin(first, np.concatenate(test))
    return np.flatnonzero(~tested).tolist(), np.flatnonzero(tested).tolist()


def _first_copies(labels: np.ndarray, same: np.ndarray) -> np.ndarray:
    """For each example the first one of its class with its content, or itself where the class has one content only.

    Args:
        labels: of the examples.
        same: for each the first one with its content, of whichever class.
    """
    rows = np.arange(len(labels))
    pairs = same * (labels.max(initial=0) + 1) + labels
    _, first, places = np.unique(pairs, return_index=True, return_inverse=True)
    first = first[places]
    contents = np.bincount(labels[first == rows], minlength=1)
    return np.where(contents[labels] > 1, first, rows)


def _under_two_classes(labels: np.ndarray, same: np.ndarray) -> np.ndarray:
    """For each example whether its content is there under another class, too."""
    return np.isin(same, same[labels != labels[same]])


def _sorted(rows: np.ndarray, contents: Digests) -> np.ndarray:
    """Some rows in the order of their digests."""
    return rows[np.argsort(contents.values[rows], kind="stable")]
