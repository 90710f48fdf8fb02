"""Orders and pairs are functions of seed and position alone."""

import itertools
from collections import Counter

import numpy as np
import pytest
from accelerate.data_loader import BatchSamplerShard
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import BatchSampler

from hf_selftuning.streams.order import Order, PairSampler
from hf_selftuning.streams.seeds import mix

SIZES = st.integers(1, 40)
SEEDS = st.integers(0, 2**64 - 1)


def first(order: Order, count: int, start: int = 0) -> list[int]:
    return [order[position] for position in range(start, start + count)]


@settings(deadline=None)
@given(size=SIZES, seed=SEEDS, batch=st.integers(1, 9), grouped=st.booleans(), positions=st.lists(st.integers(0, 300)))
def test_an_order_is_a_function_of_seed_and_position(
    size: int, seed: int, batch: int, grouped: bool, positions: list[int]
) -> None:
    lengths = list(range(size)) if grouped else None
    order = Order(size, seed, batch, lengths, window=3)
    assert [order[p] for p in positions] == [Order(size, seed, batch, lengths, window=3)[p] for p in positions]


@settings(deadline=None)
@given(size=SIZES, seed=SEEDS, batch=st.integers(1, 9), turn=st.integers(0, 3))
def test_each_time_round_takes_every_example_once(size: int, seed: int, batch: int, turn: int) -> None:
    order = Order(size, seed, batch, window=2)
    assert sorted(first(order, size, turn * size)) == list(range(size))


@settings(deadline=None)
@given(size=SIZES, seed=SEEDS, batch=st.integers(1, 9), window=st.integers(1, 4), number=st.integers(0, 3))
def test_grouping_by_length_moves_examples_only_within_a_window(
    size: int, seed: int, batch: int, window: int, number: int
) -> None:
    lengths = [index % 7 for index in range(size)]
    plain, grouped = (Order(size, seed, batch, chosen, window=window) for chosen in (None, lengths))
    length = window * batch
    assert Counter(first(plain, length, number * length)) == Counter(first(grouped, length, number * length))


@settings(deadline=None)
@given(seed=SEEDS, batch=st.integers(1, 6), window=st.integers(1, 4))
def test_no_two_batches_of_a_window_overlap_in_length(seed: int, batch: int, window: int) -> None:
    lengths = [(7 * index) % 30 for index in range(30)]
    order = Order(30, seed, batch, lengths, window=window)  # the first window lies in one pass
    batches = [[lengths[i] for i in first(order, batch, b * batch)] for b in range(window)]
    batches.sort(key=lambda members: (min(members), max(members)))
    assert all(max(shorter) <= min(longer) for shorter, longer in itertools.pairwise(batches))


@pytest.mark.parametrize(("size", "batch"), [(20, 8), (77, 16), (140, 8)])
def test_a_batch_of_few_examples_holds_different_ones(size: int, batch: int) -> None:
    # A window of 50 batches reads the examples several times; sorted as one list, it had batches of one example alone.
    lengths = np.random.default_rng(0).integers(3, 40, size)
    rows = Order(size, 0, batch, lengths).between(0, 400 * batch).reshape(400, batch)
    assert np.mean([len(np.unique(row)) for row in rows]) > 0.98 * batch
    plain = Order(size, 0, batch).between(0, 400 * batch).reshape(400, batch)
    padded, shuffled = (lengths[order].max(1).sum() for order in (rows, plain))
    assert padded < 0.9 * shuffled


def test_batches_of_like_length_come_in_a_random_order() -> None:
    order = Order(100, 0, 5, list(range(100)), window=20)
    shortest = [min(first(order, 5, 5 * b)) for b in range(20)]
    assert sorted(shortest) == list(range(0, 100, 5))
    assert shortest not in (sorted(shortest), sorted(shortest, reverse=True))


def test_the_second_round_is_another_permutation() -> None:
    order = Order(20, 0, 4)
    assert first(order, 20) != first(order, 20, 20)


def test_another_seed_is_another_order() -> None:
    assert first(Order(20, 0, 4), 20) != first(Order(20, 1, 4), 20)


def test_positions_may_be_asked_for_in_any_sequence() -> None:
    order = Order(10, 3, 2, window=2)
    forwards = first(order, 40)
    assert [order[p] for p in reversed(range(40))] == forwards[::-1]


def test_mixing_tells_numbers_words_and_their_sequence_apart() -> None:
    seeds = [
        mix(1, 2),
        mix(2, 1),
        mix(1, 3),
        mix(1, "labeled"),
        mix(1, "unlabeled"),
        mix(1, "weak.0"),
        mix(1, "weak.1"),
    ]
    assert len(set(seeds)) == len(seeds)


def test_mixing_is_the_same_in_every_process() -> None:
    assert mix(42, "labeled") == int(
        np.random.SeedSequence([42, int.from_bytes(b"labeled", "little")]).generate_state(1, np.uint64)[0]
    )


def sampler(labeled: int, unlabeled: int | None, *, step: int, ratio: int = 1, grouped: bool = False) -> PairSampler:
    """As `pair_loader` builds it, with lengths that fall with the index."""

    def order(size: int, seed: int, batch: int) -> Order:
        return Order(size, seed, batch, list(range(size, 0, -1)) if grouped else None)

    second = None if unlabeled is None else order(unlabeled, 2, step * ratio)
    return PairSampler(order(labeled, 1, step), second, ratio)


@pytest.mark.parametrize(
    ("labeled", "unlabeled", "ratio", "expected"),
    [
        (16, None, 1, 16),
        (17, None, 1, 20),  # rounded up to steps of 4
        (3, None, 1, 4),
        (10, 40, 1, 40),  # the unlabelled stream is longer
        (10, 41, 2, 24),  # 21 pairs hold 41 companions
        (50, 40, 2, 52),
    ],
)
def test_an_epoch_sees_the_longer_stream_once_in_whole_steps(
    labeled: int, unlabeled: int | None, ratio: int, expected: int
) -> None:
    pairs = sampler(labeled, unlabeled, step=4, ratio=ratio)
    assert len(pairs) == expected
    drawn = list(pairs)
    assert len(drawn) == expected
    assert {pair[0] for pair in drawn} == set(range(labeled))
    assert {j for pair in drawn for j in pair[1]} == set(range(unlabeled or 0))


@pytest.mark.parametrize("ratio", [1, 3])
def test_each_labelled_example_has_ratio_companions_and_none_comes_twice_in_a_round(ratio: int) -> None:
    drawn = list(sampler(10, 60, step=5, ratio=ratio))
    assert {len(pair[1]) for pair in drawn} == {ratio}
    companions = [j for pair in drawn for j in pair[1]]
    assert len(set(companions[:60])) == 60


@settings(deadline=None)
@given(
    first_set=st.one_of(st.none(), st.integers(4, 60)),
    second_set=st.one_of(st.none(), st.integers(4, 60)),
    ratios=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    grouped=st.booleans(),
)
def test_the_labelled_order_knows_neither_the_unlabelled_set_nor_the_ratio(
    first_set: int | None, second_set: int | None, ratios: tuple[int, int], grouped: bool
) -> None:
    def labelled(unlabeled: int | None, ratio: int) -> list[tuple[int, int]]:
        """Three epochs, as the loader runs them; the example and the seed of its views."""
        pairs, drawn = sampler(10, unlabeled, step=4, ratio=ratio, grouped=grouped), []
        for epoch in range(3):
            pairs.set_epoch(epoch)
            drawn += [(index, seed) for index, _, seed in pairs]
        return drawn

    one, other = labelled(first_set, ratios[0]), labelled(second_set, ratios[1])
    assert all(a == b for a, b in zip(one, other, strict=False))


def test_epochs_follow_each_other_without_a_seam() -> None:
    pairs = sampler(6, 10, step=4)
    epochs = []
    for epoch in range(2):
        pairs.set_epoch(epoch)
        epochs += [index for index, _, _ in pairs]
    assert epochs == first(pairs.labeled, 24)
    assert sorted(epochs[:6]) == sorted(epochs[6:12]) == list(range(6))


def test_each_position_has_a_seed_of_its_own_in_every_epoch() -> None:
    pairs = sampler(8, 8, step=4)
    seeds = [seed for _, _, seed in pairs]
    pairs.set_epoch(1)
    seeds += [seed for _, _, seed in pairs]
    assert len(set(seeds)) == 16


def steps(ranks: int, batch: int, accumulation: int, *, grouped: bool) -> list[list[tuple]]:
    """The pairs of each optimizer step, all ranks together, as Accelerate shares batches out."""
    pairs = sampler(50, 70, step=ranks * batch * accumulation, ratio=2, grouped=grouped)
    shards = [
        list(BatchSamplerShard(BatchSampler(pairs, batch, drop_last=False), ranks, rank)) for rank in range(ranks)
    ]
    assert len({len(shard) for shard in shards}) == 1
    assert len(shards[0]) % accumulation == 0, "whole optimizer steps"
    return [
        sorted(
            itertools.chain.from_iterable(micro for shard in shards for micro in shard[start : start + accumulation])
        )
        for start in range(0, len(shards[0]), accumulation)
    ]


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize(("ranks", "batch", "accumulation"), [(1, 4, 4), (2, 8, 1), (2, 4, 2), (4, 4, 1)])
def test_the_same_pairs_meet_in_a_step_however_it_is_cut(
    ranks: int, batch: int, accumulation: int, grouped: bool
) -> None:
    assert steps(ranks, batch, accumulation, grouped=grouped) == steps(1, 16, 1, grouped=grouped)
