"""Evaluations in which several rows are parts of one example: their outputs are joined before they are scored."""

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from transformers import EvalPrediction
from transformers.trainer_utils import EvalLoopOutput

from ..core.task import Join, Task
from ..metrics import first_array


class JoinedOutputs:
    """Remembers how the rows of evaluated datasets are joined, as the loader of an evaluation has lost those columns.

    Args:
        task: knows which rows belong together.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        # Weak keys: a dataset that the script drops does not stay in memory for this.
        self._known: WeakKeyDictionary[Any, Join] = WeakKeyDictionary()
        self._join: Join | None = None

    def keep(self, dataset: Any) -> Any:
        """The dataset as a model reads it; a dataset whose rows are examples is returned unchanged."""
        join = self.task.join(dataset)
        if join is None:
            return dataset
        plain = self.task.plain(dataset)
        self._known[plain] = join
        return plain

    def choose(self, dataset: Any) -> None:
        """The dataset that the next evaluation reads."""
        # Compared one by one, because a list has no weak reference, and looking it up would raise.
        self._join = next((join for known, join in self._known.items() if known is dataset), None)

    def scored(self, compute_metrics: Callable[[EvalPrediction], Any] | None) -> Any:
        """A `compute_metrics` that sees examples; without windows, the given one."""
        if self._join is None or compute_metrics is None:
            return compute_metrics

        def whole(evaluated: EvalPrediction, **named: Any) -> Any:  # with batch_eval_metrics, batches pass unchanged
            predictions, labels = self._joined(evaluated.predictions, evaluated.label_ids)
            return compute_metrics(EvalPrediction(predictions, labels, evaluated.inputs, evaluated.losses), **named)

        return whole

    def output(self, output: EvalLoopOutput) -> EvalLoopOutput:
        """The outputs of an evaluation with one row for each example."""
        if self._join is None:
            return output
        predictions, labels = self._joined(output.predictions, output.label_ids)
        return output._replace(predictions=predictions, label_ids=labels)

    def _joined(self, predictions: Any, label_ids: Any) -> tuple[Any, Any]:
        join = self._join
        assert join is not None
        if isinstance(predictions, list):
            raise ValueError(
                "eval_do_concat_batches=False keeps the batches of an evaluation apart, and windows of one sentence "
                "may be in two of them; leave it out, or cut the sentences before."
            )
        if not join.fits(first_array(predictions)):
            return predictions, label_ids
        labels = None if label_ids is None else first_array(label_ids)

        def joined(array: Any) -> Any:
            return join(array, labels) if join.fits(array) else array

        return _each(predictions, joined), _each(label_ids, joined)


def _each(arrays: Any, change: Callable[[Any], Any]) -> Any:
    return tuple(change(array) for array in arrays) if isinstance(arrays, tuple) else change(arrays)
