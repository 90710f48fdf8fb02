"""The examples of docs/adding_a_method.md and docs/adding_a_task.md keep the contract, from outside the package."""

import ast
import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import contract
import datasets
import pytest
import tiny
import torch
from made_step import built, made_step
from page_code import module_of
from transformers import AutoModelForSequenceClassification, BertForSequenceClassification, PreTrainedModel

from hf_selftuning import Method, SelfTuningTrainer, Task
from hf_selftuning.core.step import Progress
from hf_selftuning.tasks import TASKS

METHODS_OF_THE_TASK = ["self_tuning", "fixmatch", "mean_teacher", "co_tuning"]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], ModuleType]:
    folder = tmp_path_factory.mktemp("pages")
    return lambda name: module_of(name, folder)


@pytest.mark.parametrize("name", ["adding_a_method.md", "adding_a_task.md"])
def test_the_examples_import_public_names_alone(page, name: str) -> None:
    names = {
        node.module
        for node in ast.walk(ast.parse(inspect.getsource(page(name))))
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("hf_selftuning")
    }
    assert names == {"hf_selftuning"}


# ---- the method ----


@pytest.fixture(scope="module")
def method(page) -> Callable[..., list[Method]]:
    """The method of the page, with a threshold that tiny models reach, on a kind of data."""
    kind = page("adding_a_method.md").QueueTeacher
    return lambda task, **settings: [tiny.preset(kind, TASKS[task].kind, **settings)]


@pytest.fixture(scope="module", params=list(TASKS))
def run(request, method, tmp_path_factory) -> tuple[str, SelfTuningTrainer]:
    """A task, and the run of the method on it."""
    task = request.param
    return task, contract.whole_run(tmp_path_factory.mktemp("run"), tiny.OF_TASK[task], method(task))


def test_the_method_of_the_page_logs_terms_that_are_at_work_and_sum_to_the_loss(run) -> None:
    contract.check_terms(run[1])
    contract.check_terms_at_work(run[1])


def test_the_method_of_the_page_leaves_a_plain_model(run) -> None:
    contract.check_saved_folder(run[1], tiny.OF_TASK[run[0]])


def test_the_method_of_the_page_resumes_to_the_bit(run, method) -> None:
    task, whole = run
    contract.check_resume(whole, tiny.OF_TASK[task], method(task))


def test_the_parts_of_the_method_of_the_page_move_and_are_saved(run) -> None:
    made = run[1].methods[0]
    assert int(made.queues.written.sum()) > 0
    state = {name for name in run[1].training_module.state_dict() if name.startswith("methods.0.")}
    assert {"methods.0.queues.keys", "methods.0.queues.written"} < state
    assert any(name.startswith("methods.0.teacher.module.") for name in state)


@pytest.mark.parametrize("task", TASKS)
def test_a_step_of_the_method_of_the_page_may_be_cut(method, tmp_path: Path, task: str) -> None:
    steps = partial(contract.steps_of_eight, tmp_path, tiny.OF_TASK[task])
    contract.check_equal_to_rounding(steps(method(task), batch=2, accumulation=4), steps(method(task)))


def test_the_weight_of_the_method_of_the_page_follows_its_schedule(page) -> None:
    torch.manual_seed(0)
    student = torch.nn.Linear(4, 3)
    made = built(page("adding_a_method.md").QueueTeacher(threshold=0.0), student)
    views = {"weak.0": torch.randn(5, 4), "strong.0": torch.randn(5, 4)}
    start, half, end = (
        made.terms(made_step(student, views, finished=step))["queue_teacher"].item() for step in (0, 50, 100)
    )
    assert start == 0
    assert half == pytest.approx(end / 2)
    assert end > 0


def test_the_queues_of_the_method_of_the_page_wait_for_the_step(page) -> None:
    student = torch.nn.Linear(4, 3)
    made = built(page("adding_a_method.md").QueueTeacher(), student)
    views = {"weak.0": torch.randn(5, 4), "strong.0": torch.randn(5, 4)}
    made.terms(made_step(student, views, labeled=torch.randn(2, 4), labels=torch.tensor([0, 2])))
    assert made.queues.written.tolist() == [0, 0, 0]
    made.settle(Progress(1, 100))
    assert made.queues.written.tolist() == [1, 0, 1]


# ---- the task ----


def texts(size: int, seed: int) -> datasets.Dataset:
    """Texts of 3 to 9 words whose ids modulo 3 are the class."""
    sentences, generator = tiny.sentences(size, seed), torch.Generator().manual_seed(seed)
    rows = []
    for sentence in sentences:
        label = int(torch.randint(3, (1,), generator=generator))
        first, *words, last = sentence["input_ids"]
        ids = [first, *(6 + word // 4 * 3 + label for word in words), last]
        rows.append({"input_ids": ids, "attention_mask": sentence["attention_mask"], "labels": label})
    return datasets.Dataset.from_list(rows)


def classifier(dropout: float = 0.1) -> PreTrainedModel:
    torch.manual_seed(0)
    return BertForSequenceClassification(tiny.bert(dropout).config)


TEXTS = tiny.Kind(classifier, tiny.bert_source, texts, AutoModelForSequenceClassification, tiny.tokenizer)


@pytest.fixture(scope="module")
def task(page) -> Callable[..., Task]:
    return page("adding_a_task.md").SequenceClassification


@pytest.fixture(scope="module", params=METHODS_OF_THE_TASK)
def classified(request, task, tmp_path_factory) -> tuple[str, SelfTuningTrainer]:
    """The name of a method, and its run on the task of the page."""
    methods = contract.chosen(request.param, task.kind)
    return request.param, contract.whole_run(tmp_path_factory.mktemp("texts"), TEXTS, methods, task=task())


def test_methods_keep_the_contract_on_the_task_of_the_page(classified, task) -> None:
    name, trainer = classified
    contract.check_terms(trainer)
    contract.check_terms_at_work(trainer)
    contract.check_saved_folder(trainer, TEXTS)
    contract.check_resume(trainer, TEXTS, contract.chosen(name, task.kind), task=task())


def test_a_step_on_the_task_of_the_page_may_be_cut(task, tmp_path: Path) -> None:
    def steps(**cut: Any) -> dict[str, Any]:
        methods = contract.chosen("self_tuning", task.kind, warmup_ratio=0.0)
        return contract.steps_of_eight(tmp_path, TEXTS, methods, task=task(), **cut)

    contract.check_equal_to_rounding(steps(batch=2, accumulation=4), steps())


def test_the_task_of_the_page_learns_and_audits(task, tmp_path: Path) -> None:
    args = tiny.arguments(
        tmp_path, max_steps=80, per_device_train_batch_size=8, learning_rate=5e-3, logging_steps=80,
        audit_pseudo_labels=True,
    )  # fmt: skip
    trainer = tiny.trained(
        TEXTS, args, task=task(), model=classifier(dropout=0.0),
        methods=contract.chosen("fixmatch", task.kind, warmup_ratio=0.5),
        train_dataset=texts(120, 0), unlabeled_dataset=texts(120, 1),
    )  # fmt: skip
    (line,) = tiny.lines(trainer)
    assert line["pseudo_label_accuracy"] > 0.6
    dev = texts(40, 5)
    predicted = torch.as_tensor(trainer.predict(dev).predictions).argmax(1)
    assert (predicted == torch.tensor(dev["labels"])).float().mean() > 0.8
