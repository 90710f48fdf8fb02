"""The flags of a run on images: its data, and the defaults of its training."""

from dataclasses import dataclass, field
from typing import Literal

from ..command.run_config import RunConfig


@dataclass(frozen=True)
class ImageDataArguments:
    """Where the images come from; without a flag, scikit-learn's digits."""

    dataset_name: str | None = field(default=None, metadata={"help": "`digits`, or the Hub id of a dataset."})
    dataset_config_name: str | None = field(default=None, metadata={"help": "Configuration of the dataset."})
    dataset_revision: str | None = field(
        default=None, metadata={"help": "Branch, tag or commit of the dataset on the Hub."}
    )
    data_dir: str | None = field(
        default=None,
        metadata={
            "help": "Folder with a sub-folder for each class, or with folders of parts; a table of paths and classes; "
            "or a folder in CUB-200-2011's layout."
        },
    )
    test_dir: str | None = field(
        default=None, metadata={"help": "Folder with a sub-folder for each class, or a table, to test on."}
    )
    test_share: float | None = field(
        default=None,
        metadata={
            "help": "Share of each class of --data_dir to test on if there is no test part. Default: 0.2, or 0 beside "
            "unlabelled images."
        },
    )
    unlabeled_dir: str | None = field(
        default=None,
        metadata={
            "help": "Folder of more images, without classes. With it and without a budget, all images of --data_dir "
            "keep their labels."
        },
    )
    image_column_name: str | None = field(
        default=None, metadata={"help": "Column of the images or their paths in a table or dataset; else it is found."}
    )
    label_column_name: str | None = field(
        default=None, metadata={"help": "Column of the classes in a table or dataset; else it is found."}
    )
    class_names: str | None = field(
        default=None,
        metadata={"help": "Names of integer labels with commas between, or a JSON file with a list or `id2label`."},
    )
    allow_duplicates: bool = field(
        default=False, metadata={"help": "Train also on images that the test part holds, too; else they are an error."}
    )
    train_flag: int = field(default=1, metadata={"help": "The flag of training images in CUB's train_test_split.txt."})
    max_classes: int | None = field(default=None, metadata={"help": "Keep this many of CUB's classes."})
    skip_broken: bool = field(
        default=False,
        metadata={"help": "Pass over images that cannot be opened, and say how many, in place of an error."},
    )
    image_size: int | None = field(
        default=None, metadata={"help": "Side of the input, in pixels. Default: the model's own, and 64 for digits."}
    )
    flip: bool | None = field(default=None, metadata={"help": "Mirror images. Default: True, and False for digits."})
    crop_scale: float | None = field(
        default=None,
        metadata={"help": "Smallest share of the area that a training crop keeps. Default: 0.2, and 0.7 for digits."},
    )
    ten_crop: bool = field(
        default=False, metadata={"help": "Test on ten crops, as the papers do; on five where images are not mirrored."}
    )


@dataclass(repr=False)
class ImageConfig(RunConfig):
    """Training arguments, with the defaults of a run on images."""

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
    recipe: Literal["auto", "photos", "standard"] = field(
        default="auto",
        metadata={
            "help": "Settings that no flag names: `photos` for images like those of the pretraining, `standard` for "
            "others, `auto` to measure which they are."
        },
    )
    max_grad_norm: float = 0.0
    logging_steps: float = 0.05
    eval_strategy: str = "steps"
    eval_steps: float | None = 0.25
    save_strategy: str = "no"
    report_to: None | str | list[str] = "none"  # noqa: RUF036  (HfArgumentParser needs this order)
    channels_last: bool = True
