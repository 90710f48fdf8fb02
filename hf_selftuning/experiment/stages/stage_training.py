"""The stages of a row run one after another. Each saves a model, and the next one starts from it or learns from it."""

import json
import math
from collections.abc import Sequence
from copy import copy as shallow_copy
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from transformers import Trainer, set_seed

from ...config import SelfTuningConfig
from ...core.method import Method
from ...core.settings import BETWEEN_FOLDERS, FromStage
from ...modules.method_state import save_side_state
from ...streams.seeds import mix
from ...training.trainer import SelfTuningTrainer
from ..command.terminal import say
from .plan import TAPT, Plan, Stage
from .resume import asked_to_resume, train_or_resume, train_or_resume_plain
from .step_clock import StepClock

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
        seconds: time that these steps took; NaN where a stage was too short to be timed.
        before: seconds of the preparations before the stages, and of the answers of teachers.
    """

    model: str | None = None
    given: tuple[tuple[FromStage, str], ...] = ()
    steps: int = 0
    seconds: float = 0.0
    before: float = 0.0

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
                raise ValueError(self._lack_of(method))

    def _lack_of(self, method: Method) -> str:
        several = dict(self.given).get("classifiers")
        if several is not None:
            return (
                f"{method.title} learns from one teacher, and the stage before it trained "
                f"{len(several.split(BETWEEN_FOLDERS))}; take generation, which learns from all of them, or leave out "
                "the number of copies."
            )
        if method.settings_from_stage("classifiers"):
            return (
                f"{method.title} learns from trained teachers, and no stage before it trained any; put one there "
                "(--stages 'fine_tuning*3' generation), or give teachers=folder;folder."
            )
        return (
            f"{method.title} learns from a trained teacher, and no stage before it trained one; put one there "
            "(--stages fine_tuning distillation), or give teacher=folder."
        )

    def model_for(self, stage: Stage, student: str | None) -> str | None:
        """Folder or Hub id that a stage starts from; None is the run's pretrained model.

        A stage that goes on has the last classifier. One that learns from a teacher has the student of the flags, if
        they name one. All others have `model`.

        Args:
            stage: which starts.
            student: the model of `--student_name_or_path`.

        Raises:
            ValueError: a stage goes on, and the flags name another student.
        """
        if not stage.restart:
            if student is not None:
                raise ValueError(
                    f"The stage {stage.name} with restart=False goes on from the model of the stage before it, and "
                    f"--student_name_or_path names another one, {student}; leave one of the two out."
                )
            return dict(self.given)["classifier"]
        kinds: tuple[FromStage, ...] = ("classifier", "classifiers")
        taught = any(method.settings_from_stage(kind) for method in stage.methods for kind in kinds)
        return student if taught and student is not None else self.model

    def after(self, stage: Stage, folders: Sequence[Path]) -> "Start":
        """What the next stage starts from.

        Args:
            stage: which has finished.
            folders: of its models.
        """
        done = [json.loads((folder / DONE).read_text()) for folder in folders]
        steps = self.steps + sum(one["steps"] for one in done)
        times = [math.nan if one.get("seconds") is None else one["seconds"] for one in done]
        model, given = self.model, dict(self.given)
        if stage.pretrains:
            model = given["pretrained"] = str(folders[0])
        else:
            given.pop("classifier", None)
            given["classifiers"] = BETWEEN_FOLDERS.join(map(str, folders))
            given |= {"classifier": str(folders[0])} if len(folders) == 1 else {}
        before = self.before + sum(one.get("before", 0.0) for one in done)
        found = tuple(given.items())
        return Start(model, found, steps=steps, seconds=self.seconds + sum(times), before=before)


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
        targets = [folder / f"{number}_{stage.name}{f'.{copy}' if copy else ''}" for copy in range(stage.copies)]
        # Methods keep their layers, so each model of a stage has methods of its own.
        copies = [stage, *(replace(stage, methods=deepcopy(stage.methods)) for _ in targets[1:])]
        for copy, (own, target) in enumerate(zip(copies, targets, strict=True)):
            text = f"  stage {number}, {stage.title}{f', model {copy + 1}' if stage.copies > 1 else ''}"
            if asked_to_resume(setup.config) and (target / DONE).is_file():
                say(f"{text}: finished before")
            else:
                say(text)
                _run(own, target, setup, start, copy)
        start = start.after(stage, targets)
    # The last stage must start from the same random state whether the stages before it ran now or earlier.
    set_seed(setup.config.seed)
    start.fill(plan.last)
    return start


def config_of(stage: Stage, config: SelfTuningConfig, output_dir: Path) -> SelfTuningConfig:
    """A copy of the run's training arguments, with the changes of the stage."""
    own = shallow_copy(config)
    own.hub_token = config.hub_token  # a copied config leaves its token out, so that no file holds it
    own.output_dir = str(output_dir)
    for name, value in stage.changes.items():
        setattr(own, name, value)
    if stage.pretrains:  # without labels there is no cross-entropy, and no score that could choose or steer
        own.supervised_weight, own.load_best_model_at_end, own.eval_strategy = 0.0, False, "no"
        own.safety_gate = False
    return own


def seconds_before(trainer: SelfTuningTrainer) -> float:
    """Seconds of the preparations before the first step, and of the answers of the teachers."""
    return trainer.seconds_before + (0.0 if trainer.soft_labels is None else trainer.soft_labels.seconds)


def seed_of_copy(seed: int, copy: int) -> int:
    """The seed of a further model of a stage; the first one has the seed of the run.

    The seeds of two runs are far apart, so that runs with neighbouring seeds share no teacher.
    """
    return mix(seed, f"copy {copy}") % 2**31 if copy else seed


def _run(stage: Stage, folder: Path, setup: StageSetup, start: Start, copy: int) -> None:
    """Train a model of a stage; save it, the state of its methods, and a file that marks it as finished."""
    config = config_of(stage, setup.config, folder)
    config.push_to_hub = False  # only the model of the last stage is pushed
    config.seed = seed_of_copy(config.seed, copy)
    set_seed(config.seed)
    trainer: Any
    if stage.name == TAPT:
        trainer = setup.make_language_trainer(config)
        trainer.add_callback(clock := StepClock())
        train_or_resume_plain(trainer)
    else:
        trainer = setup.make_trainer(stage, config, start)
        trainer.add_callback(clock := StepClock(lambda: seconds_before(trainer)))
        train_or_resume(trainer)
    clock.read(trainer.state)
    trainer.save_model(str(folder))
    writes = trainer.is_world_process_zero()
    if isinstance(trainer, SelfTuningTrainer):
        save_side_state(trainer.training_module.methods, trainer.model, {}, str(folder), writes=writes)
    if writes:
        steps = trainer.state.global_step
        seconds = clock.mean * steps if clock.steps else None
        done = {"stage": stage.name, "steps": steps, "seconds": seconds, "before": clock.before}
        (folder / DONE).write_text(json.dumps(done))
    trainer.accelerator.wait_for_everyone()
