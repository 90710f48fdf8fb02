"""What EMA and SWA promise: whose weights are averaged, and that the averages are scored and saved."""

from pathlib import Path
from typing import Any

import pytest
import tiny
import torch
from made_step import built
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from transformers import TrainerCallback, TrainerState

from hf_selftuning import SWA, WeightEMA
from hf_selftuning.experiment.stages.resume import train_or_resume
from hf_selftuning.methods.swa import equal_momentum
from hf_selftuning.modules.ema import EmaCopy
from hf_selftuning.modules.swapping import swapped


def with_norm() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))


def changed(module: nn.Module, seed: int) -> None:
    """Other weights and other statistics."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for tensor in module.state_dict().values():
            tensor.copy_(torch.rand(tensor.shape) + 1 if tensor.is_floating_point() else tensor + 1)


def floats(module: nn.Module) -> dict[str, Tensor]:
    """Without the count of batches, which is a whole number."""
    return {name: tensor for name, tensor in module.state_dict().items() if tensor.is_floating_point()}


@pytest.mark.parametrize("every", [1, 3])
def test_the_mean_of_every_few_steps_is_that_of_torch(every: int) -> None:
    source = with_norm()
    mine = EmaCopy(source, lambda step: equal_momentum(every, step), buffers=True)
    theirs = AveragedModel(source, use_buffers=True)
    for step in range(8):
        changed(source, step)
        mine.settle(step)
        if step % every == 0:
            theirs.update_parameters(source)
    tiny.assert_near(floats(mine.module), floats(theirs.module))


def test_the_moving_average_is_that_of_torch_once_it_has_risen() -> None:
    source = with_norm()
    mine = EmaCopy(source, 0.8, buffers=True)
    theirs = AveragedModel(source, multi_avg_fn=get_ema_multi_avg_fn(0.8), use_buffers=True)
    theirs.update_parameters(source)
    for step in range(1, 5):
        changed(source, step)
        mine.settle(step)
        theirs.update_parameters(source)
    tiny.assert_near(floats(mine.module), floats(theirs.module))


def test_swapped_modules_have_each_others_weights_and_get_their_own_back() -> None:
    first, second = with_norm(), with_norm()
    changed(second, 1)
    before = [{n: t.clone() for n, t in module.state_dict().items()} for module in (first, second)]
    with swapped(first, second):
        tiny.assert_same(dict(first.state_dict()), before[1])
        tiny.assert_same(dict(second.state_dict()), before[0])
    tiny.assert_same(dict(first.state_dict()), before[0])
    tiny.assert_same(dict(second.state_dict()), before[1])


def of(trainer) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in trainer.model.state_dict().items()}


def saved(kind: tiny.Kind, folder: Path) -> dict[str, Tensor]:
    return dict(kind.auto.from_pretrained(folder).state_dict())


@pytest.mark.parametrize(
    "kind",
    [pytest.param(tiny.IMAGES, id="vit"), pytest.param(tiny.TIMM_IMAGES, id="timm", marks=pytest.mark.slow)],
)
def test_the_mean_of_the_trained_weights_is_scored_and_saved(tmp_path: Path, kind: tiny.Kind) -> None:
    """Steps 3 to 6 count: the warm-up of half of the steps ends with the third."""
    checkpoints = {"save_strategy": "steps", "save_steps": 1, "eval_strategy": "steps", "eval_steps": 1}
    args = tiny.arguments(tmp_path, max_steps=6, **checkpoints)
    trainer = tiny.trained(kind, args, methods=[SWA(warmup_ratio=0.5)], eval_dataset=tiny.images(6, 2, noise=0.0))
    steps = [saved(kind, tmp_path / f"checkpoint-{step}") for step in range(1, 7)]
    for name, value in of(trainer).items():
        if value.is_floating_point():
            torch.testing.assert_close(value, torch.stack([step[name] for step in steps[2:]]).mean(0))
    scores = {line["step"]: line["eval_loss"] for line in trainer.state.log_history if "eval_loss" in line}
    assert scores[6] == pytest.approx(trainer.evaluate()["eval_loss"], rel=1e-5)
    trainer.model.load_state_dict(steps[1])
    assert scores[2] == pytest.approx(trainer.evaluate()["eval_loss"], rel=1e-5), "the trained weights until then"


def best_at(step: int, folder: Path, *, every: int) -> tuple[Any, dict[str, Any]]:
    """Arguments of six steps that are scored and saved at each `every`th, and the score, which is best at one step."""
    often = {"save_strategy": "steps", "save_steps": every, "eval_strategy": "steps", "eval_steps": every}
    args = tiny.arguments(
        folder, max_steps=6, load_best_model_at_end=True, metric_for_best_model="fixed", greater_is_better=True,
        **often,
    )  # fmt: skip
    calls: list[int] = []
    return args, {"compute_metrics": lambda _: {"fixed": float(calls.append(1) or every * len(calls) == step)}}


@pytest.mark.parametrize("best", [2, 4])
def test_the_best_checkpoint_is_loaded_as_it_was_scored(tmp_path: Path, best: int) -> None:
    """The average of step 4, or before the averaging the weights of step 2."""
    args, scores = best_at(best, tmp_path, every=1)
    trainer = tiny.trained(tiny.IMAGES, args, methods=[SWA(warmup_ratio=0.5)], **scores)
    steps = [saved(tiny.IMAGES, tmp_path / f"checkpoint-{step}") for step in range(1, 7)]
    counted = steps[2:4] if best == 4 else steps[1:2]
    for name, value in of(trainer).items():
        torch.testing.assert_close(value, torch.stack([step[name] for step in counted]).mean(0))


def test_a_checkpoint_of_the_model_alone_holds_the_average_that_was_scored(tmp_path: Path) -> None:
    often = {"save_strategy": "steps", "save_steps": 2, "eval_strategy": "steps", "eval_steps": 2}
    args = tiny.arguments(
        tmp_path, max_steps=6, learning_rate=0.05, save_only_model=True, load_best_model_at_end=True,
        metric_for_best_model="loss", greater_is_better=True, **often,
    )  # fmt: skip
    trainer = tiny.trained(tiny.WORDS, args, methods=[WeightEMA(momentum=0.9)])
    scores = {line["step"]: line["eval_loss"] for line in trainer.state.log_history if "eval_loss" in line}
    assert max(scores, key=scores.get) < 6, "the worst is not the last, which a wrong average would be"
    assert trainer.evaluate()["eval_loss"] == pytest.approx(max(scores.values()), rel=1e-5)


def test_a_run_that_resumes_at_its_last_step_is_scored_and_ends_with_the_average(tmp_path: Path) -> None:
    """As one that was killed after its last checkpoint, while it was scored or saved."""
    often = {"save_strategy": "steps", "save_steps": 6, "eval_strategy": "steps", "eval_steps": 6}
    args = tiny.arguments(tmp_path, max_steps=6, learning_rate=0.05, eval_on_start=True, **often)
    methods = {"methods": "swa:warmup_ratio=0.5", "eval_dataset": tiny.sentences(6, 2)}
    whole = tiny.trained(tiny.WORDS, args, **methods)
    again = tiny.resumed(tiny.WORDS, args, 6, **methods)
    tiny.assert_same(of(again), of(whole))
    on_start, last = (trainer.state.log_history[-2]["eval_loss"] for trainer in (again, whole))
    assert on_start == pytest.approx(last, rel=1e-5)


@pytest.mark.parametrize("best", [2, 4, 6])
def test_a_row_that_is_only_read_back_has_the_average_that_was_scored(tmp_path: Path, best: int) -> None:
    """As a row of a run that was killed behind its last step; the best score is of the trained weights, or a mean."""
    args, scores = best_at(best, tmp_path, every=2)
    given = {"methods": "fixmatch:threshold=0.3+swa:warmup_ratio=0.5", **scores}
    whole = tiny.trained(tiny.IMAGES, args, **given)
    args.resume_from_checkpoint = "True"
    again = tiny.trainer(tiny.IMAGES, args, **given)
    train_or_resume(again)
    tiny.assert_same(of(again), of(whole))
    assert whole.label_changes.is_known
    tiny.assert_same(again.label_changes.state(), whole.label_changes.state())


class Stops(TrainerCallback):
    """As a user who interrupts a cell."""

    def on_step_end(self, args: Any, state: TrainerState, control: Any, **_: Any) -> None:
        if state.global_step == 4:
            raise KeyboardInterrupt


def test_what_is_saved_after_an_interruption_is_what_is_scored(tmp_path: Path) -> None:
    args = tiny.arguments(tmp_path, learning_rate=0.05)
    trainer = tiny.trainer(tiny.WORDS, args, methods=[WeightEMA(momentum=0.9)], callbacks=[Stops()])
    with pytest.raises(KeyboardInterrupt):
        trainer.train()
    trained, scored = of(trainer), trainer.evaluate()["eval_loss"]
    trainer.save_model(str(tmp_path / "model"))
    tiny.assert_same(of(trainer), trained)
    again = tiny.trainer(tiny.WORDS, args, model=tiny.WORDS.auto.from_pretrained(tmp_path / "model"), methods=[])
    assert again.evaluate()["eval_loss"] == pytest.approx(scored, rel=1e-5)


def test_a_second_training_averages_anew(tmp_path: Path) -> None:
    trainer = tiny.trained(tiny.WORDS, tiny.arguments(tmp_path), methods=[WeightEMA()])
    first = of(trainer)
    trainer.train()
    assert not torch.equal(first["classifier.weight"], of(trainer)["classifier.weight"])
    tiny.assert_same(of(trainer), dict(trainer.training_module.methods[0].average.module.state_dict()))


def test_training_itself_is_that_without_an_average(tmp_path: Path) -> None:
    found = []
    for name, methods in (("plain", ["fixmatch:threshold=0.3"]), ("ema", ["fixmatch:threshold=0.3", WeightEMA()])):
        often = {"eval_strategy": "steps", "eval_steps": 2}
        trainer = tiny.trained(tiny.IMAGES, tiny.arguments(tmp_path / name, max_steps=5, **often), methods=methods)
        found.append((trainer, tiny.lines(trainer)))
    (plain, mine), (ema, theirs) = found
    assert [line["loss"] for line in mine] == [line["loss"] for line in theirs]
    assert not torch.equal(next(iter(of(plain).values())), next(iter(of(ema).values())))


def test_two_averages_are_refused(tmp_path: Path) -> None:
    trainer = tiny.trainer(tiny.IMAGES, tiny.arguments(tmp_path), methods="weight_ema+swa")
    with pytest.raises(ValueError, match="WeightEMA and SWA each average the weights, and only one average can be"):
        trainer.train()


def test_an_average_forgets_the_untrained_head_soon() -> None:
    """A plain mean at first: after 9 steps the start has a tenth, and with 0.999 alone it would have nearly all."""
    student = nn.Linear(2, 2)
    nn.init.ones_(student.weight)
    method = built(WeightEMA(momentum=0.999), student)
    nn.init.zeros_(student.weight)
    for step in range(1, 10):
        method.average.settle(step)
    assert method.averaged().weight[0, 0].item() == pytest.approx(0.1)
