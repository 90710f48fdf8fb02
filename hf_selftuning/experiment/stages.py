"""Stages of a row, one run after another: each leaves a folder, from which the next one begins or is taught."""

import copy
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from transformers import Trainer, set_seed

from ..config import SelfTuningConfig
from ..modules.method_state import save_side_state
from ..training.trainer import SelfTuningTrainer
from .flags import say
from .plan import TAPT, Plan, Stage
from .run_folder import asked_to_resume, train, train_plain

DONE = "stage.json"
"""Written last into a finished stage's folder."""


@dataclass(frozen=True)
class Start:
    """What a stage begins with.

    Args:
        model: folder of the weights that an earlier stage adapted; None is the recipe's pretrained model.
        given: what earlier stages hand to methods that have a setting of that name and leave it open: the folder of
            the last classifier as `teacher`, that of the last network pretrained here as `projector`.
        steps: optimizer steps that were taken so far.
    """

    model: str | None = None
    given: tuple[tuple[str, str], ...] = ()
    steps: int = 0

    def fill(self, stage: Stage) -> None:
        """Hand over what the stage's methods leave open.

        Raises:
            ValueError: a method is to be taught, and no classifier was trained before.
        """
        given = dict(self.given)
        for method in stage.methods:
            left_open = [name for name, value in method.settings().items() if value is None and name in given]
            for name in left_open:
                setattr(method, name, given[name])
            if method.settings().get("teacher", "none is asked for") is None:
                raise ValueError(
                    f"{method.title} learns from a trained teacher, and no stage before it trained one; put one there "
                    "(--stages fine_tuning distillation), or give teacher=folder."
                )

    def model_for(self, stage: Stage, student: str | None) -> str | None:
        """Where a stage's model comes from: where a teacher teaches, the student that the flags name, if they do."""
        taught = any("teacher" in method.settings() for method in stage.methods)
        return student if taught and student is not None else self.model

    def after(self, stage: Stage, folder: Path) -> "Start":
        """What the next stage begins with."""
        steps = self.steps + json.loads((folder / DONE).read_text())["steps"]
        name, model = ("projector", str(folder)) if stage.pretrains else ("teacher", self.model)
        given = {**dict(self.given), name: str(folder)}
        return replace(self, model=model, given=tuple(given.items()), steps=steps)


class StageSetup(Protocol):
    """What a recipe brings to its stages."""

    config: SelfTuningConfig

    def make_trainer(self, stage: Stage, config: SelfTuningConfig, start: Start) -> SelfTuningTrainer:
        """Model and trainer of a stage."""

    def make_language_trainer(self, config: SelfTuningConfig) -> Trainer:
        """The trainer of TAPT, of the pretrained model on all sentences.

        Raises:
            ValueError: the data have no words.
        """


def run_stages(plan: Plan, folder: Path, setup: StageSetup) -> Start:
    """Run all stages but the last, or take over those that an earlier run finished.

    Args:
        plan: the row.
        folder: takes a folder for each of them; outside that of the last stage, whose pushes take all that is in it.
        setup: builds the trainers.
    """
    start = Start()
    for number, stage in enumerate(plan.stages[:-1], 1):
        start.fill(stage)
        target = folder / f"{number}_{stage.name}"
        if asked_to_resume(setup.config) and (target / DONE).is_file():
            say(f"  stage {number}, {stage.title}: finished before")
        else:
            say(f"  stage {number}, {stage.title}")
            _run(stage, target, setup, start)
        start = start.after(stage, target)
    set_seed(setup.config.seed)  # the last stage starts alike whether those before it ran now or earlier
    start.fill(plan.last)
    return start


def config_of(stage: Stage, config: SelfTuningConfig, output_dir: Path) -> SelfTuningConfig:
    """The run's arguments with what the stage changes."""
    own = copy.copy(config)
    own.hub_token = config.hub_token  # a copy leaves it behind, as a file does
    own.output_dir = str(output_dir)
    for name, value in stage.changes.items():
        setattr(own, name, value)
    if stage.pretrains:
        own.supervised_weight, own.load_best_model_at_end, own.eval_strategy = 0.0, False, "no"
        own.safety_gate = False
    return own


def _run(stage: Stage, folder: Path, setup: StageSetup, start: Start) -> None:
    """Train a stage and leave its model, its methods' state and a note that it is done."""
    config = config_of(stage, setup.config, folder)
    config.push_to_hub = False  # the last stage's model is the row's
    set_seed(config.seed)
    trainer: Any
    if stage.name == TAPT:
        trainer = setup.make_language_trainer(config)
        train_plain(trainer)
    else:
        trainer = setup.make_trainer(stage, config, start)
        train(trainer)
    trainer.save_model(str(folder))
    if trainer.is_world_process_zero():
        if isinstance(trainer, SelfTuningTrainer):
            save_side_state(trainer.training_module.methods, trainer.model, {}, str(folder))
        (folder / DONE).write_text(json.dumps({"stage": stage.name, "steps": trainer.state.global_step}))
    trainer.accelerator.wait_for_everyone()
