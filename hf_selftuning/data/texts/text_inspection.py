"""Data of texts described for a person: what was read, five examples, lengths, classes, doubts."""

import statistics
from collections.abc import Mapping, Sequence

from datasets import Dataset
from tabulate import tabulate
from transformers import PreTrainedTokenizerBase

from ..classes.class_summary import ClassSummary
from .text_data import LABEL, PAIR, TEXT, TextData, texts_dataset
from .text_readings import TextReading
from .text_summary import TextSummary

EXAMPLES = 5
SHOWN = 100
BATCH = 256


def describe_texts(
    data: TextData, *, tokenizer: PreTrainedTokenizerBase | None = None, max_length: int | None = None
) -> str:
    """What was read of each part, examples, lengths, texts of each class, and doubts.

    Args:
        data: as the readers give it.
        tokenizer: of the model; with it, the texts that are longer than the model reads are counted.
        max_length: pieces of a text; without it, what the tokenizer says.
    """
    found = {"train": data.train, "validation": data.validation, "test": data.test, "unlabeled": data.unlabeled}
    parts = {part: dataset for part, dataset in found.items() if dataset is not None}
    first = data.train.select(range(min(EXAMPLES, len(data.train))))
    examples = [f"[{data.class_names[row[LABEL]]}] {_shown(row)}" for row in first]
    return _described(data.summaries, parts, examples, tokenizer, max_length)


def describe_unlabeled_texts(
    reading: TextReading, *, tokenizer: PreTrainedTokenizerBase | None = None, max_length: int | None = None
) -> str:
    """The same of texts that have no classes."""
    dataset = texts_dataset(reading, range(len(reading.texts)))
    examples = [_shown(row) for row in dataset.select(range(min(EXAMPLES, len(dataset))))]
    return _described([TextSummary.of("unlabeled", reading)], {"unlabeled": dataset}, examples, tokenizer, max_length)


def _shown(row: Mapping[str, str]) -> str:
    return " | ".join(_short(row[name]) for name in (TEXT, PAIR) if name in row)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text) - SHOWN:,} more characters)"


def _described(
    summaries: Sequence[ClassSummary],
    parts: Mapping[str, Dataset],
    examples: Sequence[str],
    tokenizer: PreTrainedTokenizerBase | None,
    max_length: int | None,
) -> str:
    blocks = ["\n".join(summary.line for summary in summaries)]
    blocks.append("\n".join(["examples as read", *(f"  {example}" for example in examples)]))
    blocks.append(_lengths(parts, tokenizer, max_length))
    classes = list(dict.fromkeys(name for summary in summaries for name in summary.classes))
    if classes:
        counted = [summary for summary in summaries if summary.classes]
        rows = [[name, *(summary.classes.get(name, 0) for summary in counted)] for name in classes]
        blocks.append(tabulate(rows, headers=["class", *(summary.part for summary in counted)], disable_numparse=True))
    doubts = [f"  {summary.part}: {doubt}." for summary in summaries for doubt in summary.doubts]
    blocks.append("\n".join(["doubts", *doubts]) if doubts else "no doubts")
    return "\n\n".join(blocks)


def _lengths(parts: Mapping[str, Dataset], tokenizer: PreTrainedTokenizerBase | None, max_length: int | None) -> str:
    headers = ["words a text", "median", "longest"]
    limit = None if tokenizer is None else min(max_length or tokenizer.model_max_length, tokenizer.model_max_length)
    if limit is not None:
        headers.append(f"texts cut at {limit} pieces")
    rows = []
    for part, dataset in parts.items():
        lengths = [sum(len(text.split()) for text in texts) for texts in _columns(dataset)]
        row = [part, statistics.median(lengths), max(lengths)]
        if limit is not None and tokenizer is not None:
            cut = _cut(dataset, tokenizer, limit)
            row.append(f"{cut:,} ({100 * cut / len(lengths):.1f} %)")
        rows.append(row)
    return tabulate(rows, headers=headers)


def _columns(dataset: Dataset) -> list[tuple[str, ...]]:
    return list(zip(*(dataset[name][:] for name in (TEXT, PAIR) if name in dataset.column_names), strict=True))


def _cut(dataset: Dataset, tokenizer: PreTrainedTokenizerBase, limit: int) -> int:
    """How many texts have more pieces than are read."""
    texts = _columns(dataset)
    found = 0
    for start in range(0, len(texts), BATCH):
        batch = [list(column) for column in zip(*texts[start : start + BATCH], strict=True)]
        found += sum(len(ids) > limit for ids in tokenizer(*batch, verbose=False)["input_ids"])
    return found
