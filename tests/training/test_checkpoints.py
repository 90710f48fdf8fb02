"""Which checkpoints are whole, and what is resumed from where the last one is not."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny

from hf_selftuning.modules.method_state import STATE_FILE
from hf_selftuning.training.checkpoints import LAST_FILE, checkpoint_to_resume, fault, last_whole


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with checkpoints after steps 2, 4 and 10."""
    folder = tmp_path_factory.mktemp("written")
    tiny.trained(tiny.WORDS, tiny.arguments(folder, max_steps=4, save_strategy="steps", save_steps=2))
    shutil.copytree(folder / "checkpoint-4", folder / "checkpoint-10")
    return folder


@pytest.fixture
def run(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "run"))


def cut(path: Path) -> None:
    """Stop the writing of a file half way."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


FILES = [LAST_FILE, STATE_FILE, "model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.pth"]


def test_what_the_trainer_wrote_to_the_end_is_whole(run: Path) -> None:
    assert [fault(path) for path in sorted(run.iterdir())] == [None, None, None]


def test_the_last_is_the_one_of_the_most_steps(run: Path) -> None:
    assert last_whole(run) == run / "checkpoint-10"


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_was_cut_is_named(run: Path, name: str) -> None:
    cut(run / "checkpoint-10" / name)
    assert re.search(rf"{re.escape(name)}.*the run was stopped while it wrote$", fault(run / "checkpoint-10") or "")


@pytest.mark.parametrize("damage", [cut, Path.unlink])
def test_the_one_before_a_half_written_checkpoint_is_taken_and_a_line_says_so(
    run: Path, caplog: pytest.LogCaptureFixture, damage: Callable[[Path], None]
) -> None:
    damage(run / "checkpoint-10" / LAST_FILE)
    assert checkpoint_to_resume(True, run) == str(run / "checkpoint-4")
    assert f"checkpoint-10 has no whole {LAST_FILE}, which is written last" in caplog.text
    assert "the one before it is tried" in caplog.text


def test_a_half_written_checkpoint_that_is_named_is_refused_with_the_last_whole_one(run: Path) -> None:
    (run / "checkpoint-10" / LAST_FILE).unlink()
    words = f"the run was stopped while it wrote; resume from {run / 'checkpoint-4'}, the last that is whole."
    with pytest.raises(ValueError, match=re.escape(words)):
        checkpoint_to_resume(str(run / "checkpoint-10"), "elsewhere")


def test_where_none_is_whole_the_way_out_is_to_train_anew(run: Path) -> None:
    for folder in run.iterdir():
        (folder / LAST_FILE).unlink()
    with pytest.raises(ValueError, match="no checkpoint that is whole; train anew, without resume_from_checkpoint"):
        checkpoint_to_resume(True, run)
    with pytest.raises(ValueError, match="no checkpoint that is whole"):
        checkpoint_to_resume(True, run / "not_there")


@pytest.mark.parametrize("asked", [None, False])
def test_who_asks_for_nothing_gets_nothing(run: Path, asked: bool | None) -> None:
    assert checkpoint_to_resume(asked, run) is None


def test_training_goes_on_from_the_last_whole_checkpoint(run: Path, caplog: pytest.LogCaptureFixture) -> None:
    shutil.rmtree(run / "checkpoint-10")
    cut(run / "checkpoint-4" / "optimizer.pt")
    args = tiny.arguments(run, max_steps=4, save_strategy="steps", save_steps=2)
    trainer = tiny.trainer(tiny.WORDS, args)
    trainer.train(resume_from_checkpoint=True)
    assert "checkpoint-4 has a broken optimizer.pt" in caplog.text
    assert [line["step"] for line in tiny.lines(trainer)] == [1, 2, 3, 4]
    assert fault(run / "checkpoint-4") is None


def test_a_checkpoint_that_is_written_over_is_not_whole_before_its_end(run: Path) -> None:
    trainer = tiny.trainer(tiny.WORDS, tiny.arguments(run, max_steps=2, save_strategy="steps", save_steps=2))
    trainer.model.save_pretrained = lambda *given, **named: kept.append(fault(run / "checkpoint-2"))
    kept: list[str | None] = []
    trainer.train()
    assert re.search(rf"no whole {LAST_FILE}", kept[0] or "")


def test_a_checkpoint_that_does_not_exist_is_not_said_to_be_half_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=re.escape(f"{tmp_path / 'nope'} is no folder; train anew, without")):
        checkpoint_to_resume(str(tmp_path / "nope"), tmp_path)
