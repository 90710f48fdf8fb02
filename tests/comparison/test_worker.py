"""The loop over cells, with trainings that only note that they were asked for."""

import multiprocessing
import time
from pathlib import Path

import made
import pytest

from hf_selftuning.comparison import worker as work
from hf_selftuning.comparison.cells import Result, finished, is_finished, settle
from hf_selftuning.comparison.grid import Budget, Cell, grid
from hf_selftuning.comparison.lease import Claim, ClaimLostError
from hf_selftuning.comparison.worker import CellFailedError, Worker, seconds_left
from hf_selftuning.experiment.stages.plan import SAME_TIME

CELLS = grid(
    [Budget("labels_per_class", count) for count in (4, 10)], ["fine_tuning", "self_tuning"], [0, 1], same_time=True
)


class Notes:
    """Trains nothing, and writes down which cells it was given."""

    def __init__(self, root: Path, seconds: float = 0.0) -> None:
        self.root, self.seconds = root, seconds

    def __call__(self, cell: Cell, claim: Claim | None) -> Result:
        assert claim is not None
        with (self.root / "notes").open("a") as file:
            file.write(f"{cell.title}\n")
        time.sleep(self.seconds)
        return made.result(cell.method, int(cell.budget.value), cell.seed, 0.5, cell=cell)


def notes(root: Path) -> list[str]:
    return (root / "notes").read_text().splitlines()


def test_every_cell_is_trained_once_and_the_longer_fine_tuning_behind_what_it_is_measured_by(tmp_path: Path) -> None:
    Worker(tmp_path, CELLS, Notes(tmp_path)).run()
    assert sorted(notes(tmp_path)) == sorted(cell.title for cell in CELLS)
    for budget in ("4 a class", "10 a class"):
        mine = [line for line in notes(tmp_path) if f", {budget}, seed 0" in line]
        assert mine[-1].startswith(SAME_TIME)
    assert [result.cell for result in finished(tmp_path, CELLS)] == CELLS
    assert not list(tmp_path.rglob("claim.*"))


def test_a_second_start_trains_only_what_is_new(tmp_path: Path) -> None:
    Worker(tmp_path, CELLS[:2], Notes(tmp_path)).run()
    Worker(tmp_path, CELLS, Notes(tmp_path)).run()
    assert sorted(notes(tmp_path)) == sorted(cell.title for cell in CELLS)


def test_two_processes_share_a_folder_and_train_no_cell_twice(tmp_path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    workers = [Worker(tmp_path, CELLS, Notes(tmp_path, seconds=0.05), pause=0.05) for _ in range(3)]
    processes = [fork.Process(target=worker.run) for worker in workers]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert sorted(notes(tmp_path)) == sorted(cell.title for cell in CELLS)


@pytest.mark.parametrize("kind", [CellFailedError, FloatingPointError, ValueError])
def test_a_cell_that_fails_is_left_out_said_and_not_tried_again(
    tmp_path: Path, capsys: pytest.CaptureFixture, kind: type[Exception]
) -> None:
    tried: list[Cell] = []

    def train(cell: Cell, claim: Claim | None) -> Result:
        if cell == CELLS[1]:
            tried.append(cell)
            raise kind("The pool is empty.")
        return Notes(tmp_path)(cell, claim)

    for _ in range(2):
        worker = Worker(tmp_path, CELLS, train)
        worker.run()
        assert worker.failed() == {CELLS[1]: "The pool is empty."}
    assert tried == [CELLS[1]]
    assert not is_finished(tmp_path, CELLS[1])
    assert len(notes(tmp_path)) == len(CELLS) - 1
    note = CELLS[1].folder(tmp_path) / "failure.json"
    said = capsys.readouterr().err
    assert "self_tuning, 4 a class, seed 0 failed and is left out: The pool is empty." in said
    assert f"Delete {note} to try again." in said
    assert not list(tmp_path.rglob("claim.*"))


@pytest.mark.parametrize(("kind", "goes_on"), [(CellFailedError, True), (FloatingPointError, False)])
def test_among_several_ranks_an_error_that_may_be_of_one_alone_ends_the_launch_and_is_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Exception], goes_on: bool
) -> None:
    monkeypatch.setattr(work, "world_size", lambda: 2)

    def train(cell: Cell, claim: Claim | None) -> Result:
        raise kind("It broke.")

    worker = Worker(tmp_path, CELLS[:1], train)
    if goes_on:
        worker.run()
    else:
        with pytest.raises(kind, match="It broke"):
            worker.run()
    assert worker.failed() == {CELLS[0]: "It broke."}
    assert not list(tmp_path.rglob("claim.*"))


def test_the_time_left_counts_this_process_and_the_owners_of_other_cells(tmp_path: Path) -> None:
    worker = Worker(tmp_path, CELLS, Notes(tmp_path))
    assert worker._workers(CELLS) == 1
    other = Claim(CELLS[0].folder(tmp_path), stale_after=100)
    assert other.take()
    assert worker._workers(CELLS) == 2
    assert worker._workers(CELLS[:1]) == 1  # none is left for this one
    other.release()


def test_an_error_of_another_kind_stops_and_frees_the_cell(tmp_path: Path) -> None:
    def train(cell: Cell, claim: Claim | None) -> Result:
        raise KeyError("wrong flag")

    with pytest.raises(KeyError):
        Worker(tmp_path, CELLS, train).run()
    assert not list(tmp_path.rglob("claim.*"))


def test_a_cell_that_was_taken_over_is_left_to_the_other(tmp_path: Path) -> None:
    lost: list[Cell] = []

    def train(cell: Cell, claim: Claim | None) -> Result:
        if not lost:
            lost.append(cell)
            Notes(tmp_path)(cell, claim).save(tmp_path)  # by the other one
            raise ClaimLostError("taken over")
        return Notes(tmp_path)(cell, claim)

    Worker(tmp_path, CELLS, train).run()
    assert len(notes(tmp_path)) == len(CELLS)


def test_an_error_in_a_cell_that_was_taken_over_is_no_failure_of_the_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[Path] = []

    def check(claim: Claim) -> None:
        if claim.folder in lost:
            raise ClaimLostError("taken over")

    def train(cell: Cell, claim: Claim | None) -> Result:
        if cell == CELLS[0]:
            lost.append(cell.folder(tmp_path))
            Notes(tmp_path)(cell, claim).save(tmp_path)  # by the other one
            raise ValueError("A checkpoint is not whole.")
        return Notes(tmp_path)(cell, claim)

    monkeypatch.setattr(Claim, "check", check)
    worker = Worker(tmp_path, CELLS[:2], train)
    worker.run()
    assert worker.failed() == {}


def test_a_cell_that_another_finished_in_between_is_not_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = Claim.take

    def late(claim: Claim) -> bool:
        taken = take(claim)
        if claim.folder == CELLS[0].folder(tmp_path):
            made.result(CELLS[0].method, 4, 0, 0.5, cell=CELLS[0]).save(tmp_path)
        return taken

    monkeypatch.setattr(Claim, "take", late)
    Worker(tmp_path, CELLS, Notes(tmp_path)).run()
    assert CELLS[0].title not in notes(tmp_path)
    assert not list(tmp_path.rglob("claim.*"))


def test_a_result_is_read_as_it_was_written(tmp_path: Path) -> None:
    before = made.result("self_tuning", 4, 1, 0.5)
    before.cell.folder(tmp_path).mkdir(parents=True)
    before.save(tmp_path)
    after = Result.load(tmp_path, before.cell)
    assert (after.counts == before.counts).all()
    assert (after.cell, after.row, after.history, after.context) == (
        before.cell,
        before.row,
        before.history,
        before.context,
    )


def test_a_folder_keeps_to_the_flags_it_began_with(tmp_path: Path) -> None:
    settle(tmp_path, {"task": "ner", "max_steps": "10"})
    settle(tmp_path, {"task": "ner", "max_steps": "10"})
    with pytest.raises(ValueError, match=r"trained with --max_steps 10, and --max_steps 20 was given; give the same"):
        settle(tmp_path, {"task": "ner", "max_steps": "20"})
    with pytest.raises(ValueError, match=r"trained with no --fp16, and --fp16 True was given"):
        settle(tmp_path, {"task": "ner", "max_steps": "10", "fp16": "True"})


def test_rows_of_one_name_and_no_row_to_be_measured_by_are_refused() -> None:
    with pytest.raises(ValueError, match="The row self_tuning is there twice"):
        grid([Budget("label_ratio", 0.1)], ["self_tuning", "self_tuning"], [0], same_time=False)
    with pytest.raises(ValueError, match="needs fine_tuning and another method among --methods"):
        grid([Budget("label_ratio", 0.1)], ["self_tuning"], [0], same_time=True)


def test_the_time_that_is_left_is_that_of_the_methods_that_are_left() -> None:
    taken = {"fine_tuning": [10.0, 20.0], "self_tuning": [60.0]}
    assert seconds_left(["self_tuning", "fine_tuning", "unknown"], taken, workers=1) == 60 + 15 + 30
    assert seconds_left(["self_tuning"] * 2, taken, workers=2) == 60
    assert seconds_left(["self_tuning"], {}, workers=1) is None
    assert seconds_left([], {}, workers=1) == 0
