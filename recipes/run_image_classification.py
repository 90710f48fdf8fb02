"""Images from few labels: fine-tuning and Self-Tuning from the same start, on the same labels.

    python recipes/run_image_classification.py --dataset_name digits --labels_per_class 5

trains EfficientNet-Lite0 on scikit-learn's digits with five labels a class, in minutes on a CPU. Any image
classification model of the Hub, timm's included (`--model_name_or_path timm/resnet50.a1_in1k`), any dataset
with images and classes, folders of images and CUB-200-2011's layout will do; `--help` lists the flags.

    python recipes/run_image_classification.py --stages simclr simclr_v2 distillation

is SimCLRv2: the network learns from the images alone, then from the labels, then a student from what it says.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from datasets import Dataset
from transformers import AutoModelForImageClassification, PreTrainedModel, Trainer, default_data_collator

from hf_selftuning import ImageClassification, SelfTuningConfig, SelfTuningTrainer
from hf_selftuning.data.embedded import efficientnet_lite0
from hf_selftuning.data.image_processors import image_input_of, image_processor_of
from hf_selftuning.data.image_transforms import Transform, plain_view, strong_view, ten_crop_views, weak_view
from hf_selftuning.data.images import ImageData, load_images, open_image
from hf_selftuning.experiment.flags import BudgetArguments, ModelArguments, Parser
from hf_selftuning.experiment.labels import hold_out, make_split, unlabeled_pool
from hf_selftuning.experiment.plan import Stage, plans_of
from hf_selftuning.experiment.pretrained import hub_id, image_model, named_or_fallback, with_own_head
from hf_selftuning.experiment.run import compare
from hf_selftuning.experiment.run_folder import claim_folder
from hf_selftuning.experiment.stages import Start
from hf_selftuning.metrics import Counts, accuracy_scores, class_counts

DEFAULT_MODEL = "timm/tf_efficientnet_lite0.in1k"
DEFAULT_DATASET = "digits"


@dataclass(frozen=True)
class DataArguments:
    """Where the images come from; without a flag, scikit-learn's digits."""

    dataset_name: str | None = field(default=None, metadata={"help": "`digits`, or the Hub id of a dataset."})
    dataset_config_name: str | None = field(default=None, metadata={"help": "Its configuration."})
    dataset_revision: str | None = field(default=None, metadata={"help": "Branch, tag or commit of it on the Hub."})
    data_dir: str | None = field(default=None, metadata={"help": "Folder of class folders, or CUB-200-2011's layout."})
    test_dir: str | None = field(default=None, metadata={"help": "Folder of class folders to test on."})
    test_share: float | None = field(
        default=None,
        metadata={
            "help": "Share of each class of --data_dir to test on where no folder is for it; None takes 0.2, and 0 "
            "beside --unlabeled_dir."
        },
    )
    unlabeled_dir: str | None = field(
        default=None,
        metadata={"help": "Folder of more images, without classes; beside --data_dir, all labels of that are kept."},
    )
    train_flag: int = field(default=1, metadata={"help": "Training images' flag in CUB's train_test_split.txt."})
    max_classes: int | None = field(default=None, metadata={"help": "Only the first classes of CUB's layout."})
    image_size: int | None = field(
        default=None, metadata={"help": "Side of the input; None takes the model's own, 64 for digits."}
    )
    flip: bool | None = field(default=None, metadata={"help": "Mirror images; not digits by default."})
    crop_scale: float | None = field(
        default=None, metadata={"help": "Least share of the area in a training crop; None takes 0.2, 0.7 for digits."}
    )
    ten_crop: bool = field(
        default=False, metadata={"help": "Test on ten crops, as the papers do; five without mirror images."}
    )


@dataclass(repr=False)
class ImageConfig(SelfTuningConfig):
    """Training flags, with the defaults of this recipe."""

    output_dir: str | None = "runs/images"
    per_device_train_batch_size: int = 16
    per_device_eval_batch_size: int = 64
    learning_rate: float = 0.01
    optim: str = "sgd"
    optim_args: str | None = "momentum=0.9,nesterov=True"
    weight_decay: float = 1e-4
    lr_scheduler_type: str = "cosine"
    max_steps: int = 400
    labeled_view: str = "strong"
    max_grad_norm: float = 0.0
    logging_steps: float = 0.05
    eval_strategy: str = "steps"
    eval_steps: float | None = 0.25
    save_strategy: str = "no"
    report_to: None | str | list[str] = "none"  # noqa: RUF036  (the parser wants this order)
    channels_last: bool = True


class Images:
    """Data, split and model of one run."""

    def __init__(
        self, model: ModelArguments, data: DataArguments, budget: BudgetArguments, config: ImageConfig
    ) -> None:
        if budget.is_open and data.data_dir and data.unlabeled_dir:
            budget.label_ratio = 1.0
        elif budget.is_open:
            budget.labels_per_class = 5
        self.config: SelfTuningConfig = config
        self.student = model.student_name_or_path
        self.ten_crop = data.ten_crop
        self.folder = claim_folder(config, overwrite=budget.overwrite_output_dir)
        self.source = named_or_fallback(
            model.model_name_or_path, DEFAULT_MODEL, "model", "the embedded EfficientNet-Lite0"
        )
        self.base_model = hub_id(self.source or DEFAULT_MODEL)
        self.revision = model.model_revision
        self.model_name = self.source or "EfficientNet-Lite0 (embedded)"
        name = data.dataset_name or (None if data.data_dir else DEFAULT_DATASET)
        self.dataset_id = hub_id(None if name == DEFAULT_DATASET else name)
        self.data = read_data(data)
        names = self.data.class_names
        self.split = make_split(
            budget, self.data.train["label"], self.folder, dataset=self.data.name, class_names=names
        )
        labeled, held_out = hold_out(self.split, self.data.train["label"], budget.validation_share)
        self.labeled = self.data.train.select(labeled)
        self.dev = self.data.train.select(held_out) if held_out else self.data.validation
        carved = {"dev"} if held_out else set()
        self.published = {part: split for part, split in self.data.published.items() if part not in carved}
        self.unlabeled, config.audit_pseudo_labels = unlabeled_pool(self.data.train, self.split, self.data.unlabeled)
        digits = data.data_dir is None and self.data.name == DEFAULT_DATASET
        size = data.image_size or (64 if digits else None)
        self.look = image_input_of(self.make_model().config, self.source, revision=self.revision, size=size)
        self.flip = not digits if data.flip is None else data.flip
        scale = (data.crop_scale or (0.7 if digits else 0.2), 1.0)
        weak, strong = (view(self.look, scale=scale, flip=self.flip) for view in (weak_view, strong_view))
        self.task = ImageClassification(weak, strong, plain=plain_view(self.look), open_image=open_image)
        if self.dev is None:
            config.eval_strategy = "no"

    def make_model(self, source: str | None = None) -> PreTrainedModel:
        """The pretrained network, or that of a stage, with a new head."""
        names = self.data.class_names
        if source is not None:
            return image_model(source, names)
        if self.source is not None:
            return image_model(self.source, names, revision=self.revision)
        return efficientnet_lite0(len(names), label_names=names)

    def make_source(self) -> PreTrainedModel:
        """The pretrained network with its own classes, for Co-Tuning."""
        if self.source is None:
            return efficientnet_lite0(None)
        way_out = "take weights that were trained to classify, such as timm/resnet50.a1_in1k"
        return with_own_head(AutoModelForImageClassification, self.source, revision=self.revision, way_out=way_out)

    def make_language_trainer(self, config: SelfTuningConfig) -> Trainer:
        """None: images have no language."""
        raise ValueError("The stage tapt models language, and images have none; the stage simclr is theirs.")

    def make_trainer(self, stage: Stage, config: SelfTuningConfig, start: Start) -> SelfTuningTrainer:
        """Model and trainer of one run; the seed is set before, so that every head starts alike."""
        model = self.make_model(start.model_for(stage, self.student))
        return SelfTuningTrainer(
            model,
            config,
            default_data_collator,
            train_dataset=self.labeled,
            unlabeled_dataset=self.unlabeled,
            eval_dataset=None if self.dev is None else seen(self.dev, plain_view(self.look)),
            processing_class=image_processor_of(model, self.look),
            compute_metrics=accuracy_scores(),
            source_model=self.make_source,
            methods=stage.methods,
            task=self.task,
        )

    def counts(self, trainer: SelfTuningTrainer) -> dict[str, Counts | None]:
        """Right or wrong for each image of dev, where there is one, and of test; over ten crops if asked."""
        views = ten_crop_views(self.look, mirror=self.flip) if self.ten_crop else [plain_view(self.look)]
        parts = {"dev": self.dev, "test": self.data.test}
        return {name: None if part is None else image_counts(trainer, part, views) for name, part in parts.items()}


@lru_cache(maxsize=1)
def read_data(data: DataArguments) -> ImageData:
    """The user's folder or dataset, else scikit-learn's digits."""
    return load_images(
        dataset_name=data.dataset_name or (None if data.data_dir else DEFAULT_DATASET),
        dataset_config=data.dataset_config_name,
        revision=data.dataset_revision,
        data_dir=data.data_dir,
        test_dir=data.test_dir,
        unlabeled_dir=data.unlabeled_dir,
        test_share=data.test_share,
        train_flag=data.train_flag,
        classes=data.max_classes,
    )


def seen(dataset: Dataset, view: Transform) -> Dataset:
    """The dataset as the network sees it, image by image when asked."""

    def transform(batch: dict[str, list[Any]]) -> dict[str, Any]:
        return {"pixel_values": [view(open_image(image)) for image in batch["image"]], "labels": batch["label"]}

    return dataset.with_transform(transform)


def image_counts(trainer: SelfTuningTrainer, dataset: Dataset, views: list[Transform]) -> Counts:
    """Whether each image's class has the largest logit, summed over the views."""
    logits: Any = sum(trainer.predict(seen(dataset, view)).predictions for view in views)
    return class_counts(logits.argmax(-1), dataset["label"])


def main() -> None:
    """Train, score, report."""
    parser = Parser(ModelArguments, DataArguments, BudgetArguments, ImageConfig, description=__doc__)
    model, data, budget, config = parser.parse()
    plans = plans_of(budget, config, preset="images")
    images = Images(model, data, budget, config)
    more = {"image_size": images.look.size, "ten_crop": data.ten_crop}
    compare(images, plans, metric="accuracy", unit_name="images", more=more)


if __name__ == "__main__":
    main()
