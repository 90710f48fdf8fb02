"""Errors of the Hub's client, as sentences."""

import re
from pathlib import Path

import pytest
from huggingface_hub.errors import OfflineModeIsEnabled
from huggingface_hub.utils import filter_repo_objects

from hf_selftuning.training.push_errors import HTTP_ERROR, explained, reason_of


def test_an_offline_switch_is_named() -> None:
    with (
        pytest.raises(OSError, match=r"Nothing was pushed to me/model: HF_HUB_OFFLINE is set; unset it"),
        explained("me/model"),
    ):
        raise OfflineModeIsEnabled("offline mode is enabled")


def test_the_cause_counts_and_not_what_was_made_of_it() -> None:
    try:
        try:
            raise HTTP_ERROR("connection reset")
        except HTTP_ERROR as error:
            raise RuntimeError("Error while uploading 'model.safetensors' to the Hub.") from error
    except RuntimeError as error:
        reason = reason_of(error, "me/model")
    assert reason is not None
    assert reason.startswith("The connection to the Hub broke while me/model was written to (HTTPError)")


def test_the_command_sends_model_and_card_and_nothing_else(tmp_path: Path) -> None:
    model = ["README.md", "config.json", "model.safetensors", "tokenizer.json", "vocab.txt"]
    others = [
        "selftuning_state.safetensors",
        "train_results.json",
        "optimizer.pt",
        "training_args.bin",
        "hf_token.txt",
    ]
    (tmp_path / "checkpoint-2").mkdir()
    for name in [*model, *others, "checkpoint-2/model.safetensors", "checkpoint-2/selftuning_state.safetensors"]:
        (tmp_path / name).touch()
    with (
        pytest.raises(OSError, match=r"still in .*: `hf upload .*` sends it\.") as raised,
        explained("me/model", tmp_path),
    ):
        raise ConnectionResetError
    command = re.findall(r"`(.*)`", str(raised.value))[0].split()
    assert command[:4] == ["hf", "upload", "me/model", str(tmp_path)]
    assert set(command[4::2]) == {"--include"}
    there = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(filter_repo_objects(there, allow_patterns=command[5::2])) == model


def test_errors_of_our_own_pass_as_they_are() -> None:
    with pytest.raises(ValueError, match="a label is 9"), explained("me/model", "out"):
        raise ValueError("a label is 9")
