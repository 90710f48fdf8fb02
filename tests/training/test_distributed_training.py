"""Two processes train what one process trains on the batches of both."""

from pathlib import Path
from typing import Any

import launch
import pytest
import ranks
import tiny
import torch

from hf_selftuning.streams.unlabeled_stream import GOES_ON

pytestmark = pytest.mark.distributed


ENGINES = ["DistributedDataParallel", pytest.param("fsdp2", marks=pytest.mark.slow)]


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """By what the ranks train together."""
    return request.param


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, engine: str) -> list[dict[str, Any]]:
    """What each of two ranks found, from one launch."""
    variables = launch.FSDP2 if engine == "fsdp2" else {}
    return launch.two_ranks(Path(ranks.__file__), tmp_path_factory.mktemp("ranks"), **variables)


def assert_equal_to_rounding(two: dict[str, Any], one: dict[str, Any]) -> None:
    assert len(two["lines"]) == len(one["lines"]) == 8
    for mine, theirs in zip(two["lines"], one["lines"], strict=True):
        assert tiny.terms(mine) == pytest.approx(tiny.terms(theirs), rel=1e-4, abs=1e-5)
        assert mine["loss"] == pytest.approx(theirs["loss"], rel=1e-4)
        assert mine["grad_norm"] == pytest.approx(theirs["grad_norm"], rel=1e-3)
        assert mine.get("pseudo_label_coverage") == theirs.get("pseudo_label_coverage")
    tiny.assert_near(two["state"], one["state"])


def test_two_processes_train_together(both: list[dict[str, Any]], engine: str) -> None:
    for rank in both:
        for found in rank.values():
            assert found["world_size"] == 2
            assert found["engine"] == engine


@pytest.fixture(scope="module", params=["words", "images"])
def name_and_one(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict]:
    """What one process finds with the batches of both."""
    return request.param, ranks.run(request.param, tmp_path_factory.mktemp("one"), 8)


def test_two_ranks_of_four_are_one_of_eight(both: list[dict[str, Any]], name_and_one: tuple[str, dict]) -> None:
    name, one = name_and_one
    assert_equal_to_rounding(both[0][name], one)


def test_two_ranks_predict_each_example_once(both: list[dict[str, Any]], name_and_one: tuple[str, dict]) -> None:
    name, alone = name_and_one[0], name_and_one[1]["predicted"]
    assert len(alone["labels"]) == 7
    for rank in both:
        assert torch.equal(rank[name]["predicted"]["labels"], alone["labels"])
        torch.testing.assert_close(rank[name]["predicted"]["logits"], alone["logits"], atol=1e-3, rtol=1e-3)


def test_all_ranks_record_the_pseudo_labels_of_one_process(
    both: list[dict[str, Any]], name_and_one: tuple[str, dict]
) -> None:
    name, one = name_and_one
    assert ("changes.newest" in one["changes"]) == (name == "images")  # of words nothing is recorded
    for rank in both:
        tiny.assert_same(rank[name]["changes"], one["changes"])


def test_two_ranks_that_cut_their_step_are_one_that_does_not(both: list[dict[str, Any]], tmp_path: Path) -> None:
    assert_equal_to_rounding(both[0]["cut"], ranks.run("words", tmp_path, 8))


@pytest.mark.parametrize("average", [True, False])
def test_a_loss_of_ones_own_is_a_mean_over_all_ranks(
    both: list[dict[str, Any]], tmp_path: Path, average: bool
) -> None:
    """Whether or not Trainer is asked to count the rows of all ranks together (`average_tokens_across_devices`)."""
    one = ranks.run("words", tmp_path, 8, loss=ranks.share_of_step)
    assert_equal_to_rounding(both[0][f"own loss, {average}"], one)


@pytest.mark.parametrize("name", list(ranks.UNUSUAL))
def test_a_rank_or_a_method_that_has_nothing_to_do_holds_up_nobody(
    both: list[dict[str, Any]], tmp_path: Path, name: str
) -> None:
    assert_equal_to_rounding(both[0][name], ranks.run("words", tmp_path, 8, **ranks.UNUSUAL[name]()))


@pytest.mark.parametrize("name", ["words", "images", "cut", *ranks.UNUSUAL])
def test_every_rank_holds_the_same_to_the_bit(both: list[dict[str, Any]], name: str) -> None:
    first, second = (rank[name]["state"] for rank in both)
    assert int(first["methods.0.queues.labeled.written"].sum()) > 0
    tiny.assert_same(first, second)


@pytest.mark.parametrize("data", ["", ", streamed"], ids=["a dataset", "a stream, with workers"])
def test_a_run_of_two_ranks_goes_on_to_the_bit(both: list[dict[str, Any]], data: str) -> None:
    for rank in both:
        whole, resumed = rank[f"whole{data}"], rank[f"resumed{data}"]
        assert whole["marked"] == resumed["marked"] == bool(data and GOES_ON)
        tiny.assert_same(resumed["state"], whole["state"])
        after = [line for line in whole["lines"] if line["step"] > 6]
        assert [line["step"] for line in after] == [8]
        assert resumed["lines"][-1:] == after
