"""What becomes of a saved head when the data names other classes, or the same ones in another order."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import tiny
import torch
from transformers import (
    AutoModelForImageClassification,
    AutoModelForTokenClassification,
    DeiTConfig,
    DeiTForImageClassificationWithTeacher,
    PreTrainedModel,
)

from hf_selftuning.experiment.pretrained.pretrained_heads import class_tensors
from hf_selftuning.experiment.pretrained.pretrained_models import image_model, word_model

NAMES = ["O", "B-PER", "B-LOC"]


def named(model: PreTrainedModel, names: Sequence[str]) -> PreTrainedModel:
    model.config.id2label = dict(enumerate(names))
    model.config.label2id = {name: i for i, name in enumerate(names)}
    return model


def logits(model: PreTrainedModel, **inputs: Any) -> torch.Tensor:
    with torch.no_grad():
        return model.eval()(**inputs).logits


WORDS = {"input_ids": torch.tensor([[1, 7, 9, 12, 2]])}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    named(tiny.bert(), NAMES).save_pretrained(tmp_path / "tagger")
    return tmp_path / "tagger"


def test_classes_in_another_order_keep_their_rows(saved: Path, capsys: pytest.CaptureFixture) -> None:
    before = logits(AutoModelForTokenClassification.from_pretrained(saved), **WORDS)
    after = logits(word_model(str(saved), ["B-LOC", "O", "B-PER"], tiny.tokenizer()), **WORDS)
    torch.testing.assert_close(after, before[..., [2, 0, 1]])
    assert "kept, its rows put in the order of the data's classes" in capsys.readouterr().out


def test_the_same_classes_keep_their_head(saved: Path, capsys: pytest.CaptureFixture) -> None:
    before = logits(AutoModelForTokenClassification.from_pretrained(saved), **WORDS)
    torch.testing.assert_close(logits(word_model(str(saved), NAMES, tiny.tokenizer()), **WORDS), before)
    assert f"the head of {saved}: kept\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("known", "asked", "reason"),
    [
        (NAMES, ["O", "B-DRUG", "B-DOSE"], "new, because the saved model has the classes O, B-PER, B-LOC, and the da"),
        (["LABEL_0", "LABEL_1", "LABEL_2"], NAMES, "new, because the saved model does not name the classes of a head"),
        (NAMES, ["O", "B-PER"], "new, because the saved model has the classes O, B-PER, B-LOC, and the data has O, B"),
        (NAMES, ["o", "b-per", "b-loc"], "new, because the saved model has the classes"),
    ],
)
def test_other_classes_get_a_new_head(
    tmp_path: Path, capsys: pytest.CaptureFixture, known: list[str], asked: list[str], reason: str
) -> None:
    named(tiny.bert(), known).save_pretrained(tmp_path)
    torch.manual_seed(7)
    made = word_model(str(tmp_path), asked, tiny.tokenizer())
    old = AutoModelForTokenClassification.from_pretrained(tmp_path)
    assert made.classifier.weight.shape[0] == len(asked)
    assert not torch.allclose(made.classifier.weight, old.classifier.weight[: len(asked)])
    assert 0 < made.classifier.weight.std() < 0.1
    torch.testing.assert_close(made.bert.state_dict(), old.bert.state_dict())
    assert reason in capsys.readouterr().out


def test_a_model_that_was_saved_without_a_head_gets_a_new_one(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    named(tiny.bert(), NAMES).bert.save_pretrained(tmp_path)
    word_model(str(tmp_path), ["B-LOC", "O", "B-PER"], tiny.tokenizer())
    assert "new, because the model was saved without one" in capsys.readouterr().out


@pytest.mark.parametrize("make", [tiny.vit, tiny.resnet])
def test_the_classes_of_images_keep_their_rows_too(tmp_path: Path, make: Any) -> None:
    pixels = {"pixel_values": torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))}
    named(make(), ["ant", "bee", "cat"]).save_pretrained(tmp_path)
    before = logits(AutoModelForImageClassification.from_pretrained(tmp_path), **pixels)
    after = logits(image_model(str(tmp_path), ["cat", "ant", "bee"]), **pixels)
    torch.testing.assert_close(after, before[:, [2, 0, 1]])


def test_both_heads_of_a_distilled_model_have_rows_of_classes() -> None:
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = DeiTConfig(image_size=32, patch_size=16, **sizes, id2label=dict(enumerate(NAMES)))
    found = class_tensors(DeiTForImageClassificationWithTeacher, config)
    heads = ("cls_classifier", "distillation_classifier")
    assert found == {f"{head}.{part}": 0 for head in heads for part in ("weight", "bias")}
