"""Images to pixel values: each image is opened and transformed when its row is read."""

from collections.abc import Callable, Sequence
from typing import Any

from datasets import Dataset, IterableDataset

from ...class_names import class_indices
from ...raw_columns import raw_columns
from .image_opening import open_image
from .image_transforms import Transform


def encode_images(
    dataset: Dataset | IterableDataset,
    transform: Transform,
    *,
    image_column: str = "image",
    label_column: str = "label",
    class_names: Sequence[str] | None = None,
    open_with: Callable[[Any], Any] = open_image,
) -> Any:
    """The dataset with `pixel_values`, and with `labels` if it has classes; both are made each time a row is read.

    Args:
        dataset: images in one column and perhaps their classes in another.
        transform: turns a PIL image into a tensor (channels, height, width), such as `plain_view(...)`.
        image_column: the column of the images.
        label_column: the column of the classes.
        class_names: the model's classes by index, for classes that are text.
        open_with: makes a PIL image from a value of the column.
    """

    def encode(batch: dict[str, list[Any]]) -> dict[str, Any]:
        encoded: dict[str, Any] = {"pixel_values": [transform(open_with(image)) for image in batch[image_column]]}
        if label_column in batch:
            encoded["labels"] = class_indices(label_column, batch[label_column], class_names)
        return encoded

    if isinstance(dataset, IterableDataset):
        return dataset.map(encode, batched=True, remove_columns=raw_columns(dataset))
    return dataset.with_transform(encode)
