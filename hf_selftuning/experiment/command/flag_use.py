"""Flags that would have no effect beside others: obeyed where their meaning is sure, refused elsewhere."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

OFF = (False, None, "no", "none", "")
STEPS = {"save_steps": "save_strategy", "eval_steps": "eval_strategy", "logging_steps": "logging_strategy"}
"""Numbers of steps, and the strategy that reads them."""
SAVING = ("save_steps", "save_total_limit", "save_only_model")
NEEDED = {
    "metric_for_best_model": "load_best_model_at_end",
    "greater_is_better": "load_best_model_at_end",
    "safety_margin": "safety_gate",
    "save_total_limit": "save_strategy",
    "save_only_model": "save_strategy",
    "hub_model_id": "push_to_hub",
    "hub_strategy": "push_to_hub",
    "hub_private_repo": "push_to_hub",
    "hub_always_push": "push_to_hub",
    "hub_revision": "push_to_hub",
    "hub_push_training_state": "push_to_hub",
    "gradient_checkpointing_kwargs": "gradient_checkpointing",
}
"""Flags that only work beside another one, which must be on."""
ALTERNATIVES = (("max_steps", "num_train_epochs"), ("stages", "methods"))
"""Pairs of flags for the same thing: one of them on the command line replaces the other one of a file."""
EITHER = (
    *ALTERNATIVES,
    ("split_file", "split_seed"),
    ("train_file", "dataset_config_name"),
    ("train_file", "dataset_revision"),
    ("data_dir", "dataset_config_name"),
    ("data_dir", "dataset_revision"),
)
"""Pairs of which the second would be ignored."""

Given = Mapping[str, Sequence[str]]


def words_by_flag(arguments: Sequence[str]) -> dict[str, list[str]]:
    """The words behind each flag of a command line; a flag that is written twice counts as its last one."""
    given: dict[str, list[str]] = {}
    for word in arguments:
        if word.startswith("--"):
            name, equals, value = word.removeprefix("--").partition("=")
            last = given[name.replace("-", "_")] = [value] if equals else []
        elif given:
            last.append(word)
    return given


def without_replaced(of_file: Mapping[str, Any], given: Given) -> dict[str, Any]:
    """The flags of a file, without those for which the command line has an alternative.

    Args:
        of_file: the flags of the file, and their values.
        given: the flags of the command line.
    """
    others = dict(ALTERNATIVES) | {second: first for first, second in ALTERNATIVES}
    return {name: value for name, value in of_file.items() if others.get(name) not in given}


def obeyed_defaults(given: Given, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults that must give way, so that a given flag has its effect.

    Args:
        given: the flags that the user gave, and their words.
        defaults: the defaults of all flags.
    """
    changed: dict[str, Any] = {}
    if "num_train_epochs" in given:
        changed["max_steps"] = -1
    if any(name in given for name in SAVING):
        changed["save_strategy"] = "steps"
    if given.get("load_best_model_at_end", ["False"])[:1] != ["False"]:
        # Checkpoints must be saved where dev is scored.
        for saving, scoring in (("save_strategy", "eval_strategy"), ("save_steps", "eval_steps")):
            changed[saving] = next(iter(given.get(scoring, ())), defaults.get(scoring))
    return {name: value for name, value in changed.items() if name in defaults and name not in given}


def refuse_idle_flags(parts: Iterable[Any], given: Given) -> None:
    """Refuse flags that have no effect.

    Args:
        parts: the dataclasses of flags.
        given: the flags that the user gave.

    Raises:
        ValueError: one of two flags would be ignored, or a flag needs another one that is off.
    """
    values = {name: getattr(value, "value", value) for part in parts for name, value in vars(part).items()}
    for first, second in EITHER:
        if first in given and second in given and not (first == "max_steps" and values[first] <= 0):
            raise ValueError(f"--{second} has no effect beside --{first}; give one of the two.")
    for name, strategy in STEPS.items():
        if name in given and values.get(strategy) != "steps":
            raise ValueError(
                f"--{name} has no effect beside --{strategy} {values[strategy]}; leave it out, or give --{strategy} "
                "steps."
            )
    schedule = str(values.get("lr_scheduler_type"))
    for name, needed in NEEDED.items():
        if name not in given or needed not in values or values[needed] not in OFF:
            continue
        if needed != "load_best_model_at_end" or schedule != "reduce_lr_on_plateau":  # that schedule reads the metric
            raise ValueError(f"--{name} has no effect without --{needed}; give that too, or leave --{name} out.")
