"""Labels of Self-Tuning without favour: alignment, thresholds a class, weights of queries, the open-set gate."""

from pathlib import Path

import pytest
import tiny
import torch
import torch.nn.functional as F
from made_step import logits, made_step
from torch import Tensor, nn

from hf_selftuning import SelfTuning
from hf_selftuning.core.preparation import BuildContext
from hf_selftuning.functional.losses import greatest_similarity
from hf_selftuning.functional.pseudo_labels import flexible_thresholds, free_thresholds
from hf_selftuning.modules.labeler import Labeler

ROWS = [[0.96, 0.03, 0.01], [0.4, 0.35, 0.25], [0.05, 0.05, 0.9]]


def labeler(**settings) -> Labeler:
    return Labeler(3, momentum=0.0, **settings)


def settle(made: Labeler) -> None:
    for mean in made.running.values():
        mean.settle(1)


def forget(made: Labeler) -> None:
    for mean in made.running.values():
        mean.forget()


def set_mean(made: Labeler, name: str, values: list[float] | float) -> None:
    made.mean(name).copy_(torch.tensor(values))


def test_as_it_comes_it_takes_the_most_probable_class_above_the_threshold_and_remembers_nothing() -> None:
    made = labeler(threshold=0.9)
    found = made(logits(*ROWS))
    assert found.labels.tolist() == [0, 0, 2]
    assert found.used.tolist() == [True, False, True]
    assert not list(made.buffers())


def test_running_alignment_subtracts_the_log_of_the_mean_prediction() -> None:
    made = labeler(alignment="running")
    assert made(logits(*ROWS)).labels.tolist() == [0, 0, 2]
    settle(made)
    torch.testing.assert_close(made.mean("prediction"), torch.tensor(ROWS).mean(0))
    # 0.4 / 0.47, 0.35 / 0.143, 0.25 / 0.387
    assert made(logits(*ROWS)).labels.tolist() == [0, 1, 2]


def test_labelled_alignment_gives_labels_as_often_as_true_ones_come() -> None:
    made = labeler(alignment="labeled")
    made.observe_labels(torch.tensor([0, 0, 0, 1]))
    made(logits(*ROWS))
    settle(made)
    torch.testing.assert_close(made.mean("labels"), torch.tensor([0.75, 0.25, 0.0]))
    # 0.4 * 0.75 / 0.47 = 0.638, 0.35 * 0.25 / 0.143 = 0.610: the labels' favour outweighs the student's.
    found = made(logits(*ROWS))
    assert found.labels.tolist()[:2] == [0, 0]
    assert found.confidence[1].item() == pytest.approx(0.638 / (0.638 + 0.610), abs=2e-3)


def test_thresholds_of_flexmatch_and_freematch_are_the_methods_own() -> None:
    weak = logits([0.6, 0.3, 0.1], [0.1, 0.6, 0.3], [0.1, 0.3, 0.6])
    flexible = labeler(class_thresholds="flexmatch", threshold=0.8)
    set_mean(flexible, "learned", [0.6, 0.0, 0.3])
    expected = torch.tensor([0.6] * 3) >= flexible_thresholds(torch.tensor([0.6, 0.0, 0.3]), 0.8)
    assert flexible(weak).used.tolist() == expected.tolist() == [False, True, True]
    free = labeler(class_thresholds="freematch")
    set_mean(free, "confidence", 0.8)
    set_mean(free, "prediction", [0.5, 0.25, 0.25])
    expected = torch.tensor([0.6] * 3) >= free_thresholds(torch.tensor(0.8), torch.tensor([0.5, 0.25, 0.25]))
    assert free(weak).used.tolist() == expected.tolist() == [False, True, True]


def test_a_threshold_is_the_least_that_freematch_asks() -> None:
    made = labeler(class_thresholds="freematch", threshold=0.5)
    assert made(logits(*ROWS)).used.tolist() == [True, False, True]


def test_a_skipped_step_is_forgotten() -> None:
    made = labeler(alignment="running")
    made(logits(*ROWS))
    forget(made)
    settle(made)
    torch.testing.assert_close(made.mean("prediction"), torch.full((3,), 1 / 3))


def test_the_greatest_similarity_is_with_any_key_that_is_there() -> None:
    queue = torch.tensor([[[1.0, 0.0], [0.0, 1.0]], [[-1.0, 0.0], [0.6, 0.8]]])
    filled = torch.tensor([[True, False], [True, True]])
    queries = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, -1.0], [-0.6, -0.8]])
    assert greatest_similarity(queries, queue, filled).tolist() == pytest.approx([1, 0.8, 0, 0.6])
    assert greatest_similarity(queries, queue, torch.zeros_like(filled)).tolist() == [-1] * 4


def test_the_greatest_similarity_is_computed_in_float32_under_autocast() -> None:
    queries, queue = (F.normalize(torch.randn(*shape), dim=-1) for shape in ((3, 5), (2, 4, 5)))
    filled = torch.ones(2, 4, dtype=torch.bool)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = greatest_similarity(queries, queue, filled)
    assert torch.equal(found, greatest_similarity(queries, queue, filled))


def contrast(student: nn.Module, unlabeled: Tensor, **settings) -> tuple[SelfTuning, dict[str, Tensor], list[bool]]:
    """Self-Tuning after one step that filled its queues, asked again."""
    torch.manual_seed(0)
    method = SelfTuning(projector_dim=4, queue_size=4, **settings)
    method.build(BuildContext(student, 4, 3))
    given = {"labeled": torch.eye(4)[:3], "labels": torch.tensor([0, 1, 2])}
    step = made_step(student, {"strong.0": unlabeled, "strong.1": unlabeled}, **given)
    found = method.terms(step)
    return method, found, step.reported[0][1].tolist()


def student() -> nn.Linear:
    torch.manual_seed(1)
    return nn.Linear(4, 3)


def test_a_row_unlike_every_queued_key_is_neither_taught_nor_queued() -> None:
    """Labelled keys are the images of the first three axes; minus the first axis lies far from all of them."""
    method, found, used = contrast(student(), -torch.eye(4)[:1], open_set_similarity=0.9)
    assert used == [False]
    assert found["pgc_unlabeled"].item() == 0
    assert int(method.queues["labeled"].written.sum()) == 3


def test_a_row_like_a_queued_key_of_any_class_is_taught() -> None:
    _, found, used = contrast(student(), torch.eye(4)[1:2], open_set_similarity=0.9)
    assert used == [True]
    assert found["pgc_unlabeled"].item() > 0


def test_confidence_weighs_the_queries() -> None:
    model, unlabeled = student(), torch.eye(4)[1:2]
    _, plain, _ = contrast(model, unlabeled)
    _, weighted, _ = contrast(model, unlabeled, confidence_weights=True)
    confidence = model(unlabeled).softmax(1).max().item()
    assert weighted["pgc_unlabeled"].item() == pytest.approx(confidence * plain["pgc_unlabeled"].item(), rel=1e-5)


def test_flexible_thresholds_need_one_to_scale() -> None:
    with pytest.raises(ValueError, match="class_thresholds=flexmatch scales a threshold, and threshold is None"):
        SelfTuning(class_thresholds="flexmatch")


@pytest.mark.parametrize("name", ["alignment", "class_thresholds"])
def test_an_unknown_choice_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"SelfTuning has {name}='all', which is unknown; take none or "):
        SelfTuning(**{name: "all"})


def test_what_the_labeler_remembers_is_resumed_to_the_bit(tmp_path: Path) -> None:
    settings = {"alignment": "labeled", "class_thresholds": "freematch", "confidence_weights": True, "threshold": 0.2}
    args = tiny.arguments(tmp_path, save_strategy="steps", save_steps=5)

    def method() -> SelfTuning:
        return SelfTuning.from_preset("words", warmup_ratio=0.25, open_set_similarity=0.0, **settings)

    whole = tiny.trained(tiny.WORDS, args, methods=[method()])
    again = tiny.resumed(tiny.WORDS, args, 5, methods=[method()])
    state = tiny.everything(whole)
    assert {"prediction", "labels", "confidence"} == {name.split(".")[4] for name in state if "labeler" in name}
    tiny.assert_same(tiny.everything(again), state)
