"""The shapes of real runs, to measure at: a network, its batches, and the sizes of the contrast."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import (
    AutoModelForTokenClassification,
    BertConfig,
    BertForTokenClassification,
    PreTrainedModel,
    ResNetConfig,
    ResNetForImageClassification,
)

from hf_selftuning.core.task import Task
from hf_selftuning.data.embedded import efficientnet_lite0, minilm_folder
from hf_selftuning.modules.classifier import Rows, read_features
from hf_selftuning.tasks import task_of

Inputs = Mapping[str, Tensor]
IMAGE_SIDE, LARGE_SIDE, WORDS = 112, 224, 20


@dataclass(frozen=True)
class Contrast:
    """Sizes of the contrast: classes, keys a class, width of a key, rows of a stream."""

    classes: int
    size: int
    dim: int
    rows: int


@dataclass(frozen=True)
class Shape:
    """A step to measure.

    Args:
        title: its name in tables.
        contrast: sizes of one stream's contrast.
        model: makes the network; None measures the contrast alone.
        inputs: makes a batch of a given number of examples, and the places of their rows (None: an example is a row).
        batch: number of examples of each stream.
        published: whether the published loss ends in a reasonable time.
        for_gpu: whether it is measured on a GPU, or where it is named, but not by default on a CPU.
    """

    title: str
    contrast: Contrast
    model: Callable[[int], PreTrainedModel] | None = None
    inputs: Callable[[int], tuple[Inputs, Tensor | None]] | None = None
    batch: int = 0
    published: bool = True
    for_gpu: bool = False


@dataclass(frozen=True)
class Stream:
    """Two views of one batch, the places of its rows, and their labels."""

    query: Inputs
    key: Inputs
    rows: Tensor | None
    labels: Tensor


def images(size: int, side: int = IMAGE_SIDE) -> tuple[Inputs, None]:
    """A batch of noise images; each image is one row."""
    return {"pixel_values": torch.randn(size, 3, side, side)}, None


def sentences(size: int, words: int = WORDS) -> tuple[Inputs, Tensor]:
    """A batch of sentences of one length. Each word is one piece and one row; the special pieces are no rows."""
    ids = torch.randint(1000, 30_000, (size, words + 2))
    rows = torch.arange(size * (words + 2)).view(size, -1)[:, 1:-1].flatten()
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}, rows


def minilm(classes: int) -> PreTrainedModel:
    """MiniLM with a new head."""
    return AutoModelForTokenClassification.from_pretrained(minilm_folder(), num_labels=classes)


def _birds(title: str, contrast: Contrast, *, published: bool = True) -> Shape:
    return Shape(title, contrast, efficientnet_lite0, images, contrast.rows, published)


def resnet50(classes: int) -> PreTrainedModel:
    """ResNet-50 with random weights, on which a time does not depend."""
    config = ResNetConfig()
    config.num_labels = classes
    return ResNetForImageClassification(config)


def bert_base(classes: int) -> PreTrainedModel:
    """BERT-base, likewise."""
    config = BertConfig()
    config.num_labels = classes
    return BertForTokenClassification(config)


def _conll(batch: int, model: Callable[[int], PreTrainedModel] = minilm, name: str = "CoNLL") -> Shape:
    title = f"{name}, {batch}+{batch} sentences, 9 x 32 x 128"
    contrast = Contrast(9, 32, 128, batch * WORDS)
    return Shape(title, contrast, model, sentences, batch, for_gpu=model is bert_base)


def _large_birds() -> Shape:
    contrast = Contrast(200, 32, 1024, 24)
    title = "ResNet-50, 24+24 images of 224 pixels, 200 x 32 x 1024"
    return Shape(title, contrast, resnet50, lambda size: images(size, LARGE_SIDE), contrast.rows, for_gpu=True)


SHAPES = {
    "cub": _birds("CUB, 24+24 images, 200 x 32 x 1024", Contrast(200, 32, 1024, 24)),
    "classes1000": _birds("24+24 images, 1,000 x 32 x 256", Contrast(1000, 32, 256, 24)),
    "conll8": _conll(8),
    "conll32": _conll(32),
    "resnet50": _large_birds(),
    "bert8": _conll(8, bert_base, "BERT-base"),
    "bert32": _conll(32, bert_base, "BERT-base"),
    "classes10000": Shape("512 rows, 10,000 x 32 x 128, loss only", Contrast(10_000, 32, 128, 512), published=False),
}


def make_model(shape: Shape, device: torch.device) -> PreTrainedModel:
    """The network of a shape, with the same weights each time, in train mode and channels-last."""
    assert shape.model is not None
    torch.manual_seed(0)
    model = shape.model(shape.contrast.classes).train()
    nn.Module.to(model, memory_format=torch.channels_last)
    nn.Module.to(model, device)
    return model


def make_stream(shape: Shape, device: torch.device) -> Stream:
    """Random examples, because their content does not change the time."""
    assert shape.inputs is not None
    (query, rows), (key, _) = shape.inputs(shape.batch), shape.inputs(shape.batch)
    labels = torch.randint(shape.contrast.classes, (shape.contrast.rows,), device=device)
    query, key = ({name: value.to(device) for name, value in view.items()} for view in (query, key))
    return Stream(query, key, None if rows is None else rows.to(device), labels)


def read(model: nn.Module, task: Task, paths: tuple[str, ...], inputs: Mapping[str, Any], rows: Tensor | None) -> Rows:
    """The rows of a model for some inputs, read as an `Objective` does."""
    features, logits = read_features(model, paths, inputs)
    return Rows(task.select(features, rows), task.select(logits, rows))


def task_for(model: PreTrainedModel) -> Task:
    """The model's task, bound to it."""
    task = task_of(model)
    task.bind(model, None)
    return task
