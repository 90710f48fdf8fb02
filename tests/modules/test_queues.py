"""The class queues against lists that are filled one row at a time."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hf_selftuning.functional import losses
from hf_selftuning.modules.queues import ClassQueues, class_counts, rank_within_class

CLASSES, SIZE = 3, 2
LABELS = st.lists(st.integers(-1, CLASSES - 1), max_size=9)


def numbered(numbers: list[int]) -> torch.Tensor:
    """Keys of width 1 that hold their number."""
    return torch.tensor(numbers, dtype=torch.float32)[:, None]


def contents(queues: ClassQueues) -> list[list[float]]:
    """What each class holds, in no particular order."""
    return [sorted(slots[kept].flatten().tolist()) for slots, kept in zip(queues.read(), queues.filled, strict=True)]


def queues_with(*batches: list[int]) -> ClassQueues:
    """Queues of two slots after batches of labels; keys are numbered 1, 2, ... through all of them."""
    queues, number = ClassQueues(CLASSES, SIZE, 1), 1
    for labels in batches:
        keys = numbered(list(range(number, number + len(labels))))
        queues.enqueue(keys, torch.tensor(labels, dtype=torch.long))
        number += len(labels)
    return queues


@settings(max_examples=150, deadline=None)
@given(batches=st.lists(LABELS, max_size=6), size=st.integers(1, 4))
def test_the_queues_hold_what_lists_filled_row_by_row_hold(batches: list[list[int]], size: int) -> None:
    queues, number = ClassQueues(CLASSES, size, 1), 0
    rings = [[0.0] * size for _ in range(CLASSES)]
    written = [0] * CLASSES
    for labels in batches:
        keys = numbered(list(range(number, number + len(labels))))
        queues.enqueue(keys, torch.tensor(labels, dtype=torch.long))
        for label in labels:
            if label >= 0:
                rings[label][written[label] % size] = float(number)
                written[label] += 1
            number += 1
        assert queues.read().squeeze(2).tolist() == rings
        assert queues.filled.tolist() == [[slot < count for slot in range(size)] for count in written]


def test_rows_of_one_batch_land_in_their_order() -> None:
    assert queues_with([1, 0, 1]).read()[1].flatten().tolist() == [1, 3]


def test_the_oldest_key_of_the_class_makes_room() -> None:
    assert contents(queues_with([0, 0, 1], [0])) == [[2, 4], [3], []]


def test_of_more_rows_than_slots_the_last_stay() -> None:
    assert contents(queues_with([2, 2, 2, 2, 2])) == [[], [], [4, 5]]


def test_after_such_a_batch_the_oldest_still_goes_first() -> None:
    assert contents(queues_with([2, 2, 2, 2, 2], [2])) == [[], [], [5, 6]]


def test_rows_without_a_class_are_skipped() -> None:
    assert contents(queues_with([-1, 0, -1, -1])) == [[2], [], []]


def test_a_batch_without_rows_changes_nothing() -> None:
    assert contents(queues_with([0, 1], [])) == [[1], [2], []]


def test_slots_are_empty_until_they_are_written() -> None:
    queues = queues_with([1])
    assert queues.filled.tolist() == [[False, False], [True, False], [False, False]]


def test_a_reading_is_the_queue_itself_and_its_clone_stays_as_it_was() -> None:
    queues = queues_with([0, 0])
    reading, clone = queues.read(), queues.read().clone()
    queues.enqueue(numbered([9, 9]), torch.tensor([0, 0]))
    assert reading[0].flatten().tolist() == [9, 9]
    assert clone[0].flatten().tolist() == [1, 2]


def test_a_backward_pass_goes_through_a_clone_of_what_was_overwritten() -> None:
    queues = queues_with([0, 0])
    query = torch.ones(1, requires_grad=True)
    loss = torch.einsum("d,ckd->", query, queues.read().clone())
    queues.enqueue(numbered([9]), torch.tensor([0]))
    loss.backward()
    assert query.grad.tolist() == [1 + 2]


@pytest.mark.parametrize("chunk", [1, 10_000], ids=["in chunks", "at once"])
def test_a_backward_pass_refuses_a_reading_that_was_overwritten(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(losses, "CHUNK_SCORES", chunk)
    queues = queues_with([0, 0, 1])
    query = torch.ones(2, 1, requires_grad=True)
    labels = torch.tensor([0, 1])
    loss = losses.pseudo_group_contrast(query, numbered([1, 1]), labels, queues.read(), queues.filled).sum()
    queues.enqueue(numbered([9]), torch.tensor([0]))
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_keys_are_kept_in_the_precision_of_the_queue_and_without_gradients() -> None:
    queues = ClassQueues(2, 1, 1).double()
    queues.enqueue(torch.ones(1, 1, dtype=torch.bfloat16, requires_grad=True), torch.tensor([1]))
    assert queues.read().dtype == torch.float64
    assert not queues.read().requires_grad


def test_the_state_of_the_queues_is_saved_and_read_back() -> None:
    queues, fresh = queues_with([0, 1, 1, 1]), ClassQueues(CLASSES, SIZE, 1)
    fresh.load_state_dict(queues.state_dict())
    for each in (queues, fresh):
        each.enqueue(numbered([9]), torch.tensor([1]))
    torch.testing.assert_close(fresh.read(), queues.read(), rtol=0, atol=0)
    assert fresh.filled.tolist() == queues.filled.tolist()


def test_the_rank_counts_the_earlier_rows_of_the_same_label() -> None:
    labels = torch.tensor([2, -1, 0, 2, -1, 2])
    assert rank_within_class(labels, 3).tolist() == [0, 0, 0, 1, 1, 2]


def test_counts_leave_rows_without_a_class_out() -> None:
    assert class_counts(torch.tensor([2, -1, 0, 2]), 3).tolist() == [1, 0, 2]


# ---- keys that wait for the step ----


def slots(queues: ClassQueues, label: int) -> list[float]:
    return queues.read()[label][queues.filled[label]].flatten().tolist()


def test_waiting_keys_enter_when_the_step_settles() -> None:
    queues = ClassQueues(2, 3, 1)
    queues.wait(torch.tensor([[1.0], [2.0]]), torch.tensor([0, 1]))
    assert not queues.filled.any()
    queues.settle(1)
    queues.settle(2)  # nothing waits any more
    assert (slots(queues, 0), slots(queues, 1)) == ([1.0], [2.0])


def test_a_lower_turn_enters_first_however_the_step_is_cut() -> None:
    queues = ClassQueues(1, 4, 1)
    for micro_batch in (1.0, 2.0):
        queues.wait(torch.tensor([[micro_batch]]), torch.tensor([0]), turn=0)
        queues.wait(torch.tensor([[10 * micro_batch]]), torch.tensor([0]), turn=1)
    queues.settle(1)
    assert slots(queues, 0) == [1.0, 2.0, 10.0, 20.0]


def test_forgotten_keys_never_enter() -> None:
    queues = ClassQueues(1, 2, 1)
    queues.wait(torch.tensor([[1.0]]), torch.tensor([0]))
    queues.forget()
    queues.settle(1)
    assert not queues.filled.any()


def test_waiting_keys_hold_no_graph_and_are_not_in_the_checkpoint() -> None:
    queues = ClassQueues(1, 2, 1)
    key = torch.ones(1, 1, requires_grad=True)
    queues.wait(2 * key, torch.tensor([0]))
    assert list(queues.state_dict()) == ["keys", "written"]
    queues.settle(1)
    assert not queues.keys.requires_grad
    assert slots(queues, 0) == [2.0]
