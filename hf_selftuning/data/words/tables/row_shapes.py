"""Shapes of rows that programs write for training, as the columns that are read."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, TypeGuard

from ..tag_schemes import looks_like_tag
from .word_cells import WORD_KEYS, shown

TAG_KEYS = ("ner_tag", "tag", "label", "ner", "bio", "iob")
"""Keys of the tag in an object that stands for a word."""
MOST_COLUMNS = 5
"""Items of a list that stands for a word: the word, its tag, and what else is known of it."""
LABELS = ("label", "labels", "entities")


def columns_of(row: Any) -> Any:
    """The columns of a row that is a list; any other row as it is.

    It may be a text and its annotations, as spaCy has them; words and tags; or a list or an object for each word.
    """
    if not isinstance(row, list) or not row:
        return row
    if len(row) == 2 and isinstance(row[0], str):
        if isinstance(row[1], Mapping):
            return {"text": row[0], **row[1]}
        return {"text": row[0], "spans": row[1]} if isinstance(row[1], list) else row
    if all(isinstance(item, Mapping) and item.keys() == row[0].keys() for item in row):
        return {key: [item[key] for item in row] for key in row[0]}
    lists = all(isinstance(item, list) and all(isinstance(cell, str) for cell in item) for item in row)
    if not lists or len({*map(len, row)}) != 1:
        return row
    if len(row) == 2 and all(map(looks_like_tag, row[1])):
        return {"tokens": row[0], "tags": row[1]}
    if not 2 <= len(row[0]) <= MOST_COLUMNS:
        return row
    words, *others = zip(*row, strict=True)
    return {"tokens": [*words], **{str(place): [*cells] for place, cells in enumerate(others, start=2)}}


def with_plain_tags(row: Mapping[str, Any], place: str) -> Mapping[str, Any]:
    """The row with its tags in one list or its spans in one list, where a program nests them otherwise.

    Raises:
        ValueError: a span leaves its sentence, or overlaps another one.
    """
    row = _with_covered_words(row)
    sentences, spans = row.get("sentences"), row.get("ner")
    if _are_lists(sentences) and _are_lists(spans) and len(sentences) == len(spans) and _of_numbers(spans):
        return {**row, "ner": _document_tags(sentences, spans, place)}
    for key in LABELS:
        cell = row.get(key)
        if isinstance(cell, Mapping) and all(isinstance(inner, Mapping) for inner in cell.values()):
            return {**row, key: _by_type(cell)}
        if isinstance(cell, Mapping) and all(_are_lists(inner) for inner in cell.values()):
            return {**row, key: [[*edges, label] for label, inner in cell.items() for edges in inner]}
        if isinstance(cell, Mapping) and all(map(_have_indices, cell.values())):
            return {**row, key: [[*item["indices"], label] for label, inner in cell.items() for item in inner]}
    return _with_word_tags(row)


def _with_covered_words(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row with the text of its words, where they say only where they begin and end, as spaCy's `to_json` does."""
    text, tokens = row.get("text"), row.get("tokens")
    if not isinstance(text, str) or not isinstance(tokens, list) or not all(map(_is_place, tokens)):
        return row
    return {**row, "tokens": [{**token, "text": text[token["start"] : token["end"]]} for token in tokens]}


def _is_place(token: Any) -> bool:
    edges = [token.get("start"), token.get("end")] if isinstance(token, Mapping) and "text" not in token else []
    return bool(edges) and all(type(edge) is int for edge in edges)


def _have_indices(spans: Any) -> bool:
    """Whether they are the spans of a type as GATE writes them, such as [{"indices": [0, 4]}]."""
    return isinstance(spans, list) and all(
        isinstance(one, Mapping) and isinstance(one.get("indices"), list) for one in spans
    )


def _are_lists(cell: Any) -> TypeGuard[list[Any]]:
    return isinstance(cell, list) and bool(cell) and all(isinstance(inner, list) for inner in cell)


def _of_numbers(spans: Sequence[Any]) -> bool:
    """Whether all spans of a document begin with two numbers, and a label follows."""
    return all(
        isinstance(span, list) and len(span) > 2 and all(type(edge) is int for edge in span[:2])
        and isinstance(span[2], str) for inner in spans for span in inner
    )  # fmt: skip


def _document_tags(sentences: Sequence[Sequence[Any]], spans: Sequence[Sequence[Any]], place: str) -> list[list[str]]:
    """The tags of each sentence of DyGIE++, whose spans count the words of the document; the last word is the end."""
    starts = accumulate((len(words) for words in sentences), initial=0)
    rows = []
    for words, inner, begun in zip(sentences, spans, starts, strict=False):
        tags = ["O"] * len(words)
        for first, last, label, *_ in inner:
            here = range(first - begun, last - begun + 1)
            if not here or here[0] < 0 or here[-1] >= len(tags) or any(tags[word] != "O" for word in here):
                raise ValueError(
                    f"{place}: the span {shown([first, last, label])} leaves its sentence (words {begun} to "
                    f"{begun + len(tags) - 1}) or overlaps another one; a word has one tag, so keep one of them."
                )
            for word in here:
                tags[word] = f"{'B' if word == here[0] else 'I'}-{label}"
        rows.append(tags)
    return rows


def _by_type(cell: Mapping[str, Any]) -> Sequence[Any]:
    """The spans in an object of a type, the covered text, and its places, as CLUENER has them."""
    return [
        {"start": edges[0], "end": edges[1], "label": label, "text": covered}
        if isinstance(edges, list) and len(edges) == 2
        else edges
        for label, inner in cell.items()
        for covered, places in inner.items()
        for edges in (places if isinstance(places, list) else [places])
    ]


def _with_word_tags(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row with a column of the tags that stand in the objects of its words."""
    for cell in row.values():
        if not isinstance(cell, list) or not cell or not all(isinstance(item, Mapping) for item in cell):
            continue
        key = next((key for key in TAG_KEYS if all(isinstance(item.get(key), str) for item in cell)), None)
        worded = all(any(isinstance(item.get(name), str) for name in WORD_KEYS) for item in cell)
        if key is not None and worded and "tags" not in row and not {"start", "end"} & cell[0].keys():
            return {**row, "tags": [item[key] for item in cell]}
    return row
