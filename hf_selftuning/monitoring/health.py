"""Health: warns when unlabelled data seems to hurt, and computes the weight that the safety gate leaves to it."""

import logging
import math
from collections.abc import Callable, Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from ..config import SelfTuningConfig
from ..core.method import Method
from ..core.step import Progress
from .log_history import Points, scores

logger = logging.getLogger(__name__)
NOTHING: Points = ([], [])


@dataclass(frozen=True)
class Verdict:
    """What the dev scores of a run say about its unlabelled data.

    Args:
        share: factor in [0, 1] by which the safety gate multiplies the weight of unlabelled data.
        fell_at: the steps at which the score fell behind its best.
        behind: points by which the last score is below the best one before it; negative for a new best.
        tolerated: points below the best that do not count as a fall.
        scored: number of scores.
    """

    share: float
    fell_at: tuple[int, ...]
    behind: float
    tolerated: float
    scored: int


def judge(points: Points, *, begins: int, items: int, margin: float) -> Verdict:
    """Compare each score with the best one before it.

    If the score falls behind the best so far by more than the tolerance, unlabelled data gets weight 0 until the
    score recovers. Each fall halves the weight that comes back. Scores up to step `begins` set the best, and cannot
    fall.

    Args:
        points: steps and scores in percent.
        begins: number of finished steps after which the warm-up is over and unlabelled data is used.
        items: number of examples that are scored; 0 if unknown.
        margin: the least tolerance, in points.
    """
    best, behind, tolerated, down, falls = -math.inf, -math.inf, margin, False, []
    for step, score in zip(*points, strict=True):
        behind, tolerated = best - score, max(margin, chance(best, items))
        now_down = step > begins and behind > tolerated
        falls += [step] if now_down and not down else []
        best, down = max(best, score), now_down
    return Verdict(0.0 if down else 0.5 ** len(falls), tuple(falls), behind, tolerated, len(points[0]))


def chance(score: float, items: int) -> float:
    """Two standard errors, in points, of a score in percent that is the mean of `items` examples; 0 without examples.

    Two right and two wrong examples are added first (Agresti and Coull, 1998). Without them, the formula gives 0 if
    ten of ten are right, as if that score were certain.
    """
    share = (min(max(score / 100, 0), 1) * items + 2) / (items + 4)
    return 200 * math.sqrt(share * (1 - share) / (items + 4)) if items else 0.0


def has_dev_set(evaluated: Any) -> bool:
    """Whether the evaluation data are several sets by name, and one of them is `dev`."""
    return isinstance(evaluated, Mapping) and "dev" in evaluated


class Health(TrainerCallback):
    """Judges the dev scores after each evaluation.

    It has no state of its own to save or to send to other ranks: the log that it reads is in every checkpoint and
    the same on every rank.

    Args:
        methods: all methods that train.
        dev: returns the evaluation data.
        score: name of the score to judge, such as `f1`; `metric_for_best_model` replaces it where it is given.
    """

    def __init__(self, methods: Sequence[Method], dev: Callable[[], Any], score: str) -> None:
        self.methods = [method for method in methods if method.views().unlabeled]
        self.dev, self.score = dev, score
        self.share = 1.0
        self._warned = False

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Compute the weight from the log of the checkpoint."""
        verdict = self._verdict(args, state)
        self.share, self._warned = verdict.share, bool(verdict.fell_at)

    def on_evaluate(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Judge the scores, and warn at the first fall."""
        assert isinstance(args, SelfTuningConfig)
        verdict = self._verdict(args, state)
        self.share = verdict.share
        # Trainer evaluates several sets one after another, and the score is that of the one named `dev`.
        dev = "eval_dev_" if has_dev_set(self.dev()) else "eval_"
        on_dev = any(name.startswith(dev) for name in kwargs["metrics"])
        if args.safety_gate and on_dev and not verdict.scored:
            raise ValueError(
                f"safety_gate=True needs eval_{self._name(args)}, and the evaluation does not give it; return it from "
                "compute_metrics, or name another score with metric_for_best_model."
            )
        if verdict.fell_at and not self._warned and state.is_world_process_zero:
            self._warned = True
            self._warn(args, state, verdict)

    def _warn(self, args: SelfTuningConfig, state: TrainerState, verdict: Verdict) -> None:
        consequence = "is kept; --safety_gate True sets it to 0 until the score recovers"
        if args.safety_gate:
            consequence = "is 0 until the score recovers"
        logger.warning(
            "Unlabelled data seems to hurt: at step %d the dev %s is %.2f points below its best, and at most %.2f "
            "points count as chance. The weight of unlabelled data %s.",
            state.global_step,
            self._name(args),
            verdict.behind,
            verdict.tolerated,
            consequence,
        )

    def _name(self, args: TrainingArguments) -> str:
        # A metric that should fall, such as the loss, is not a score that can be judged here.
        given = args.metric_for_best_model
        return given.removeprefix("eval_") if given and args.greater_is_better else self.score

    def _verdict(self, args: TrainingArguments, state: TrainerState) -> Verdict:
        assert isinstance(args, SelfTuningConfig)
        points = scores({"run": state.log_history}, self._name(args)).get("run", NOTHING)
        total = Progress(0, state.max_steps)
        begins = min((-method.steps_since_warmup(total) for method in self.methods), default=state.max_steps)
        dev = self.dev()
        dev = dev["dev"] if has_dev_set(dev) else dev
        # The length of a dictionary is the number of its datasets, not of examples.
        items = len(dev) if isinstance(dev, Sized) and not isinstance(dev, Mapping) else 0
        return judge(points, begins=begins, items=items, margin=args.safety_margin)
