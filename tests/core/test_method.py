"""What every method gets from its base: views, warm-up, ramp, the supervised term, parts that move, guesses."""

import dataclasses
from collections.abc import Iterator

import pytest
import tiny
import torch
from made_step import made_step
from torch import Tensor, nn

from hf_selftuning import (
    METHODS,
    BuildContext,
    EmaCopy,
    ImageClassification,
    Method,
    Part,
    SelfTuning,
    setting,
    share,
    threshold_setting,
)
from hf_selftuning.core.method import all_views, ramp
from hf_selftuning.core.objective import Objective
from hf_selftuning.core.step import Progress, Step, Stream, Views
from hf_selftuning.methods import FixMatch, MixMatch, ReMixMatch


@dataclasses.dataclass(kw_only=True, eq=False)
class Constant(Method):
    """A term of 1, and if asked one of 5 for the plain cross-entropy."""

    title = "Constant"
    paper = "none"
    stands_in: bool = setting(False, "whether it names the supervised term")

    def terms(self, step: Step) -> dict[str, Tensor]:
        terms = {"constant": torch.tensor(1.0)}
        return terms | {"supervised": torch.tensor(5.0)} if self.stands_in else terms


def term(method: Method, step: int, total: int = 10) -> dict[str, float]:
    """The terms of a step in the course of a training."""
    objective = Objective(tiny.vit(), [method], ImageClassification(), num_classes=3)
    objective.progress = Progress(step, total)
    views = {"weak.0": {"pixel_values": torch.zeros(2, 3, 32, 32)}}
    batch = {"labeled": {"views": views, "labels": torch.tensor([0, 1]), "weight": 0.5}}
    found, _ = objective(batch)
    return {name: value.item() for name, value in found.items()}


def test_a_method_that_names_no_view_gets_the_supervised_one_alone() -> None:
    assert Constant().views() == Views()
    assert all_views([Constant()], "weak.0") == Views(("weak.0",))


def test_the_supervised_view_comes_first_and_each_view_once() -> None:
    found = all_views([FixMatch(), SelfTuning(key_view="weak"), FixMatch()], "weak.0")
    assert found == Views(("weak.0", "weak.1"), ("weak.0", "strong.0", "weak.1"))


def test_a_ramp_rises_linearly_from_nothing_to_one() -> None:
    assert [ramp(step, 4) for step in (-1, 0, 1, 2, 4, 9)] == [0, 0, 0.25, 0.5, 1, 1]
    assert [ramp(step, 0) for step in (0, 3)] == [1, 1]


def test_a_method_of_any_kind_warms_up_and_ramps_up() -> None:
    """Of ten steps three are the warm-up, and over the next five the term rises."""
    found = [term(Constant(warmup_ratio=0.3, ramp_ratio=0.5), step).get("constant") for step in range(10)]
    assert found == [None, None, None, *map(pytest.approx, (0, 0.2, 0.4, 0.6, 0.8, 1, 1))]


def test_without_settings_a_term_has_its_weight_from_the_first_step() -> None:
    assert term(Constant(), 0)["constant"] == 1


def test_a_supervised_term_stands_in_for_the_plain_cross_entropy_and_does_not_rise() -> None:
    found = term(Constant(stands_in=True, ramp_ratio=0.5), 0)
    assert found == {"constant": 0, "supervised": 5}


def test_in_the_warm_up_the_plain_cross_entropy_has_its_place_again() -> None:
    plain = term(Constant(), 0)["supervised"]
    assert plain != 5
    assert term(Constant(stands_in=True, warmup_ratio=0.5), 0) == {"supervised": pytest.approx(plain, rel=0.2)}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"warmup_ratio": 1.0}, r"warmup_ratio=1.0 leaves no step for FixMatch; it must be in \[0, 1\)"),
        ({"ramp_ratio": 1.5}, r"FixMatch has ramp_ratio=1.5, which is no share; it is in \[0, 1\]"),
        ({"threshold": 95.0}, r"FixMatch has threshold=95.0, which is no share; it is in \[0, 1\]"),
    ],
)
def test_what_is_no_share_is_refused(settings: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FixMatch(**settings)


@pytest.mark.parametrize("method", [MixMatch(), ReMixMatch()])
def test_a_method_without_meaning_names_the_reason_and_another(method: Method) -> None:
    with pytest.raises(ValueError, match=r"has no meaning for words: it mixes .*; take "):
        method.check_meaning("words")
    method.check_meaning("images")


# ---- what a method declares ----


@dataclasses.dataclass(kw_only=True, eq=False)
class Declares(Constant):
    """Settings whose names say nothing."""

    least: float | None = threshold_setting(0.8, "least confidence")
    threshold: float = share(0.1, "a share of another kind")
    weights: str | None = setting(None, "folder of a classifier", from_stage="classifier")
    start: str | None = setting(None, "folder of a network", from_stage="pretrained")


def test_a_threshold_is_the_setting_that_is_declared_one() -> None:
    logits = torch.tensor([[0.79, 0.21], [0.81, 0.19]]).log()
    assert Declares().pseudo_labels(logits)[1].tolist() == [False, True]
    assert Declares(least=None).pseudo_labels(logits)[1].tolist() == [True, True]
    assert Constant().threshold_value == 0


def test_what_an_earlier_stage_fills_is_declared() -> None:
    assert Declares.settings_from_stage("classifier") == ["weights"]
    assert Declares.settings_from_stage("pretrained") == ["start"]
    assert Declares().lacks_teacher
    assert not Declares(weights="folder").lacks_teacher
    assert not Constant().lacks_teacher


def test_the_methods_that_learn_from_earlier_stages_say_so() -> None:
    taught = {name for name, method in METHODS.items() if method.settings_from_stage("classifier")}
    assert taught == {"distillation", "noisy_student"}
    assert {name for name, method in METHODS.items() if method.settings_from_stage("pretrained")} == {"simclr_v2"}


# ---- parts ----


class Recorder(Part):
    """Notes what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def begin(self) -> None:
        self.asked.append("begin")

    def settle(self, step: int) -> None:
        self.asked.append(f"settle {step}")

    def forget(self) -> None:
        self.asked.append("forget")


@dataclasses.dataclass(kw_only=True, eq=False)
class WithParts(Constant):
    """A part of its own, one inside a module, and an EMA copy; no hook is overridden."""

    def build(self, context: BuildContext) -> None:
        self.outer = Recorder()
        self.inside = nn.ModuleDict({"recorder": Recorder()})
        self.copy = EmaCopy(context.student, 0.5)


class NoBatches:
    """Labelled data without an example."""

    def __iter__(self) -> Iterator[Stream]:
        return iter(())

    def first(self, count: int) -> "NoBatches":
        return self


def with_parts() -> tuple[Objective, WithParts]:
    method = WithParts(warmup_ratio=0.3)
    return Objective(tiny.vit(), [method], ImageClassification(), num_classes=3), method


def test_every_part_is_told_the_steps_since_the_warm_up() -> None:
    objective, method = with_parts()
    objective.prepare(NoBatches())
    for step in (2, 3, 4):
        objective.progress = Progress(step, 10)
        objective.after_step()
    assert method.outer.asked == method.inside["recorder"].asked == ["begin", "settle -1", "settle 0", "settle 1"]


def test_a_step_that_overflowed_is_forgotten_but_ends_a_warm_up() -> None:
    objective, method = with_parts()
    for step in (2, 3, 4):
        objective.progress = Progress(step, 10)
        objective.after_step(skipped=True)
    assert method.outer.asked == ["forget", "forget", "settle 0", "forget"]


def test_a_copy_follows_the_student_without_a_line_in_the_method() -> None:
    objective, method = with_parts()
    head, copied = objective.student.classifier.weight, method.copy.module.classifier.weight
    start = head.detach().clone()
    for step, expected in ((2, start), (3, start + 1), (4, start + 1.5)):
        with torch.no_grad():
            head.copy_(start + (step - 2))
        objective.progress = Progress(step, 10)
        objective.after_step()
        torch.testing.assert_close(copied, expected)


@pytest.mark.parametrize("method", METHODS.values())
def test_no_method_overrides_what_moves_its_parts(method: type[Method]) -> None:
    assert not {"begin", "settle", "forget"} & vars(method).keys()


# ---- guesses ----


def student() -> tuple[nn.Linear, list[int]]:
    """A student, and a list that grows with its passes."""
    model, passes = nn.Linear(4, 3), []
    model.register_forward_hook(lambda *_: passes.append(1))
    return model, passes


def test_a_guess_is_made_once_and_has_no_gradient() -> None:
    model, passes = student()
    step = made_step(model, {"weak.0": torch.ones(2, 4)})
    first, second = step.guess("unlabeled", "weak.0"), step.guess("unlabeled", "weak.0")
    assert first is second
    assert not first.logits.requires_grad
    assert len(passes) == 1


def test_a_guess_on_a_view_that_was_taught_is_that_of_the_same_pass() -> None:
    model, passes = student()
    step = made_step(model, {"weak.0": torch.ones(2, 4)})
    rows, guess = step.student("unlabeled", "weak.0"), step.guess("unlabeled", "weak.0")
    torch.testing.assert_close(guess.logits, rows.logits.detach())
    assert not guess.logits.requires_grad
    assert len(passes) == 1


def test_a_guess_under_autocast_leaves_the_student_its_gradients() -> None:
    """Autocast keeps weights it has cast; those cast for a guess must not be what the next pass learns through."""
    model, _ = student()
    step = made_step(model, {"weak.0": torch.ones(2, 4), "strong.0": torch.ones(2, 4)})
    with torch.autocast("cpu", dtype=torch.bfloat16):
        step.guess("unlabeled", "weak.0")
        loss = step.student("unlabeled", "strong.0").logits.float().sum()
    loss.backward()
    assert model.weight.grad is not None
    assert model.weight.grad.abs().sum() > 0
