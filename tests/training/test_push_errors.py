"""Errors of the Hub's client, as sentences."""

import pytest
from huggingface_hub.errors import OfflineModeIsEnabled

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


def test_the_folder_and_the_command_that_sends_it_are_named() -> None:
    with (
        pytest.raises(OSError, match=r"still in out: `hf upload me/model out` sends it\."),
        explained("me/model", "out"),
    ):
        raise ConnectionResetError


def test_errors_of_our_own_pass_as_they_are() -> None:
    with pytest.raises(ValueError, match="a label is 9"), explained("me/model", "out"):
        raise ValueError("a label is 9")
