"""What every method keeps where a step is cut into micro-batches or over ranks."""

from pathlib import Path
from typing import Any

import contract
import contract_ranks
import launch
import pytest
import tiny

ALL = pytest.mark.parametrize(("method", "task"), contract.WITH_MEANING)
PROMISED = pytest.mark.parametrize(
    ("method", "task"),
    [
        pytest.param(*pair, marks=pytest.mark.skipif(reason is not None, reason=str(reason)))
        for pair in contract.WITH_MEANING
        for reason in [contract.ON_THE_MICRO_BATCH.get(pair[0])]
    ],
)
# The launch of all pairs takes minutes, and counts as the time of the test that comes first.
pytestmark = pytest.mark.timeout(2400)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory):
    """Trains a method on a task in steps of eight that nothing cuts, once for all tests."""
    done: dict[tuple[str, str], dict[str, Any]] = {}

    def train(method: str, task: str) -> dict[str, Any]:
        if (method, task) not in done:
            done[method, task] = contract.trained_in(method, task, tmp_path_factory.mktemp("whole"), batch=8)
        return done[method, task]

    return train


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """What each of two ranks has of every pair, from one launch."""
    return launch.two_ranks(Path(contract_ranks.__file__), tmp_path_factory.mktemp("ranks"))


@pytest.fixture(scope="module")
def sharded(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """The same under FSDP2."""
    return launch.two_ranks(Path(contract_ranks.__file__), tmp_path_factory.mktemp("sharded"), **launch.FSDP2)


@pytest.mark.slow
@PROMISED
def test_a_step_in_four_micro_batches_is_a_step(whole, tmp_path: Path, method: str, task: str) -> None:
    cut = contract.trained_in(method, task, tmp_path, batch=2, accumulation=4)
    contract.check_equal_to_rounding(cut, whole(method, task))


@pytest.mark.slow
@pytest.mark.distributed
@PROMISED
def test_two_ranks_of_four_are_one_of_eight(both: list[dict], whole, method: str, task: str) -> None:
    contract.check_equal_to_rounding(both[0][method, task], whole(method, task))


@pytest.mark.slow
@pytest.mark.distributed
@ALL
def test_two_ranks_hold_the_same_to_the_bit(both: list[dict], method: str, task: str) -> None:
    first, second = (rank[method, task] for rank in both)
    assert first["world_size"] == second["world_size"] == 2
    tiny.assert_same(first["state"], second["state"])


@pytest.mark.slow
@pytest.mark.distributed
@ALL
def test_ranks_with_a_slice_of_each_weight_train_as_ranks_with_all(
    both: list[dict], sharded: list[dict], method: str, task: str
) -> None:
    first, second = (rank[method, task] for rank in sharded)
    assert first["sharded"]
    assert not both[0][method, task]["sharded"]
    contract.check_equal_to_rounding(first, both[0][method, task])
    tiny.assert_same(first["state"], second["state"])
