"""What the contract is kept on: every method and the papers' combinations on every task; and a run that may be cut."""

from itertools import product
from pathlib import Path
from typing import Any

import tiny

from hf_selftuning import METHODS, Method
from hf_selftuning.tasks import TASKS

COMBINATIONS = (
    "co_tuning+pseudo_labeling", "co_tuning+mean_teacher", "co_tuning+fixmatch", "l2_sp+self_tuning", "l2_sp+delta",
)  # fmt: skip
PAIRS = list(product([*METHODS, *COMBINATIONS], TASKS))
# The reason of each pair that means nothing together.
WITHOUT_MEANING = {
    (method, task): METHODS[name].without_meaning[TASKS[task].kind]
    for method, task in PAIRS
    for name in method.split("+")
    if TASKS[task].kind in METHODS[name].without_meaning
}
WITH_MEANING = [pair for pair in PAIRS if pair not in WITHOUT_MEANING]
# What works on the micro-batch, and so does not promise that a step may be cut.
ON_THE_MICRO_BATCH = {
    "mixmatch": "examples are mixed with those of their micro-batch",
    "remixmatch": "examples are mixed with those of their micro-batch",
    "bss": "singular values are those of a micro-batch",
    "simclr": "a view is told from those of its micro-batch",
}
WITHOUT_TERMS = {"lp_ft": "its head begins elsewhere, and that is all"}
WITHOUT_THE_MICRO_BATCH = {"freematch": {"fairness_weight": 0.0}}


def chosen(method: str, task: str, **settings: Any) -> list[Method]:
    """The method, or all whose names a `+` joins, as tests take it on a task."""
    return [tiny.preset(METHODS[name], TASKS[task].kind, **settings) for name in method.split("+")]


def trained_in(method: str, task: str, folder: Path, *, batch: int, accumulation: int = 1) -> dict[str, Any]:
    """What three steps leave and log, of which each uses `batch` examples a micro-batch; nothing is left to chance."""
    kind = tiny.OF_TASK[task]
    args = tiny.arguments(
        folder, max_steps=3, per_device_train_batch_size=batch, gradient_accumulation_steps=accumulation,
        learning_rate=1e-2, optim="sgd", use_cpu=True,  # as the ranks it is compared with
    )  # fmt: skip
    methods = chosen(method, task, warmup_ratio=0.0, **WITHOUT_THE_MICRO_BATCH.get(method, {}))
    trainer = tiny.trained(kind, args, model=kind.model(dropout=0.0), methods=methods)
    return {
        "world_size": trainer.args.world_size,
        "state": trainer.training_module.state_dict(),
        "lines": tiny.lines(trainer),
    }
