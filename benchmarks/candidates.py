"""Steps to compare: ours, the bare passes that it needs at least, and the published one."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from hf_selftuning import Method, SelfTuning
from hf_selftuning.core.method import all_views
from hf_selftuning.core.objective import Objective
from hf_selftuning.core.step import Progress
from hf_selftuning.modules.classifier import feature_width, find_classifier

from .published_step import PublishedQueues, PublishedSelfTuning
from .shapes import Inputs, Shape, make_model, make_stream, task_for
from .timing import Run


def stepping(loss: Callable[[], Tensor], module: nn.Module, device: torch.device) -> Run:
    """A step from a loss: forward, backward and fused AdamW, the same for all candidates; bf16 autocast on a GPU."""
    trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-5, fused=True)

    def run() -> None:
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            value = loss()
        value.backward()
        optimizer.step()
        optimizer.zero_grad()

    return run


def self_tuning(shape: Shape, preset: str) -> SelfTuning:
    """Self-Tuning with the preset and the shape's sizes; its contrast is on from the first step."""
    method = SelfTuning.from_preset(
        preset, queue_size=shape.contrast.size, projector_dim=shape.contrast.dim, warmup_ratio=0.0
    )
    assert isinstance(method, SelfTuning)
    return method


def our_step(shape: Shape, device: torch.device) -> Run:
    """A step of Self-Tuning."""
    model = make_model(shape, device)
    return step_of(self_tuning(shape, task_for(model).kind), model, shape, device)


def step_of(method: Method, model: PreTrainedModel, shape: Shape, device: torch.device) -> Run:
    """The objective on batches that are ready in memory, and the updates after the optimizer step."""
    task, rows = task_for(model), shape.contrast.rows
    objective = Objective(model, [method], task, num_classes=shape.contrast.classes, examples=(rows, rows))
    objective.to(device).train()
    labeled, unlabeled = make_stream(shape, device), make_stream(shape, device)
    views = all_views([method], objective.labeled_view)
    shared = {"weight": 1 / rows, "examples": torch.arange(rows, device=device)}
    batch = {
        "labeled": {
            "views": dict(zip(views.labeled, (labeled.query, labeled.key), strict=False)),
            "rows": labeled.rows,
            "labels": labeled.labels,
            **shared,
        },
        "unlabeled": {
            "views": dict(zip(views.unlabeled, (unlabeled.query, unlabeled.key), strict=False)),
            "rows": unlabeled.rows,
            **shared,
        },
    }
    step = stepping(lambda: torch.stack(list(objective(batch)[0].values())).sum(), objective, device)

    def run() -> None:
        step()
        objective.progress = Progress(objective.progress.step + 1, 10**9)
        objective.after_step()

    return run


def bare_passes(shape: Shape, device: torch.device, *, labeled_only: bool = False, guesses: int = 2) -> Run:
    """Student forward and backward on both streams, and key encoder forward on both.

    Args:
        shape: network and batches.
        device: where they are.
        labeled_only: leave the passes of fine-tuning, which are those of the student on the labelled stream.
        guesses: passes without gradients; one is what a method needs that guesses the labels of the unlabelled stream.
    """
    student = make_model(shape, device)
    streams = [make_stream(shape, device) for _ in range(1 if labeled_only else 2)]
    key_encoder = make_model(shape, device).requires_grad_(False)
    keys: list[Inputs] = [] if labeled_only else [stream.key for stream in streams][-guesses:]

    def loss() -> Tensor:
        with torch.no_grad():
            for inputs in keys:
                key_encoder(**inputs)
        return torch.stack([student(**stream.query).logits.float().mean() for stream in streams]).sum()

    return stepping(loss, student, device)


def published_step(shape: Shape, device: torch.device) -> Run:
    """The published step, with the same network, batches and optimizer as ours."""
    model = make_model(shape, device)
    sizes = shape.contrast
    paths = find_classifier(model, sizes.classes)
    queues = PublishedQueues(sizes.classes, sizes.size, sizes.dim, device)
    module = PublishedSelfTuning(
        model, task_for(model), paths, feature_width(model, paths), queues, dim=sizes.dim
    ).to(device)  # fmt: skip
    module.key_student.requires_grad_(False)
    module.key_projector.requires_grad_(False)
    labeled, unlabeled = make_stream(shape, device), make_stream(shape, device)
    return stepping(lambda: module(labeled, unlabeled), module, device)
