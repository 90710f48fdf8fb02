"""What every method keeps on every task; one that joins its table is tested here without a line more."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import tiny
import torch
from contract import PAIRS, WITH_MEANING, WITHOUT_MEANING, WITHOUT_TERMS, chosen

from hf_selftuning import SelfTuningTrainer
from hf_selftuning.modules.method_state import STATE_FILE
from hf_selftuning.tasks import TASKS

CASES = [
    pytest.param(*pair, marks=pytest.mark.skipif(pair in WITHOUT_MEANING, reason=WITHOUT_MEANING.get(pair, "")))
    for pair in PAIRS
]
# One worker trains each pair once.
pytestmark = pytest.mark.xdist_group("contract")
MIDDLE = 5  # of eight steps: a warm-up of half of them has ended

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


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory):
    """Trains a method on a task, once for all tests."""
    done: dict[tuple[str, str], SelfTuningTrainer] = {}

    def train(method: str, task: str) -> SelfTuningTrainer:
        if (method, task) not in done:
            args = tiny.arguments(
                tmp_path_factory.mktemp("run"), save_strategy="steps", save_steps=MIDDLE, save_total_limit=2
            )
            done[method, task] = tiny.trained(tiny.OF_TASK[task], args, methods=chosen(method, task))
            done[method, task].save_model()
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
    for line in tiny.lines(run(method, task)):
        assert "loss_supervised" in line
        assert sum(tiny.terms(line).values()) == pytest.approx(line["loss"], rel=1e-5)
    assert (len(tiny.terms(line)) > 1) == (method not in WITHOUT_TERMS)


@pytest.mark.parametrize(("method", "task"), CASES)
def test_every_term_is_at_work_after_the_checkpoint(run, method: str, task: str) -> None:
    # One that is always 0, such as under a threshold that nobody passes, makes plain fine-tuning of all tests here.
    lines = [tiny.terms(line) for line in tiny.lines(run(method, task), MIDDLE)]
    for name in lines[-1]:
        assert any(line[name] for line in lines), name


@pytest.mark.parametrize(("method", "task"), CASES)
def test_the_saved_folder_is_a_plain_model(run, method: str, task: str) -> None:
    trainer = run(method, task)
    folder = trainer.args.output_dir
    loaded, report = tiny.OF_TASK[task].auto.from_pretrained(folder, output_loading_info=True)
    assert not any(report.values()), report
    tiny.assert_same(loaded.state_dict(), trainer.model.state_dict())
    assert not list(Path(folder).glob(STATE_FILE))


def test_the_saved_folders_are_read_where_the_library_is_not_installed(run) -> None:
    asked = []
    for method, task in WITH_MEANING:
        folder = run(method, task).args.output_dir
        expected = {name: value.cpu() for name, value in run(method, task).model.state_dict().items()}
        torch.save(expected, f"{folder}/expected.pt")
        asked.append(f"{tiny.OF_TASK[task].auto.__name__}:{folder}")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_LIBRARY], input="\n".join(asked), text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("read") == len(WITH_MEANING)


@pytest.mark.parametrize(("method", "task"), CASES)
def test_a_resumed_run_ends_as_if_it_had_never_stopped(run, method: str, task: str) -> None:
    whole = run(method, task)
    again = tiny.resumed(tiny.OF_TASK[task], whole.args, MIDDLE, methods=chosen(method, task))
    tiny.assert_same(tiny.everything(again), tiny.everything(whole))
    assert [tiny.terms(line) for line in tiny.lines(again, MIDDLE)] == [
        tiny.terms(line) for line in tiny.lines(whole, MIDDLE)
    ]
