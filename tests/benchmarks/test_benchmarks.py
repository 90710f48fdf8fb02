"""The benchmarks on tiny shapes: every figure is there, and what is compared does the same work."""

import dataclasses
import json

import pytest
import tiny
import torch

from benchmarks import adapter_memory, choices, step
from benchmarks.candidates import bare_passes, our_step
from benchmarks.contrasts import unit_rows
from benchmarks.growth import QUICK_BASE, growth
from benchmarks.measure import calls_beyond_passes, measure_loss, measure_step, measure_trainers
from benchmarks.published_step import PublishedQueues, published_contrast
from benchmarks.report import COLUMNS, draw, table_of_growth, table_of_shapes
from benchmarks.shapes import SHAPES, Contrast, Shape, images
from benchmarks.timing import interleaved, log_log_slope, operator_calls, ratio
from hf_selftuning.functional.losses import pseudo_group_contrast

CPU = torch.device("cpu")
TINY = Shape("tiny", Contrast(3, 2, 4, 5), lambda classes: tiny.vit(), lambda size: images(size, 32), 5)


def test_the_published_loss_is_ours_up_to_its_constant_on_one_row() -> None:
    # On one row alone, for later rows of the published loop meet the same queue but leave another one behind.
    sizes = Contrast(classes=3, size=2, dim=4, rows=1)
    queries, keys, labels = unit_rows(sizes, CPU)
    queues = PublishedQueues(3, 2, 4, CPU)
    queue = queues.keys.T.reshape(3, 2, 4).clone()
    ours = pseudo_group_contrast(queries, keys, labels, queue, torch.ones(3, 2, dtype=torch.bool)).mean()
    theirs = published_contrast(queries, keys, labels, queues)
    torch.testing.assert_close(ours - torch.tensor(3.0).log(), theirs)


def test_the_published_queues_put_each_key_over_the_oldest_of_its_class() -> None:
    queues = PublishedQueues(2, 2, 1, CPU)
    queues.keys.zero_()
    for number, label in enumerate([1, 1, 1, 0]):
        queues.enqueue(torch.tensor([number + 1.0]), torch.tensor(label))
    assert queues.keys.tolist() == [[4, 0, 3, 2]]


def test_candidates_run_in_turn_and_each_as_often() -> None:
    order: list[str] = []
    runs = {name: lambda name=name: order.append(name) for name in "abc"}
    times = interleaved(runs, repetitions=2, device=CPU)
    assert "".join(order) == "abc" + "abc" + "bca"
    assert {name: len(each) for name, each in times.items()} == {"a": 2, "b": 2, "c": 2}


def test_a_ratio_is_taken_within_rounds() -> None:
    assert ratio({"a": [2.0, 40.0, 6.0], "b": [1.0, 10.0, 3.0]}, "a", "b") == 2


def test_doubling_time_with_size_has_slope_one() -> None:
    assert log_log_slope([1, 2, 4], [3.0, 6.0, 12.0]) == pytest.approx(1)


def test_a_step_calls_few_operators_beyond_its_passes() -> None:
    # 395 before both streams shared a projection, a contrast and a write into the queues. An iteration over rows or
    # classes would make it hundreds.
    ours, bare = our_step(TINY, CPU), bare_passes(TINY, CPU)
    for run in (ours, bare):
        run()  # the first step copies the student into the key encoder
    assert operator_calls(ours) - operator_calls(bare) <= 197


def test_steps_of_other_methods_call_few_operators_beyond_their_passes() -> None:
    most = {"fixmatch": 39, "flexmatch": 80, "mean_teacher": 48}  # of all supported releases of PyTorch
    counts = calls_beyond_passes(TINY, CPU)
    assert counts.keys() == most.keys()
    assert all(counts[name] <= most[name] for name in most), counts


@pytest.mark.slow
def test_every_figure_of_the_table_is_measured(tmp_path) -> None:
    figures = {"title": TINY.title, **measure_loss(TINY, CPU, repetitions=1)}
    figures |= measure_step(TINY, CPU, repetitions=1) | measure_trainers(TINY, CPU, rounds=1, steps=4)
    assert COLUMNS.keys() - figures.keys() == {"host_syncs"}, "which only a GPU has"
    assert all(value > 0 for name, value in figures.items() if name != "title")
    base = dataclasses.replace(QUICK_BASE, classes=2, rows=2, size=2, dim=2)
    grown = growth(base, CPU, repetitions=1)
    assert [each["sizes"][-1] for each in grown.values()] == [64] * 4
    assert "tiny" in table_of_shapes({"tiny": figures})
    assert "keys a class" in table_of_growth(grown)
    draw({"shapes": {"tiny": figures}, "growth": grown}, tmp_path / "performance.png")
    assert (tmp_path / "performance.png").stat().st_size > 10_000


@pytest.mark.slow
def test_the_command_prints_and_writes(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setitem(SHAPES, "cub", TINY)
    monkeypatch.setattr("sys.argv", ["step", "--quick", "--shapes", "cub", "--json", str(tmp_path / "step.json")])
    step.main()
    assert "our step / bare passes" in capsys.readouterr().out
    assert json.loads((tmp_path / "step.json").read_text())["shapes"]["cub"]["step_over_bare"] > 0


def test_under_an_adapter_the_key_encoder_is_next_to_nothing() -> None:
    whole, adapted = (adapter_memory.figures(make()) for make in (adapter_memory.whole, adapter_memory.adapted))
    assert whole["key encoder, its own"] == whole["student"] > 50
    assert adapted["key encoder, its own"] < 0.01 * adapted["student"]


@pytest.mark.slow
def test_every_choice_has_an_alternative_that_runs() -> None:
    for make in choices.CHOICES.values():
        for run in make():
            run()
