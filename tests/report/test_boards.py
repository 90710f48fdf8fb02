"""The pictures that TensorBoard and W&B get after an evaluation."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tiny
import torch
from datasets import Dataset
from PIL import Image
from torchvision.transforms.functional import to_tensor
from transformers import TrainerControl, TrainerState
from transformers.integrations import TensorBoardCallback, WandbCallback
from transformers.integrations.integration_utils import WandbLogModel

from hf_selftuning import ImageClassification, SelfTuning, SelfTuningTrainer
from hf_selftuning.monitoring.label_changes import LabelChanges
from hf_selftuning.report.board_pictures import confusion_picture, gallery_picture
from hf_selftuning.report.boards import Pictures

COLOURS = ("red", "green", "blue")


class Writer:
    """A SummaryWriter that keeps what it is given."""

    def __init__(self) -> None:
        self.images: dict[str, tuple[Any, int]] = {}

    def add_image(self, name: str, image: Any, step: int, *, dataformats: str) -> None:
        assert dataformats == "HWC"
        self.images[name] = image, step

    def add_scalar(self, *_: Any) -> None: ...
    def add_text(self, *_: Any) -> None: ...
    def flush(self) -> None: ...
    def close(self) -> None: ...


class ToWandb(WandbCallback):
    """W&B's callback, already set up, with the run that `wandb` has."""

    def __init__(self) -> None:
        self._wandb = sys.modules["wandb"]
        self._initialized, self._log_model = True, WandbLogModel.FALSE


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What W&B is sent; its module is replaced."""
    lines: list[dict[str, Any]] = []
    run = SimpleNamespace(summary={})
    monkeypatch.setitem(sys.modules, "wandb", SimpleNamespace(run=run, log=lines.append, Image=lambda image: image))
    return lines


def pictured(size: int) -> Dataset:
    colours = [COLOURS[place % 3] for place in range(size)]
    return Dataset.from_dict(
        {"image": [Image.new("RGB", (32, 32), colour) for colour in colours], "label": [p % 3 for p in range(size)]}
    )


def trained(folder: Path, callbacks: list[Any]) -> SelfTuningTrainer:
    args = tiny.arguments(folder, max_steps=4, eval_strategy="steps", eval_steps=2, remove_unused_columns=False)
    parts = {"train_dataset": pictured(9), "unlabeled_dataset": pictured(18), "eval_dataset": tiny.images(6, 2)}
    methods = [SelfTuning.from_preset("images", warmup_ratio=0.0)]
    task = ImageClassification(weak=to_tensor)
    given = {"callbacks": callbacks, "methods": methods, "task": task, "compute_metrics": lambda _: {}, **parts}
    return tiny.trained(tiny.IMAGES, args, **given)


def test_a_training_sends_both_pictures_after_each_evaluation_and_its_losses_stay(
    sent: list[dict[str, Any]], tmp_path: Path
) -> None:
    boards = pytest.importorskip("torch.utils.tensorboard", reason="tensorboard is not installed")
    writer = boards.SummaryWriter(str(tmp_path / "board"))
    logged = trained(tmp_path / "logged", [TensorBoardCallback(writer), ToWandb()])
    plain = trained(tmp_path / "plain", [])
    assert [line["loss"] for line in tiny.lines(logged)] == [line["loss"] for line in tiny.lines(plain)]
    images = [line for line in sent if "eval/confusion_matrix" in line or "train/pseudo_labels" in line]
    assert [line["train/global_step"] for line in images] == [2, 2, 4, 4]
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(tmp_path / "board")).Reload()
    assert set(found.Tags()["images"]) == {"eval/confusion_matrix", "train/pseudo_labels"}
    assert found.Images("eval/confusion_matrix")[-1].step == 4


def source(*callbacks: Any) -> Any:
    """A trainer of two classes, as far as the pictures read it."""
    return SimpleNamespace(
        callback_handler=SimpleNamespace(callbacks=callbacks),
        label_changes=LabelChanges(0),
        model=SimpleNamespace(config=SimpleNamespace(num_labels=2, id2label={0: "cat", 1: "dog"})),
        task=ImageClassification(),
        unlabeled_dataset=None,
    )


def evaluated(pictures: Pictures) -> None:
    logits = np.array([[2.0, 1], [0, 1], [0, 1]], np.float32)
    for prefix in ("eval_dev", "eval_new"):
        pictures.take(logits, np.array([0, 0, -100]), prefix)
    pictures.on_evaluate(SimpleNamespace(), TrainerState(global_step=7), TrainerControl())  # type: ignore[arg-type]


def test_each_of_several_evaluation_sets_has_its_matrix() -> None:
    writer = Writer()
    evaluated(Pictures(source(TensorBoardCallback(writer))))
    assert {name: step for name, (_, step) in writer.images.items()} == {
        "eval/dev_confusion_matrix": 7,
        "eval/new_confusion_matrix": 7,
    }
    picture = writer.images["eval/dev_confusion_matrix"][0]
    assert picture.dtype == np.uint8
    assert picture.shape[2] == 3


def test_rows_are_counted_by_true_and_predicted_class() -> None:
    pictures = Pictures(source(TensorBoardCallback(Writer())))
    pictures.take(np.array([[2.0, 1], [0, 1], [0, 1]], np.float32), np.array([0, 0, -100]), "eval")
    assert pictures.confusions["eval"].tolist() == [[1, 1], [0, 0]]


def test_without_a_board_nothing_is_counted_or_drawn() -> None:
    pictures = Pictures(source())
    pictures.take(np.eye(2, dtype=np.float32), np.array([0, 1]), "eval")
    assert pictures.confusions == {}
    evaluated(pictures)


def test_of_many_classes_those_with_most_wrong_answers_are_drawn() -> None:
    counts = np.diag(np.full(200, 5))
    counts[7, 9] = 3
    assert confusion_picture(counts, [f"class {number}" for number in range(200)]).shape == (600, 600, 3)


def test_a_gallery_has_a_row_for_each_class_and_none_without_images() -> None:
    changes = LabelChanges(5)
    changes.note(torch.arange(4), torch.tensor([0, 0, 1, 1]), 1)
    changes.note(torch.tensor([1]), torch.tensor([1]), 9)
    changes.settle()
    opened: list[int] = []

    def image(place: int) -> Image.Image:
        opened.append(place)
        return Image.new("RGB", (300, 200), "red")

    shown = gallery_picture(changes, image, ["cat", "dog"])
    assert shown is not None
    assert shown.shape == (380, 750, 3)
    assert opened[1:] == [1, 2, 3, 0]  # of the larger class the one that changed comes first
    assert gallery_picture(changes, lambda _: None, ["cat", "dog"]) is None
