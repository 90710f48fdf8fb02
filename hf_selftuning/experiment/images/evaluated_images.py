"""A setup that scores a saved classifier: the model's own classes, and one part of some data as the part `test`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from datasets import ClassLabel, Dataset, Features

from ...data.images.readings.image_data import CLOSED, ImageData
from ...metrics import Counts
from ..command.flags import ModelArguments
from ..setup.run_setup import Setup
from ..setup.scoring_target import Target, named_part, one_part, run_part
from .image_examples import read_image_data, split_image_data
from .image_flags import ImageConfig, ImageDataArguments
from .image_setup import ImageSetup


def image_setup(target: Target) -> tuple[Setup, Counts | None]:
    """A setup whose part `test` is to be scored; all classes of its images must be the model's."""
    flags, names = target.flags(ImageDataArguments), target.classes
    flags, data, examples = _images(target, flags)
    known = in_model_classes(examples, data.class_names, names, data.name)
    config, model = target.config(ImageConfig), ModelArguments(model_name_or_path=target.model)
    data = replace(data, train=known, validation=None, test=known, class_names=names, unlabeled=None)
    return ImageSetup(model, flags, config, data, one_part(known)), None


def in_model_classes(examples: Dataset, given: Sequence[str], names: Sequence[str], data: str) -> Dataset:
    """The images with the classes of the model by index.

    Raises:
        ValueError: there is an image of a class that the model does not know.
    """
    strange = sorted({given[label] for label in set(examples["label"])} - set(names))
    if strange:
        raise ValueError(
            f"{data} has images of {', '.join(strange)}, and the model knows {', '.join(names)}; name the folders as "
            "the model names its classes, or take them out."
        )
    labels = [list(names).index(given[label]) for label in examples["label"]]
    features = Features({"image": CLOSED, "label": ClassLabel(names=list(names))})
    return examples.remove_columns("label").add_column("label", labels).cast(features)


def _images(target: Target, flags: ImageDataArguments) -> tuple[ImageDataArguments, ImageData, Dataset]:
    if target.data is None:
        data = read_image_data(flags)
        return flags, data, run_part(target, split_image_data(data, target.budget(), flags, target.folder))
    given = target.data
    if isinstance(given, str):
        place: dict[str, Any] = (
            {"data_dir": given, "dataset_name": None} if Path(given).exists() else {"dataset_name": given}
        )
        given = replace(flags, **{"data_dir": None, **place, "test_dir": None, "unlabeled_dir": None})
    elif given.test_dir is not None and given.data_dir is None:
        given = replace(given, data_dir=given.test_dir, test_dir=None)
    whole = replace(given, test_share=0.0) if given.data_dir and given.test_dir is None else given
    data = read_image_data(whole)
    if target.part == "test" and data.test is None:
        return given, data, data.train
    return given, data, named_part(target, data)
