"""A large pool costs little: no row is read before its step, and the order is that of numpy's plain permutations."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pytest
import tiny
import torch
from accelerate import skip_first_batches

from hf_selftuning.data.piece_lengths import by_length, piece_lengths
from hf_selftuning.streams.order import Order
from hf_selftuning.streams.plain_batches import Places
from hf_selftuning.streams.seeds import mix

LENGTHS = [3, 0, 7, 1, 7, 2]


def encoded(lengths: list[int], **features: Any) -> datasets.Dataset:
    return datasets.Dataset.from_dict({"input_ids": [[1] * length for length in lengths]}, **features)


def large_lists() -> datasets.Dataset:
    kind = datasets.LargeList(datasets.Value("int32"))
    return encoded(LENGTHS, features=datasets.Features({"input_ids": kind}))


FORMS = {
    "lists": lambda: encoded(LENGTHS),
    "large lists": large_lists,
    "a selection": lambda: encoded([*LENGTHS, 5]).select([5, 4, 3, 2, 1, 0]).select([5, 4, 3, 2, 1, 0]),
    "a part": lambda: encoded([9, *LENGTHS, 9]).select(range(1, 7)),
    "joined": lambda: datasets.concatenate_datasets([encoded(LENGTHS[:2]), encoded(LENGTHS[2:])]),
    "tensors": lambda: encoded(LENGTHS).with_format("torch"),
    "with a transform": lambda: encoded(LENGTHS).with_transform(lambda batch: 1 / 0),
    "items": lambda: [{"input_ids": [1] * length} for length in LENGTHS],
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_lengths_are_those_of_the_lists(form: Any) -> None:
    assert piece_lengths(form()).tolist() == LENGTHS


def test_lists_of_one_length_and_rows_without_a_list_have_lengths_too() -> None:
    fixed = datasets.Features({"input_ids": datasets.List(datasets.Value("int32"), length=4)})
    assert piece_lengths(encoded([4, 4], features=fixed)).tolist() == [4, 4]
    assert piece_lengths(datasets.Dataset.from_dict({"input_ids": [[1], None]})).tolist() == [1, 0]


def test_lengths_are_read_without_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(LENGTHS)
    monkeypatch.setattr(datasets.Dataset, "__getitem__", lambda *_: pytest.fail("a row was read"))
    assert piece_lengths(data).dtype == np.int32
    assert piece_lengths(data).tolist() == LENGTHS


def test_more_rows_than_are_read_at_a_time_have_all_their_lengths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hf_selftuning.data.piece_lengths.ROWS", 4)
    assert piece_lengths(encoded(LENGTHS)).tolist() == LENGTHS


def test_examples_of_one_length_keep_their_order() -> None:
    assert by_length(encoded(LENGTHS)) == sorted(range(6), key=lambda place: -LENGTHS[place])


def plain_order(size: int, seed: int, batch: int, window: int, lengths: list[int] | None) -> Iterator[int]:
    """The order in plain Python: all permutations one after another; in a window, each of its passes by length."""
    turns = (np.random.default_rng([seed, turn]).permutation(size).tolist() for turn in itertools.count())
    coming = ((turn, index) for turn, indices in enumerate(turns) for index in indices)
    for number in itertools.count():
        block = list(itertools.islice(coming, batch * window))
        if lengths is not None:
            ordered = sorted(block, key=lambda item: (item[0], -lengths[item[1]]))
            batches = np.array([index for _, index in ordered]).reshape(window, batch)
            yield from np.random.default_rng([seed, number, 1]).permutation(batches).ravel().tolist()
        else:
            yield from (index for _, index in block)


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize(("size", "batch", "window"), [(1000, 8, 5), (7, 4, 5), (33, 4, 2), (70_000, 16, 50)])
def test_the_order_is_that_of_plain_permutations(size: int, batch: int, window: int, grouped: bool) -> None:
    lengths = [index * 7919 % 23 for index in range(size)] if grouped else None
    expected = itertools.islice(plain_order(size, 5, batch, window, lengths), 3000)
    order = Order(size, 5, batch, lengths, window=window)
    assert [order[position] for position in range(3000)] == list(expected)


def test_a_pass_over_the_pool_is_drawn_once_and_takes_four_bytes_an_example(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    make = np.random.default_rng

    def counted(seed: list[int]) -> np.random.Generator:
        drawn.append(seed)
        return make(seed)

    monkeypatch.setattr("hf_selftuning.streams.order.np.random.default_rng", counted)
    order = Order(1000, 0, 4, window=5)
    for position in range(1990):
        order[position]
    assert drawn == [[0, 0], [0, 1]]
    assert order._pass[1].nbytes == 4000


class Counted(list[Any]):
    """Examples that count how often one of them is read."""

    read = 0

    def __getitem__(self, index: Any) -> Any:
        self.read += 1
        return super().__getitem__(index)


def test_a_resumed_run_reads_no_skipped_example_and_mixes_no_seed_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mixed: list[int] = []
    monkeypatch.setattr("hf_selftuning.streams.pairs.mix", lambda *numbers: mixed.append(1) or mix(*numbers))
    pool = Counted(tiny.sentences(400, 1))
    trainer = tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path), unlabeled_dataset=pool)
    batches = list(trainer.get_train_dataloader())
    pool.read, mixed[:] = 0, []
    resumed = next(iter(skip_first_batches(trainer.get_train_dataloader(), 90)))
    torch.testing.assert_close(resumed, batches[90], rtol=0, atol=0)
    views = len(trainer.views.unlabeled)
    assert pool.read == 2 * 4 * views, "two batches: the loader reads one ahead"
    assert len(mixed) < 2 * 4 * (2 + 4 * views)


def test_places_are_indices_without_companions() -> None:
    places = Places(np.array([4, 2], np.int32))
    assert (list(places), len(places)) == ([(4, (), 4), (2, (), 2)], 2)
    assert all(type(number) is int for index in places for number in (index[0], index[2]))
