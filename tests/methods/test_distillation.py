"""Distillation and Noisy Student: what the teacher says, in which view, and who may be the teacher."""

import math
from pathlib import Path

import pytest
import tiny
import torch
from safetensors.torch import save_file
from transformers import ViTConfig, ViTForImageClassification

from hf_selftuning import METHODS, Method, SelfTuning
from hf_selftuning.methods import Distillation, NoisyStudent
from hf_selftuning.modules.method_state import STATE_FILE
from hf_selftuning.modules.projector import middle_head
from hf_selftuning.modules.teacher import load_teacher


def softmax(values: list[float]) -> list[float]:
    total = sum(math.exp(value) for value in values)
    return [math.exp(value) / total for value in values]


@pytest.fixture
def teacher(tmp_path: Path) -> Path:
    """A wider network than the student."""
    torch.manual_seed(3)
    sizes = {"hidden_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    model = ViTForImageClassification(ViTConfig(image_size=32, patch_size=16, num_labels=3, **sizes))
    torch.nn.init.normal_(model.classifier.weight)
    model.save_pretrained(tmp_path / "teacher")
    return tmp_path / "teacher"


@pytest.mark.parametrize(("view", "temperature"), [("weak", 1.0), ("strong", 4.0)])
def test_the_loss_is_the_tempered_cross_entropy_with_the_teacher(
    tmp_path: Path, teacher: Path, view: str, temperature: float
) -> None:
    method = Distillation(teacher=str(teacher), temperature=temperature, weight=0.5, view=view, labeled_weight=2.0)
    trainer = tiny.trainer(
        tiny.IMAGES, tiny.arguments(tmp_path, use_cpu=True), model=tiny.vit(dropout=0.0), methods=[method]
    )
    batch = tiny.first_step(trainer)
    terms = trainer.training_module(batch)[0]
    large = load_teacher(str(teacher), 3).eval()
    for name, stream, seen, factor in (
        ("distillation", "unlabeled", f"{view}.0", 0.5), ("distillation_labeled", "labeled", "weak.0", 2.0),
    ):  # fmt: skip
        inputs, losses = batch[stream]["views"][seen], []
        for ours, theirs in zip(trainer.model(**inputs).logits.tolist(), large(**inputs).logits.tolist(), strict=True):
            target, mine = (softmax([value / temperature for value in row]) for row in (theirs, ours))
            losses.append(-sum(t * math.log(p) for t, p in zip(target, mine, strict=True)))
        assert terms[name].item() == pytest.approx(factor * temperature**2 * sum(losses) / len(losses), rel=1e-4)


@pytest.mark.parametrize("name", ["distillation", "noisy_student"])
def test_the_teacher_stays_as_it_is(tmp_path: Path, teacher: Path, name: str) -> None:
    method = METHODS[name](teacher=str(teacher))
    tiny.trained(tiny.IMAGES, tiny.arguments(tmp_path), methods=[method])
    tiny.assert_same(method.fixed.module.state_dict(), load_teacher(str(teacher), 3).state_dict())
    assert not method.fixed.module.training


def test_the_noisy_student_sees_the_strong_view_and_its_teacher_the_weak_one(tmp_path: Path, teacher: Path) -> None:
    large = load_teacher(str(teacher), 3).eval()
    method = NoisyStudent(teacher=str(teacher), temperature=0.5)
    trainer = tiny.trainer(
        tiny.IMAGES, tiny.arguments(tmp_path, use_cpu=True), model=tiny.vit(dropout=0.0), methods=[method]
    )
    batch = tiny.first_step(trainer)
    views, losses = batch["unlabeled"]["views"], []
    ours, theirs = trainer.model(**views["strong.0"]).logits, large(**views["weak.0"]).logits
    for student, says in zip(ours.tolist(), theirs.tolist(), strict=True):
        hard = softmax([value / 0.5 for value in says])
        losses.append(-sum(t * math.log(p) for t, p in zip(hard, softmax(student), strict=True)))
    confidence = [max(softmax(says)) for says in theirs.tolist()]
    method.threshold = sorted(confidence)[2] - 1e-6  # two of four are at least as sure
    expected = sum(loss for loss, sure in zip(losses, confidence, strict=True) if sure >= method.threshold) / 4
    assert trainer.training_module(batch)[0]["noisy_student"].item() == pytest.approx(expected, rel=1e-4)


def test_a_teacher_from_the_middle_of_a_projector_answers_with_that_head(teacher: Path) -> None:
    head = middle_head(24, 3)
    state = {f"0.middle_head.{name}": value for name, value in head.state_dict().items()}
    save_file(state, str(teacher / STATE_FILE))
    images = torch.randn(2, 3, 32, 32)
    model = ViTForImageClassification.from_pretrained(teacher).eval()
    with torch.no_grad():
        expected = head(model.vit(images).last_hidden_state[:, 0])
        torch.testing.assert_close(load_teacher(str(teacher), 3).eval()(pixel_values=images).logits, expected)


def test_a_teacher_of_other_classes_is_refused(teacher: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"has 3 classes and the student 4; give a teacher of the same classes"):
        load_teacher(str(teacher), 4)
    with pytest.raises(ValueError, match=r"nothing holds no config\.json; give the folder that save_model"):
        load_teacher(str(tmp_path / "nothing"), 4)


@pytest.mark.parametrize("method", [Distillation, NoisyStudent])
def test_no_temperature_is_refused(method: type) -> None:
    with pytest.raises(ValueError, match=r"temperature=0\.0, which must be positive; the default is 1"):
        method(temperature=0.0)


@pytest.mark.parametrize("methods", [[Distillation(start="probe")], [NoisyStudent(), SelfTuning(start="propagate")]])
def test_a_teacher_before_its_probe_is_refused(methods: list[Method], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"{type(methods[0]).__name__} with teacher=None copies the student before"):
        tiny.trainer(tiny.IMAGES, tiny.arguments(tmp_path), methods=methods)
