"""L2-SP: nothing at the start, then half the squared distance from it; the starting point outlives a resume."""

from pathlib import Path

import pytest
import tiny
import torch
from safetensors import safe_open

from hf_selftuning import METHODS
from hf_selftuning.methods import DELTA, L2SP
from hf_selftuning.modules.method_state import STATE_FILE


def half_of_squares(differences: list[torch.Tensor]) -> float:
    return sum(0.5 * value**2 for tensor in differences for value in tensor.flatten().tolist())


def test_the_pull_is_zero_at_the_start_and_then_half_the_squared_distance(tmp_path: Path) -> None:
    trainer = tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path), methods=[L2SP(weight=2.0, head_weight=3.0)])
    head = [trainer.model.classifier.weight, trainer.model.classifier.bias]
    terms = tiny.first_terms(trainer)
    assert terms["start"].item() == 0
    assert terms["head_decay"].item() == pytest.approx(3 * half_of_squares(head), rel=1e-5)

    start = {name: parameter.detach().clone() for name, parameter in trainer.model.bert.named_parameters()}
    with torch.no_grad():
        for parameter in trainer.model.parameters():
            parameter += 0.01 * torch.randn_like(parameter)
    moved = [parameter - start[name] for name, parameter in trainer.model.bert.named_parameters()]
    assert tiny.first_terms(trainer)["start"].item() == pytest.approx(2 * half_of_squares(moved), rel=1e-4)


def test_a_frozen_network_is_not_pulled(tmp_path: Path) -> None:
    model = tiny.bert()
    model.bert.requires_grad_(False)
    trainer = tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path), model=model, methods=[L2SP()])
    assert tiny.first_terms(trainer).keys() == {"supervised", "head_decay"}


@pytest.mark.parametrize(("method", "left"), [(L2SP, "start"), (DELTA, "feature_maps")])
def test_a_frozen_head_does_not_decay(method: type, left: str, tmp_path: Path) -> None:
    model = tiny.bert()
    model.classifier.requires_grad_(False)
    trainer = tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path), model=model, methods=[method()])
    assert tiny.first_terms(trainer).keys() == {"supervised", left}


def test_weight_decay_besides_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path, weight_decay=0.1), methods=[L2SP()])
    assert "L2SP has a weight penalty of its own, and weight_decay=0.1 also pulls the weights to zero" in caplog.text


@pytest.mark.parametrize("name", ["l2_sp", "delta", "distillation"])
def test_the_reference_is_not_saved_and_another_start_is_noticed(tmp_path: Path, name: str) -> None:
    args = tiny.arguments(tmp_path, save_strategy="steps", save_steps=4)
    trainer = tiny.trained(tiny.WORDS, args, methods=[METHODS[name]()])
    with safe_open(tmp_path / "checkpoint-4" / STATE_FILE, "pt") as file:
        assert not [key for key in file.keys() if ".module." in key]  # noqa: SIM118
        assert [key for key in file.keys() if key.endswith(".fingerprint")]  # noqa: SIM118
    with pytest.raises(ValueError, match=r"keeps as its reference has other weights .* same pretrained weights"):
        tiny.resumed(tiny.WORDS, args, 4, methods=[METHODS[name]()], model=trainer.model)


def test_a_head_that_is_drawn_anew_is_no_other_start(tmp_path: Path) -> None:
    args = tiny.arguments(tmp_path, save_strategy="steps", save_steps=4)
    tiny.trained(tiny.WORDS, args, methods=[L2SP()])
    model = tiny.bert()
    torch.nn.init.normal_(model.classifier.weight)
    again = tiny.resumed(tiny.WORDS, args, 4, methods=[L2SP()], model=model)
    assert again.state.global_step == 8
