"""Task: how views of one kind of data are made, and which positions of a model's output are rows."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

import numpy as np
from torch import Tensor

Example = Mapping[str, Any]
Count = tuple[Tensor, Tensor]
"""Numerator and denominator of a figure."""
Use = Literal["labeled", "unlabeled", "audited", "evaluated"]
"""What a dataset is for: training with labels, training without labels, training without labels whose true values are
kept to measure pseudo-labels, or evaluation."""
LABEL_COLUMNS = ("labels", "label", "label_ids")
# The value that transformers' collators put where a label is padded, and that torch's cross-entropy ignores.
IGNORED = -100
"""The label of a position that is no row: special pieces, later pieces of a word, padding."""


@runtime_checkable
class Join(Protocol):
    """Joins the outputs of rows that are parts of one example."""

    def fits(self, array: Any) -> bool:
        """Whether it is an array of these rows that may be joined."""

    def __call__(self, array: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
        """One row for each example; the labels, if there are any, show which positions of the array count."""


class Task(ABC):
    """Turns examples into views, and model outputs into rows; depends on no method."""

    kind: ClassVar[str]
    """Kind of data: `images`, `texts` or `words`; also the name of the preset that methods recommend for it."""
    pipeline: ClassVar[str | None] = None
    """Name of the transformers pipeline that runs its models, for the model card."""

    one_shape: ClassVar[bool] = False
    """Whether all examples have the shape of their inputs in common, as images do, so that views can be one batch."""

    score: ClassVar[str] = "accuracy"
    """The score of `compute_metrics`, in [0, 1], by which the trainer judges whether unlabelled data hurts."""

    def bind(self, model: Any, processing_class: Any) -> None:  # noqa: B027
        """Read what the task needs from the user's model and tokenizer or processor; called once."""

    def collator(self, processing_class: Any) -> Callable[[list[Any]], Mapping[str, Any]] | None:
        """The collator to use if the user gave none; None means the Trainer's default."""
        return None

    def encode(self, dataset: Any, use: Use) -> Any:
        """The dataset in the form that `view` and the collator read; returned unchanged if it has that form.

        The trainer calls it after `bind`, unless the user's own collator may need the raw examples.

        Raises:
            ValueError: the labels that `use` needs are missing, or the model has no class of their name.
        """
        return dataset

    def join(self, dataset: Any) -> Join | None:
        """What joins the outputs for an encoded dataset before they are scored; None where each row is an example."""
        return None

    def plain(self, dataset: Any) -> Any:
        """An encoded dataset without the columns that only `join` reads."""
        return dataset

    def size(self, dataset: Any) -> int:
        """How many examples an encoded dataset holds; several rows may be parts of one."""
        return len(dataset)

    def lengths(self, dataset: Any) -> Sequence[int] | np.ndarray | None:
        """Length of each example, to batch examples of similar length; None if all lengths are equal."""
        return None

    def changes(self, kind: str) -> bool:
        """Whether its views of a kind, such as `weak`, differ from the example as the dataset returned it."""
        return True

    @abstractmethod
    def view(self, example: Example, name: str) -> Example:
        """One random view of an example, in the form that the collator reads.

        The caller seeds the random generators of Python, numpy and torch for this example and view.

        Args:
            example: an item of the user's dataset.
            name: a kind and the number of the draw: `weak.0`, `weak.1`, `strong.0`. `plain.0` has no
                randomness, as far as the task can avoid it.
        """

    def picture(self, example: Example) -> Any:
        """An example as a PIL image for people to view, without randomness; None where examples are no images."""
        return None

    @abstractmethod
    def blind(self, example: Example) -> Example:
        """The example without its label; a placeholder stays if a collator needs one."""

    @abstractmethod
    def truth(self, example: Example) -> Tensor:
        """True labels of the example's rows (n,); only the audit of pseudo-labels reads them."""

    @abstractmethod
    def split(self, batch: MutableMapping[str, Any]) -> tuple[dict[str, Any], Tensor, Tensor | None]:
        """Model inputs of a collated batch, labels of its rows (n,), and positions of the rows (n,).

        The positions are None if each example is a row.
        """

    @abstractmethod
    def select(self, values: Tensor, rows: Tensor | None) -> Tensor:
        """The rows (n, d) of a model output (b, d) or (b, l, d)."""

    def legal(self, probabilities: Tensor, examples: Tensor) -> Tensor:
        """What a teacher says of the rows of whole examples, given that the rows of an example fit together (n, c).

        Without such a rule, as by default, the probabilities stay as they are.

        Args:
            probabilities: of each row (n, c), the rows of an example side by side and in order.
            examples: the example of each row (n,).
        """
        return probabilities

    def class_examples(self) -> Any | None:
        """One encoded example for each class, in order, that holds its name and its label; None where there is none.

        A start may count them as labelled examples, see `Method.name_examples`.
        """
        return None

    def embedding(self, hidden: Tensor, inputs: Mapping[str, Any]) -> Tensor | None:
        """One vector (b, e) for each example from the last hidden states (b, l, d), such as their mean.

        The start may compare examples by it rather than by what the classifier reads. None has nothing to offer.
        """
        return None

    def audit(self, pseudo_labels: Tensor, used: Tensor, truth: Tensor) -> dict[str, Count]:
        """Numerators and denominators of the figures that compare pseudo-labels (n,) with the truth (n,)."""
        # The log divides the sums of both. A mean of the batches' ratios would give a batch with few used rows too
        # much weight.
        return {"pseudo_label_accuracy": ((used & (pseudo_labels == truth)).sum(), used.sum())}
