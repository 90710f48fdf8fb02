"""Tag sentences or classify images with a trained model."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from tabulate import tabulate

from ..experiment.predictions import WORDS, Prediction, model_folder, predict, task_of_model
from ..experiment.terminal import speak
from .answer_words import answer_words


def run(given: argparse.Namespace) -> int:
    """Print the predictions of the model for each input."""
    speak()
    source = model_folder(given.model)
    if task_of_model(source) == WORDS:
        return answer_words(given, source)
    if given.format not in (None, "json") or given.output:
        raise ValueError("--format and --output are for models that tag words; print the classes of images by --json.")
    found = list(predict(given.model, given.inputs, top=given.top, batch_size=given.batch_size, device=given.device))
    print("\n".join(map(_line, found)) if given.json or given.format else _table(found))
    return 0


def _line(prediction: Prediction) -> str:
    facts = {name: value for name, value in asdict(prediction).items() if value is not None}
    return json.dumps(facts, ensure_ascii=False)


def _table(found: Sequence[Prediction]) -> str:
    if not found:
        return "nothing found"
    rows = [(item.source, item.label, f"{item.score:.3f}") for item in found]
    return tabulate(rows, headers=["input", "label", "score"], disable_numparse=True)
