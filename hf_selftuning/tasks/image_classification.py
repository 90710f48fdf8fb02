"""Image classification: a row is an image; two views are two draws of a random transform."""

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from inspect import signature
from typing import Any, ClassVar

import torch
from torch import Tensor

from ..core.task import LABEL_COLUMNS, Example, Task, Use
from ..data.class_names import check_class_names, class_indices, model_class_names
from ..data.images.pixels.image_encoding import encode_images
from ..data.images.pixels.image_opening import open_image as open_upright
from ..data.images.pixels.image_processors import default_views
from ..data.images.pixels.image_transforms import Transform
from ..data.raw_columns import raw_columns


class ImageClassification(Task):
    """Any `AutoModelForImageClassification`, timm models through transformers' wrapper included.

    A dataset with its own random transform (`set_transform`) needs no change: the transform runs once for each view.

    The trainer encodes a dataset of `image` and `label` if there is an image processor, or a timm model whose config
    states its input. `weak_view` and `strong_view` make the views for that input. The image processor itself makes the
    view without randomness, so that a saved model later sees the same input as in the evaluation. Labels are the
    model's class indices or the names of its classes. Transforms that are given here replace these views.

    Args:
        weak: transform of a raw `image` for the weak views; None leaves the views to the dataset or the trainer.
        strong: likewise for the strong views; None takes `weak`.
        plain: likewise for the view without randomness, which methods see before training; None takes `weak`.
        image_column: column of the raw image.
        label_column: column of its class.
        open_image: makes a PIL image from what the column holds.
    """

    kind: ClassVar[str] = "images"
    one_shape: ClassVar[bool] = True
    pipeline: ClassVar[str | None] = "image-classification"

    def __init__(
        self,
        weak: Transform | None = None,
        strong: Transform | None = None,
        *,
        plain: Transform | None = None,
        image_column: str = "image",
        label_column: str = "label",
        open_image: Callable[[Any], Any] | None = None,
    ) -> None:
        self.transforms = {"weak": weak, "strong": strong or weak, "plain": plain or weak}
        self.image_column, self.label_column = image_column, label_column
        self.open_image, self._plain = open_image, plain
        self._defaults: Mapping[str, Transform] = {}
        self._reads_raw = False
        self._class_names: Sequence[str] | None = None
        self._without_loss = ""

    def bind(self, model: Any, processing_class: Any) -> None:
        """Read the names of the classes, and make views for the input that image processor or timm config state."""
        self._class_names = model_class_names(model.config)
        self._without_loss = "" if "labels" in signature(model.forward).parameters else type(model).__name__
        self._defaults, self._reads_raw = default_views(model.config, processing_class), False

    def encode(self, dataset: Any, use: Use) -> Any:
        """Raw images for evaluation get the plain view; those for training stay raw, and `view` transforms them.

        If the dataset has a transform of its own, or nothing states the model's input, all images stay as they are.
        """
        columns = raw_columns(dataset)
        if self.image_column not in columns or "pixel_values" in columns:
            return dataset
        if use != "unlabeled":
            feature = (dataset.features or {}).get(self.label_column)
            check_class_names(self.label_column, feature, self._class_names)
        plain = self._plain or self._defaults.get("plain")
        if use != "evaluated" or plain is None:
            self._reads_raw = self._reads_raw or use != "evaluated"
            return dataset
        return encode_images(
            dataset,
            plain,
            image_column=self.image_column,
            label_column=self.label_column,
            class_names=self._class_names,
            open_with=self.open_image or open_upright,
        )

    def changes(self, kind: str) -> bool:
        """A raw image needs a transform; a dataset with its own transform has made the view already."""
        return self._reads_raw or self.transforms[kind] is not None

    def view(self, example: Example, name: str) -> Example:
        """The image through the view's transform, or the example as the dataset returned it."""
        kind = name.partition(".")[0]
        transform, open_image = self.transforms[kind], self.open_image
        if transform is None and self._reads_raw and "pixel_values" not in example:
            transform, open_image = self._defaults.get(kind), open_image or open_upright
        if transform is None:
            return example
        for setting, column in (("image_column", self.image_column), ("label_column", self.label_column)):
            if column not in example:
                raise ValueError(
                    f"An image has the columns {', '.join(example)} and no {column!r}; name the right one with "
                    f"ImageClassification({setting}=...)."
                )
        image = example[self.image_column]
        image = open_image(image) if open_image else image
        (label,) = class_indices(self.label_column, [example[self.label_column]], self._class_names)
        return {"pixel_values": transform(image), "labels": label}

    def picture(self, example: Example) -> Any:
        """The raw image; None where the dataset has none."""
        return (self.open_image or open_upright)(example[self.image_column]) if self.image_column in example else None

    def blind(self, example: Example) -> Example:
        """Every label column becomes 0, so that a collator that asks for labels finds some."""
        names = {name for name in LABEL_COLUMNS if name in example} or {"labels", "label"}
        return {**example, **dict.fromkeys(names | {self.label_column}, 0)}

    def truth(self, example: Example) -> Tensor:
        """The class, shape (1,)."""
        names = [name for name in (self.label_column, *LABEL_COLUMNS) if name in example]
        if not names:
            raise ValueError(
                f"audit_pseudo_labels needs true labels, and an unlabelled image has only {', '.join(example)}; "
                "name theirs with ImageClassification(label_column=...), or leave the audit out."
            )
        return torch.as_tensor(class_indices(names[0], [example[names[0]]], self._class_names))

    def split(self, batch: MutableMapping[str, Any]) -> tuple[dict[str, Any], Tensor, Tensor | None]:
        """Take the labels out of the inputs; each image is a row."""
        inputs = dict(batch)
        if "labels" not in inputs and self._without_loss:  # Trainer removes columns that forward does not take
            raise ValueError(
                f"{self._without_loss} takes no labels and computes no loss, so it cannot be trained or scored; "
                "load a class of its family that does, such as DeiTForImageClassification for DeiT."
            )
        if "labels" not in inputs or len(inputs) < 2:
            raise ValueError(
                f"A batch of images has {', '.join(inputs) or 'nothing'}, and needs `pixel_values`, and `labels` that "
                "are whole numbers; give the image processor as processing_class=, and name the columns by "
                "ImageClassification(image_column=..., label_column=...); or make them by the dataset's "
                "set_transform, by task=ImageClassification(weak=transform), or by a data_collator with "
                "remove_unused_columns=False."
            )
        return inputs, inputs.pop("labels"), None

    def select(self, values: Tensor, rows: Tensor | None) -> Tensor:
        """All values, because each image is a row: (n, d)."""
        return values
