"""Health: says when unlabelled data seems to hurt, and how much of its weight the safety gate leaves."""

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
    """What a run's dev scores say.

    Args:
        share: of its weight that the safety gate leaves to unlabelled data.
        fell_at: steps at which the score fell behind.
        behind: points of the last score behind the best before it; negative where it is the best.
        tolerated: of these, how many are put down to chance.
        scored: number of scores.
    """

    share: float
    fell_at: tuple[int, ...]
    behind: float
    tolerated: float
    scored: int


def judge(points: Points, *, begins: int, items: int, margin: float) -> Verdict:
    """Read the scores in their order, each against the best before it.

    A score behind by more than is tolerated leaves unlabelled data no weight until one is not; each such fall
    halves, from then on, the weight that comes back. Scores up to `begins` only set the best.

    Args:
        points: steps and scores in percent.
        begins: finished steps when unlabelled data came in, the end of the warm-up.
        items: examples a score is of; 0 where that is not known.
        margin: points that are always tolerated.
    """
    best, behind, tolerated, down, falls = -math.inf, -math.inf, margin, False, []
    for step, score in zip(*points, strict=True):
        behind, tolerated = best - score, max(margin, chance(best, items))
        now_down = step > begins and behind > tolerated
        falls += [step] if now_down and not down else []
        best, down = max(best, score), now_down
    return Verdict(0.0 if down else 0.5 ** len(falls), tuple(falls), behind, tolerated, len(points[0]))


def chance(score: float, items: int) -> float:
    """Two standard errors of a score in percent over so many items, as of a share of right ones; 0 for none.

    With two items right and two wrong added (Agresti and Coull, 1998), so that ten right of ten are no certainty.
    """
    share = (min(max(score / 100, 0), 1) * items + 2) / (items + 4)
    return 200 * math.sqrt(share * (1 - share) / (items + 4)) if items else 0.0


class Health(TrainerCallback):
    """Judges the dev scores that the log holds.

    The log is in every checkpoint and the same on every rank, so nothing else is to be saved or told.

    Args:
        methods: those that train.
        dev: gives the data that are evaluated.
        score: which of the logged scores counts, such as `f1`; `metric_for_best_model`, if given, does before it.
    """

    def __init__(self, methods: Sequence[Method], dev: Callable[[], Any], score: str) -> None:
        self.methods = [method for method in methods if method.views().unlabeled]
        self.dev, self.score = dev, score
        self.share = 1.0
        self._told = False

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Go on where the checkpoint was."""
        verdict = self._verdict(args, state)
        self.share, self._told = verdict.share, bool(verdict.fell_at)

    def on_evaluate(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Judge, and warn at the first fall."""
        assert isinstance(args, SelfTuningConfig)
        verdict = self._verdict(args, state)
        self.share = verdict.share
        dev = any(name.startswith("eval_") for name in kwargs["metrics"])
        if args.safety_gate and dev and not verdict.scored:
            raise ValueError(
                f"safety_gate=True watches eval_{self._name(args)}, which the evaluation does not give; let "
                "compute_metrics return it, or name another score with metric_for_best_model."
            )
        if verdict.fell_at and not self._told and state.is_world_process_zero:
            way_out = "is left out until the score is back" if args.safety_gate else "goes on; --safety_gate stops it"
            self._told = True
            logger.warning(
                "Unlabelled data seems to hurt: at step %d the dev %s lies %.2f points behind its best, and %.2f are "
                "put down to chance; training on it %s.",
                state.global_step,
                self._name(args),
                verdict.behind,
                verdict.tolerated,
                way_out,
            )

    def _name(self, args: TrainingArguments) -> str:
        given = args.metric_for_best_model
        return given.removeprefix("eval_") if given and args.greater_is_better else self.score

    def _verdict(self, args: TrainingArguments, state: TrainerState) -> Verdict:
        assert isinstance(args, SelfTuningConfig)
        points = scores({"run": state.log_history}, self._name(args)).get("run", NOTHING)
        total = Progress(0, state.max_steps)
        begins = min((-method.steps_since_warmup(total) for method in self.methods), default=state.max_steps)
        dev = self.dev()
        items = len(dev) if isinstance(dev, Sized) and not isinstance(dev, Mapping) else 0
        return judge(points, begins=begins, items=items, margin=args.safety_margin)
