"""A setup that scores a saved classifier: the model's own classes, and one part of some data as the part `test`."""

from dataclasses import replace

from ...metrics import Counts
from ..command.flags import ModelArguments
from ..setup.run_setup import Setup
from ..setup.scoring_target import DataPlaces, Target, class_examples, in_model_classes, one_part
from .image_examples import read_image_data, split_image_data
from .image_flags import ImageConfig, ImageDataArguments
from .image_setup import ImageSetup

PLACES = DataPlaces("data_dir", "test_dir", ("unlabeled_dir",))


def image_setup(target: Target) -> tuple[Setup, Counts | None]:
    """A setup whose part `test` is to be scored; all classes of its images must be the model's."""
    flags, names = target.flags(ImageDataArguments), target.classes
    flags, data, examples = class_examples(target, flags, read_image_data, split_image_data, PLACES)
    known = in_model_classes(data, examples, names)
    config, model = target.config(ImageConfig), ModelArguments(model_name_or_path=target.model)
    data = replace(data, train=known, validation=None, test=known, class_names=names, unlabeled=None)
    return ImageSetup(model, flags, config, data, one_part(known)), None
