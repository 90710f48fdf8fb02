"""What a run prints before it trains: its devices, steps and passes over the examples, and what its data promises."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ...config import SelfTuningConfig
from ...core.method import all_views
from ..command.command_end import sentence_of
from ..command.terminal import say, settings_table
from ..outlook.outlook_text import forecast
from ..setup.labels import labels_kept
from ..setup.run_setup import Setup, describe, sizes
from ..stages.plan import TAPT, Plan, Stage
from ..stages.resume import asked_to_resume
from ..stages.stage_training import config_of

OF_TRAINING = (
    "methods",
    "stages",
    "max_steps",
    "num_train_epochs",
    "learning_rate",
    "unlabeled_file",
    "unlabeled_dir",
)
OF_DEV = ("eval_strategy", "eval_steps", "curve_sentences")
OF_UNLABELED = ("unlabeled_file", "unlabeled_dir", "unlabeled_batch_ratio")
"""Flags that a run reads only if it trains, scores dev, or has a row that reads unlabelled data."""
NO_DEV = (
    "There is no dev part, so no score will show whether unlabelled data helps or hurts; --validation_share 0.2 holds "
    "out a fifth of the labelled examples, and logs scores and pseudo-labels on them."
)


def announce_run(setup: Setup, plans: Sequence[Plan]) -> None:
    """Print what will happen: data, model, split, the steps of each row, and the forecast from frozen features.

    Args:
        setup: the run's setup.
        plans: the rows.
    """
    counts = sizes(setup)
    ahead = {
        "methods": ", ".join(plan.title for plan in plans),
        **expected(setup.config, plans, **counts),
        "scored on": ", ".join(name for name, part in setup.parts.scored.items() if part is not None)
        or ("nothing, as --do_train alone asks" if setup.config.do_train else "nothing: no dev or test data"),
    }
    kept = {"labels kept": labels_kept(setup.parts.split)}
    say(settings_table({**describe(setup), **setup.facts, **kept, **counts, **ahead}))
    for note in (*setup.notes, *_idle_flags(setup, plans)):
        say(note)
    if setup.parts.dev is None and any(plan.last.methods for plan in plans):
        say(f"\n{NO_DEV}")
    # A run that goes on has printed it before. Each rank makes its own: a trainer of a sharded run needs all ranks.
    if setup.config.forecast and setup.config.trains and not asked_to_resume(setup.config):
        say(f"\n{_forecast(setup)}\n")


def _idle_flags(setup: Setup, plans: Sequence[Plan]) -> Iterator[str]:
    """A sentence for flags that were given and have no effect in this run, and why."""
    # A method without an unlabelled view may still read the pool before it trains.
    reads_unlabeled = any(stage.methods or stage.name == TAPT for plan in plans for stage in plan.stages)
    for reason, is_so, flags in (
        ("Nothing is trained", not setup.config.trains, OF_TRAINING),
        ("There is no dev part", setup.config.trains and setup.parts.dev is None, OF_DEV),
        ("No row reads unlabelled data", setup.config.trains and not reads_unlabeled, OF_UNLABELED),
    ):
        idle = [f"--{name}" for name in flags if name in setup.config.given]
        if is_so and idle:
            yield f"{reason}, so {' and '.join(idle)} {'has' if len(idle) == 1 else 'have'} no effect."


def _forecast(setup: Setup) -> str:
    """The forecast, or why there is none: it is no part of the training, so its errors do not end the run."""
    try:
        return forecast(setup)
    except Exception as error:
        return f"There is no forecast of this run: {sentence_of(error)}"


def expected(config: SelfTuningConfig, plans: Sequence[Plan], *, labeled: int, unlabeled: int) -> dict[str, Any]:
    """Devices, and the steps and passes of each row over all of its stages.

    Args:
        config: the run's training arguments; stages may change their steps.
        plans: the rows.
        labeled: number of labelled examples.
        unlabeled: number of unlabelled examples.
    """
    forecasts = [_row(plan, config, labeled, unlabeled) for plan in plans]
    titles = [f"{plan.title}: " if len({*forecasts}) > 1 else "" for plan in plans]
    rows = dict.fromkeys(f"{title}{passes}" for title, (_, passes) in zip(titles, forecasts, strict=True))
    steps = dict.fromkeys(number for number, _ in forecasts)
    return {
        "devices": f"{config.world_size} x {config.device.type}",
        "steps": ", ".join(map(str, steps)),
        "passes": "; ".join(rows),
    }


def _row(plan: Plan, config: SelfTuningConfig, labeled: int, unlabeled: int) -> tuple[str, str]:
    """The steps of a row, with those of each stage in brackets, and its passes."""
    steps, over_labeled, over_unlabeled = [], 0.0, 0.0
    for stage in plan.stages:
        own = config_of(stage, config, Path(config.output_dir or "."))
        step = own.train_batch_size * own.gradient_accumulation_steps * own.world_size
        language = stage.name == TAPT  # it reads all sentences as one stream
        # An epoch ends when the longer stream was read once. `-(-a // b)` rounds a / b up.
        companions = -(-unlabeled // own.unlabeled_batch_ratio)
        longer = labeled + unlabeled if language else max(labeled, companions)
        count = own.max_steps if own.max_steps > 0 else math.ceil(own.num_train_epochs * -(-longer // step))
        steps.append(count)
        over_labeled += count * step / (longer if language else labeled)
        if unlabeled and language:
            over_unlabeled += count * step / longer
        elif unlabeled and _reads_unlabeled(stage, own):
            over_unlabeled += count * step * own.unlabeled_batch_ratio / unlabeled
    total = f"{sum(steps)} ({' + '.join(map(str, steps))})" if len(steps) > 1 else str(steps[0])
    passes = f"{over_labeled:.1f} over the labelled"
    return total, passes + (f", {over_unlabeled:.1f} over the unlabelled" if over_unlabeled else "")


def _reads_unlabeled(stage: Stage, config: SelfTuningConfig) -> bool:
    return bool(all_views(stage.methods, f"{config.labeled_view}.0").unlabeled)
