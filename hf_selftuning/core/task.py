"""Task: how one kind of model is read: which positions are rows, and how views are made."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, ClassVar, Literal

from torch import Tensor

Example = Mapping[str, Any]
Count = tuple[Tensor, Tensor]
"""Numerator and denominator of a figure."""
Use = Literal["labeled", "unlabeled", "audited", "evaluated"]
"""What a dataset is for: to train with labels, to train without, to train without while its true labels are kept for
figures, or to be evaluated."""
LABEL_COLUMNS = ("labels", "label", "label_ids")
IGNORED = -100
"""The label of a position that is no row: special pieces, later pieces of a word, padding."""


class Task(ABC):
    """Turns examples into views and model outputs into rows; knows no method."""

    kind: ClassVar[str]
    """Kind of data, `images` or `words`: the name of the preset that methods recommend for it."""
    pipeline: ClassVar[str | None] = None
    """The pipeline of transformers that its models answer through, for the model card."""

    score: ClassVar[str] = "accuracy"
    """The score of `compute_metrics`, a share, by which the trainer judges whether unlabelled data hurts."""

    def bind(self, model: Any, processing_class: Any) -> None:  # noqa: B027
        """Take what is needed from the user's model and tokenizer or processor, once."""

    def collator(self, processing_class: Any) -> Callable[[list[Any]], Mapping[str, Any]] | None:
        """The collator where the user gave none; None leaves Trainer's."""
        return None

    def encode(self, dataset: Any, use: Use) -> Any:
        """The dataset in the form that `view` and the collator read; one that has it already is returned as it is.

        The trainer calls it after `bind`, where no collator of the user's own could want the raw examples.

        Raises:
            ValueError: the labels that `use` needs are missing, or the model has no class of their name.
        """
        return dataset

    def lengths(self, dataset: Any) -> list[int] | None:
        """Length of each example, to batch examples of about one length; None where all are equal."""
        return None

    @abstractmethod
    def view(self, example: Example, name: str) -> Example:
        """One random view of an example, as a collator wants it.

        Called with Python's, numpy's and torch's generators seeded for this example and view.

        Args:
            example: an item of the user's dataset.
            name: a kind and the number of the draw: `weak.0`, `weak.1`, `strong.0`. `plain.0` is without chance,
                as far as the task can.
        """

    @abstractmethod
    def blind(self, example: Example) -> Example:
        """The example without its label; only a placeholder stays, where a collator needs one."""

    @abstractmethod
    def truth(self, example: Example) -> Tensor:
        """True labels of the example's rows (n,), only for the audit of pseudo-labels."""

    @abstractmethod
    def split(self, batch: MutableMapping[str, Any]) -> tuple[dict[str, Any], Tensor, Tensor | None]:
        """Model inputs of a collated batch, labels of its rows (n,), and positions of the rows (n,).

        The positions are None where each example is a row.
        """

    @abstractmethod
    def select(self, values: Tensor, rows: Tensor | None) -> Tensor:
        """The rows of a model output: (n, d) of (b, d) or (b, l, d)."""

    def audit(self, pseudo_labels: Tensor, used: Tensor, truth: Tensor) -> dict[str, Count]:
        """Numerators and denominators of the figures that compare pseudo-labels (n,) with the truth (n,)."""
        return {"pseudo_label_accuracy": ((used & (pseudo_labels == truth)).sum(), used.sum())}
