"""What every method keeps on every task; one that joins its table is tested here without a line more."""

import re
import subprocess
import sys
from pathlib import Path

import contract
import pytest
import tiny
import torch
from contract import PAIRS, QUICK, SLOW, WITHOUT_MEANING, WITHOUT_TERMS

from hf_selftuning import Method, SelfTuningTrainer
from hf_selftuning.tasks import TASKS

CASES = [
    pytest.param(
        *pair,
        marks=[
            pytest.mark.skipif(pair in WITHOUT_MEANING, reason=WITHOUT_MEANING.get(pair, "")),
            *([pytest.mark.slow] if pair in SLOW else []),
        ],
    )
    for pair in PAIRS
]

WITHOUT_LIBRARY = """
import sys
sys.modules["hf_selftuning"] = None  # an import of it raises
import torch, transformers
for line in sys.stdin.read().split():
    auto, folder = line.split(":", 1)
    model = getattr(transformers, auto).from_pretrained(folder)
    expected = torch.load(folder + "/expected.pt")
    state = model.state_dict()
    assert state.keys() == expected.keys()
    assert all(torch.equal(state[name], expected[name]) for name in state), folder
    print("read", auto)
"""


def chosen(method: str, task: str) -> list[Method]:
    return contract.chosen(method, TASKS[task].kind)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory):
    """Trains a method on a task, once for all tests."""
    done: dict[tuple[str, str], SelfTuningTrainer] = {}

    def train(method: str, task: str) -> SelfTuningTrainer:
        if (method, task) not in done:
            folder = tmp_path_factory.mktemp("run")
            done[method, task] = contract.whole_run(folder, tiny.OF_TASK[task], chosen(method, task))
        return done[method, task]

    return train


def test_every_task_has_made_data_to_be_tested_with() -> None:
    assert tiny.OF_TASK.keys() == TASKS.keys()


@pytest.mark.parametrize(("method", "task"), list(WITHOUT_MEANING))
def test_what_means_nothing_is_refused_with_its_reason(tmp_path: Path, method: str, task: str) -> None:
    trainer = tiny.trainer(tiny.OF_TASK[task], tiny.arguments(tmp_path), methods=chosen(method, task))
    with pytest.raises(ValueError, match=re.escape(WITHOUT_MEANING[method, task])):
        trainer.train()


@pytest.mark.parametrize(("method", "task"), CASES)
def test_every_term_is_logged_and_their_sum_is_the_loss(run, method: str, task: str) -> None:
    contract.check_terms(run(method, task), has_terms=method not in WITHOUT_TERMS)


@pytest.mark.parametrize(("method", "task"), CASES)
def test_every_term_is_at_work_after_the_checkpoint(run, method: str, task: str) -> None:
    contract.check_terms_at_work(run(method, task))


@pytest.mark.parametrize(("method", "task"), CASES)
def test_the_saved_folder_is_a_plain_model(run, method: str, task: str) -> None:
    contract.check_saved_folder(run(method, task), tiny.OF_TASK[task])


def test_the_saved_folders_are_read_where_the_library_is_not_installed(run) -> None:
    asked = []
    for method, task in QUICK:
        folder = run(method, task).args.output_dir
        expected = {name: value.cpu() for name, value in run(method, task).model.state_dict().items()}
        torch.save(expected, f"{folder}/expected.pt")
        asked.append(f"{tiny.OF_TASK[task].auto.__name__}:{folder}")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_LIBRARY], input="\n".join(asked), text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("read") == len(QUICK)


@pytest.mark.parametrize(("method", "task"), CASES)
def test_a_resumed_run_ends_as_if_it_had_never_stopped(run, method: str, task: str) -> None:
    contract.check_resume(run(method, task), tiny.OF_TASK[task], chosen(method, task))
