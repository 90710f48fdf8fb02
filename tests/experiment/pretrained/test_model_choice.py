"""Which model and data a recipe takes where the user names none, with the Hub and without."""

import pytest

from hf_selftuning.experiment.pretrained import model_choice as models
from hf_selftuning.experiment.pretrained.model_choice import EMBEDDED, named_or_fallback

DEFAULT = "someone/never-cached"


def chosen(given: str | None) -> str | None:
    return named_or_fallback(given, DEFAULT, "model", "the embedded encoder")


@pytest.fixture(params=[True, False], ids=["online", "offline"])
def online(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(models, "hub_reachable", lambda: request.param)
    return request.param


def test_the_default_needs_the_hub_and_what_stands_in_for_it_is_said(
    online: bool, capsys: pytest.CaptureFixture
) -> None:
    assert chosen(None) == (DEFAULT if online else None)
    said = capsys.readouterr().err
    assert ("default model someone/never-cached is not cached: the embedded encoder replaces it" in said) is not online


def test_embedded_is_the_same_with_the_hub_and_without(online: bool, capsys: pytest.CaptureFixture) -> None:
    assert chosen(EMBEDDED) is None
    assert not any(capsys.readouterr())
