"""Unlabelled data that stream in."""

import inspect
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
import torch
from datasets import Dataset, IterableDataset, interleave_datasets

from hf_selftuning import SelfTuningTrainer
from hf_selftuning.streams.unlabeled_stream import GOES_ON, Mark, StreamedExamples, _parts, comes_by_chance

marked = pytest.mark.skipif(not GOES_ON, reason="datasets before 5.1 does not go on exactly")


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


def sharded(size: int = 30, shards: int = 4) -> IterableDataset:
    made = Dataset.from_dict({"number": list(range(size))})
    return made.to_iterable_dataset(num_shards=shards)


def mixed() -> IterableDataset:
    return interleave_datasets([sharded(), sharded(20, 3).map(hundred_more)], probabilities=[0.3, 0.7], seed=1)


def hundred_more(example: dict[str, int]) -> dict[str, int]:
    return {"number": example["number"] + 100}


STREAMS = {
    "one shard": numbers,
    "shards": sharded,
    "shards in a drawn order": lambda: sharded().shuffle(seed=2, buffer_size=1),
    "mapped": lambda: sharded().map(hundred_more),
    "mapped in batches": lambda: sharded().map(
        lambda batch: {"number": [n + 100 for n in batch["number"]]}, batched=True, batch_size=7
    ),
    "filtered": lambda: sharded().filter(lambda example: example["number"] % 3 > 0),
    "skipped and taken": lambda: sharded().skip(3).take(20),
    "interleaved": mixed,
}


@marked
@pytest.mark.parametrize("make", STREAMS.values(), ids=STREAMS)
def test_a_stream_goes_on_from_each_of_its_marks(
    make: Callable[[], IterableDataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hf_selftuning.streams.unlabeled_stream.MARKED_EVERY", 1)
    stream, marks, whole = StreamedExamples(make()), [], []
    for position in range(60):
        whole.append(stream[position]["number"])
        marks.append(stream.new_mark())
    assert marks[0] is None
    for mark in marks[1:50]:
        assert mark is not None
        again = StreamedExamples(make())
        again.begin_after(Mark.of(mark.tensor()))
        assert read(again, list(range(mark.position + 1, 60))) == whole[mark.position + 1 :]
        assert read(again, [0, 1, 2]) == whole[:3]  # one who asks for what was before it, reads from the beginning


@marked
def test_what_is_before_a_mark_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hf_selftuning.streams.unlabeled_stream.MARKED_EVERY", 10)
    seen: list[int] = []

    def stream() -> StreamedExamples:
        return StreamedExamples(sharded().map(lambda example: seen.append(example["number"]) or example))

    first, marks = stream(), []
    for position in range(26):
        first[position]
        marks.append(first.new_mark())
    assert [mark.position for mark in marks if mark is not None] == [10, 20]
    again = stream()
    again.begin_after(marks[20])
    seen.clear()
    again[27]
    assert seen == [21, 22, 23, 24, 25, 26, 27]


def test_a_stream_with_a_shuffle_buffer_has_no_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hf_selftuning.streams.unlabeled_stream.MARKED_EVERY", 1)
    for under in (numbers(9, buffer=3), numbers(9, buffer=3).map(dict).skip(1)):
        stream = StreamedExamples(under)
        stream[4]
        assert stream.new_mark() is None


def told(stream: StreamedExamples, position: int, caplog: pytest.LogCaptureFixture) -> str:
    """What is told when the stream goes to a position."""
    caplog.clear()
    stream[position]
    return " ".join(caplog.messages)


def test_what_is_read_again_for_long_is_told_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("hf_selftuning.streams.unlabeled_stream.LONG", 3)
    assert not told(StreamedExamples(numbers(9, buffer=3)), 3, caplog)
    message = told(StreamedExamples(numbers(9, buffer=3)), 5, caplog)
    assert message.startswith("5 examples of the unlabelled stream are read again, up to the place where the run")
    assert "its shuffle buffer holds examples from anywhere before; to skip them, shuffle the files" in message
    monkeypatch.setattr("hf_selftuning.streams.unlabeled_stream.GOES_ON", True)
    message = told(StreamedExamples(numbers(9)), 5, caplog)
    assert "the checkpoint does not say where the stream stood" in message
    assert "buffer" not in message
    late = StreamedExamples(numbers(9))
    late.begin_after(Mark(7, {}))
    assert "the checkpoint's mark, example 7, is not near before them" in told(late, 5, caplog)
    monkeypatch.setattr("hf_selftuning.streams.unlabeled_stream.GOES_ON", False)
    message = told(StreamedExamples(numbers(9)), 5, caplog)
    assert (
        f"datasets {version('datasets')} does not go on exactly where a stream stood; to skip them, install" in message
    )


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


@marked
@pytest.mark.parametrize("workers", [0, 2])
def test_a_run_goes_on_from_a_mark_to_the_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    monkeypatch.setattr("hf_selftuning.streams.unlabeled_stream.MARKED_EVERY", 3)
    seen = tmp_path / "seen"

    def stream() -> IterableDataset:
        # A worker's list would be lost with it, and a file is not.
        def count(example: dict[str, Any], index: int) -> dict[str, Any]:
            with seen.open("a") as file:
                file.write(f"{index}\n")
            return example

        return tiny.sentences(13, 1).to_iterable_dataset(num_shards=3).map(count, with_indices=True)

    args = tiny.arguments(tmp_path, save_strategy="steps", save_steps=5, dataloader_num_workers=workers, max_steps=8)
    whole = tiny.trained(tiny.WORDS, args, unlabeled_dataset=stream())
    assert (tmp_path / "checkpoint-5").is_dir()
    before = len(seen.read_text().split())
    again = tiny.resumed(tiny.WORDS, args, 5, unlabeled_dataset=stream())
    tiny.assert_same(tiny.everything(again), tiny.everything(whole))
    # Three of the eight steps remain, of four examples each.
    assert len(seen.read_text().split()) - before < before * 2 / 3


def test_workers_read_the_examples_that_one_process_reads(tmp_path: Path) -> None:
    def trained(workers: int) -> SelfTuningTrainer:
        stream = tiny.sentences(9, 1).to_iterable_dataset(num_shards=3).shuffle(seed=0, buffer_size=4)
        args = tiny.arguments(tmp_path / str(workers), dataloader_num_workers=workers)
        return tiny.trained(tiny.WORDS, args, unlabeled_dataset=stream)

    tiny.assert_same(tiny.everything(trained(2)), tiny.everything(trained(0)))


def test_datasets_lets_a_worker_read_a_whole_stream() -> None:
    look = "read `StreamedExamples._begin` in streams/unlabeled_stream.py, and adapt it"
    assert isinstance(numbers()._epoch, torch.Tensor), f"the epoch of a stream is no shared tensor any more; {look}"
    asked = "torch.utils.data.get_worker_info()" in inspect.getsource(IterableDataset.__iter__)
    assert asked, f"IterableDataset no longer asks torch.utils.data.get_worker_info; {look}"


def test_an_epoch_beside_a_stream_is_once_round_the_labelled_examples(tmp_path: Path) -> None:
    args = tiny.arguments(tmp_path, max_steps=-1, num_train_epochs=2)
    trainer = tiny.trained(tiny.WORDS, args, unlabeled_dataset=tiny.sentences(50, 1).to_iterable_dataset())
    assert trainer.state.global_step == 2 * 3  # ten examples, four a step
    trainer.create_model_card()
    assert "10 labelled and streamed unlabelled examples" in (tmp_path / "README.md").read_text()
