"""Texts, or pairs of texts, to word pieces, with the class of each; what is longer than the model reads is cut."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow.compute
from datasets import Dataset, IterableDataset
from transformers import PreTrainedTokenizerBase

from ..cell_checks import check_texts
from ..class_names import class_indices
from ..raw_columns import raw_columns

logger = logging.getLogger(__name__)

AUGMENTED = "augmented"
"""The column of other wordings of a text: a list of texts, and once encoded a list of their pieces."""

CUT = "is_cut"
"""A column of the encoding, which is counted and removed: processes and a cache have no other way to tell."""

TOKENISED = ("input_ids", "attention_mask", "token_type_ids")


def encode_texts(
    dataset: Dataset | IterableDataset,
    tokenizer: PreTrainedTokenizerBase,
    *,
    max_length: int,
    text_columns: Sequence[str] = ("text",),
    label: str | None = "label",
    class_names: Sequence[str] | None = None,
    augmented_columns: Sequence[str] = (),
    part: str = "",
    on_cut: Callable[[int], None] | None = None,
    num_proc: int | None = None,
) -> Any:
    """Tokenise texts. The end of a longer text is cut off; of a pair, the end of the longer text.

    Args:
        dataset: one or two columns of text, and perhaps a column of classes.
        tokenizer: of the model.
        max_length: largest number of pieces, special pieces included.
        text_columns: the column of the texts, or the two columns of a pair.
        label: the column of the classes; None reads none, and every text gets the placeholder 0.
        class_names: the model's classes by index, for classes that are text.
        augmented_columns: columns of other wordings of the first text, or of lists of them; see `AUGMENTED`. A
            dataset without such a column has no other wordings.
        part: name of the dataset in the line that is logged if texts are cut.
        on_cut: is told how many texts are cut, in the place of that line.
        num_proc: processes that encode a `datasets.Dataset`; None takes this one.

    Returns:
        The dataset with `labels` and the columns of the tokenizer, and without its former columns. With other
        wordings it has the column `augmented` too.

    Raises:
        ValueError: no piece fits into `max_length`, a cell holds no text, or a class is none of the model.
    """
    check_length(tokenizer, max_length)
    columns, stream = raw_columns(dataset), isinstance(dataset, IterableDataset)
    wordings = [name for name in augmented_columns if name in columns]

    def encode(batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
        texts = [batch[name] for name in text_columns]
        for name, cells in zip(text_columns, texts, strict=True):
            check_texts(name, cells)
        made, cut = _pieces(texts, tokenizer, max_length)
        made |= {} if stream else {CUT: cut}
        made["labels"] = [0] * len(texts[0]) if label is None else class_indices(label, batch[label], class_names)
        if wordings:
            others = zip(*(batch[name] for name in wordings), strict=True)
            made[AUGMENTED] = _other_pieces([*others], texts[1:], tokenizer, max_length)
        return made

    options = {} if stream else {"desc": "Tokenising", "num_proc": num_proc}
    encoded = dataset.map(encode, batched=True, remove_columns=columns, **options)
    if stream or not len(encoded):
        return encoded
    cut = int(pyarrow.compute.sum(encoded.data.column(CUT)).as_py())
    if on_cut is not None:
        on_cut(cut)
    elif cut:
        logger.warning(cut_sentence(cut, len(encoded), max_length, part))
    return encoded.remove_columns(CUT)


def cut_sentence(cut: int, texts: int, max_length: int, part: str = "") -> str:
    """How many texts are cut, and the flag that says where.

    Args:
        cut: texts that are longer.
        texts: all texts.
        max_length: pieces that are read.
        part: name of the dataset.
    """
    return (
        f"{part and part + ': '}{cut:,} of {texts:,} texts ({100 * cut / max(texts, 1):.1f} %) are longer than "
        f"{max_length:,} word pieces, and their ends are cut off; --max_length reads more of them."
    )


def check_length(tokenizer: PreTrainedTokenizerBase, max_length: int) -> None:
    """Refuse a length that does not suit the tokenizer.

    Raises:
        ValueError: no piece of a text fits, or the model reads fewer pieces.
    """
    special = tokenizer.num_special_tokens_to_add()
    if max_length <= special:
        raise ValueError(
            f"max_length={max_length} leaves no room for a piece beside the {special} special pieces of a text; give "
            f"{special + 1} or more."
        )
    if max_length > tokenizer.model_max_length:
        raise ValueError(
            f"max_length={max_length} is more than the {tokenizer.model_max_length} pieces that the model reads; give "
            "that or less."
        )


def _pieces(
    texts: Sequence[Sequence[str]], tokenizer: PreTrainedTokenizerBase, max_length: int
) -> tuple[dict[str, Any], list[bool]]:
    """The columns of the tokenizer, and which texts are longer than `max_length`."""
    made = tokenizer(*map(list, texts), truncation=False, verbose=False)
    cut = [len(ids) > max_length for ids in made["input_ids"]]
    if any(cut):
        made = tokenizer(*map(list, texts), truncation=True, max_length=max_length)
    return {name: made[name] for name in made if name in TOKENISED}, cut


def _other_pieces(
    rows: Sequence[Sequence[Any]],
    pairs: Sequence[Sequence[str]],
    tokenizer: PreTrainedTokenizerBase,
    max_length: int,
) -> list[list[dict[str, list[int]]]]:
    """For each row the pieces of its other wordings, each with the second text of the pair where there is one."""
    wordings = [other_wordings(cells) for cells in rows]
    flat = [text for row in wordings for text in row]
    if not flat:
        return [[] for _ in rows]
    second = [[text for text, row in zip(column, wordings, strict=True) for _ in row] for column in pairs]
    made, _ = _pieces([flat, *second], tokenizer, max_length)
    each = iter([dict(zip(made, values, strict=True)) for values in zip(*made.values(), strict=True)])
    return [[next(each) for _ in row] for row in wordings]


def other_wordings(cells: Sequence[Any]) -> list[str]:
    """The texts in some cells, each a text, a list of texts, or nothing."""
    given = [item for cell in cells for item in (cell if isinstance(cell, list) else [cell])]
    return [item for item in given if isinstance(item, str) and item.strip()]
