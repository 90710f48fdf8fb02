"""A command that fails ends in a sentence and a status; `--debug` shows the traceback."""

import errno
import json
from pathlib import Path

import pytest
import torch

from hf_selftuning.config import SelfTuningConfig
from hf_selftuning.experiment.command.command_end import ended, run_main, without_debug


def raising(error: BaseException):
    def run():
        raise error

    return run


def end(run, capsys) -> tuple[int, str]:
    status = ended(run, name="made", debug=False)
    return status, capsys.readouterr().err


@pytest.mark.parametrize(
    ("run", "status", "words"),
    [
        (lambda: SelfTuningConfig("x", head_lr_ratio=0), 2, "made: head_lr_ratio=0 would not train the head; give 10"),
        (Path("/nowhere/a.txt").read_text, 2, "There is no file or folder /nowhere/a.txt; check the path."),
        (raising(OSError(errno.ENOSPC, "No space", "curves.png")), 2, "There is no space left for curves.png; free"),
        (raising(OSError(errno.EDQUOT, "Quota", "model")), 2, "The quota of the disk leaves no space for model"),
        (raising(PermissionError(errno.EACCES, "no", "data")), 2, "There is no permission for data; change it"),
        (
            raising(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.")),
            1,
            "not enough memory (CUDA",
        ),
        (raising(MemoryError()), 1, "There was not enough memory (no message). Halve --per_device_train_batch_size"),
        (
            raising(RuntimeError("DefaultCPUAllocator: can't allocate memory: 9 bytes")),
            1,
            "not enough memory (Default",
        ),
        (lambda: {}["batch"], 1, "'batch'. (KeyError from test_command_end; --debug shows where.)"),
        (lambda: {}["no such score"], 1, "no such score. (KeyError from test_command_end; --debug shows where.)"),
        (lambda: json.loads("{"), 2, "(JSONDecodeError from json; --debug shows where.)"),
        (lambda: torch.zeros(2) @ torch.zeros(3), 1, "(RuntimeError from"),
        (raising(AssertionError()), 1, "no message. (AssertionError from"),
        (raising(KeyboardInterrupt()), 130, "Stopped by the keyboard. A run that saves checkpoints"),
    ],
)
def test_an_error_is_a_sentence(run, status: int, words: str, capsys) -> None:
    found, said = end(run, capsys)
    assert found == status
    assert words in said
    assert len(said.splitlines()) == 1


def test_without_an_error_the_status_is_that_of_the_function(capsys) -> None:
    assert [ended(run, name="", debug=False) for run in (lambda: None, lambda: 0, lambda: 3)] == [0, 0, 3]


@pytest.mark.parametrize(
    ("words", "left", "debug"),
    [
        ("--debug train ner", "train ner", True),
        ("train ner --debug --seed 1", "train ner --seed 1", True),
        ("train ner --seed 1 --debug", "train ner --seed 1", True),
        ("train ner --debug underflow_overflow", "train ner --debug underflow_overflow", False),
        ("train ner", "train ner", False),
    ],
)
def test_debug_may_stand_anywhere_and_leaves_the_flag_of_trainer_alone(words: str, left: str, debug: bool) -> None:
    assert without_debug(words.split()) == (left.split(), debug)


def test_a_script_shows_the_traceback_where_it_is_asked_for(monkeypatch, capsys) -> None:
    monkeypatch.setattr("sys.argv", ["folder/mine.py", "--seed", "1"])
    assert run_main(raising(ValueError("Mine."))) == 2
    assert capsys.readouterr().err.startswith("mine.py: Mine. (ValueError")
    monkeypatch.setattr("sys.argv", ["mine.py", "--debug"])
    with pytest.raises(ValueError, match="Mine"):
        run_main(raising(ValueError("Mine.")))
