"""What every reader of examples with one class each gives: their classes, and what was passed over or looked odd."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from ..digests import Digests, no_digests


@dataclass(kw_only=True)
class ClassReading(ABC):
    """One part of the data as it was read.

    Args:
        source: the file or the folder, or the dataset and its part.
        classes: the name of each example's class, and None for an example without one; empty where the source has no
            classes.
        names: all names of classes in their order, where the source has them.
        layout: where examples and classes were found, in words; "" for folders of images, one for each class.
        contents: for each example a digest of its content, once it is computed.
        passed_over: how much of what was not read.
        doubts: what looks odd, a sentence each.
    """

    one: ClassVar[str]
    """What one example is, for messages."""

    source: str = field(kw_only=False)
    classes: list[str | None] = field(default_factory=list)
    names: Sequence[str] | None = None
    layout: str = ""
    contents: Digests = field(default_factory=no_digests)
    passed_over: Counter[str] = field(default_factory=Counter)
    doubts: list[str] = field(default_factory=list)

    @abstractmethod
    def __len__(self) -> int:
        """How many examples there are."""

    @abstractmethod
    def place(self, index: int) -> str:
        """Where an example stands, for messages: its own file, or its row."""

    @property
    def counts(self) -> Counter[str]:
        """How many examples of each class."""
        return Counter(name for name in self.classes if name is not None)

    @property
    def labeled(self) -> np.ndarray:
        """The indices of the examples that have a class."""
        return np.flatnonzero(self._have_class())

    @property
    def unlabeled(self) -> np.ndarray:
        """The indices of the examples that have none."""
        return np.flatnonzero(~self._have_class()) if self.classes else np.arange(len(self))

    def doubt(self, text: str) -> None:
        """Add a doubt once."""
        if text not in self.doubts:
            self.doubts.append(text)

    def _have_class(self) -> np.ndarray:
        return np.fromiter((name is not None for name in self.classes), bool, len(self.classes))
