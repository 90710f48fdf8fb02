"""Data of words described for a person: what was read, five examples, lengths, classes, doubts."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from datasets import Dataset
from tabulate import tabulate
from transformers import PreTrainedTokenizerBase

from ...core.task import IGNORED
from .part_summary import PartSummary, summarise
from .tag_schemes import OUTSIDE
from .windows import windows
from .word_data import WordData, sentences_dataset
from .word_pieces import pieces_of
from .word_records import Reading

EXAMPLES = 5
SHOWN_WORDS = 40
BATCH = 256


def describe_words(
    data: WordData, *, tokenizer: PreTrainedTokenizerBase | None = None, max_length: int | None = None
) -> str:
    """What was read of each part, examples, lengths, entities of each type, and doubts.

    Args:
        data: as the readers give it.
        tokenizer: of the model; with it, the sentences that are longer than the model reads at once are counted.
        max_length: pieces a sentence; without it, what the tokenizer says.
    """
    found = {"train": data.train, "validation": data.validation, "test": data.test, "unlabeled": data.unlabeled}
    parts = {part: dataset for part, dataset in found.items() if dataset is not None}
    examples = _tagged_examples(data)
    return _described(data.summaries, parts, examples, tokenizer, max_length)


def describe_untagged(
    reading: Reading, *, tokenizer: PreTrainedTokenizerBase | None = None, max_length: int | None = None
) -> str:
    """The same of sentences that have no tags."""
    dataset = sentences_dataset(reading.sentences)
    examples = [_shown(words, None) for words in dataset[:EXAMPLES]["tokens"]]
    return _described([summarise("unlabeled", reading)], {"unlabeled": dataset}, examples, tokenizer, max_length)


@dataclass(frozen=True)
class LongSentences:
    """What a model of some length does not read at once.

    Args:
        sentences: how many are longer.
        windows: in how many windows these are read.
        words: how many words begin after the last piece that is read at once.
    """

    sentences: int
    windows: int
    words: int


def long_sentences(dataset: Dataset, tokenizer: PreTrainedTokenizerBase, max_length: int) -> LongSentences:
    """The sentences that are longer than a model of `max_length` pieces reads at once."""
    room = max_length - tokenizer.num_special_tokens_to_add()
    sentences = made = beyond = 0
    for batch in dataset.iter(batch_size=BATCH):
        for pieces in pieces_of(batch["tokens"], tokenizer):
            if len(pieces.word_ids) > max_length:
                lengths = [end - start for start, end in pairwise(pieces.starts)]
                sentences, made = sentences + 1, made + len(windows(lengths, room))
                beyond += sum(start - pieces.starts[0] >= room for start in pieces.starts[:-1])
    return LongSentences(sentences, made, beyond)


def _described(
    summaries: Sequence[PartSummary],
    parts: Mapping[str, Dataset],
    examples: Sequence[str],
    tokenizer: PreTrainedTokenizerBase | None,
    max_length: int | None,
) -> str:
    blocks = ["\n".join(summary.line for summary in summaries)]
    blocks.append("\n".join(["examples as read", *(f"  {example}" for example in examples)]))
    blocks.append(_lengths(parts, tokenizer, max_length))
    types = list(dict.fromkeys(kind for summary in summaries for kind in summary.types))
    if types:
        rows = [[kind, *(summary.types.get(kind, 0) for summary in summaries if summary.scheme)] for kind in types]
        blocks.append(tabulate(rows, headers=["type", *(summary.part for summary in summaries if summary.scheme)]))
    doubts = [f"  {summary.part}: {doubt}." for summary in summaries for doubt in summary.doubts]
    blocks.append("\n".join(["doubts", *doubts]) if doubts else "no doubts")
    return "\n\n".join(blocks)


def _lengths(parts: Mapping[str, Dataset], tokenizer: PreTrainedTokenizerBase | None, max_length: int | None) -> str:
    headers = ["words a sentence", "median", "longest"]
    if tokenizer is not None:
        max_length = min(max_length or tokenizer.model_max_length, tokenizer.model_max_length)
        headers += [f"words beyond {max_length} pieces", "sentences read in windows"]
    rows = []
    for part, dataset in parts.items():
        lengths = [len(words) for words in dataset["tokens"]]
        row = [part, statistics.median(lengths), max(lengths)]
        if tokenizer is not None and max_length is not None:
            long = long_sentences(dataset, tokenizer, max_length)
            row.append(f"{long.words:,} ({100 * long.words / sum(lengths):.1f} %)")
            row.append(f"{long.sentences:,} in {long.windows:,}" if long.sentences else "0")
        rows.append(row)
    return tabulate(rows, headers=headers)


def _tagged_examples(data: WordData) -> list[str]:
    rows: Iterable[tuple[list[str], list[int]]] = zip(data.train["tokens"], data.train["ner_tags"], strict=True)
    names = {IGNORED: None} | dict(enumerate(data.tag_names))
    return [_shown(words, [names[tag] for tag in tags]) for words, tags in islice(rows, EXAMPLES)]


def _shown(words: Sequence[str], tags: Sequence[str | None] | None) -> str:
    """A sentence with its entities in brackets; a word that holds blanks is in quotes, a hidden one in braces."""
    shown = [repr(word) if " " in word else word for word in words[:SHOWN_WORDS]]
    pieces: list[str] = []
    for place, word in enumerate(shown):
        tag = OUTSIDE if tags is None else tags[place]
        if tag is not None and tag.startswith("I-") and pieces:
            pieces[-1] = f"{pieces[-1].removesuffix(']')} {word}]"
        elif tag is None:
            pieces.append(f"{{{word}}}")
        else:
            pieces.append(word if tag == OUTSIDE else f"[{tag[2:]} {word}]")
    more = f" ... ({len(words) - SHOWN_WORDS:,} more)" if len(words) > SHOWN_WORDS else ""
    return " ".join(pieces) + more
