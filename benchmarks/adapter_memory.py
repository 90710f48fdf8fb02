"""Memory and disk space of the key encoder, for a student whose weights all train and for one with LoRA adapters.

python -m benchmarks.adapter_memory
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import peft
from torch import Tensor, nn

from hf_selftuning import SelfTuning
from hf_selftuning.core.preparation import BuildContext
from hf_selftuning.modules.classifier import feature_width, find_classifier
from hf_selftuning.modules.method_state import STATE_FILE, save_side_state

from .shapes import minilm

CLASSES = 9
MIB = 2**20


def whole() -> nn.Module:
    """MiniLM with all weights trainable."""
    return minilm(CLASSES)


def adapted(rank: int = 8) -> nn.Module:
    """MiniLM with adapters on queries and values, and a head that trains."""
    config = peft.LoraConfig(r=rank, target_modules=["query", "value"], modules_to_save=["classifier"])
    return peft.get_peft_model(minilm(CLASSES), config)


def mebibytes(tensors: Sequence[Tensor]) -> float:
    """Size of the tensors; tensors that share their storage count once."""
    return sum({t.data_ptr(): t.numel() * t.element_size() for t in tensors}.values()) / MIB


def figures(student: nn.Module) -> dict[str, float]:
    """Sizes in MiB: the student, the weights of the key encoder that it does not share, and the saved side state."""
    method = SelfTuning(projector_dim=128)
    paths = find_classifier(student, CLASSES)
    method.build(BuildContext(student, feature_width(student, paths), CLASSES, paths))
    of_student = {parameter.data_ptr() for parameter in student.parameters()}
    copied = [p for p in method.key_encoder.parameters() if p.data_ptr() not in of_student]
    with tempfile.TemporaryDirectory() as folder:
        save_side_state(nn.ModuleList([method]), student, {}, folder)
        written = (Path(folder) / STATE_FILE).stat().st_size / MIB
    return {
        "student": mebibytes(list(student.parameters())),
        "key encoder, its own": mebibytes(copied),
        "side state on disk": written,
    }


def main() -> None:
    """Print one line for each student."""
    students = {"all weights train": whole(), "LoRA, rank 8": adapted()}
    rows = {name: figures(student) for name, student in students.items()}
    names = list(next(iter(rows.values())))
    print("| MiniLM, 9 classes, MiB | " + " | ".join(names) + " |")
    print("|---" * (len(names) + 1) + "|")
    for name, row in rows.items():
        print(f"| {name} | " + " | ".join(f"{value:.1f}" for value in row.values()) + " |")


if __name__ == "__main__":
    main()
