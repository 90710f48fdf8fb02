"""Score a saved model, with the interval of its score."""

import argparse
import json
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from ..experiment.command.terminal import say, speak
from ..experiment.saved_models.evaluation import FLAGS, Data, Evaluation, evaluate_model, kind_of_model
from ..metrics import score_of
from ..report.tables import decoding_lines

TRAINING = {
    "batch_size": "per_device_eval_batch_size",
    "use_cpu": "use_cpu",
    "metric": "metric",
    "decoding": "decoding",
}


def run(given: argparse.Namespace) -> int:
    """Print the scores of the model."""
    speak()
    training = {name: getattr(given, flag) for flag, name in TRAINING.items() if getattr(given, flag) is not None}
    found = evaluate_model(given.model, data_of(given), part=given.part, **training)
    for one in found:
        say(json.dumps(facts(one)) if given.json else f"{title(one)}: {one.line}")
        for line in [] if given.json else decoding_lines(one.decodings, one.metric):
            say(f"  {line}")
        for name, value in ({} if given.json else one.scores).items():
            say(f"  {name} {value:.4f}")
    failed = [reason for one in found for reason in one.failed]
    print("\n".join(failed), end="\n" * bool(failed), file=sys.stderr)
    return 1 if failed else 0


def title(one: Evaluation) -> str:
    """What was scored on what."""
    return " ".join(filter(None, [one.row or Path(one.model).name, "on", one.data, one.part]))


def facts(one: Evaluation) -> dict[str, Any]:
    """The evaluation in the form of `--json`."""
    low, high = one.interval
    decodings = {name: float(score_of(counts)) for name, counts in one.decodings.items()}
    names = {"model": one.model, "row": one.row, "data": one.data, "part": one.part}
    return {
        **names,
        "metric": one.metric,
        one.metric: one.score,
        "interval": [low, high],
        one.unit_name: len(one.counts),
        **({"decodings": decodings} if decodings else {}),
        **one.scores,
    }


def data_of(given: argparse.Namespace) -> Data | None:
    """The data that the flags name: a path alone, or flags of words, texts or images.

    Raises:
        ValueError: no kind of data has all the flags, or flags say how to read data that are not named.
    """
    flags = {name: value for name, value in vars(given).items() if name.startswith("data_") and value is not None}
    flags = {name.removeprefix("data_"): value for name, value in flags.items()}
    flags |= {name: value[0] for name, value in flags.items() if isinstance(value, list) and len(value) == 1}
    places = {"test_file", "test_dir", "dataset_name"} & flags.keys()
    if not flags:
        return given.data
    if given.data is None and not places:
        raise ValueError(f"--{min(flags)} says how to read data, and no data is named; give a file or a folder.")
    if given.data is not None:
        folder = Path(given.data).is_dir()
        named = {"test_dir" if folder else "test_file" if Path(given.data).is_file() else "dataset_name": given.data}
        flags = {**flags, **named}
    own = FLAGS[kind_of_model(given.model)]  # words and texts have flags of the same names
    for kind in (own, *FLAGS.values()):
        if flags.keys() <= {field.name for field in fields(kind)}:
            return kind(**flags)
    raise ValueError(f"--{' and --'.join(sorted(flags))} do not belong to one kind of data; give those of one kind.")
