"""Tag sentences or classify images with a trained model."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from tabulate import tabulate

from ..experiment.predictions import Prediction, predict
from ..experiment.terminal import speak


def run(given: argparse.Namespace) -> int:
    """Print the predictions of the model for each input."""
    speak()
    found = list(predict(given.model, given.inputs, top=given.top, batch_size=given.batch_size, device=given.device))
    print("\n".join(map(_line, found)) if given.json else _table(found))
    return 0


def _line(prediction: Prediction) -> str:
    return json.dumps(asdict(prediction), ensure_ascii=False)


def _table(found: Sequence[Prediction]) -> str:
    if not found:
        return "nothing found"
    columns = ["input", "label", "score", "words"] if any(item.text for item in found) else ["input", "label", "score"]
    rows = [(item.source, item.label, f"{item.score:.3f}", item.text)[: len(columns)] for item in found]
    return tabulate(rows, headers=columns, disable_numparse=True)
