"""Words to word pieces: the first piece of a word has the label of the word, and every other position has -100."""

import logging
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from datasets import Dataset, IterableDataset
from transformers import PreTrainedTokenizerBase

from ...core.task import IGNORED
from ..cell_checks import check_sentences
from ..class_names import class_indices
from ..raw_columns import raw_columns
from .window_joining import JOINING, window_counts
from .windows import Window, windows
from .word_pieces import NONE, SentencePieces, pieces_of

logger = logging.getLogger(__name__)


def encode_words(
    dataset: Dataset | IterableDataset,
    tokenizer: PreTrainedTokenizerBase,
    *,
    max_length: int,
    tags: str | None = "ner_tags",
    class_names: Sequence[str] | None = None,
    part: str = "",
    num_proc: int | None = None,
) -> Any:
    """Tokenise sentences of words. A longer sentence becomes several rows: windows that overlap.

    Each word has its label in one window only, the one where most pieces stand around it. In the others its label is
    -100. The words of a window that overlaps are thus context.

    Args:
        dataset: a column `tokens`, and a column of tags if the words have tags. Without tags every word gets the
            placeholder 0, which shows where words begin.
        tokenizer: of the model.
        max_length: largest number of pieces of a window, special pieces included. Of a word that alone is longer,
            the first pieces are read.
        tags: the column of the tags; None reads none.
        class_names: the model's classes by index, for tags that are text.
        part: name of the dataset in the line that is logged if there are windows.
        num_proc: processes that encode a `datasets.Dataset`; None takes this one.

    Returns:
        The dataset with `labels` and the columns of the tokenizer, and without its former columns. If a sentence of a
        `datasets.Dataset` is longer, three more columns tell what belongs together: `sentence`, its number in the
        given dataset; `word_ids`, for each piece the number of its word, -1 at special pieces; `answered`, the number
        of the first word that has its label in this window, and of the first one that has it in the next.

    Raises:
        ValueError: no word fits into `max_length`, the tokenizer's model reads fewer pieces, or a tag is no class of
            the model.
    """
    check_limit(tokenizer, max_length)
    stream = isinstance(dataset, IterableDataset)

    def encode(batch: dict[str, list[Any]], numbers: Sequence[int] = ()) -> dict[str, list[Any]]:
        check_sentences("tokens", batch["tokens"])
        if tags is None or tags not in batch:
            given = [[0] * len(words) for words in batch["tokens"]]
        else:
            _check_counts(batch["tokens"], batch[tags], tags)
            given = [class_indices(tags, row, class_names) for row in batch[tags]]
        rows = window_rows(batch["tokens"], given, tokenizer, max_length, numbers)
        return {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}

    options = {} if stream else {"desc": "Tokenising", "with_indices": True, "num_proc": num_proc}
    encoded = dataset.map(encode, batched=True, remove_columns=raw_columns(dataset), **options)
    if stream:
        logger.info(
            "%sthe data is a stream: sentences longer than %s word pieces are read in windows that overlap, and each "
            "window counts as a sentence. To join them for a score, load the data without streaming.",
            part and f"{part}: ", f"{max_length:,}",
        )  # fmt: skip
        return encoded
    return _told(encoded, len(dataset), max_length, part)


def _told(encoded: Dataset, sentences: int, max_length: int, part: str) -> Dataset:
    """Log how many sentences are windows; without any, the columns that join them are left out."""
    if len(encoded) == sentences:
        return encoded.remove_columns([name for name in JOINING if name in encoded.column_names])
    cut, made = window_counts(encoded)
    logger.info(
        "%s%s of %s sentences are longer than %s word pieces and are read in %s windows that overlap.",
        part and f"{part}: ", f"{cut:,}", f"{sentences:,}", f"{max_length:,}", f"{made:,}",
    )  # fmt: skip
    return encoded


def window_rows(
    sentences: Sequence[Sequence[str]],
    tags: Sequence[Sequence[int]],
    tokenizer: PreTrainedTokenizerBase,
    max_length: int,
    numbers: Sequence[int] = (),
) -> list[dict[str, Any]]:
    """The rows of sentences: inputs of the model, `labels`, and if there are `numbers`, what joins the windows.

    Args:
        sentences: their words.
        tags: for each word the index of its class.
        tokenizer: of the model.
        max_length: largest number of pieces of a row.
        numbers: of the sentences; without them, the columns that join windows are left out.
    """
    rows: list[dict[str, Any]] = []
    for place, (pieces, row) in enumerate(zip(pieces_of(sentences, tokenizer), tags, strict=True)):
        for made in _rows_of(pieces, row, max_length):
            if numbers:
                made["sentence"] = numbers[place]
            rows.append(made if numbers else {name: made[name] for name in made if name not in JOINING})
    return rows


def _rows_of(pieces: SentencePieces, tags: Sequence[int], max_length: int) -> list[dict[str, Any]]:
    room = max_length - pieces.special
    if len(pieces.word_ids) <= max_length:
        return [_row(pieces, Window(0, pieces.words, 0, pieces.words), tags)]
    lengths = [end - start for start, end in pairwise(pieces.starts)]
    made = [_row(pieces.part(w.start, w.stop, room), w, tags) for w in windows(lengths, room) if w.first < w.last]
    # A window without a label trains nothing, and no score needs it.
    return [row for row in made if any(label != IGNORED for label in row["labels"])] or made[:1]


def _row(pieces: SentencePieces, window: Window, tags: Sequence[int]) -> dict[str, Any]:
    labels = [
        tags[word] if word not in (NONE, before) and window.first <= word < window.last else IGNORED
        for before, word in pairwise([NONE, *pieces.word_ids])
    ]
    joining = {"word_ids": pieces.word_ids, "answered": [window.first, window.last]}
    return {**pieces.columns, "labels": labels, **joining}


def check_limit(tokenizer: PreTrainedTokenizerBase, max_length: int) -> None:
    """Refuse a length that does not suit the tokenizer."""
    special = tokenizer.num_special_tokens_to_add()
    if max_length <= special:
        raise ValueError(
            f"max_length={max_length} leaves no room for a word beside the {special} special pieces of a sentence; "
            f"give {special + 1} or more."
        )
    if max_length > tokenizer.model_max_length:
        raise ValueError(
            f"max_length={max_length} is more than the {tokenizer.model_max_length} pieces the model reads; give that "
            "or less. Longer sentences are read in windows."
        )


def _check_counts(sentences: list[list[str]], given: list[list[Any]], tags: str) -> None:
    """Refuse a sentence whose words and tags differ in number."""
    for words, row in zip(sentences, given, strict=True):
        if len(words) != len(row):
            raise ValueError(
                f"The sentence {' '.join(words)!r} has {len(words)} words and {len(row)} tags in the column {tags!r}; "
                "give each word one tag."
            )
