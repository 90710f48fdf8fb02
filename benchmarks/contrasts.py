"""The contrast alone: loss forward and backward, and the updates of the queues and of the key encoder."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hf_selftuning.functional.losses import pseudo_group_contrast
from hf_selftuning.modules.classifier import feature_width, find_classifier
from hf_selftuning.modules.ema import EmaCopy
from hf_selftuning.modules.queues import ClassQueues

from .published_step import PublishedQueues, published_contrast
from .shapes import Contrast, Shape, make_model
from .timing import Run


def unit_rows(sizes: Contrast, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Queries that need a gradient, keys, and labels."""
    queries, keys = (F.normalize(torch.randn(sizes.rows, sizes.dim, device=device), dim=1) for _ in range(2))
    return queries.requires_grad_(), keys, torch.randint(sizes.classes, (sizes.rows,), device=device)


def our_contrast(sizes: Contrast, device: torch.device) -> Run:
    """Loss, backward and enqueue of one stream, with queues that are full from the start."""
    queries, keys, labels = unit_rows(sizes, device)
    queues = ClassQueues(sizes.classes, sizes.size, sizes.dim).to(device)
    # The last row of `keys` belongs to no class: it takes the keys that no queue keeps.
    queues.keys[:-1] = F.normalize(torch.randn_like(queues.keys[:-1]), dim=1)
    queues.written.fill_(sizes.size)

    def run() -> None:
        pseudo_group_contrast(queries, keys, labels, queues.read(), queues.filled).mean().backward()
        queues.enqueue(keys, labels)
        queries.grad = None

    return run


def the_published_contrast(sizes: Contrast, device: torch.device) -> Run:
    """The same work of one stream, as it was published."""
    queries, keys, labels = unit_rows(sizes, device)
    queues = PublishedQueues(sizes.classes, sizes.size, sizes.dim, device)

    def run() -> None:
        published_contrast(queries, keys, labels, queues).backward()
        queries.grad = None

    return run


def our_upkeep(shape: Shape, device: torch.device) -> Run:
    """The contrasts of both streams, and the moving averages of network and projector: a step without its passes."""
    streams = [our_contrast(shape.contrast, device) for _ in range(2)]
    model = make_model(shape, device)
    copied = EmaCopy(model, 0.99)
    width = feature_width(model, find_classifier(model, shape.contrast.classes))
    projector = nn.Linear(width, shape.contrast.dim, device=device)
    copied_projector = EmaCopy(projector, 0.99)

    def run() -> None:
        for stream in streams:
            stream()
        copied.settle(1)
        copied_projector.settle(1)

    return run
