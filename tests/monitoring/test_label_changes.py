"""The record of pseudo-labels that changed their class, against a slow one and in a training that resumes."""

from pathlib import Path
from typing import Any

import pytest
import tiny
import torch

from hf_selftuning.core.objective import Objective
from hf_selftuning.monitoring.label_changes import LabelChanges

Noted = list[tuple[list[int], list[int], int]]


def filled(size: int, noted: Noted, every: int = 1) -> LabelChanges:
    changes = LabelChanges(size)
    for number, (examples, labels, step) in enumerate(noted, 1):
        changes.note(torch.tensor(examples), torch.tensor(labels), step)
        if number % every == 0:
            changes.settle()
    changes.settle()
    return changes


def told(changes: LabelChanges) -> list[tuple[int, int, int]]:
    return list(zip(changes.newest.tolist(), changes.before.tolist(), changes.steps.tolist(), strict=True))


def test_a_label_that_is_not_used_changes_nothing() -> None:
    changes = filled(4, [([0, 1, 2], [5, 5, -1], 1), ([0, 1, 2], [5, -1, 5], 2), ([0, 1, 2], [6, 7, 5], 9)])
    assert told(changes) == [(6, 5, 9), (7, 5, 9), (5, -1, 0), (-1, -1, 0)]


@pytest.mark.parametrize("every", [1, 3, 50])
def test_the_record_equals_one_that_is_kept_example_by_example(every: int) -> None:
    draw = torch.Generator().manual_seed(0)
    noted: Noted = [
        (torch.randint(9, (6,), generator=draw).tolist(), torch.randint(-1, 3, (6,), generator=draw).tolist(), step)
        for step in range(1, 41)
    ]
    newest, before, steps = [-1] * 9, [-1] * 9, [0] * 9
    for examples, labels, step in noted:
        for example, label in zip(examples, labels, strict=True):
            if label >= 0 and newest[example] not in (-1, label):
                before[example], steps[example] = newest[example], step
            newest[example] = label if label >= 0 else newest[example]
    assert told(filled(9, noted, every)) == list(zip(newest, before, steps, strict=True))


def test_a_late_change_is_one_in_the_second_half_of_the_steps() -> None:
    changes = filled(3, [([0, 1, 2], [5, 5, 5], 1), ([0], [6], 4), ([1], [6], 5)])
    assert changes.late(8).tolist() == [False, True, False]


def test_of_a_stream_nothing_is_recorded() -> None:
    changes = filled(0, [([3], [1], 1)])
    assert not changes.is_known
    assert changes.state() == {}


def test_a_record_of_another_pool_is_not_taken() -> None:
    other = LabelChanges(5)
    other.load(filled(4, [([0], [1], 1)]).state())
    assert not other.is_known


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Examples and used pseudo-labels of every micro-batch, in order."""
    seen: list[tuple[int, int]] = []
    losses = Objective.losses

    def watch(self: Objective, batch: Any) -> Any:
        found = losses(self, batch)
        if self.guessed is not None:
            seen.extend(zip(*(values.tolist() for values in self.guessed), strict=True))
        return found

    monkeypatch.setattr(Objective, "losses", watch)
    return seen


def test_a_training_keeps_the_last_label_of_each_example_and_a_resumed_one_goes_on(
    reported: list[tuple[int, int]], tmp_path: Path
) -> None:
    args = tiny.arguments(
        tmp_path, max_steps=8, learning_rate=1e-1, logging_steps=3, save_strategy="steps", save_steps=4
    )

    def given() -> dict[str, Any]:  # each of six examples is drawn about five times
        return {"methods": "pseudo_labeling:threshold=0.01", "unlabeled_dataset": tiny.texts(6, 1)}

    whole = tiny.trained(tiny.TEXTS, args, **given()).label_changes
    last = dict(reported)
    assert len(reported) == 8 * 4
    assert whole.newest.tolist() == [last[example] for example in range(6)]
    assert (whole.steps > 4).any()
    assert told(tiny.resumed(tiny.TEXTS, args, 4, **given()).label_changes) == told(whole)


def test_of_words_nothing_is_recorded(tmp_path: Path) -> None:
    assert not tiny.trained(tiny.WORDS, tiny.arguments(tmp_path, max_steps=1)).label_changes.is_known
