"""All measurements at one shape, by name."""

from typing import Any

import torch

from hf_selftuning.methods import parse_method

from .candidates import bare_passes, our_step, published_step, step_of
from .contrasts import our_contrast, our_upkeep, the_published_contrast
from .shapes import Shape, make_model
from .timing import Run, host_syncs, interleaved, median, operator_calls, ratio
from .trainers import share_waiting, trainers_in_turn

OTHERS = ("fixmatch", "flexmatch", "mean_teacher")
"""Methods whose operator calls are counted beside those of Self-Tuning."""


def measure_step(shape: Shape, device: torch.device, *, repetitions: int, published: bool = True) -> dict[str, float]:
    """Our step, its bare passes, those of fine-tuning, its upkeep, and the published step, in turn."""
    ours = our_step(shape, device)
    runs: dict[str, Run] = {
        "ours": ours,
        "bare": bare_passes(shape, device),
        "bare_labeled": bare_passes(shape, device, labeled_only=True),
        "upkeep": our_upkeep(shape, device),
    }
    if published:
        runs["published"] = published_step(shape, device)
    times = interleaved(runs, repetitions=repetitions, device=device)
    figures = {f"{name}_seconds": median(times, name) for name in runs}
    figures["step_over_bare"] = ratio(times, "ours", "bare")
    figures["upkeep_share"] = ratio(times, "upkeep", "ours")
    figures["predicted_trainer_ratio"] = ratio(times, "bare", "bare_labeled")
    if published:
        figures["published_over_ours"] = ratio(times, "published", "ours")
    figures["operator_calls"] = operator_calls(ours)
    figures["operator_calls_beyond_bare"] = figures["operator_calls"] - operator_calls(runs["bare"])
    figures |= {f"operator_calls_of_{name}": count for name, count in calls_beyond_passes(shape, device).items()}
    if device.type == "cuda":
        figures["host_syncs"] = host_syncs(ours)
    return figures


def calls_beyond_passes(shape: Shape, device: torch.device) -> dict[str, int]:
    """Operator calls of a step of other methods beyond those of their passes, by the method's name."""
    passes = bare_passes(shape, device, guesses=1)
    steps = {name: step_of(parse_method(name), make_model(shape, device), shape, device) for name in OTHERS}
    for run in (passes, *steps.values()):
        run()  # the first step copies the student into a teacher
    return {name: operator_calls(step) - operator_calls(passes) for name, step in steps.items()}


def measure_loss(shape: Shape, device: torch.device, *, repetitions: int) -> dict[str, float]:
    """The contrast of one stream: ours, and the published one if it ends in a reasonable time."""
    runs: dict[str, Run] = {"ours": our_contrast(shape.contrast, device)}
    if shape.published:
        runs["published"] = the_published_contrast(shape.contrast, device)
    times = interleaved(runs, repetitions=repetitions, device=device)
    figures = {f"loss_{name}_seconds": median(times, name) for name in runs}
    if shape.published:
        figures["loss_published_over_ours"] = ratio(times, "published", "ours")
    return figures


def measure_trainers(shape: Shape, device: torch.device, *, rounds: int, steps: int) -> dict[str, float]:
    """Time of a step in SelfTuningTrainer over that in plain Trainer, and the shares of time that wait for batches."""
    times = trainers_in_turn(shape, device, rounds=rounds, steps=steps)
    figures = {"trainer_ratio": median(times, "ours") / median(times, "plain")}
    for workers in (0, 1):
        figures[f"waiting_share_{workers}_workers"] = share_waiting(shape, device, steps=steps + 2, workers=workers)
    return figures


def measure(shape: Shape, device: torch.device, *, quick: bool) -> dict[str, Any]:
    """All measurements at a shape; `quick` makes fewer rounds and leaves the trainers out."""
    figures = measure_loss(shape, device, repetitions=2 if quick else 5)
    if shape.model is not None:
        figures |= measure_step(shape, device, repetitions=2 if quick else 7)
        if not quick:
            figures |= measure_trainers(shape, device, rounds=3, steps=6)
    return {"title": shape.title, **figures}
