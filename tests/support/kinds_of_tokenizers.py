"""Small tokenizers of every kind, and tiny models for them: each cuts words into pieces in its own way."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    BertConfig,
    BertForTokenClassification,
    ByT5Tokenizer,
    GPT2Config,
    GPT2ForTokenClassification,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaForTokenClassification,
)

TEXT = ["Anna saw Oslo and met the U.S. team of AC/DC, Jean-Luc al-Rashid, O'Hara: 3.5 m to E.ON!"] * 4
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
NAMED = {"bos_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>", "mask_token": "<mask>"}
SIZES = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}


def _trained(model: Any, splitter: Any, trainer: Any, normalizer: Any = None, **named: Any) -> PreTrainedTokenizerFast:
    made = Tokenizer(model)
    made.pre_tokenizer = splitter
    made.normalizer = normalizer or normalizers.NFC()
    made.train_from_iterator(TEXT, trainer)
    ends = [(name, made.token_to_id(name)) for name in ("<s>", "</s>")]
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=ends
    )
    return PreTrainedTokenizerFast(tokenizer_object=made, **NAMED, **named)


def _word_piece() -> PreTrainedTokenizerFast:
    trainer = trainers.WordPieceTrainer(vocab_size=90, special_tokens=SPECIAL, show_progress=False)
    cleaned = normalizers.BertNormalizer(lowercase=False)
    return _trained(models.WordPiece(unk_token="<unk>"), pre_tokenizers.BertPreTokenizer(), trainer, cleaned)


def _bytes(add_prefix_space: bool) -> PreTrainedTokenizerFast:
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=300, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    splitter = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
    return _trained(models.BPE(), splitter, trainer, add_prefix_space=add_prefix_space)


def _unigram() -> PreTrainedTokenizerFast:
    trainer = trainers.UnigramTrainer(vocab_size=80, special_tokens=SPECIAL, unk_token="<unk>", show_progress=False)
    # As SentencePiece models do, it drops what cannot be seen.
    unseen = normalizers.Replace("\u200b", "")
    return _trained(models.Unigram(), pre_tokenizers.Metaspace(), trainer, unseen)


TOKENIZERS: dict[str, Callable[[], PreTrainedTokenizerBase]] = {
    "WordPiece": _word_piece,
    "BPE with a prefix space": lambda: _bytes(True),
    "BPE": lambda: _bytes(False),
    "Unigram": _unigram,
    "slow": ByT5Tokenizer,
}


@lru_cache
def tokenizer_of(kind: str) -> PreTrainedTokenizerBase:
    """A tokenizer of a kind."""
    return TOKENIZERS[kind]()


def model_of(kind: str, names: Sequence[str]) -> PreTrainedModel:
    """A model with random weights for the tokenizer of a kind; its classes are the tags."""
    torch.manual_seed(3)
    tokenizer = tokenizer_of(kind)
    labels = {"id2label": dict(enumerate(names)), "label2id": {name: i for i, name in enumerate(names)}}
    given: dict[str, Any] = {**SIZES, **labels, "initializer_range": 0.8}
    given |= {"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id}
    if kind == "BPE":
        wide = {"n_positions": 64, "n_embd": 16, "n_layer": 1, "n_head": 2}
        return GPT2ForTokenClassification(
            GPT2Config(vocab_size=len(tokenizer), initializer_range=0.8, **labels, **wide)
        )
    if kind == "BPE with a prefix space":  # positions are counted from padding on
        return RobertaForTokenClassification(RobertaConfig(**given, max_position_embeddings=64))
    return BertForTokenClassification(BertConfig(**given, max_position_embeddings=64))
