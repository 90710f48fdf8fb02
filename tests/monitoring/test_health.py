"""Unlabelled data that hurts is reported and gets less weight; data that helps keeps it; both equal after a resume."""

import logging
import math
from pathlib import Path
from typing import Any

import launch
import pytest
import tiny
import torch
from torch import Tensor

from hf_selftuning import Method, SelfTuning, SelfTuningConfig, SelfTuningTrainer
from hf_selftuning.methods.fixmatch import FixMatch
from hf_selftuning.metrics import accuracy_scores
from hf_selftuning.monitoring.health import chance, judge
from hf_selftuning.monitoring.log_history import scores
from hf_selftuning.tasks import ImageClassification

STEPS, EVERY = 60, 10
WARMUP = 0.5


def shares(*values: float, begins: int = 0, items: int = 0) -> list[float]:
    """The share after each score, a score a step."""
    steps = list(range(1, len(values) + 1))
    return [
        judge((steps[:n], list(values[:n])), begins=begins, items=items, margin=2.0).share
        for n in range(1, len(values) + 1)
    ]


def test_a_run_that_rises_or_wavers_within_the_margin_keeps_all_of_its_weight() -> None:
    assert shares(50, 60, 58, 61, 59.5) == [1, 1, 1, 1, 1]


def test_the_weight_is_0_after_a_fall_and_each_fall_halves_what_comes_back() -> None:
    assert shares(60, 50, 55, 59, 40, 60) == [1, 0, 0, 0.5, 0, 0.25]


def test_a_slow_decline_is_measured_from_the_best_score_and_not_from_the_last_one() -> None:
    assert shares(60, 59, 58, 57) == [1, 1, 1, 0]


def test_a_fall_during_the_warm_up_is_not_blamed_on_unlabelled_data() -> None:
    assert shares(60, 50, 55, begins=3) == [1, 1, 1]
    assert shares(60, 50, 55, begins=2) == [1, 1, 0]


def test_few_examples_raise_the_tolerance_to_what_chance_explains() -> None:
    assert chance(50.0, 100) == pytest.approx(2 * math.sqrt(0.25 / 104) * 100)
    assert shares(50, 41, items=100) == [1, 1]
    assert shares(50, 39, items=100) == [1, 0]


def test_one_wrong_of_ten_is_no_fall_from_ten_right() -> None:
    assert chance(100.0, 10) == pytest.approx(2 * math.sqrt(12 / 14 * 2 / 14 / 14) * 100)
    assert shares(100, 90, items=10) == [1, 1]
    assert shares(100, 80, items=10) == [1, 0]


def colours(size: int, column: str) -> list[dict[str, Any]]:
    """Images whose brightest channel is their class."""
    made = []
    for i in range(size):
        image = 0.1 * torch.randn(3, 32, 32, generator=torch.Generator().manual_seed(i))
        image[i % 3] += 1
        made.append({column: image, "label" if column == "image" else "labels": i % 3})
    return made


def poisoned(image: Tensor) -> Tensor:
    """The image in the colour of the next class."""
    return image.roll(1, 0)


def trainer(folder: Path, *, poison: bool, methods: list[Method] | None = None, **given: Any) -> SelfTuningTrainer:
    arguments = {
        "max_steps": STEPS, "eval_strategy": "steps", "eval_steps": EVERY, "learning_rate": 5e-3, "logging_steps": 5,
        "lr_scheduler_type": "constant",
    }  # fmt: skip
    args = tiny.arguments(folder, **{**arguments, **given})
    method = FixMatch(threshold=0.0, weight=5.0, warmup_ratio=WARMUP)
    return SelfTuningTrainer(
        tiny.vit(dropout=0.0),
        args,
        train_dataset=colours(12, "image"),
        unlabeled_dataset=colours(40, "image"),
        eval_dataset=colours(30, "pixel_values"),
        compute_metrics=accuracy_scores(),
        methods=[method] if methods is None else methods,
        task=ImageClassification(torch.clone, poisoned if poison else torch.clone),
    )


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if "Unlabelled data" in record.getMessage()]


def evaluations(trained: SelfTuningTrainer) -> dict[int, float]:
    return {line["step"]: line["eval_accuracy"] for line in trained.state.log_history if "eval_accuracy" in line}


def share_by_step(trained: SelfTuningTrainer) -> dict[int, float]:
    return {line["step"]: line["unlabeled_share"] for line in tiny.lines(trained)}


def closed_at(trained: SelfTuningTrainer) -> int:
    """The evaluation that closed the gate; every line of the log up to it has the whole share."""
    found = share_by_step(trained)
    first = min(step for step, share in found.items() if share == 0)
    assert all(share == 1 for step, share in found.items() if step < first)
    return max(step for step in evaluations(trained) if step < first)


@pytest.mark.slow
def test_poisoned_data_is_reported_once_and_gets_no_weight_behind_the_gate(tmp_path: Path, caplog: Any) -> None:
    with caplog.at_level(logging.WARNING):
        open_run = trainer(tmp_path, poison=True)
        open_run.train()
        (told,) = warnings(caplog)
        caplog.clear()
        gated = trainer(tmp_path, poison=True, safety_gate=True)
        gated.train()
        (told_gated,) = warnings(caplog)
    fell = closed_at(gated)
    assert fell > WARMUP * STEPS
    assert f"Unlabelled data seems to hurt: at step {fell} the dev accuracy is" in told
    assert told.endswith(
        "The weight of unlabelled data is kept; --safety_gate True sets it to 0 until the score recovers."
    )
    assert told_gated.endswith("The weight of unlabelled data is 0 until the score recovers.")
    assert "unlabeled_share" not in tiny.lines(open_run)[-1]
    assert next(line for line in tiny.lines(gated, fell))["loss_pseudo_label"] == 0
    assert evaluations(gated)[STEPS] > evaluations(open_run)[STEPS]


def test_healthy_data_keeps_its_weight(tmp_path: Path, caplog: Any) -> None:
    with caplog.at_level(logging.WARNING):
        gated = trainer(tmp_path, poison=False, safety_gate=True)
        gated.train()
    assert warnings(caplog) == []
    assert set(share_by_step(gated).values()) == {1.0}
    assert evaluations(gated)[STEPS] == 1


def test_a_gate_that_does_not_close_changes_nothing(tmp_path: Path) -> None:
    runs = [trainer(tmp_path, poison=False, safety_gate=gate) for gate in (False, True)]
    for run in runs:
        run.train()
    tiny.assert_same(*map(tiny.everything, runs))


def test_a_fall_of_fine_tuning_is_not_blamed_on_unlabelled_data(tmp_path: Path, caplog: Any) -> None:
    for methods, told in (([], 0), ([FixMatch(threshold=0.0)], 1)):
        falling = iter([0.9, 0.8, 0.3, 0.2])
        run = trainer(tmp_path, poison=False, methods=methods, max_steps=20, eval_steps=5)
        run.compute_metrics = lambda _, scores=falling: {"accuracy": next(scores)}
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            run.train()
        assert list(evaluations(run).values()) == [0.9, 0.8, 0.3, 0.2]
        assert len(warnings(caplog)) == told


def test_a_run_without_unlabelled_data_is_not_judged(tmp_path: Path) -> None:
    run = tiny.trainer(tiny.IMAGES, tiny.arguments(tmp_path), unlabeled_dataset=None, methods=[SelfTuning()])
    assert run.health.methods == []


@pytest.mark.slow
def test_a_resumed_gated_run_equals_the_whole_run(tmp_path: Path, caplog: Any) -> None:
    given = {"safety_gate": True, "save_strategy": "steps", "save_steps": 5}
    whole = trainer(tmp_path, poison=True, **given)
    whole.train()
    fell = closed_at(whole)
    for step in (fell, fell + 5):  # where the gate closes, and between two evaluations
        again = trainer(tmp_path, poison=True, **given)
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            again.train(resume_from_checkpoint=str(tmp_path / f"checkpoint-{step}"))
        tiny.assert_same(tiny.everything(again), tiny.everything(whole))
        assert tiny.lines(again, step) == tiny.lines(whole, step)
        assert warnings(caplog) == []  # the first run warned already


def test_a_gate_without_scores_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"nothing is scored during training; hold labels out \(--validation_share"):
        tiny.trainer(tiny.IMAGES, tiny.arguments(tmp_path, safety_gate=True))


def test_a_score_that_is_not_there_is_named(tmp_path: Path) -> None:
    run = trainer(tmp_path, poison=False, safety_gate=True)
    run.compute_metrics = lambda evaluated: {"kappa": 1.0}
    with pytest.raises(
        ValueError, match="needs eval_accuracy, and the evaluation does not give it; return it from compute_metrics"
    ):
        run.train()


def test_the_gate_judges_the_set_named_dev_whichever_comes_first(tmp_path: Path) -> None:
    run = trainer(tmp_path, poison=False, safety_gate=True, max_steps=EVERY)
    run.eval_dataset = {"test": run.eval_dataset, "dev": run.eval_dataset}
    run.train()
    assert list(scores({"run": run.state.log_history}, "accuracy")["run"][0]) == [EVERY]
    assert run.health._verdict(run.args, run.state).tolerated > run.args.safety_margin, "that of few examples"


def test_another_set_may_be_scored_before_training(tmp_path: Path) -> None:
    run = trainer(tmp_path, poison=False, safety_gate=True)
    assert "test_accuracy" in run.evaluate(metric_key_prefix="test")


def test_an_evaluation_after_training_is_not_judged(tmp_path: Path, caplog: Any) -> None:
    run = trainer(tmp_path, poison=False, max_steps=40)
    run.train()
    points = scores({"run": run.state.log_history}, "accuracy")
    run.compute_metrics = lambda _: {"accuracy": 0.0}
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        run.evaluate()
    assert evaluations(run)[40] == 0
    assert scores({"run": run.state.log_history}, "accuracy") == points
    assert warnings(caplog) == []


def test_a_margin_below_zero_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"safety_margin=-1\.0 would count a best score as a fall; give 0 or more"):
        SelfTuningConfig(str(tmp_path), safety_margin=-1.0)


@pytest.mark.slow
@pytest.mark.distributed
def test_two_ranks_use_the_same_share(tmp_path: Path) -> None:
    first, second = launch.two_ranks(Path(launch.__file__).with_name("health_ranks.py"), tmp_path)
    assert first["world_size"] == 2
    assert 0 in first["shares"].values()
    assert first["shares"] == second["shares"]
    tiny.assert_same(first["state"], second["state"])
