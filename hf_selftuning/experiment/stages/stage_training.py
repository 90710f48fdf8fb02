"""The stages of a row run one after another. Each saves a model, and the next one starts from it or learns from it."""

import copy
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from transformers import Trainer, set_seed

from ...config import SelfTuningConfig
from ...core.settings import FromStage
from ...modules.method_state import save_side_state
from ...training.trainer import SelfTuningTrainer
from ..command.terminal import say
from .plan import TAPT, Plan, Stage
from .resume import asked_to_resume, train_or_resume, train_or_resume_plain

DONE = "stage.json"
"""The file that marks a stage's folder as finished; it is written last."""


@dataclass(frozen=True)
class Start:
    """What a stage starts from.

    Args:
        model: folder of the weights that an earlier stage adapted; None is the run's pretrained model.
        given: pairs of a kind of model and its folder, for the last `classifier` and the last `pretrained` network
            that earlier stages trained. A method's setting takes the folder of the kind that its `from_stage` names.
        steps: optimizer steps taken so far.
    """

    model: str | None = None
    given: tuple[tuple[FromStage, str], ...] = ()
    steps: int = 0

    def fill(self, stage: Stage) -> None:
        """Fill the settings of the stage's methods that take such a folder and are still None.

        Raises:
            ValueError: a method needs a teacher, and no earlier stage trained a classifier.
        """
        for method in stage.methods:
            for left, folder in self.given:
                for name in method.settings_from_stage(left):
                    if getattr(method, name) is None:
                        setattr(method, name, folder)
            if method.lacks_teacher:
                raise ValueError(
                    f"{method.title} learns from a trained teacher, and no stage before it trained one; put one there "
                    "(--stages fine_tuning distillation), or give teacher=folder."
                )

    def model_for(self, stage: Stage, student: str | None) -> str | None:
        """Folder or Hub id that a stage starts from: the flags' student if it learns from a teacher, else `model`."""
        taught = any(method.settings_from_stage("classifier") for method in stage.methods)
        return student if taught and student is not None else self.model

    def after(self, stage: Stage, folder: Path) -> "Start":
        """What the next stage starts from."""
        steps = self.steps + json.loads((folder / DONE).read_text())["steps"]
        left: FromStage = "pretrained" if stage.pretrains else "classifier"
        model = str(folder) if stage.pretrains else self.model
        given = {**dict(self.given), left: str(folder)}
        return replace(self, model=model, given=tuple(given.items()), steps=steps)


class StageSetup(Protocol):
    """What the stages of a run need from its data and its model."""

    config: SelfTuningConfig

    def make_trainer(self, stage: Stage, config: SelfTuningConfig, start: Start) -> SelfTuningTrainer:
        """Model and trainer of a stage."""

    def make_language_trainer(self, config: SelfTuningConfig) -> Trainer:
        """The trainer of TAPT: language modelling of the pretrained model on all sentences.

        Raises:
            ValueError: the data are not words.
        """


def run_stages(plan: Plan, folder: Path, setup: StageSetup) -> Start:
    """Run all stages except the last. A resumed run skips the stages that are finished.

    Args:
        plan: the row.
        folder: holds a folder for each stage. It lies outside the last stage's folder, which is pushed as a whole.
        setup: builds the trainers.

    Returns:
        what the last stage starts from.
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
    # The last stage must start from the same random state whether the stages before it ran now or earlier.
    set_seed(setup.config.seed)
    start.fill(plan.last)
    return start


def config_of(stage: Stage, config: SelfTuningConfig, output_dir: Path) -> SelfTuningConfig:
    """A copy of the run's training arguments, with the changes of the stage."""
    own = copy.copy(config)
    own.hub_token = config.hub_token  # a copied config leaves its token out, so that no file holds it
    own.output_dir = str(output_dir)
    for name, value in stage.changes.items():
        setattr(own, name, value)
    if stage.pretrains:  # without labels there is no cross-entropy, and no score that could choose or steer
        own.supervised_weight, own.load_best_model_at_end, own.eval_strategy = 0.0, False, "no"
        own.safety_gate = False
    return own


def _run(stage: Stage, folder: Path, setup: StageSetup, start: Start) -> None:
    """Train a stage; save its model, the state of its methods, and a file that marks it as finished."""
    config = config_of(stage, setup.config, folder)
    config.push_to_hub = False  # only the model of the last stage is pushed
    set_seed(config.seed)
    trainer: Any
    if stage.name == TAPT:
        trainer = setup.make_language_trainer(config)
        train_or_resume_plain(trainer)
    else:
        trainer = setup.make_trainer(stage, config, start)
        train_or_resume(trainer)
    trainer.save_model(str(folder))
    if trainer.is_world_process_zero():
        if isinstance(trainer, SelfTuningTrainer):
            save_side_state(trainer.training_module.methods, trainer.model, {}, str(folder))
        (folder / DONE).write_text(json.dumps({"stage": stage.name, "steps": trainer.state.global_step}))
    trainer.accelerator.wait_for_everyone()
