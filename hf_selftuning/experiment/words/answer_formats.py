"""Answers for words as text: lines for programs, column files, and what annotation tools import as pre-annotation."""

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ...data.rows.plain_text import BLANKS, counted
from .word_answers import SentenceAnswer

logger = logging.getLogger(__name__)

Writer = Callable[[Iterable[SentenceAnswer], str], Iterator[str]]
"""Turns answers and the model's name into pieces of text, one after the other."""

LAST_NARROW = "\uffff"
"""The last character that a browser counts as one; it counts those behind it, such as emoji, as two."""

CONTROL, TEXT = "label", "text"
"""Names of the tags of Label Studio's labelling interface for named entities."""


def json_lines(answers: Iterable[SentenceAnswer], model: str) -> Iterator[str]:
    """An object a line for each sentence: its text, all words with tags, and the entities."""
    for answer in answers:
        words = [
            {"text": w.text, "start": w.start, "end": w.end, "tag": w.tag, "score": w.score} for w in answer.words
        ]
        entities = [
            {"label": e.label, "text": e.text, "start": e.start, "end": e.end, "score": e.score}
            for e in answer.entities
        ]
        place = {"source": answer.source, "row": answer.row}
        yield _line({**place, "text": answer.text, "words": words, "entities": entities})


def doccano(answers: Iterable[SentenceAnswer], model: str) -> Iterator[str]:
    """JSON lines for a project of sequence labelling."""
    wide = 0
    for answer in answers:
        labels = [[e.start, e.end, e.label] for e in answer.entities]
        wide += bool(labels) and max(answer.text) > LAST_NARROW
        yield _line({"text": answer.text, "label": labels})
    if wide:
        logger.warning(
            "Characters such as emoji are in %s with labels. The offsets count each as one, and doccano may count it "
            "as two; check these labels there.",
            counted(wide, "sentence"),
        )


def label_studio(answers: Iterable[SentenceAnswer], model: str) -> Iterator[str]:
    """A JSON list of tasks with predictions, for `<Labels name="label" toName="text">` and `<Text name="text">`."""
    before = "[\n"
    for answer in answers:
        yield before + json.dumps(_task(answer, model), ensure_ascii=False)
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[]\n"


def _task(answer: SentenceAnswer, model: str) -> dict[str, Any]:
    found = answer.entities
    result = [
        {
            "id": f"entity-{number}",
            "from_name": CONTROL,
            "to_name": TEXT,
            "type": "labels",
            "score": entity.score,
            "value": {"start": entity.start, "end": entity.end, "text": entity.text, "labels": [entity.label]},
        }
        for number, entity in enumerate(found, start=1)
    ]
    score = sum(entity.score for entity in found) / max(len(found), 1)
    prediction = {"model_version": model, "score": score, "result": result}
    return {"data": {"text": answer.text, "source": answer.source}, "predictions": [prediction]}


def prodigy(answers: Iterable[SentenceAnswer], model: str) -> Iterator[str]:
    """JSON lines for `ner.manual`: tokens, and spans by characters and by tokens."""
    for answer in answers:
        followed = [*(word.start for word in answer.words[1:]), len(answer.text)]
        tokens = [
            {"text": word.text, "start": word.start, "end": word.end, "id": number, "ws": word.end < following}
            for number, (word, following) in enumerate(zip(answer.words, followed, strict=True))
        ]
        spans = [
            {"start": e.start, "end": e.end, "token_start": e.first, "token_end": e.last, "label": e.label}
            for e in answer.entities
        ]
        meta = {"source": answer.source, "model": model}
        yield _line({"text": answer.text, "tokens": tokens, "spans": spans, "meta": meta})


def conll(answers: Iterable[SentenceAnswer], model: str) -> Iterator[str]:
    """A word a line with its tag in IOB2 behind a tab, and a blank line after each sentence.

    Raises:
        ValueError: a word holds a tab or a line break.
    """
    for answer in answers:
        for word in answer.words:
            if not set(BLANKS[1:]).isdisjoint(word.text):
                raise ValueError(
                    f"{answer.source}: the word {word.text!r} holds a tab or a line break, which a column file cannot "
                    "hold; write another format, such as json."
                )
        lines = [f"{word.text}\t{tag}\n" for word, tag in zip(answer.words, answer.tags, strict=True)]
        yield "".join(lines) + "\n"


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


FORMATS: dict[str, Writer] = {
    "json": json_lines,
    "conll": conll,
    "doccano": doccano,
    "label-studio": label_studio,
    "prodigy": prodigy,
}
