"""Unlabelled data that stream in."""

from pathlib import Path

import numpy as np
import pytest
import tiny
from datasets import IterableDataset, interleave_datasets

from hf_selftuning.streams.unlabeled_stream import StreamedExamples, _parts, comes_by_chance


def numbers(size: int = 5, buffer: int | None = None) -> IterableDataset:
    stream = tiny.sentences(size, 0).add_column("number", list(range(size))).to_iterable_dataset()
    return stream if buffer is None else stream.shuffle(seed=3, buffer_size=buffer)


def read(stream: StreamedExamples, positions: list[int]) -> list[int]:
    return [stream[position]["number"] for position in positions]


def test_the_stream_begins_anew_at_its_end() -> None:
    assert read(StreamedExamples(numbers()), list(range(12))) == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]


@pytest.mark.parametrize("buffer", [None, 3])
def test_an_example_is_a_function_of_its_position(buffer: int | None) -> None:
    whole = read(StreamedExamples(numbers(buffer=buffer)), list(range(17)))
    for positions in ([16], [0, 0, 5, 9], [11, 3, 12]):
        assert read(StreamedExamples(numbers(buffer=buffer)), positions) == [whole[p] for p in positions]


def test_a_shuffled_stream_comes_in_another_order_each_time_round() -> None:
    whole = read(StreamedExamples(numbers(20, buffer=20)), list(range(40)))
    assert sorted(whole[:20]) == sorted(whole[20:]) == list(range(20))
    assert whole[:20] != whole[20:]


def test_datasets_has_the_private_names_that_tell_whether_a_stream_was_shuffled() -> None:
    shuffled = numbers().shuffle(buffer_size=3)
    look = "is gone from datasets; read `comes_by_chance` in streams/unlabeled_stream.py, and adapt it"
    for stream in (shuffled.skip(1), interleave_datasets([shuffled, numbers()])):
        part = getattr(stream, "_ex_iterable", None)
        assert part is not None, f"IterableDataset._ex_iterable {look}"
        assert hasattr(part, "ex_iterable") or hasattr(part, "ex_iterables"), f"ex_iterable of {part!r} {look}"
    generators = [getattr(part, "generator", None) for part in _parts(shuffled._ex_iterable)]
    assert any(isinstance(each, np.random.Generator) for each in generators), f"the generator of a shuffle {look}"


def test_a_stream_that_was_shuffled_without_a_seed_is_told_under_whatever_came_after() -> None:
    def twice(stream: IterableDataset, seed: int | None) -> IterableDataset:
        return interleave_datasets([stream, numbers()], probabilities=[0.5, 0.5], seed=seed)

    by_chance = [numbers().shuffle(buffer_size=3), numbers().shuffle(buffer_size=3).map(dict).skip(1)]
    by_chance += [twice(numbers(), None), twice(numbers().shuffle(), 0)]
    repeatable = [numbers(), numbers(buffer=3), numbers(buffer=3).map(dict).take(2), twice(numbers(buffer=3), 0)]
    repeatable += [numbers().shuffle(generator=np.random.default_rng(2**40))]
    assert [comes_by_chance(stream) for stream in by_chance] == [True] * 4
    assert [comes_by_chance(stream) for stream in repeatable] == [False] * 5


def test_a_stream_that_was_shuffled_without_a_seed_is_refused(tmp_path: Path) -> None:
    stream = tiny.sentences(9, 1).to_iterable_dataset().shuffle(buffer_size=4)
    message = r"shuffled without a seed, .* give a seed to shuffle, as in shuffle\(seed=0\)"
    with pytest.raises(ValueError, match=message):
        tiny.trained(tiny.WORDS, tiny.arguments(tmp_path), unlabeled_dataset=stream)


def test_a_run_beside_a_stream_goes_on_to_the_bit(tmp_path: Path) -> None:
    def stream() -> IterableDataset:
        return tiny.sentences(9, 1).to_iterable_dataset().shuffle(seed=0, buffer_size=4)

    args = tiny.arguments(tmp_path, save_strategy="steps", save_steps=5, train_sampling_strategy="group_by_length")
    whole = tiny.trained(tiny.WORDS, args, unlabeled_dataset=stream())
    again = tiny.resumed(tiny.WORDS, args, 5, unlabeled_dataset=stream())
    tiny.assert_same(tiny.everything(again), tiny.everything(whole))


def test_an_epoch_beside_a_stream_is_once_round_the_labelled_examples(tmp_path: Path) -> None:
    args = tiny.arguments(tmp_path, max_steps=-1, num_train_epochs=2)
    trainer = tiny.trained(tiny.WORDS, args, unlabeled_dataset=tiny.sentences(50, 1).to_iterable_dataset())
    assert trainer.state.global_step == 2 * 3  # ten examples, four a step
    trainer.create_model_card()
    assert "10 labelled and streamed unlabelled examples" in (tmp_path / "README.md").read_text()
