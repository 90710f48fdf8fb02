"""Teachers: trained models that are loaded from their folders, whatever their architecture."""

from pathlib import Path
from typing import Any

import torch
import transformers
from torch import nn
from transformers import AutoConfig
from transformers.modeling_outputs import ModelOutput

from .classifier import feature_width, find_classifier, read_features
from .method_state import saved_part
from .projector import middle_head
from .reference_model import Reference


class MiddleTeacher(nn.Module):
    """A model whose logits come from a head on a projector's first hidden layer, as SimCLRv2 fine-tunes it."""

    def __init__(self, model: Any, weights: dict[str, Any]) -> None:
        super().__init__()
        self.model, self.paths = model, find_classifier(model, model.config.num_labels)
        self.head = middle_head(feature_width(model, self.paths), model.config.num_labels)
        self.head.load_state_dict(weights)

    def forward(self, **inputs: Any) -> ModelOutput:
        """A ModelOutput with `logits`."""
        return ModelOutput(logits=self.head(read_features(self.model, self.paths, inputs)[0]))


def load_teacher(folder: str, num_classes: int) -> nn.Module:
    """The classifier that was saved in a folder, with SimCLRv2's head if it was trained with one.

    Raises:
        ValueError: the folder holds no model, or one with another number of classes.
    """
    if not (Path(folder) / "config.json").is_file():
        raise ValueError(f"teacher={folder} holds no config.json; give the folder that save_model or a stage wrote.")
    config = AutoConfig.from_pretrained(folder)
    if config.num_labels != num_classes:
        raise ValueError(
            f"The teacher in {folder} has {config.num_labels} classes and the student {num_classes}; give a teacher "
            "of the same classes in the same order."
        )
    # The class that saved the model; an Auto class would have to be told whether it classifies words or images.
    architecture = getattr(transformers, config.architectures[0])
    model = architecture.from_pretrained(folder, dtype=torch.float32)
    weights = saved_part(folder, "middle_head")
    return MiddleTeacher(model, weights) if weights else model


def teacher_or_start(folder: str | None, student: nn.Module, num_classes: int) -> Reference:
    """The teacher in a folder; without a folder, a frozen copy of the student before training."""
    return Reference(student if folder is None else load_teacher(folder, num_classes))
