"""Which pieces a model reads. Beyond them it stops with the error of an index, on a GPU without the cause."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

POSITION_TABLES = ("position_embeddings", "embed_positions")


@dataclass(frozen=True)
class PieceLimits:
    """How many pieces a model knows, and how many it reads at once; None where that has no end or is not known.

    Args:
        vocabulary: one more than the largest number of a piece.
        positions: pieces of an example, special ones included.
    """

    vocabulary: int | None = None
    positions: int | None = None

    @classmethod
    def of(cls, model: nn.Module) -> "PieceLimits":
        """The limits of a model's tables."""
        tables = [
            table.num_embeddings - (0 if table.padding_idx is None else table.padding_idx + 1)
            for name, table in model.named_modules()
            if name.rpartition(".")[2] in POSITION_TABLES and isinstance(table, nn.Embedding)
        ]
        try:
            pieces = model.get_input_embeddings()  # type: ignore[operator]
        except (AttributeError, NotImplementedError):
            pieces = None  # CANINE hashes characters; a model of one's own may have no table
        return cls(pieces.num_embeddings if isinstance(pieces, nn.Embedding) else None, min(tables, default=None))

    def check(self, inputs: Mapping[str, Any]) -> None:
        """Refuse a batch with a piece or a length beyond the limits.

        Args:
            inputs: of the model; `input_ids` (b, l) is checked if it is there.

        Raises:
            ValueError: a piece has no row in the model's table, or an example is too long.
        """
        ids = inputs.get("input_ids")
        if ids is None or not ids.numel():
            return
        if self.vocabulary is not None and int(ids.max()) >= self.vocabulary:
            raise ValueError(
                f"A piece has the number {int(ids.max())}, and the model knows {self.vocabulary} pieces; tokenise "
                "labelled and unlabelled examples by the tokenizer of this model."
            )
        if self.positions is not None and ids.shape[1] > self.positions:
            raise ValueError(
                f"An example has {ids.shape[1]} pieces, and the model reads {self.positions}; tokenise with "
                f"truncation=True and max_length={self.positions}."
            )
