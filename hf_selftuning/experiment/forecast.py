"""What a run will do, told before it trains: devices, steps, and how often each example will be seen."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..config import SelfTuningConfig
from ..core.method import all_views
from .plan import TAPT, Plan, Stage
from .stages import config_of


def expected(config: SelfTuningConfig, plans: Sequence[Plan], *, labeled: int, unlabeled: int) -> dict[str, Any]:
    """Devices, and steps and passes of each row, over all of its stages.

    Args:
        config: of the run; stages may change its steps.
        plans: the rows.
        labeled: number of labelled examples.
        unlabeled: number of unlabelled ones.
    """
    told = [_row(plan, config, labeled, unlabeled) for plan in plans]
    titles = [f"{plan.title}: " if len({*told}) > 1 else "" for plan in plans]
    rows = dict.fromkeys(f"{title}{passes}" for title, (_, passes) in zip(titles, told, strict=True))
    steps = dict.fromkeys(number for number, _ in told)
    return {
        "devices": f"{config.world_size} x {config.device.type}",
        "steps": ", ".join(map(str, steps)),
        "passes": "; ".join(rows),
    }


def _row(plan: Plan, config: SelfTuningConfig, labeled: int, unlabeled: int) -> tuple[str, str]:
    """Steps of a row, those of its stages in brackets, and its passes."""
    steps, over_labeled, over_unlabeled = [], 0.0, 0.0
    for stage in plan.stages:
        own = config_of(stage, config, Path(config.output_dir or "."))
        step = own.train_batch_size * own.gradient_accumulation_steps * own.world_size
        language = stage.name == TAPT
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
