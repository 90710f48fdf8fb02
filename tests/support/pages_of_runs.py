"""Small runs on texts, as far as their pages need them."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from hf_selftuning.report.page.gallery import Shelf, gallery, to_label_next
from hf_selftuning.report.page.guesses import Guesses, Labelled, coverage, reliability
from hf_selftuning.report.page.run_facts import RunFacts, Scored

NAMES = ("cat", "dog")
HISTORY = [{"step": step, "loss": 1 / step, "eval_accuracy": 0.7, "pseudo_label_coverage": 0.9} for step in (1, 2, 3)]


def guesses(size: int, *, turned: bool = False) -> Guesses:
    """Pseudo-labels of two classes, whose true classes are known; or each of the other class."""
    sure = np.random.default_rng(0).uniform(0.02, 0.98, size)
    sure = 1 - sure if turned else sure
    angles = np.pi / 2 * sure
    features = np.stack([np.cos(angles), np.sin(angles)], 1)
    return Guesses(np.stack([1 - sure, sure], 1), features, np.arange(size), np.arange(size) % 2)


def keys() -> Labelled:
    """Two labelled examples of each class."""
    return Labelled(np.array([[1.0, 0], [0, 1], [0.9, 0.2], [0.2, 0.9]]), np.array([0, 1, 0, 1]), np.arange(4))


def facts(
    found: Guesses | None = None,
    *,
    names: Any = NAMES,
    shows: Any = None,
    labelled: Labelled | None = None,
    **changes: Any,
) -> RunFacts:
    """The facts of a run with some pseudo-labels.

    Args:
        found: the pseudo-labels.
        names: of the classes.
        shows: what is shown of an example of each part.
        labelled: what the pseudo-labels are compared with.
        **changes: other facts.
    """
    found = guesses(40) if found is None else found
    if labelled is None:
        few = found.features.shape[1] == 2
        labelled = keys() if few else Labelled(found.features[:4], np.arange(4) % len(names), np.arange(4))
    texts = {"pool": lambda place: {"text": f"text {place}"}, "labeled": lambda place: {"text": f"labelled {place}"}}
    shelf = Shelf(shows or texts)
    given = {
        "kind": "texts",
        "command": "hf-selftuning train text --train_file mine.csv",
        "metric": "accuracy",
        "unit_name": "texts",
        "classes": list(names),
        "scores": [
            Scored("fine_tuning", "test", 0.7, [0.55, 0.85], 100),
            Scored("self_tuning", "test", 0.75, [0.6, 0.88], 100, 0.05, [-0.01, 0.11]),
        ],
        "histories": {"Fine-tuning": HISTORY, "Self-Tuning": HISTORY},
        "part": "test",
        "counts": [[40, 50, 50], [35, 50, 50]],
        "confusions": [[0, 0, 40], [0, 1, 10], [1, 0, 15], [1, 1, 35]],
        "pool": [len(found), 900],
        "labeled": [4, 4],
        "known": found.labels is not None,
        "things": len(found),
        "label_next": to_label_next(found, labelled, shelf),
        "gallery": gallery(found, labelled, names, shelf),
        "coverage": coverage(found.confidence, found.right),
        "calibration": [] if found.right is None else reliability(found.confidence, found.right),
        "calibrated_on": "" if found.right is None else "pool",
        "guesses": list(zip(found.examples.tolist(), found.classes.tolist(), found.confidence.tolist(), strict=True)),
        "examples": shelf.kept,
    }
    return RunFacts(**{**given, **changes})


def words_facts(size: int = 40, words: int = 60) -> RunFacts:
    """The facts of a run on words, with an entity in each of some long sentences.

    Args:
        size: number of sentences.
        words: words of each one.
    """
    known, labelled = guesses(size), keys()
    first = np.arange(size) % (words - 2)
    spans = np.stack([first, first + 1 + np.arange(size) % 2], 1)
    probabilities = np.concatenate([np.zeros((size, 1)), known.probabilities], 1)
    found = Guesses(probabilities, known.features, known.examples, np.arange(size) % 3, spans)
    entities = Labelled(labelled.features, labelled.labels + 1, labelled.examples, spans[: len(labelled.labels)])
    sentence = {"words": [f"word{number}" for number in range(words - 1)] + ["x" * 90]}
    return facts(
        found,
        names=("no entity", "PER", "LOC"),
        shows={"pool": lambda place: sentence, "labeled": lambda place: sentence},
        labelled=entities,
        kind="words",
        metric="f1",
        unit_name="sentences",
        counts=[[0, 0, 0], [40, 50, 60], [35, 50, 40]],
        confusions=[],
        guesses=[],
    )


def write_run(folder: Path, found: RunFacts | None = None) -> Path:
    """A run's folder with its facts and its results."""
    folder.mkdir(parents=True, exist_ok=True)
    (found or facts()).save(folder)
    metric = (found or facts()).metric
    shared = {"labeled": 4, f"dev_{metric}": None, "steps": 3, "seconds_per_step": 0.1, "seed": 0}
    rows = [
        {"method": "fine_tuning", "preset": "", "unlabeled": 0, f"test_{metric}": 0.7, "settings": {}, **shared},
        {
            "method": "self_tuning",
            "preset": "texts",
            "unlabeled": 900,
            f"test_{metric}": 0.75,
            "settings": {"queue_size": 32},
            **shared,
        },
    ]
    results = {"data": "mine.csv", "model": "bert", "split_hash": "ab12", "metric": metric, "rows": rows}
    (folder / "results.json").write_text(json.dumps(results))
    return folder
