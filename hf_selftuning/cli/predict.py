"""Tag sentences, or classify texts or images, with a trained model."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from tabulate import tabulate

from ..data.rows.plain_text import counted
from ..experiment.command.terminal import speak
from ..experiment.images.image_answers import Classifier
from ..experiment.saved_models.predictions import (
    TEXTS,
    WORDS,
    Prediction,
    classify,
    classify_texts,
    image_paths,
    model_folder,
    task_of_model,
)
from ..experiment.texts.text_answers import TextClassifier
from ..files import replacing
from .answer_words import answer_words

SHOWN = 60
"""Characters of a text in the table."""


def run(given: argparse.Namespace) -> int:
    """Write the predictions of the model for each input; 1 is returned if inputs could not be opened."""
    speak()
    source = model_folder(given.model)
    task = task_of_model(source)
    if task == WORDS:
        return answer_words(given, source)
    if given.format not in (None, "json"):
        raise ValueError(f"--format {given.format} is for models that tag words; write classes by --json.")
    if given.decoding != "argmax":
        raise ValueError("--decoding is for models that tag words, and this one classifies; leave it out.")
    errors: list[str] = []
    found = _without_errors(_of_texts(given, source) if task == TEXTS else _of_images(given, source), errors)
    pieces = map(_line, found) if given.json or given.format else _table(found)
    if given.output is None:
        sys.stdout.writelines(pieces)
    else:
        with replacing(Path(given.output)) as draft, draft.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(pieces)
    if errors:
        told = f"{counted(len(errors), 'input has', 'inputs have')} no answer."
        print(f"hf-selftuning predict: {told}", *errors, sep="\n", file=sys.stderr)
    return 1 if errors else 0


def _of_images(given: argparse.Namespace, source: str) -> Iterator[Prediction]:
    """The answers for all images; of several inputs, one that is no image or folder does not stop the others.

    Raises:
        ValueError: the only input is neither.
    """
    classifier = Classifier(source, batch_size=given.batch_size, device=given.device)
    images: list[str] = []
    for name in given.inputs:
        try:
            images += image_paths(name)
        except ValueError as error:
            if len(given.inputs) == 1:
                raise
            yield Prediction(name, "", 0.0, error=str(error))
    yield from classify(classifier, images, top=given.top)


def _of_texts(given: argparse.Namespace, source: str) -> Iterator[Prediction]:
    """The answers for each file; of several, one that cannot be read does not stop the others.

    Raises:
        ValueError: the only file cannot be read.
    """
    classifier = TextClassifier(source, batch_size=given.batch_size, device=given.device)
    for file in given.inputs:
        try:
            yield from classify_texts(classifier, [file], top=given.top, text_column_name=given.text_column_name)
        except (ValueError, OSError) as error:
            if len(given.inputs) == 1:
                raise
            yield Prediction(file, "", 0.0, error=str(error))


def _without_errors(found: Iterator[Prediction], errors: list[str]) -> Iterator[Prediction]:
    """The predictions with a label; the errors of the others are noted down."""
    for item in found:
        if item.error:
            errors.append(item.error)
        else:
            yield item


def _line(prediction: Prediction) -> str:
    facts = {name: value for name, value in asdict(prediction).items() if value is not None and name != "error"}
    return json.dumps(facts, ensure_ascii=False) + "\n"


def _table(answers: Iterator[Prediction]) -> Iterator[str]:
    """The table in one piece, which is made when it is asked for: a file to write to is opened before."""
    found = list(answers)
    texts = any(item.text for item in found)
    rows = [(item.source, item.label, f"{item.score:.3f}", *([_short(item.text)] * texts)) for item in found]
    columns = ["input", "label", "score", *["text"] * texts]
    yield (tabulate(rows, headers=columns, disable_numparse=True) if rows else "nothing found") + "\n"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."
