"""One training step of Self-Tuning (arXiv 2102.12903) as it was published, to be measured against.

These traits are kept on purpose: the pseudo-labels have a forward of their own, each of the two contrasts updates the
moving average, logits are made row by row, keys are enqueued one by one, and queues start as random unit vectors.
"""

import copy
from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hf_selftuning.core.task import Task
from hf_selftuning.modules.classifier import Rows

from .shapes import Stream, read


class PublishedQueues:
    """All keys in one tensor (d, c * k). A class owns k neighbouring columns; `next` is its next place to write."""

    def __init__(self, classes: int, size: int, dim: int, device: torch.device) -> None:
        self.classes, self.size = classes, size
        self.keys = F.normalize(torch.randn(dim, classes * size, device=device), dim=0)
        self.next = torch.zeros(classes, dtype=torch.long, device=device)

    def enqueue(self, key: Tensor, label: Tensor) -> None:
        """Write one key (d,) over the oldest of its class."""
        place = int(self.next[label])
        self.keys[:, int(label) * self.size + place] = key
        self.next[label] = (place + 1) % self.size


def published_contrast(
    queries: Tensor, keys: Tensor, labels: Tensor, queues: PublishedQueues, temperature: float = 0.07
) -> Tensor:
    """Mean over the rows of KL(target, scores); the target is uniform over a row's own key and its positives."""
    snapshot, size = queues.keys.clone(), queues.size
    positives, negatives = [], []
    for row, label in enumerate(labels):
        first, last = int(label) * size, (int(label) + 1) * size
        others = torch.cat([snapshot[:, :first], snapshot[:, last:]], 1)
        positives.append(queries[row : row + 1] @ snapshot[:, first:last])
        negatives.append(queries[row : row + 1] @ others)
        queues.enqueue(keys[row], label)
    own = torch.einsum("nd,nd->n", queries, keys)[:, None]
    scores = torch.cat([own, torch.cat(positives), torch.cat(negatives)], 1) / temperature
    target = torch.zeros_like(scores)
    target[:, : size + 1] = 1 / (size + 1)
    return F.kl_div(scores.log_softmax(1), target, reduction="batchmean")


class PublishedSelfTuning(nn.Module):
    """Student, projector, their moving averages and the queues.

    Args:
        student: any classification model.
        task: reads its outputs as rows.
        paths: paths of its classifier's layers, see `find_classifier`.
        feature_dim: width of the features.
        queues: of the right number of classes.
        dim: width of the projection.
        momentum: of the moving average, applied at each contrast.
    """

    def __init__(
        self, student: nn.Module, task: Task, paths: tuple[str, ...], feature_dim: int, queues: PublishedQueues,
        *, dim: int, momentum: float = 0.999,
    ) -> None:  # fmt: skip
        super().__init__()
        self.task, self.paths, self.queues, self.momentum = task, paths, queues, momentum
        self.student, self.projector = student, nn.Linear(feature_dim, dim)
        self.key_student, self.key_projector = copy.deepcopy(self.student), copy.deepcopy(self.projector)

    def forward(self, labeled: Stream, unlabeled: Stream) -> Tensor:
        """Cross-entropy plus both contrasts."""
        contrast, rows = self._contrast(labeled, labeled.labels)
        supervised = F.cross_entropy(rows.logits.float(), labeled.labels)
        guesses = self._rows(self.student, unlabeled.query, unlabeled.rows).logits.argmax(1)
        return supervised + contrast + self._contrast(unlabeled, guesses)[0]

    def _contrast(self, stream: Stream, labels: Tensor) -> tuple[Tensor, Rows]:
        rows = self._rows(self.student, stream.query, stream.rows)
        queries = F.normalize(self.projector(rows.features).float(), dim=1)
        with torch.no_grad():
            self._follow(self.key_student, self.student)
            self._follow(self.key_projector, self.projector)
            features = self._rows(self.key_student, stream.key, stream.rows).features
            keys = F.normalize(self.key_projector(features).float(), dim=1)
        return published_contrast(queries, keys, labels, self.queues), rows

    def _follow(self, copied: nn.Module, source: nn.Module) -> None:
        for mine, theirs in zip(copied.parameters(), source.parameters(), strict=True):
            mine.data = mine.data * self.momentum + theirs.data * (1 - self.momentum)

    def _rows(self, model: nn.Module, inputs: Mapping[str, Any], rows: Tensor | None) -> Rows:
        return read(model, self.task, self.paths, inputs, rows)
