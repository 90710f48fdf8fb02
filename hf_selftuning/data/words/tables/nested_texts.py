"""Documents that hold their texts in paragraphs or passages, as the columns that are read."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard


def with_nested_texts(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The columns of a document of spaCy 2 or of BioC; any other row as it is."""
    paragraphs, passages = row.get("paragraphs"), row.get("passages")
    if _are_objects(paragraphs) and all(_are_objects(paragraph.get("sentences")) for paragraph in paragraphs):
        return _of_spacy([sentence for paragraph in paragraphs for sentence in paragraph["sentences"]]) or row
    if _are_objects(passages) and all(map(_is_passage, passages)):
        return _of_bioc(passages)
    return row


def _of_spacy(sentences: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Words and tags of each sentence; None where a sentence has no words."""
    tokens = [sentence.get("tokens") for sentence in sentences]
    if not all(map(_are_objects, tokens)):
        return None
    words = [[token.get("orth") for token in inner] for inner in tokens if inner]
    if not all("ner" in token for inner in tokens for token in inner or ()):
        return {"tokens": words}
    return {"tokens": words, "tags": [[token["ner"] for token in inner] for inner in tokens if inner]}


def _of_bioc(passages: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The passages as one text, each at its offset in the document, and the annotations as spans of it."""
    text, spans = "", list[Any]()
    begun = passages[0]["offset"]
    for passage in passages:
        text = text.ljust(passage["offset"] - begun) + passage["text"]
        spans += [_bioc_span(item, begun) for item in passage.get("annotations") or ()]
    return {"text": text, "spans": spans}


def _bioc_span(item: Any, begun: int) -> Any:
    """A span of an annotation with one place; of others, one without edges, which is refused with its row."""
    item = item if isinstance(item, Mapping) else {}
    infons, places = item.get("infons"), item.get("locations")
    place = places[0] if _are_objects(places) and len(places) == 1 else {}
    start, length = place.get("offset"), place.get("length")
    edges: tuple[int | None, int | None] = (None, None)
    if isinstance(start, int) and isinstance(length, int):
        edges = start - begun, start - begun + length
    label = infons.get("type") if isinstance(infons, Mapping) else None
    return {"start": edges[0], "end": edges[1], "label": label, "text": item.get("text")}


def _is_passage(passage: Mapping[str, Any]) -> bool:
    return type(passage.get("offset")) is int and isinstance(passage.get("text"), str)


def _are_objects(cell: Any) -> TypeGuard[list[Mapping[str, Any]]]:
    return isinstance(cell, list) and bool(cell) and all(isinstance(item, Mapping) for item in cell)
