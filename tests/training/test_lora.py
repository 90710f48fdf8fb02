"""Adapters of peft: what trains, what is copied, and what a checkpoint holds."""

from pathlib import Path
from typing import Any

import peft
import pytest
import tiny
import torch
from safetensors.torch import load_file

from hf_selftuning.modules.method_state import STATE_FILE

TARGETS = {"bert": ["query", "value"], "vit": ["q_proj", "v_proj"]}
BOTH = pytest.mark.parametrize("kind", TARGETS)


def student(kind: str, **given: Any) -> peft.PeftModel:
    config = peft.LoraConfig(r=2, target_modules=TARGETS[kind], modules_to_save=["classifier"])
    return peft.get_peft_model(tiny.KINDS[kind].model(**given), config)


def arguments(folder: Path) -> Any:
    return tiny.arguments(folder, save_strategy="steps", save_steps=5)


@BOTH
def test_only_adapter_and_heads_train(tmp_path: Path, kind: str) -> None:
    model = student(kind)
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    trainer = tiny.trained(tiny.KINDS[kind], arguments(tmp_path), model=model)
    moved = {name for name, parameter in model.named_parameters() if not torch.equal(parameter.cpu(), before[name])}
    assert moved == {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert all("lora_" in name or "modules_to_save" in name for name in moved)
    assert tiny.lines(trainer)[-1]["loss_supervised"] < tiny.lines(trainer)[0]["loss_supervised"]


@BOTH
def test_key_encoder_and_side_state_hold_the_trained_weights_alone(tmp_path: Path, kind: str) -> None:
    model = student(kind)
    trainer = tiny.trained(tiny.KINDS[kind], arguments(tmp_path), model=model)
    keys = trainer.methods[0].key_encoder.module
    own = {
        name
        for (name, mine), theirs in zip(keys.named_parameters(), model.parameters(), strict=True)
        if mine.data_ptr() != theirs.data_ptr()
    }
    assert own == {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    saved = load_file(tmp_path / "checkpoint-5" / STATE_FILE)
    prefix = "0.key_encoder.module."
    kept = {name.removeprefix(prefix) for name in saved if name.startswith(prefix)}
    assert kept == own | {name for name, _ in keys.named_buffers() if name in keys.state_dict()}


@BOTH
def test_a_run_goes_on_to_the_bit(tmp_path: Path, kind: str) -> None:
    whole = tiny.trained(tiny.KINDS[kind], arguments(tmp_path), model=student(kind))
    again = tiny.resumed(tiny.KINDS[kind], arguments(tmp_path), 5, model=student(kind))
    tiny.assert_same(tiny.everything(again), tiny.everything(whole))
    assert tiny.lines(again, 5) == tiny.lines(whole, 5)


@BOTH
def test_the_adapter_is_read_by_peft_alone(tmp_path: Path, kind: str) -> None:
    trainer = tiny.trained(tiny.KINDS[kind], arguments(tmp_path), model=student(kind))
    trainer.save_model(str(tmp_path / "final"))
    assert not list((tmp_path / "final").glob("model*.safetensors"))
    read = peft.PeftModel.from_pretrained(tiny.KINDS[kind].model(), str(tmp_path / "final"))
    tiny.assert_same(read.state_dict(), trainer.model.state_dict())
