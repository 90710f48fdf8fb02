"""The examples of a run on images: read from where the flags say, and divided by a split."""

from functools import lru_cache
from pathlib import Path

from ...data.images.readings.image_data import image_places
from ...data.images.sources.load_images import ImageData, load_images
from ..command.flags import BudgetArguments
from ..setup.labels import make_split
from ..setup.parts import Parts, divide
from .image_flags import ImageDataArguments

DEFAULT_DATASET = "digits"
DEFAULT_LABELS = 5


def dataset_of(source: ImageDataArguments) -> str | None:
    """The dataset that the flags name, else digits; None stands for folders."""
    return source.dataset_name or (None if source.data_dir else DEFAULT_DATASET)


@lru_cache(maxsize=1)  # the cells of a comparison share the data
def read_image_data(source: ImageDataArguments) -> ImageData:
    """The images that the flags name, unopened.

    Args:
        source: flags of the data.

    Raises:
        ValueError: a folder or a dataset cannot be read.
    """
    return load_images(
        dataset_name=dataset_of(source),
        dataset_config=source.dataset_config_name,
        revision=source.dataset_revision,
        data_dir=source.data_dir,
        test_dir=source.test_dir,
        unlabeled_dir=source.unlabeled_dir,
        test_share=source.test_share,
        train_flag=source.train_flag,
        classes=source.max_classes,
        image_column_name=source.image_column_name,
        label_column_name=source.label_column_name,
        class_names=source.class_names,
        allow_duplicates=source.allow_duplicates,
        skip_broken=source.skip_broken,
    )


def split_image_data(data: ImageData, budget: BudgetArguments, source: ImageDataArguments, folder: Path) -> Parts:
    """Draw which images keep their classes, and divide the data; the split is written to the folder.

    Args:
        data: the images.
        budget: flags of the labels. Without a budget, 5 images of each class keep their labels; all of them do if the
            data hold unlabelled images, in a folder of their own or among the labelled ones.
        source: flags of the data.
        folder: the run's folder.

    Raises:
        ValueError: the data cannot give such a split.
    """
    if budget.is_open and data.unlabeled is not None and dataset_of(source) != DEFAULT_DATASET:
        budget.label_ratio = 1.0
    elif budget.is_open:
        budget.labels_per_class = DEFAULT_LABELS
    classes = data.train["label"][:]
    split = make_split(
        budget,
        classes,
        folder,
        dataset=data.name,
        class_names=data.class_names,
        contents=data.split_contents,
        places=image_places(data.train),
    )
    return divide(data, split, classes, budget.validation_share)
