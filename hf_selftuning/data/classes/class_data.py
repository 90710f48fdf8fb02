"""The common form of data whose examples have one class each."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

import numpy as np
from datasets import Dataset

from ..carving import carved_indices, share_to_carve
from ..digests import Digests, labeled_digests, no_digests
from ..rows.plain_text import counted, listed
from .class_summary import ClassSummary

logger = logging.getLogger(__name__)

LABEL = "label"


@dataclass(frozen=True)
class ClassData:
    """Examples with their classes in a column `label`, a dataset for each part.

    Args:
        name: of the data, for tables and cards.
        train: the training examples.
        validation: the validation examples, if there are any.
        test: the test examples, if there are any.
        class_names: names of the classes by index.
        unlabeled: examples without classes.
        summaries: what was read of each part.
        contents: digests of the training examples, by which a split knows them again; empty for data that are always
            the same.
        published: the published dataset's own names of "dev" and "test"; a part that was split off here has none.
    """

    one: ClassVar[str]
    """What one example is, for messages."""

    name: str
    train: Dataset
    validation: Dataset | None
    test: Dataset | None
    class_names: list[str]
    unlabeled: Dataset | None = None
    summaries: tuple[ClassSummary, ...] = ()
    contents: Digests = field(default_factory=no_digests)
    published: Mapping[str, str] = field(default_factory=dict)

    @property
    def split_contents(self) -> Digests:
        """For each training example a digest of its content and its class, by which a split finds it again."""
        return labeled_digests(self.contents, self.train[LABEL][:], self.class_names)

    def with_test(self, test_share: float | None, *, train: str, test: str | None) -> Self:
        """The data with a test part, split off from the training part where there is none.

        Args:
            test_share: share of each class. None keeps a fifth; beside unlabelled examples it keeps nothing, because
                labels are few then and all of them should train.
            train: file or folder of the training part, for messages.
            test: file or folder of the test part; None if there is none.

        Raises:
            ValueError: a share was asked for and a test part is there, or a class has one example only.
        """
        share = share_to_carve(test_share, test=test, unlabeled=self.unlabeled is not None)
        if not share:
            return self
        labels = self.train[LABEL][:]
        kept, tested = carved_indices(labels, self.class_names, share, contents=self.contents, what=self.one)
        logger.warning("No test part was given: %s of %s are kept for testing.", counted(len(tested), self.one), train)
        self._tell_untested(np.asarray(labels), kept, tested, train)
        rest, contents = self.train.select(kept), self.contents.take(kept)
        return replace(self, train=rest, test=self.train.select(tested), contents=contents)

    def _tell_untested(self, labels: np.ndarray, kept: list[int], tested: list[int], source: str) -> None:
        """Say which classes are not tested, or that the test part shares examples with training."""
        lacking = [self.class_names[label] for label in sorted({*labels.tolist()} - {*labels[tested].tolist()})]
        if lacking:
            found = counted(len(lacking), "class is", "classes are")
            logger.warning(
                "%s: %s not tested (%s), because all its %ss are there under another class, too.",
                source, found, listed(lacking), self.one,
            )  # fmt: skip
        if self.contents.take(tested).are_in(self.contents.take(kept)).any():
            logger.warning(
                "%s: every %s is there under two classes or more, so the test part shares %ss with training.",
                source, self.one, self.one,
            )  # fmt: skip
