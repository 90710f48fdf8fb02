"""Tag sentences, or classify texts or images, with a trained model."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from tabulate import tabulate

from ..experiment.command.terminal import speak
from ..experiment.saved_models.predictions import WORDS, Prediction, model_folder, predict, task_of_model
from .answer_words import answer_words

SHOWN = 60
"""Characters of a text in the table."""


def run(given: argparse.Namespace) -> int:
    """Print the predictions of the model for each input; 1 is returned if inputs could not be opened."""
    speak()
    source = model_folder(given.model)
    if task_of_model(source) == WORDS:
        return answer_words(given, source)
    if given.format not in (None, "json") or given.output:
        raise ValueError("--format and --output are for models that tag words; print classes by --json.")
    if given.decoding != "argmax":
        raise ValueError("--decoding is for models that tag words, and this one classifies; leave it out.")
    how = {name: getattr(given, name) for name in ("top", "batch_size", "device", "text_column_name")}
    every = list(predict(given.model, given.inputs, **how))
    found, errors = [item for item in every if not item.error], [item.error for item in every if item.error]
    print("\n".join(map(_line, found)) if given.json or given.format else _table(found))
    if errors:
        print(f"hf-selftuning predict: {len(errors):,} inputs have no answer.", *errors, sep="\n", file=sys.stderr)
    return 1 if errors else 0


def _line(prediction: Prediction) -> str:
    facts = {name: value for name, value in asdict(prediction).items() if value is not None and name != "error"}
    return json.dumps(facts, ensure_ascii=False)


def _table(found: Sequence[Prediction]) -> str:
    if not found:
        return "nothing found"
    texts = any(item.text for item in found)
    rows = [(item.source, item.label, f"{item.score:.3f}", *([_short(item.text)] * texts)) for item in found]
    return tabulate(rows, headers=["input", "label", "score", *["text"] * texts], disable_numparse=True)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."
