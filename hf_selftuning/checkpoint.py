"""Checkpoints: the methods' state beside the model's, and weights that are really read back."""

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import PreTrainedModel

STATE_FILE = "selftuning_state.safetensors"


def side_state(methods: nn.Module, student: nn.Module) -> dict[str, Tensor]:
    """Everything the methods hold, but for what they share with the student (a frozen base)."""
    shared = {tensor.data_ptr() for tensor in student.state_dict().values()}
    return {name: tensor for name, tensor in methods.state_dict().items() if tensor.data_ptr() not in shared}


def save_side_state(methods: nn.Module, student: nn.Module, folder: str) -> None:
    """Write the methods' state into a checkpoint folder, as safetensors."""
    state = {name: tensor.contiguous().cpu() for name, tensor in side_state(methods, student).items()}
    save_file(state, str(Path(folder) / STATE_FILE))


@torch.no_grad()
def load_side_state(methods: nn.Module, student: nn.Module, folder: str) -> None:
    """Read the methods' state back, strictly.

    Raises:
        ValueError: the checkpoint has none, or one of other methods or settings.
    """
    path = Path(folder) / STATE_FILE
    if not path.is_file():
        raise ValueError(
            f"{folder} has no {STATE_FILE}: it was not written by SelfTuningTrainer, or with save_only_model=True. "
            "Resume from a checkpoint that has it, or load the model alone with from_pretrained and train anew."
        )
    saved, mine = load_file(path), side_state(methods, student)
    other = sorted(saved.keys() ^ mine.keys()) or sorted(n for n in mine if mine[n].shape != saved[n].shape)
    if other:
        raise ValueError(
            f"{path} was written with other methods or settings: {', '.join(other[:3])} differ; "
            "resume with the methods and settings the run began with."
        )
    for name, tensor in mine.items():
        tensor.copy_(saved[name])


def reload_weights(model: PreTrainedModel, folder: str) -> None:
    """Read a saved plain model into the live one, every weight.

    transformers saves some architectures (ViT, timm wrappers) under other names than the live model has, which
    a plain `load_state_dict(strict=False)` skips without an error; `from_pretrained` knows both.
    """
    saved = type(model).from_pretrained(folder, config=model.config)
    model.load_state_dict(saved.state_dict(), strict=True)


def can_reload(model: nn.Module, folder: str) -> bool:
    """Whether a folder holds a whole plain model (adapters of peft are read by the Trainer itself)."""
    return not hasattr(model, "peft_config") and any(Path(folder).glob("model*.safetensors"))
