"""SelfTuningTrainer against plain Trainer with labelled batches of the same size, and its wait for its loader."""

import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from PIL import Image
from transformers import Trainer, TrainerCallback, default_data_collator

from hf_selftuning import SelfTuningConfig, SelfTuningTrainer
from hf_selftuning.data.images.pixels.image_input import ImageInput
from hf_selftuning.data.images.pixels.image_transforms import strong_view, weak_view
from hf_selftuning.tasks import task_of
from hf_selftuning.tasks.image_classification import ImageClassification

from .candidates import self_tuning
from .shapes import Shape, make_model
from .timing import Times, now

Examples = list[dict[str, Any]]


class Stopwatch(TrainerCallback):
    """Records the seconds from the end of each step to the end of the next, by a clock."""

    def __init__(self, device: torch.device, clock: Callable[[], float]) -> None:
        self.device, self.clock, self.last = device, clock, 0.0
        self.seconds: list[float] = []

    def on_step_end(self, *_: Any, **__: Any) -> None:
        """Record the time; on a GPU, wait until the step is done."""
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        time_now = self.clock()
        if self.last:
            self.seconds.append(time_now - self.last)
        self.last = time_now


class Waiting(SelfTuningTrainer):
    """Records how long each step waits for its batches."""

    waited: list[float]

    def get_batch_samples(self, epoch_iterator: Iterator, num_batches: int, device: torch.device) -> tuple[list, Any]:
        """Time the call of the base class."""
        begin = time.perf_counter()
        batches = super().get_batch_samples(epoch_iterator, num_batches, device)
        self.waited.append(time.perf_counter() - begin)
        return batches


def made_examples(shape: Shape, count: int) -> Examples:
    """Single examples of the shape, encoded and in memory."""
    assert shape.inputs is not None
    inputs, rows = shape.inputs(count)
    if rows is None:
        labels = torch.randint(shape.contrast.classes, (count,)).tolist()
    else:
        flat = torch.full_like(inputs["input_ids"].flatten(), -100)
        labels = flat.index_fill(0, rows, 1).view(count, -1).tolist()
    return [{name: value[i] for name, value in inputs.items()} | {"labels": labels[i]} for i in range(count)]


def arguments(folder: str, shape: Shape, steps: int, device: torch.device, workers: int = 0) -> SelfTuningConfig:
    """Training arguments for `steps` steps without logging."""
    return SelfTuningConfig(
        folder,
        max_steps=steps,
        per_device_train_batch_size=shape.batch,
        learning_rate=1e-5,
        logging_strategy="no",
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        channels_last=True,
        dataloader_num_workers=workers,
        use_cpu=device.type == "cpu",
        bf16=device.type == "cuda",
    )


def trainers_in_turn(shape: Shape, device: torch.device, *, rounds: int, steps: int) -> Times:
    """Seconds of each step of plain Trainer and of SelfTuningTrainer, a few steps of each in turn."""
    examples = made_examples(shape, 4 * shape.batch)
    times: Times = {"plain": [], "ours": []}
    with tempfile.TemporaryDirectory() as folder:
        given: dict[str, Any] = {"data_collator": default_data_collator, "train_dataset": examples}

        def plain() -> Trainer:
            return Trainer(make_model(shape, device), arguments(folder, shape, steps, device), **given)

        def ours() -> Trainer:
            model = make_model(shape, device)
            method = self_tuning(shape, task_of(model).kind)
            args = arguments(folder, shape, steps, device)
            return SelfTuningTrainer(model, args, **given, unlabeled_dataset=examples, methods=[method])

        for _ in range(rounds):
            for name, make in (("plain", plain), ("ours", ours)):
                times[name] += _watched(make, device)
    return times


def _watched(make: Callable[[], Trainer], device: torch.device) -> list[float]:
    """The times of a new trainer, from its third step on; the first two warm up."""
    trainer, watch = make(), Stopwatch(device, time.perf_counter if device.type == "cuda" else now)
    trainer.add_callback(watch)
    trainer.train()
    return watch.seconds[1:]


def raw_images(count: int, classes: int) -> Examples:
    """Random pictures of the size of a photograph in CUB-200-2011."""
    draw = np.random.default_rng(0)
    pictures = [Image.fromarray(draw.integers(0, 255, (375, 500, 3), dtype=np.uint8)) for _ in range(8)]
    return [{"image": pictures[i % 8], "label": i % classes} for i in range(count)]


def share_waiting(shape: Shape, device: torch.device, *, steps: int, workers: int) -> float:
    """Share of the time that is spent waiting for batches, after two steps. Images are augmented as in the recipes."""
    model = make_model(shape, device)
    method = self_tuning(shape, task_of(model).kind)
    with tempfile.TemporaryDirectory() as folder:
        given: dict[str, Any] = {"data_collator": default_data_collator}
        examples = made_examples(shape, 4 * shape.batch)
        if isinstance(task_of(model), ImageClassification):
            look = ImageInput.of(model.config, examples[0]["pixel_values"].shape[-1])
            given["task"] = ImageClassification(weak_view(look), strong_view(look))
            examples = raw_images(4 * shape.batch, shape.contrast.classes)
        args = arguments(folder, shape, steps, device, workers)
        trainer = Waiting(model, args, train_dataset=examples, unlabeled_dataset=examples, methods=[method], **given)
        trainer.waited, watch = [], Stopwatch(device, time.perf_counter)
        trainer.add_callback(watch)
        trainer.train()
    return sum(trainer.waited[2:steps]) / sum(watch.seconds[1:])
