"""The common form of image data from all sources. An image is opened only when it is needed."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from datasets import ClassLabel, Dataset, Features
from datasets import Image as ImageColumn
from PIL import Image, ImageOps

CLOSED = ImageColumn(decode=False)


@dataclass(frozen=True)
class ImageData:
    """Images in a column `image`, not yet opened, and their classes in a column `label`, a dataset for each part.

    Args:
        name: of the data, for tables and cards.
        train: the training images.
        validation: the validation images, if there are any.
        test: the test images, if there are any.
        class_names: names of the classes by index.
        unlabeled: images without classes, in a column `image`.
        published: the published dataset's own names of "dev" and "test"; a part that was split off here has none.
    """

    name: str
    train: Dataset
    validation: Dataset | None
    test: Dataset | None
    class_names: list[str]
    unlabeled: Dataset | None = None
    published: Mapping[str, str] = field(default_factory=dict)


def open_image(value: Any) -> Image.Image:
    """An image in RGB, turned upright as its camera's orientation says.

    Args:
        value: a cell of a column `image` (`{"bytes": ..., "path": ...}`), a path, or a PIL image.

    Raises:
        ValueError: there is no such file, or it holds no whole image; the message names the file.
    """
    # Pillow raises a SyntaxError for a broken PNG file.
    try:
        image = value if isinstance(value, Image.Image) else Image.open(_source(value))
        return (ImageOps.exif_transpose(image) or image).convert("RGB")
    except (OSError, SyntaxError, ValueError) as error:
        name = value.get("path") or "without a path" if isinstance(value, Mapping) else value
        raise ValueError(f"The image {name} cannot be opened ({error}); replace it or take it out.") from error


def labeled_images(images: Sequence[Any], labels: Sequence[int], class_names: Sequence[str]) -> Dataset:
    """A dataset of images, as paths or as {"bytes", "path"}, and of their class indices."""
    features = Features({"image": CLOSED, "label": ClassLabel(names=list(class_names))})
    return Dataset.from_dict({"image": list(images), "label": list(labels)}, features=features)


def unlabeled_images(images: Sequence[Any]) -> Dataset:
    """A dataset of images, as paths, without classes."""
    return Dataset.from_dict({"image": list(images)}, features=Features({"image": CLOSED}))


def carve_test_part(dataset: Dataset, share: float, *, seed: int = 0) -> tuple[Dataset, Dataset]:
    """Split off a share of every class, at least one image of each; returns the rest and the test part.

    Raises:
        ValueError: a class has one image only, or the share is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise ValueError(f"test_share={share} is not a share; give 0 for no test part, or one below 1, such as 0.2.")
    labels = np.asarray(dataset["label"])
    generator = np.random.default_rng(seed)
    test: list[int] = []
    for label, name in enumerate(dataset.features["label"].names):
        members = generator.permutation(np.flatnonzero(labels == label))
        if len(members) == 1:
            raise ValueError(f"The class {name!r} has one image, and a test part needs one too; give two or more.")
        test += members[: max(round(share * len(members)), min(len(members), 1))].tolist()
    kept = sorted(set(range(len(labels))) - set(test))
    return dataset.select(kept), dataset.select(sorted(test))


def _source(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return Path(value)
    return io.BytesIO(value["bytes"]) if value.get("bytes") is not None else Path(value["path"])
