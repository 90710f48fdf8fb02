"""A view or a stream whose name is wrong is a sentence with the method's name and the way out."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiny
import torch
from given_method import Made, one_step
from torch import nn

from hf_selftuning import SelfTuning, Step, Views
from hf_selftuning.core.method import all_views


def test_a_view_that_nobody_named_is_a_sentence() -> None:
    message = (
        "Made asks for the view 'strong.0' of the unlabeled stream, which has weak.0; "
        "return Views(unlabeled=('strong.0',)) from its method `views`."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        one_step(Made(answer=lambda step: {"made": step.student("unlabeled", "strong.0").logits.sum()}))


@pytest.mark.parametrize("ask", [Step.guess, Step.inputs, lambda step, *view: step.logits(nn.Identity(), *view)])
def test_every_way_to_ask_for_a_view_says_so(ask: Callable) -> None:
    message = r"Made asks for the view 'weak\.7' of the labeled stream, which has weak\.0; return Views\(labeled="
    with pytest.raises(ValueError, match=message):
        one_step(Made(answer=lambda step: ask(step, "labeled", "weak.7")))


def test_a_stream_that_is_not_there_is_a_sentence() -> None:
    message = r"of the unlabeled stream, which has no view; .* and ask step\.has_unlabeled first where needs_unlabeled"
    with pytest.raises(ValueError, match=message):
        one_step(Made(answer=lambda step: {"made": step.guess("unlabeled", "weak.0").logits.sum()}), unlabeled=False)


@pytest.mark.parametrize(
    "ask",
    [
        lambda step, stream: step.student(stream, "weak.0"),
        lambda step, stream: step.mean(stream, torch.ones(2)),
        Step.rows,
        Step.examples,
    ],
)
def test_a_misspelled_stream_is_a_sentence_with_the_right_name(ask: Callable) -> None:
    message = (
        "Made asks for the stream 'unlabelled', and a step has labeled and unlabeled; correct the name. "
        "Did you mean unlabeled or labeled?"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        one_step(Made(answer=lambda step: {"made": ask(step, "unlabelled")}))


def test_a_mean_over_a_stream_that_is_not_there_is_a_sentence() -> None:
    message = r"^Made asks for the unlabeled stream, and this step has none; ask step\.has_unlabeled first\.$"
    with pytest.raises(ValueError, match=message):
        one_step(Made(answer=lambda step: {"made": step.mean("unlabeled", torch.ones(2))}), unlabeled=False)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("stong.0", " Did you mean strong?"),
        ("weak", ""),
        ("weak.first", ""),
        ("strong.-1", ""),
        ("plain.1", ""),
        (0, ""),
    ],
)
def test_a_view_that_no_task_makes_is_a_sentence_before_data_are_made(name: Any, near: str) -> None:
    message = (
        f"Made names the view {name!r} of the unlabeled stream, and the name of a view is its kind (weak or strong) "
        f"and the number of a draw, as in strong.0; correct the name.{near}"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        all_views([Made(wanted=Views(unlabeled=(name,)))], "weak.0")


@pytest.mark.parametrize("kind", ["bert", "vit", "text"])
def test_a_trainer_refuses_a_misspelled_view_of_each_kind_of_data(kind: str, tmp_path: Path) -> None:
    method = Made(wanted=Views(labeled=("stong.0",)), answer=lambda step: {})
    with pytest.raises(ValueError, match=r"^Made names the view 'stong\.0' of the labeled stream"):
        tiny.trained(tiny.KINDS[kind], tiny.arguments(tmp_path, max_steps=1), methods=[method])


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (("weak.0",), "returns ('weak.0',) from `views`; return Views(unlabeled=('weak.0',)), for example."),
        (None, "returns None from `views`; return Views(unlabeled=('weak.0',)), for example."),
        (Views("weak.0"), "names its views as Views(labeled='weak.0'); write a tuple: ('weak.0',)."),
    ],
)
def test_what_is_no_views_is_a_sentence(wanted: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^Made {re.escape(message)}$"):
        all_views([Made(wanted=wanted)], "weak.0")


def test_a_misspelled_view_that_terms_ask_for_is_not_sent_to_views() -> None:
    with pytest.raises(ValueError, match=r"^Made names the view 'stong\.0' of the unlabeled stream.*mean strong\?$"):
        one_step(Made(answer=lambda step: {"made": step.guess("unlabeled", "stong.0").logits.sum()}))


def test_the_view_without_randomness_may_be_named() -> None:
    assert all_views([Made(wanted=Views(("plain.0",)))], "weak.0") == Views(("weak.0", "plain.0"))


def test_the_error_names_the_method_that_asks_and_not_its_neighbour() -> None:
    fine = SelfTuning(key_view="weak", query_view="weak", warmup_ratio=0.5)
    with pytest.raises(ValueError, match=r"^Made asks for the view 'strong\.3'"):
        one_step(fine, Made(answer=lambda step: {"made": step.guess("labeled", "strong.3").logits.sum()}))
