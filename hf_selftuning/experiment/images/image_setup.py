"""A run on images: its data, split and pretrained network, and the trainer of each row."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self

from datasets import Dataset
from transformers import AutoModelForImageClassification, PreTrainedModel, Trainer, default_data_collator

from ...config import SelfTuningConfig
from ...data.embedded import efficientnet_lite0
from ...data.images.pixels.image_encoding import encode_images
from ...data.images.pixels.image_processors import image_processor_of
from ...data.images.pixels.image_transforms import plain_view, strong_view, ten_crop_views, weak_view
from ...data.images.readings.image_data import CLOSED
from ...data.images.sources.load_images import ImageData, open_image
from ...metrics import accuracy_scores, load_metrics
from ...tasks import ImageClassification
from ...training.trainer import SelfTuningTrainer
from ..command.flags import BudgetArguments, ModelArguments
from ..command.run_config import RunConfig
from ..pretrained.model_choice import Pretrained, hub_id
from ..pretrained.pretrained_models import image_model, with_own_head
from ..pretrained.timm_names import source_of
from ..running.whole_run import run_from_flags
from ..setup.class_run import ClassRun
from ..setup.parts import Parts
from ..stages.outcome import Outcome
from ..stages.plan import Stage
from ..stages.run_folder import claim_folder
from ..stages.stage_training import Start
from ..stages.usual import Usual
from .image_examples import DEFAULT_DATASET, dataset_of, read_image_data, split_image_data
from .image_flags import ImageConfig, ImageDataArguments
from .image_recipe import STANDARD, measured_shift, recipe_for
from .image_view import ImageView
from .network_input import input_for

DEFAULT_MODEL = "timm/tf_efficientnet_lite0.in1k"


class ImageSetup(ClassRun):
    """Data, split and model of a run on images; it builds every row's trainer from the same start.

    Args:
        model: flags of the pretrained network.
        source: flags of the data.
        config: training arguments. They are changed here: without a dev part, training runs no evaluation.
        data: what `read_image_data` returned.
        parts: what `split_image_data` returned.
    """

    flags: ClassVar[tuple[type, ...]] = (ModelArguments, ImageDataArguments, BudgetArguments, ImageConfig)
    usual: Usual = STANDARD
    notes: tuple[str, ...] = ()
    unit_name: ClassVar[str] = "images"

    def __init__(
        self, model: ModelArguments, source: ImageDataArguments, config: ImageConfig, data: ImageData, parts: Parts
    ) -> None:
        parts = parts.asked_by(config)
        self.config: RunConfig = config
        self.data_flags = source
        self.folder = Path(str(config.output_dir))
        name = dataset_of(source)
        self.data, self.parts, self.dataset_id = data, parts, hub_id(None if name == DEFAULT_DATASET else name)
        self.class_names, self.metrics = data.class_names, load_metrics(config.metric or ())
        self.published = parts.published(data.published)
        named = replace(model, model_name_or_path=source_of(model.model_name_or_path))
        self.pretrained = Pretrained.of(named, DEFAULT_MODEL, embedded="EfficientNet-Lite0", embedded_id=DEFAULT_MODEL)
        # Digits are small images. Mirroring or a close crop can turn a digit into another one, or into none.
        digits = name == DEFAULT_DATASET
        size = source.image_size or (64 if digits else None)
        network = self.make_model()
        self.input = input_for(network, self.pretrained, size=size, asked=source.image_size is not None)
        self.open_image = partial(open_image, ranges=data.ranges)
        self.facts: dict[str, Any] = {"image_size": self.input.size, "ten_crop": source.ten_crop}
        crop_scale = self._follow_recipe(network, config, parts) or source.crop_scale
        self.flip = not digits if source.flip is None else source.flip
        self.ten_crop = source.ten_crop
        scale = (crop_scale or (0.7 if digits else 0.2), 1.0)
        weak, strong = (view(self.input, scale=scale, flip=self.flip) for view in (weak_view, strong_view))
        self.task = ImageClassification(weak, strong, plain=plain_view(self.input), open_image=self.open_image)
        parts.adapt(config)

    def _follow_recipe(self, network: PreTrainedModel, config: ImageConfig, parts: Parts) -> float | None:
        """Take the settings of the recipe that the flags leave open; the crop scale is returned."""
        if not config.trains:
            return None
        shift = None
        if config.recipe == "auto":
            shown = (parts.labeled, parts.unlabeled)
            shift = measured_shift(network, shown, plain_view(self.input), self.open_image)
        recipe = recipe_for(config.recipe, shift, unlabeled=len(parts.unlabeled or ()))
        self.usual, self.notes = recipe.usual, recipe.reasons
        self.facts["recipe"] = recipe.name
        flags = recipe.without(config.given).flags
        crop_scale = flags.pop("crop_scale", None)
        for name, value in flags.items():
            setattr(config, name, value)
        return crop_scale

    @classmethod
    def from_flags(
        cls, model: ModelArguments, source: ImageDataArguments, budget: BudgetArguments, config: ImageConfig
    ) -> Self:
        """Claim the run's folder, read the data, draw the split and load the network's configuration."""
        folder = claim_folder(config, overwrite=budget.overwrite_output_dir)
        data = read_image_data(source)
        return cls(model, source, config, data, split_image_data(data, budget, source, folder))

    def make_model(self, source: str | None = None) -> PreTrainedModel:
        """The pretrained network, or the one in a stage's folder, with a new head."""
        names, own = self.data.class_names, self.pretrained
        if source is not None:
            return image_model(source, names)
        if own.source is not None:
            return image_model(own.source, names, revision=own.revision)
        return efficientnet_lite0(len(names), label_names=names)

    def make_source(self) -> PreTrainedModel:
        """The pretrained network with its own classes, for Co-Tuning."""
        own = self.pretrained
        if own.source is None:
            return efficientnet_lite0(None)
        way_out = "take weights that were trained to classify, such as timm/resnet50.a1_in1k"
        return with_own_head(AutoModelForImageClassification, own.source, revision=own.revision, way_out=way_out)

    def make_language_trainer(self, config: SelfTuningConfig) -> Trainer:
        """Refuse the stage tapt.

        Raises:
            ValueError: always, because images have no language.
        """
        raise ValueError("The stage tapt models language, and images have none; take the stage simclr for images.")

    def make_trainer(self, stage: Stage, config: SelfTuningConfig, start: Start) -> SelfTuningTrainer:
        """Model and trainer of a stage. The caller has set the seed, so that the new head is the same in every row."""
        model = self.make_model(start.model_for(stage, self.pretrained.student))
        self.data.ranges.write_to(model.config)
        return SelfTuningTrainer(
            model,
            config,
            default_data_collator,
            train_dataset=self.parts.labeled,
            unlabeled_dataset=self.parts.unlabeled,
            eval_dataset=self.parts.dev,
            processing_class=image_processor_of(model, self.input),
            compute_metrics=accuracy_scores(more=self.metrics),
            source_model=self.make_source,
            methods=stage.methods,
            task=self.task,
        )

    def predict(self, trainer: SelfTuningTrainer, part: Dataset) -> dict[str, list[int]]:
        """The class of each image: the largest logit, summed over ten crops if the flags ask for them."""
        views = ten_crop_views(self.input, mirror=self.flip) if self.ten_crop else [plain_view(self.input)]
        encoded = (encode_images(part, view, open_with=self.open_image) for view in views)
        logits: Any = sum(trainer.predict(images).predictions for images in encoded)
        return {"argmax": logits.argmax(-1).tolist()}

    def page_view(self) -> ImageView:
        """Images as small pictures."""
        return ImageView(self.class_names, self.open_image)

    def answers(self, predicted: list[int], part: Dataset) -> Iterator[dict[str, Any]]:
        """The path, or the number from 0, and the class of each image, for the file of predictions."""
        images = part.cast_column("image", CLOSED)["image"]
        for number, (image, label) in enumerate(zip(images, predicted, strict=True)):
            yield {"image": image.get("path") or number, "label": self.data.class_names[label]}


def train_images(arguments: list[str] | None = None) -> list[Outcome]:
    """Images from few labels: fine-tune and train with methods from the same start, and report.

    Args:
        arguments: words of a command line, such as `["--labels_per_class", "5"]`; None takes those of this process.

    Returns:
        one outcome for each row.

    Raises:
        ValueError: flags or data cannot be used.
    """
    description = "Images from few labels: fine-tuning and methods from the same start, on the same labels."
    return run_from_flags(ImageSetup, arguments, description=description, prog="hf-selftuning train images")
