"""The clock of optimizer steps."""

import math
from pathlib import Path

import pytest
import tiny
from transformers import TrainerControl, TrainerState, TrainingArguments

from hf_selftuning.experiment.stages import step_clock as module
from hf_selftuning.experiment.stages.step_clock import StepClock


@pytest.fixture
def tick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Ends a step of a clock so many seconds after the last one."""
    now = [0.0]
    monkeypatch.setattr(module.time, "perf_counter", lambda: now[0])
    arguments = TrainingArguments(str(tmp_path), use_cpu=True)

    def end_step(clock: StepClock, state: TrainerState, seconds: float, *, then: str = "") -> None:
        now[0] += seconds
        clock.on_step_end(arguments, state, TrainerControl())
        if then:
            getattr(clock, then)(arguments, state, TrainerControl())

    return end_step


def test_only_steps_behind_steps_count(tick) -> None:
    clock, state = StepClock(), TrainerState()
    assert math.isnan(clock.mean)
    for seconds, then in ((9, ""), (1, ""), (2, "on_evaluate"), (50, ""), (3, "on_save"), (70, "")):
        tick(clock, state, seconds, then=then)
    assert clock.mean == (1 + 2 + 3) / 3


def test_a_resumed_run_counts_the_steps_before_as_well(tick, tmp_path: Path) -> None:
    clock, state = StepClock(), TrainerState()
    for seconds in (9, 1, 3):
        tick(clock, state, seconds)
    TrainerState(stateful_callbacks=[clock]).save_to_json(str(tmp_path / "trainer_state.json"))
    again, state = StepClock(), TrainerState.load_from_json(str(tmp_path / "trainer_state.json"))
    again.read(state)
    assert again.mean == 2
    for seconds in (30, 8):
        tick(again, state, seconds)
    assert again.mean == (1 + 3 + 8) / 3


def test_preparations_are_kept_for_a_resumed_run_which_makes_none(tmp_path: Path) -> None:
    TrainerState(stateful_callbacks=[StepClock(lambda: 7.5)]).save_to_json(str(tmp_path / "trainer_state.json"))
    again = StepClock(lambda: 0.0)
    again.read(TrainerState.load_from_json(str(tmp_path / "trainer_state.json")))
    assert again.before == 7.5


def test_a_checkpoint_without_a_clock_can_be_resumed_with_one(tmp_path: Path) -> None:
    given = {"max_steps": 4, "save_strategy": "steps", "save_steps": 2}
    tiny.trained(tiny.WORDS, tiny.arguments(tmp_path, **given), methods=[])
    clock = StepClock()
    again = tiny.resumed(tiny.WORDS, tiny.arguments(tmp_path, **given), 2, methods=[], callbacks=[clock])
    saved = TrainerState.load_from_json(str(tmp_path / "checkpoint-4" / "trainer_state.json"))
    assert saved.stateful_callbacks["StepClock"]["attributes"]["steps"] == clock.steps == 1
    assert again.state.global_step == 4
