"""Random views of a text: words are masked and cut out."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

BEGINS = ("Ġ", "▁")
"""Marks of a piece that follows a blank: those of byte-level BPE and of SentencePiece."""

CONTINUES = "##"
"""The mark of a piece within a word, as WordPiece writes it."""

PER_PIECE = ("input_ids", "attention_mask", "token_type_ids", "special_tokens_mask", "position_ids")
"""The columns with an item for each piece."""


class WordDamage:
    """Masks and cuts words of an encoded text, at random.

    Without a mask piece in the vocabulary, the words to mask are cut out too.

    Args:
        tokenizer: of the texts.
        mask_probability: share of the words that are masked.
        cut_probability: share of the words that are cut out.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, mask_probability: float, cut_probability: float) -> None:
        self.tokenizer, self.mask_probability, self.cut_probability = tokenizer, mask_probability, cut_probability
        # An unknown piece is special to the tokenizer, but it is part of a word.
        special = [piece for piece in tokenizer.all_special_ids if piece != tokenizer.unk_token_id]
        self.special_ids = torch.tensor(special, dtype=torch.long)

    def __call__(self, example: Mapping[str, Any]) -> Mapping[str, Any]:
        """The text with words masked and cut out; at least one word stays."""
        ids, mask = torch.as_tensor(example["input_ids"]).clone(), self.tokenizer.mask_token_id
        words = self.words(ids, example.get("attention_mask"))
        draw = torch.rand(int(words.max()) + 1)  # a number for each word; word 0 holds the special pieces
        masked, cut = draw < self.mask_probability, draw > 1 - self.cut_probability
        cut = cut if mask is not None else cut | masked
        masked[0] = cut[0] = False
        if mask is not None:
            ids[masked[words]] = mask
        kept = torch.ones_like(words).bool() if cut[1:].all() else ~cut[words]
        return {**example, **{name: _kept(example[name], kept) for name in PER_PIECE if name in example},
                "input_ids": ids[kept].tolist()}  # fmt: skip

    def words(self, ids: Tensor, attended: Any = None) -> Tensor:
        """The number of the word of each piece (l,), counted from 1; 0 for special pieces and padding.

        Args:
            ids: the pieces (l,).
            attended: 1 for each piece that is read, 0 for padding (l,); None for all.
        """
        ordinary = ~torch.isin(ids, self.special_ids)
        if attended is not None:
            ordinary &= torch.as_tensor(attended).bool()
        # The first piece of a text begins a word, also where the tokenizer writes no mark before it.
        first = ordinary & ~torch.cat([ordinary.new_zeros(1), ordinary[:-1]])
        return ((self.starts[ids] & ordinary) | first).cumsum(0) * ordinary

    @cached_property
    def starts(self) -> Tensor:
        """For each piece of the vocabulary whether it begins a word.

        In a vocabulary without marks, such as one of characters, each piece counts as a word.
        """
        pieces = self.tokenizer.get_vocab()
        marked = any(piece.startswith(BEGINS) for piece in pieces)
        starts = torch.ones(1 + max(pieces.values(), default=0), dtype=torch.bool)
        for piece, number in pieces.items():
            starts[number] = piece.startswith(BEGINS) if marked else not piece.startswith(CONTINUES)
        return starts


def _kept(values: Any, kept: Tensor) -> list[Any]:
    return torch.as_tensor(values)[kept].tolist()
