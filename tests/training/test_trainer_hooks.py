"""The private names of transformers that the package depends on: they are there, and in one file."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from transformers import PreTrainedModel, Trainer, TrainingArguments
from transformers.trainer_callback import ExportableState, TrainerState

import hf_selftuning
from hf_selftuning.training.trainer_hooks import TrainerHooks

PACKAGE = Path(hf_selftuning.__file__).parent
HOOKS = PACKAGE / "training" / "trainer_hooks.py"

# Every private name, and the public ones that the package relies on in a way that transformers does not document: a
# method of Trainer and its parameters after `self`.
PARAMETERS = {
    "_get_collator_with_removed_columns": ["data_collator", "description"],
    "_get_eval_sampler": ["eval_dataset"],
    "_load_best_model": [],
    "_get_train_sampler": ["train_dataset"],
    "_load_optimizer_and_scheduler": ["checkpoint"],
    "_save_optimizer_and_scheduler": ["output_dir"],
    "_load_from_checkpoint": ["resume_from_checkpoint", "model"],
    "_push_from_checkpoint": ["checkpoint_folder"],
    "_remove_unused_columns": ["dataset", "description"],
    "_save": ["output_dir", "state_dict"],
    "_save_rng_state": ["output_dir"],
    "_track_num_input_tokens": ["inputs"],
    "_wrap_model": ["model", "training", "dataloader"],
    "autocast_smart_context_manager": ["cache_enabled"],
    "compute_loss": ["model", "inputs", "return_outputs", "num_items_in_batch"],
    "evaluation_loop": ["dataloader", "description", "prediction_loss_only", "ignore_keys", "metric_key_prefix"],
    "floating_point_ops": ["inputs"],
    "get_batch_samples": ["epoch_iterator", "num_batches", "device"],
    "get_decay_parameter_names": ["model"],
    "num_examples": ["dataloader"],
    "get_total_train_batch_size": ["args"],
    "log": ["logs", "start_time"],
    "save_model": ["output_dir", "_internal_call"],
    "train": ["resume_from_checkpoint", "trial", "ignore_keys_for_eval"],
}
# Private attributes that are read, and the class that has them.
ATTRIBUTES = {"_no_split_modules": PreTrainedModel}
# What Trainer calls in which of its methods; the hooks are right only in this order.
CALLS = {
    "train": ["_load_from_checkpoint", "_inner_training_loop"],
    "_inner_training_loop": ["get_train_dataloader", "_init_training_state", "_prepare_for_training"],
    "_prepare_for_training": ["create_optimizer", "_wrap_model", "_load_optimizer_and_scheduler"],
    "_save_checkpoint": ["save_model", "_save_optimizer_and_scheduler", "_save_rng_state", "save_to_json"],
}


def changed(name: str) -> str:
    """What a failing test says of a hook."""
    return (
        f"Trainer.{name} is not what this package expects; read {name} and its comment in {HOOKS.name}, and adapt it."
    )


@pytest.mark.parametrize("name", PARAMETERS)
def test_transformers_has_the_hook_with_the_parameters_we_expect(name: str) -> None:
    method = getattr(Trainer, name, None)
    assert method is not None, changed(name)
    assert list(inspect.signature(method).parameters)[1:] == PARAMETERS[name], changed(name)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_transformers_has_the_attribute(name: str) -> None:
    owner = ATTRIBUTES[name]
    assert hasattr(owner, name), (
        f"{owner.__name__}.{name} is gone; read the comment on it in {HOOKS.name}, and adapt it."
    )


@pytest.mark.parametrize("name", CALLS)
def test_trainer_reaches_the_hooks_in_the_order_we_expect(name: str) -> None:
    reached = sorted((node.lineno, node.attr) for node in nodes_of(getattr(Trainer, name), ast.Attribute))
    found = [attribute for attribute in dict.fromkeys(word for _, word in reached) if attribute in CALLS[name]]
    assert found == CALLS[name], f"Trainer.{name} reaches {found}; read {', '.join(CALLS[name])} in {HOOKS.name}."


def test_trainer_writes_a_checkpoint_by_save_model_as_an_internal_call() -> None:
    calls = [ast.unparse(call) for call in nodes_of(Trainer._save_checkpoint, ast.Call)]
    assert "self.save_model(output_dir, _internal_call=True)" in calls, changed("save_model")


def test_trainer_keeps_the_state_of_a_callback_under_the_name_of_its_class() -> None:
    class Kept(ExportableState):
        def state(self) -> dict[str, Any]:
            return {"args": {}, "attributes": {"count": 2}}

    kept = TrainerState(stateful_callbacks=[Kept()]).stateful_callbacks
    assert kept == {"Kept": Kept().state()}, "read `StepClock.read` in experiment/stages/step_clock.py, and adapt it."


def test_the_arguments_have_the_number_of_gpus_that_the_config_limits() -> None:
    message = "TrainingArguments.n_gpu is no property; read `n_gpu` in config.py, and adapt it."
    assert isinstance(inspect.getattr_static(TrainingArguments, "n_gpu"), property), message


# ---- one file ----


def nodes_of(function: Callable, kind: type) -> list[Any]:
    """The parts of a kind in a method of Trainer."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return [node for node in ast.walk(tree) if isinstance(node, kind)]


def private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


NAMES_OF_TRANSFORMERS = {
    name
    for of in (Trainer, TrainingArguments, TrainerState, PreTrainedModel)
    for part in of.__mro__
    if part.__module__.startswith("transformers")
    for name in vars(part)
    if private(name)
} | {"_n_gpu", "_train_batch_size", "_signature_columns", "_tr_loss", "_internal_call"}


def private_names(path: Path) -> set[str]:
    """Private names in a file that Trainer, its arguments, its state or a model has, too: defined, called or read."""
    found, imported = set(), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Attribute(attr=name) | ast.FunctionDef(name=name) | ast.arg(arg=name) | ast.keyword(arg=name):
                found.add(name)
            case ast.Constant(value=str() as name):  # getattr(trainer, "_name")
                found.add(name)
            case ast.ImportFrom(module=str() as module, names=names) if module.startswith("transformers"):
                imported |= {part.name for part in names if private(part.name)}
    return (found & NAMES_OF_TRANSFORMERS) | imported


def test_no_other_file_touches_a_private_name_of_transformers() -> None:
    for folder in (PACKAGE, PACKAGE.parent / "recipes", PACKAGE.parent / "benchmarks"):
        for path in folder.rglob("*.py"):
            names = private_names(path)
            assert path == HOOKS or not names, f"{path}: move {', '.join(sorted(names))} to {HOOKS.name}."


def test_the_table_names_every_private_name_of_the_file() -> None:
    assert private_names(HOOKS) - {"_internal_call"} == {name for name in PARAMETERS if private(name)} | set(
        ATTRIBUTES
    )


def test_every_hook_has_its_reason_beside_it() -> None:
    lines = HOOKS.read_text(encoding="utf-8").splitlines()
    members = [inspect.unwrap(getattr(TrainerHooks, name)) for name in vars(TrainerHooks)]
    for name in (*filter(private, PARAMETERS), *ATTRIBUTES):
        user = next(
            member for member in members
            if inspect.isfunction(member)
            and name in (member.__name__, *member.__code__.co_names, *member.__code__.co_consts)
        )  # fmt: skip
        first = user.__code__.co_firstlineno
        body = lines[first - 1 : first + len(inspect.getsource(user).splitlines()) - 1]
        assert any(line.strip().startswith("#") for line in body), f"{HOOKS.name}: say beside {name} why it is needed."
