"""Pseudo Group Contrast of the rows of both streams with class queues, and the order in which their keys enter."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..functional.losses import Reduction, pseudo_group_contrast
from .queues import ClassQueues


@dataclass(frozen=True)
class ContrastRows:
    """Rows of one stream, as the contrast takes them.

    Args:
        stream: name of the stream.
        queries: projected features of the student.
        keys: of the same rows, by the key encoder.
        labels: class or pseudo-class of each row.
        enqueued_as: class of the queue that the key enters; -1 for a key that is dropped.
        queues: the queues that the rows are contrasted with, and that their keys enter.
        turn: keys of a lower turn are enqueued first, however the step is cut.
        weights: weight of each row in the loss; None weighs all alike.
    """

    stream: str
    queries: Float[Tensor, "n d"]
    keys: Float[Tensor, "n d"]
    labels: Int[Tensor, "n"]
    enqueued_as: Int[Tensor, "n"]
    queues: ClassQueues
    turn: int
    weights: Tensor | None = None


def contrast_with_queues(
    streams: Sequence[ContrastRows], *, temperature: float, reduction: Reduction, group: bool, publish_order: bool
) -> list[Float[Tensor, "n"]]:
    """The loss of each row, stream by stream; keys wait in the queues until the optimizer has stepped.

    Args:
        streams: the rows of each stream.
        temperature, reduction, group: see `pseudo_group_contrast`.
        publish_order: enqueue the keys of a stream at once, before the next stream is contrasted, as published.
    """

    def losses(rows: Sequence[ContrastRows], queue: Tensor) -> Tensor:
        queries, keys, labels = (
            torch.cat([getattr(each, part) for each in rows]) if len(rows) > 1 else getattr(rows[0], part)
            for part in ("queries", "keys", "labels")
        )
        return pseudo_group_contrast(
            queries, keys, labels, queue, rows[0].queues.filled,
            temperature=temperature, reduction=reduction, group=group,
        )  # fmt: skip

    if publish_order:
        found = []
        for rows in streams:
            # The keys are enqueued before the backward pass, which needs the queue as it was.
            found.append(losses([rows], rows.queues.read().clone()))
            rows.queues.enqueue_all_ranks(rows.keys, rows.enqueued_as)
        return found
    for rows in streams:
        rows.queues.wait(rows.keys, rows.enqueued_as, turn=rows.turn)
    if any(rows.queues is not streams[0].queues for rows in streams):
        return [losses([rows], rows.queues.read()) for rows in streams]
    # Both streams in one call, because a small step on a GPU waits for each call of an operator.
    return list(losses(streams, streams[0].queues.read()).split([len(rows.labels) for rows in streams]))
