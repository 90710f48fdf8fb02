"""Ways to run the same training: checkpointed, compiled, in less precision; and a step that an overflow skipped."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tiny
import torch
from torch import Tensor
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from hf_selftuning import SelfTuning, SelfTuningTrainer

BOTH = pytest.mark.parametrize("kind", ["bert", "vit"])
slow = pytest.mark.slow


def run(folder: Path, kind: str, **given: Any) -> SelfTuningTrainer:
    args = tiny.arguments(folder, max_steps=6, **given)
    return tiny.trained(tiny.KINDS[kind], args, model=tiny.KINDS[kind].model(dropout=0.0))


def losses(trainer: SelfTuningTrainer) -> list[float]:
    return [line["loss"] for line in tiny.lines(trainer)]


@BOTH
def test_gradient_checkpointing_computes_again_and_trains_the_same(tmp_path: Path, kind: str) -> None:
    looks: list[int] = []

    def look(trainer: SelfTuningTrainer) -> SelfTuningTrainer:
        layer = (trainer.model.bert.encoder.layer if kind == "bert" else trainer.model.vit.layers)[0]
        next(iter(layer.children())).register_forward_hook(lambda *_: looks.append(1))
        trainer.train()
        return trainer

    trainers = [
        tiny.trainer(
            tiny.KINDS[kind],
            tiny.arguments(tmp_path, max_steps=6, gradient_checkpointing=checkpointing),
            model=tiny.KINDS[kind].model(dropout=0.0),
        )
        for checkpointing in (False, True)
    ]
    plain, passes = look(trainers[0]), len(looks)
    again = look(trainers[1])
    assert len(looks) - passes > passes
    assert losses(again) == pytest.approx(losses(plain), rel=1e-6)


@slow
def test_a_compiled_student_trains_the_same(tmp_path: Path) -> None:
    # In a process of its own: torch.compile does not trace the check of shapes that the tests switch on.
    here = Path(tiny.__file__).parent
    paths = os.pathsep.join([str(here.parents[1]), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, str(here / "compiled.py"), str(tmp_path)]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    for plain, compiled in json.loads((tmp_path / "losses.json").read_text()).values():
        assert compiled == pytest.approx(plain, rel=1e-5)


def precisions(trainer: SelfTuningTrainer) -> set[torch.dtype]:
    """Those of the student's logits in a training."""
    seen: list[torch.dtype] = []
    trainer.model.classifier.register_forward_hook(lambda _, __, logits: seen.append(logits.dtype))
    trainer.train()
    return set(seen)


@BOTH
def test_bf16_trains_to_the_same_loss_within_a_thousandth(tmp_path: Path, kind: str) -> None:
    args = tiny.arguments(tmp_path, max_steps=6, bf16=True)
    trainer = tiny.trainer(tiny.KINDS[kind], args, model=tiny.KINDS[kind].model(dropout=0.0))
    assert precisions(trainer) == {torch.bfloat16}
    assert losses(trainer) == pytest.approx(losses(run(tmp_path, kind)), rel=1e-3)


@BOTH
def test_fp16_trains_to_the_same_loss_within_a_thousandth(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Accelerate has fp16 on accelerators only; here PyTorch's own autocast and scaler do the same on a CPU.
    args = tiny.arguments(tmp_path, max_steps=6, use_cpu=True)
    trainer = tiny.trainer(tiny.KINDS[kind], args, model=tiny.KINDS[kind].model(dropout=0.0))
    trainer.accelerator.scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    monkeypatch.setattr(trainer.accelerator, "autocast", lambda: torch.autocast("cpu", torch.float16))
    assert precisions(trainer) == {torch.float16}
    assert losses(trainer) == pytest.approx(losses(run(tmp_path, kind)), rel=1e-3)


def test_with_batch_norm_bf16_trains_to_the_same_mean_loss_within_five_hundredths(tmp_path: Path) -> None:
    # Statistics of four images turn roundings into other pseudo-labels, and a high rate makes more of these.
    half, whole = (sum(losses(run(tmp_path, "timm", bf16=bf16, learning_rate=1e-4))) for bf16 in (True, False))
    assert half == pytest.approx(whole, rel=5e-2)


class Snapshots(TrainerCallback):
    """What the methods and the student hold after each step."""

    def __init__(self, trainer: SelfTuningTrainer) -> None:
        self.trainer = trainer
        self.after: list[dict[str, Tensor]] = []

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        module = self.trainer.training_module
        self.after.append({name: value.clone() for name, value in module.state_dict().items()})


def overflowed(trainer: SelfTuningTrainer, step: int) -> list[dict[str, Tensor]]:
    """Train with an overflow in a step; what is held after each."""
    # Accelerate makes a scaler on accelerators only; here the same code scales and skips in float32.
    trainer.accelerator.scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)

    def overflow(gradient: Tensor) -> Tensor:
        return gradient * torch.inf if trainer.state.global_step + 1 == step else gradient

    trainer.model.classifier.weight.register_hook(overflow)
    seen = Snapshots(trainer)
    trainer.add_callback(seen)
    trainer.train()
    return seen.after


@pytest.mark.parametrize("optim", ["adamw_torch", "adamw_torch_fused"])
def test_a_step_that_overflowed_moves_neither_student_nor_key_encoder_nor_queues(tmp_path: Path, optim: str) -> None:
    method = SelfTuning.from_preset("words", warmup_ratio=0.0)
    args = tiny.arguments(tmp_path, max_steps=5, max_grad_norm=0, optim=optim)
    trainer = tiny.trainer(tiny.WORDS, args, methods=[method])
    after = overflowed(trainer, 4)
    tiny.assert_same(after[3], after[2])
    assert not method.queues["labeled"]._waiting
    for name in (
        "student.classifier.weight",
        "methods.0.queues.labeled.keys",
        "methods.0.key_projector.module.weight",
    ):
        assert not torch.equal(after[4][name], after[3][name]), name


def test_a_warm_up_ends_with_a_step_that_overflowed(tmp_path: Path) -> None:
    method = SelfTuning.from_preset("words", warmup_ratio=0.5)
    trainer = tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path, max_steps=6, max_grad_norm=0), methods=[method])
    after = overflowed(trainer, 3)
    copied, student = "methods.0.key_encoder.module.classifier.weight", "student.classifier.weight"
    assert not torch.equal(after[1][copied], after[1][student])
    assert torch.equal(after[2][copied], after[2][student])
