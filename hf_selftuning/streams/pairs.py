"""Pairs of labelled and unlabelled examples, their views, and batches of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

from ..core.items import described, fields_of, with_fields
from ..core.step import Views
from ..core.task import IGNORED, LABEL_COLUMNS, Example, Task
from .order import Index
from .seeds import mix, seeded
from .soft_labels import SoftLabels
from .unlabeled_stream import MARK, StreamedExamples

SEEN, ROWLESS = -1, 64
"""A row was seen; the number of examples without a row after which a dataset is taken to have none."""
ViewsOfExample = dict[str, Any]
"""Items by the name of the view, each of the kind that the dataset returns, such as a dictionary or a tuple."""


def is_paired(batch: Mapping[str, Any]) -> bool:
    """Whether a batch is one of `PairCollator`, and not a plain one of a script's own loader or of an evaluation."""
    return "labeled" in batch


# A dictionary, because Accelerate moves a batch to the device by calling its class with a plain dictionary.
class PairedBatch(dict[str, dict[str, Any]]):
    """A batch of two streams. An error explains it to code that expects a plain batch, such as a `training_step`."""

    def __missing__(self, key: str) -> Any:
        raise KeyError(
            f"a training batch has two streams, {' and '.join(self)}, and no {key}; each holds its inputs "
            "under views; to change the loss, override compute_loss, which gets plain batches"
        )

    def pop(self, key: str, *default: Any) -> Any:
        """As for a dictionary, with the same explanation of what is missing."""
        return super().pop(key, *default) if key in self or default else self[key]


@dataclass(frozen=True)
class Pair:
    """A labelled example and the unlabelled examples that come with it, each in its views.

    Args:
        labeled: views of the labelled example, by name.
        unlabeled: views of each unlabelled example, by name.
        truth: true labels of the unlabelled examples for an audit, else empty.
        index: the labelled example's place in its dataset.
        companions: the unlabelled examples' places in theirs.
        taught: what teachers say of the rows of the unlabelled examples, if there are teachers, else empty.
        mark: where the unlabelled stream stands, now and then; see `StreamedExamples.new_mark`.
    """

    labeled: ViewsOfExample
    unlabeled: list[ViewsOfExample]
    truth: list[Tensor]
    index: int
    companions: tuple[int, ...]
    taught: list[Tensor]
    mark: Tensor | None = None


class PairedDataset(Dataset[Pair]):
    """Both datasets, indexed by what the sampler yields; unlabelled examples lose their labels here.

    Args:
        labeled: the user's labelled dataset.
        unlabeled: the user's unlabelled dataset, or None.
        task: makes views and hides labels.
        views: the views of each stream that the losses need.
        audit: whether to keep the true labels of unlabelled examples; only figures in the log use them, no loss does.
        taught: what teachers say of the unlabelled examples; None without teachers.
        seed: of all views; None takes the number in each index as the seed of its views.
    """

    def __init__(
        self,
        labeled: Any,
        unlabeled: Any,
        task: Task,
        views: Views,
        *,
        audit: bool = False,
        taught: SoftLabels | None = None,
        seed: int | None = None,
    ) -> None:
        self.labeled, self.unlabeled, self.task = labeled, unlabeled, task
        self.views, self.audit, self.taught, self.seed = views, audit, taught, seed

    def __len__(self) -> int:
        return len(self.labeled)

    def __getitem__(self, index: Index) -> Pair:
        i, companions, number = index
        # Mixed here and not by the sampler, which a resumed run asks for all skipped examples, too.
        seed = number if self.seed is None else mix(self.seed, number)
        labeled, _ = self._views(self.labeled, i, self.views.labeled, mix(seed, 0), dict)
        unlabeled, truth = [], []
        taught = [self.taught[j] for j in companions] if self.taught is not None else []
        for place, j in enumerate(companions):
            views, example = self._views(
                self.unlabeled, j, self.views.unlabeled, mix(seed, 1 + place), self.task.blind
            )
            unlabeled.append(views)
            truth += [self.task.truth(example)] if self.audit and views else []
        mark = self.unlabeled.new_mark() if isinstance(self.unlabeled, StreamedExamples) else None
        return Pair(labeled, unlabeled, truth, i, companions, taught, None if mark is None else mark.tensor())

    def _views(
        self, dataset: Any, index: int, names: Sequence[str], seed: int, prepare: Callable[[Example], Example]
    ) -> tuple[ViewsOfExample, Example]:
        views: ViewsOfExample = {}
        example: Example = {}
        for name in names:
            with seeded(mix(seed, name)):
                # Read again for each view, so that random transforms inside the dataset give each view another draw.
                item = dataset[index]
                fields = fields_of(item)
                example = fields or {}
                views[name] = self._opaque(item, name) if fields is None else self._view(item, prepare(fields), name)
        return views, example

    def _view(self, item: Any, example: Example, name: str) -> Any:
        return with_fields(item, self.task.view(example, name))

    def _opaque(self, item: Any, name: str) -> Any:
        """The item itself, whose parts have no known names. Its label is dropped after the collator has found it."""
        if self.task.changes(name.partition(".")[0]):
            raise ValueError(
                f"The view {name} changes an example, and the dataset returns {described(item)}, which have no names; "
                "return dictionaries or dataclasses."
            )
        return item


class PairCollator:
    """Batches pairs with the user's own collator, view by view.

    Args:
        collate: the user's collator of plain examples.
        task: separates labels from inputs.
        views: the views that the dataset makes.
        num_classes: number of classes; labels must be smaller.
        own_loss: whether the supervised loss is the script's own, which reads labels as the collator made them.
    """

    def __init__(
        self,
        collate: Callable[[list[Any]], Mapping[str, Any]],
        task: Task,
        views: Views,
        num_classes: int,
        *,
        own_loss: bool = False,
    ) -> None:
        self.collate, self.task, self.views, self.num_classes = collate, task, views, num_classes
        self.own_loss = own_loss
        self._rowless: dict[str, int] = {}

    def __call__(self, pairs: Sequence[Pair]) -> PairedBatch:
        """`{"labeled": {"views", "rows", "labels", "count", "examples"}, "unlabeled": {"views", ..., "truth"}}`.

        `examples` (n,) is each row's example, as its place in the dataset. `unlabeled` is missing if no loss needs
        unlabelled views, `rows` if each example is a row, and `truth` if there is no audit. With teachers, `unlabeled`
        also has `taught`, their probabilities in half precision, and now and then that of a stream has a mark. With a
        loss of the script's own, `labeled` also has `given`, the labels as the collator made them.
        """
        labeled = self._stream([pair.labeled for pair in pairs], self.views.labeled, [pair.index for pair in pairs])
        self._check_rows("the data", len(pairs), labeled["count"])
        given = labeled.pop("given")
        if self.own_loss:
            labeled["given"] = given
        self._check(labeled["labels"])
        batch = PairedBatch(labeled=labeled)
        companions = [example for pair in pairs for example in pair.unlabeled]
        if companions and self.views.unlabeled:
            places = [place for pair in pairs for place in pair.companions]
            batch["unlabeled"] = self._stream(companions, self.views.unlabeled, places)
            self._check_rows("unlabeled_dataset", len(companions), batch["unlabeled"]["count"])
            del batch["unlabeled"]["labels"], batch["unlabeled"]["given"]
            truth = [value for pair in pairs for value in pair.truth]
            if truth:
                batch["unlabeled"]["truth"] = torch.cat(truth)
            taught = [value for pair in pairs for value in pair.taught]
            if taught:
                batch["unlabeled"]["taught"] = torch.cat(taught)
            marks = [pair.mark for pair in pairs if pair.mark is not None]
            if marks:
                batch["unlabeled"][MARK] = marks[-1]
        return batch

    def _stream(
        self, examples: Sequence[ViewsOfExample], views: Sequence[str], places: Sequence[int]
    ) -> dict[str, Any]:
        stream: dict[str, Any] = {"views": {}}
        for view in views:
            collated = self._batch([example[view] for example in examples])
            inputs, labels, rows = self.task.split(collated)
            stream["views"][view] = inputs
            stream["labels"], stream["given"] = labels, collated["labels"]
            stream["count"] = len(labels)
            stream["examples"] = torch.tensor(places)
            if rows is not None:
                # Rows are positions in the flattened batch, in which every example has as many positions.
                positions = collated["labels"].numel() // len(examples)
                stream["examples"] = stream["examples"][rows // positions]
                stream["rows"] = rows
        return stream

    def _batch(self, examples: list[Any]) -> dict[str, Any]:
        try:
            return dict(self.collate(examples))
        except KeyError as error:
            if error.args[0] in (fields_of(examples[0]) or ()):
                raise ValueError(
                    f"The data collator reads {error}, a column that Trainer removes because the model takes no such "
                    "input; set remove_unused_columns=False."
                ) from error
            raise ValueError(
                f"The data collator reads {error}, and an example has {described(examples[0])}. If this is the column "
                "of labels, name it, as in task=ImageClassification(label_column='species'): unlabelled examples then "
                "get a placeholder there."
            ) from error
        except (AttributeError, TypeError, ValueError) as error:
            wrong = next(filter(None, map(_no_class, examples)), None)
            if wrong:
                raise ValueError(
                    f"An example has {wrong} in the place of the index of its class; map names of classes to indices, "
                    "as by model.config.label2id, and give examples without a class as unlabeled_dataset."
                ) from error
            raise ValueError(
                f"The data collator could not make a batch of {described(examples[0])} ({error}); pass the tokenizer "
                "as processing_class=, so that sentences are padded, or a data_collator=, and remove columns of text."
            ) from error

    def _check_rows(self, name: str, examples: int, rows: int) -> None:
        """Refuse a dataset whose first examples have no row; a few may, such as a sentence without words."""
        before = self._rowless.setdefault(name, 0)
        self._rowless[name] = SEEN if rows or before == SEEN else before + examples
        if self._rowless[name] >= ROWLESS:
            raise ValueError(
                f"The first {self._rowless[name]} examples of {name} have nothing to learn from: all their labels are "
                f"{IGNORED}; give the first piece of each word its tag, or 0 in an unlabelled sentence."
            )

    def _check(self, labels: Tensor) -> None:
        if labels.is_floating_point() or labels.dtype == torch.bool or labels.ndim != 1:
            raise ValueError(
                f"The labels are {labels.dtype} of shape {tuple(labels.shape)}, but each row needs one whole number; "
                "give each example the index of its class."
            )
        wrong = no_class_of(labels, self.num_classes)
        if wrong is not None:
            raise ValueError(
                f"A label is {wrong}, and the model has num_labels={self.num_classes}; load the model with as many "
                "labels as the data has, or map the labels to 0 ... num_labels - 1"
                f"{'; an example without a class belongs to unlabeled_dataset' if wrong < 0 else ''}."
            )


def no_class_of(labels: Tensor, num_classes: int) -> int | None:
    """A label that is the index of no class; None if there is none."""
    if not len(labels):
        return None
    least, greatest = int(labels.min()), int(labels.max())
    if greatest >= num_classes:
        return greatest
    return least if least < 0 else None


def _no_class(example: Any) -> str | None:
    """The column and the label of an example that is no index but text or nothing; None if there is no such label."""
    fields = fields_of(example) or {}
    for name in LABEL_COLUMNS:
        label = fields.get(name, 0)
        for part in label if isinstance(label, list) else [label]:
            if part is None or isinstance(part, str):
                return f"{name}={part!r}"
    return None
