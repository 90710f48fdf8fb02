"""What services that follow a run, and notebooks, are sent by Trainer's callbacks; their libraries are replaced."""

import importlib
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import tiny
from transformers.integrations.integration_utils import TrackioCallback, WandbCallback, WandbLogModel

from hf_selftuning import SelfTuning

NAMES = {"train/loss", "train/loss_supervised", "train/loss_pgc_unlabeled", "train/pseudo_label_coverage"}


def methods() -> dict[str, Any]:
    """Self-Tuning without a warm-up, so that every term is there in the first line."""
    return {"methods": [SelfTuning.from_preset("words", warmup_ratio=0.0)]}


class ToWandb(WandbCallback):
    """Already set up, with a service that keeps the lines it is sent."""

    def __init__(self, lines: list[dict[str, Any]]) -> None:
        self._wandb = SimpleNamespace(log=lines.append, run=SimpleNamespace(summary={}))
        self._initialized, self._log_model = True, WandbLogModel.FALSE


class ToTrackio(TrackioCallback):
    """Likewise."""

    def __init__(self, lines: list[dict[str, Any]]) -> None:
        self._trackio = SimpleNamespace(log=lines.append, finish=lambda: None)
        self._initialized, self._space_id = True, None


@pytest.mark.parametrize("service", [ToWandb, ToTrackio])
def test_services_are_sent_the_names_that_tensorboard_has(service: Any, tmp_path: Path) -> None:
    lines: list[dict[str, Any]] = []
    tiny.trained(tiny.WORDS, tiny.arguments(tmp_path, max_steps=1), callbacks=[service(lines)], **methods())
    assert lines[0].keys() >= NAMES


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a notebook displays; IPython is replaced, as it need not be installed."""
    pages: list[str] = []

    def display(page: str, **_: Any) -> SimpleNamespace:
        pages.append(page)
        return SimpleNamespace(update=pages.append)

    package, module = ModuleType("IPython"), ModuleType("IPython.display")
    vars(module).update(HTML=str, display=display)
    package.display = module  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", package)
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    monkeypatch.delitem(sys.modules, "transformers.utils.notebook", raising=False)
    return pages


def test_a_notebook_shows_progress_and_scores(shown: list[str], tmp_path: Path) -> None:
    callback = importlib.import_module("transformers.utils.notebook").NotebookProgressCallback()
    args = tiny.arguments(tmp_path, max_steps=2, eval_strategy="steps", eval_steps=1)
    tiny.trained(tiny.WORDS, args, callbacks=[callback], eval_dataset=tiny.sentences(4, 2), **methods())
    assert "Validation Loss" in shown[-1]
    assert "[2/2" in shown[-1]
    sys.modules.pop("transformers.utils.notebook", None)
