"""Runs on pools of any size, with the seconds of each part of a run."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from transformers import TrainerCallback
from transformers.trainer import TRAINER_STATE_NAME

from hf_selftuning.data.images.sources.load_images import load_images
from hf_selftuning.data.splits import Split, draw_split
from hf_selftuning.data.texts.load_texts import load_texts
from hf_selftuning.distributed import told_by_first
from hf_selftuning.modules.head_start import certain_probe, pool_predictions
from hf_selftuning.streams.unlabeled_stream import MARKED_EVERY, StreamedExamples

from .pool_data import FEATURE_CLASSES, rows_of, sentences, streamed_sentences
from .pool_trainers import image_trainer, sentence_trainer

STEPS, WARM = 60, 10
LABELS_A_CLASS = 4
Figures = dict[str, Any]


@dataclass
class Clock(TrainerCallback):
    """Wall-clock and processor seconds of each part of a run, and of each step from the end of the one before."""

    parts: dict[str, tuple[float, float]] = field(default_factory=dict)
    steps: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._last = _now()

    def lap(self) -> tuple[float, float]:
        """Wall-clock and processor seconds since the last call."""
        before, self._last = self._last, _now()
        return self._last[0] - before[0], self._last[1] - before[1]

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time a part of the run."""
        self.lap()
        yield
        self.parts[name] = self.lap()

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        """Trainer has prepared the model and the loader, but no batch is read."""
        self.parts["prepare"] = self.lap()

    def on_step_begin(self, *_: Any, **__: Any) -> None:
        """The batch of the step is read."""
        if "first batch" not in self.parts:
            self.parts["first batch"] = self.lap()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        """Keep the time of the step; that of the first one is a part of the start."""
        if "first step" in self.parts:
            self.steps.append(self.lap())
        else:
            self.parts["first step"] = self.lap()

    def figures(self) -> Figures:
        """All of it, by name; a step is the median after those that warm up."""
        steps = self.steps[WARM:] or [(0.0, 0.0)]
        total = tuple(sum(each) for each in zip(*self.parts.values(), strict=True))
        return {"parts": self.parts, "total": total, "step": [median(each) for each in zip(*steps, strict=True)]}


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def start(file: Path, folder: Path) -> Figures:
    """Train a tiny BERT on a pool of sentences that are encoded, grouped by length."""
    clock = Clock()
    with clock.part("trainer"):
        trainer = sentence_trainer(file, folder, max_steps=STEPS)
    trainer.add_callback(clock)
    trainer.train()
    return clock.figures()


def resume(file: Path, folder: Path) -> Figures:
    """The same training, resumed at four fifths of the first epoch."""
    trainer = sentence_trainer(file, folder, max_steps=2, save_steps=2)
    trainer.train()
    late = len(sentences(file)) // trainer.get_total_train_batch_size(trainer.args) * 4 // 5
    checkpoint = told_by_first(lambda: moved(folder / "checkpoint-2", late))
    clock = Clock()
    with clock.part("trainer"):
        trainer = sentence_trainer(file, folder, max_steps=late + 1)
    trainer.add_callback(clock)
    trainer.train(resume_from_checkpoint=str(checkpoint))
    return clock.figures()


def moved(checkpoint: Path, step: int) -> Path:
    """The checkpoint, renamed and changed to be one of a later step."""
    late = checkpoint.rename(checkpoint.with_name(f"checkpoint-{step}"))
    state = json.loads((late / TRAINER_STATE_NAME).read_text())
    (late / TRAINER_STATE_NAME).write_text(json.dumps({**state, "global_step": step}))
    return late


def streamed(source: Path, folder: Path) -> Figures:
    """Go to four fifths of a stream, as a resumed run does: from its beginning, and from its last mark.

    Nothing is trained, so `folder` stays empty.
    """
    late = rows_of(source) * 4 // 5
    clock = Clock()
    with clock.part("from the beginning"):
        first = StreamedExamples(streamed_sentences(source))
        first[late]
    mark = first.new_mark()
    with clock.part("from the last mark"):
        again = StreamedExamples(streamed_sentences(source))
        again.begin_after(mark)
        again[late + MARKED_EVERY]
    return clock.figures()


def texts(file: Path, folder: Path) -> Figures:
    """Read a table of texts through all checks; nothing is written, so `folder` stays empty."""
    clock = Clock()
    with clock.part("read"):
        load_texts(train_file=str(file), test_share=0.0)
    return clock.figures()


def split(file: Path, folder: Path) -> Figures:
    """Read a table of texts through all checks, draw a split, write it and read it again."""
    clock = Clock()
    with clock.part("read"):
        read = load_texts(train_file=str(file), test_share=0.0)
    with clock.part("contents"):
        classes, contents = read.train["label"][:], read.split_contents
    with clock.part("draw"):
        drawn = draw_split(
            classes, labels_per_class=100, dataset="made", class_names=read.class_names, contents=contents
        )
    with clock.part("write"):
        drawn.save(folder / "split.json")
    with clock.part("read again"):
        Split.load(folder / "split.json", classes=classes, contents=contents)
    return clock.figures()


def images(data: Path, folder: Path) -> Figures:
    """Read a folder of images through all checks, and train a tiny ViT on them."""
    clock = Clock()
    with clock.part("read"):
        read = load_images(data_dir=data)
    with clock.part("trainer"):
        trainer = image_trainer(read, folder, max_steps=STEPS)
    trainer.add_callback(clock)
    trainer.train()
    return clock.figures()


def propagate(data: Path, folder: Path) -> Figures:
    """What `start=propagate` computes from the features of a pool: labels for all of it, and then the classifier.

    Nothing is trained, so `folder` stays empty.
    """
    clock = Clock()
    with clock.part("read"):
        rows = torch.from_numpy(np.load(data))
    labeled = LABELS_A_CLASS * FEATURE_CLASSES
    known, pool, labels = rows[:labeled], rows[labeled:], torch.arange(labeled) % FEATURE_CLASSES
    with clock.part("labels for the pool"):
        found = pool_predictions(known, labels, pool, FEATURE_CLASSES)
    with clock.part("classifier"):
        certain_probe(known, labels, pool, found)
    return clock.figures()


RUNS = {
    "start": start, "resume": resume, "streamed": streamed, "texts": texts, "split": split, "images": images,
    "propagate": propagate,
}  # fmt: skip
TRAININGS = ("start", "resume", "images")
"""Those that several ranks share."""
