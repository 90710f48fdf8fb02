"""Image classification: a row is an image; two views are two draws of a random transform."""

from collections.abc import Callable, MutableMapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from ..core.task import LABEL_COLUMNS, Example, Task

Transform = Callable[[Any], Tensor]


class ImageClassification(Task):
    """Any `AutoModelForImageClassification`, timm models through transformers' wrapper included.

    Without transforms each view is the example as the dataset returns it, so that a dataset with a random transform
    of its own (`set_transform`) needs no change.

    Args:
        weak: transform of an `image` for the weak views, where the dataset holds raw images.
        strong: likewise for the strong views; None draws a weak one.
        plain: likewise for the view without chance, from which methods learn before training; None draws a weak one.
        image_column: where the raw image is.
        label_column: where its class is.
        open_image: makes a PIL image of what the column holds.
    """

    kind: ClassVar[str] = "images"
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
        self.open_image = open_image

    def view(self, example: Example, name: str) -> Example:
        """The image through the view's transform, or the example as the dataset returned it."""
        transform = self.transforms[name.partition(".")[0]]
        if transform is None:
            return example
        for setting, column in (("image_column", self.image_column), ("label_column", self.label_column)):
            if column not in example:
                raise ValueError(
                    f"An image has the columns {', '.join(example)} and no {column!r}; name the right one with "
                    f"ImageClassification({setting}=...)."
                )
        image = example[self.image_column]
        image = self.open_image(image) if self.open_image else image
        return {"pixel_values": transform(image), "labels": example[self.label_column]}

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
        return torch.as_tensor([example[names[0]]])

    def split(self, batch: MutableMapping[str, Any]) -> tuple[dict[str, Any], Tensor, Tensor | None]:
        """The labels are taken out of the inputs; each image is a row."""
        inputs = dict(batch)
        if "labels" not in inputs or len(inputs) < 2:
            raise ValueError(
                f"A batch of images has {', '.join(inputs) or 'nothing'}, and needs `pixel_values`, and `labels` that "
                "are whole numbers; make them by the dataset's set_transform, by "
                "task=ImageClassification(weak=transform), or by a data_collator with remove_unused_columns=False."
            )
        return inputs, inputs.pop("labels"), None

    def select(self, values: Tensor, rows: Tensor | None) -> Tensor:
        """All of them: the outputs are (n, d)."""
        return values
