"""Read series of points and last values out of the log of a Trainer, `trainer.state.log_history`."""

import math
from collections.abc import Iterable

History = list[dict]  # `trainer.state.log_history`
Points = tuple[list[int], list[float]]  # steps, values
Series = dict[str, dict[str, Points]]  # quantity -> run -> points

TOTAL = "total"
PSEUDO_LABELS = {
    "pseudo_label_precision_entities": "precision on entities",
    "pseudo_label_accuracy_entities": "accuracy on entities",
    "pseudo_label_coverage": "coverage",
    "pseudo_label_accuracy": "accuracy",
}

HEALTH = {
    "eval_pseudo_label_precision_entities": "pseudo-label precision on entities of dev (%)",
    "eval_pseudo_label_accuracy_entities": "pseudo-label accuracy on entities of dev (%)",
    "eval_pseudo_label_accuracy": "pseudo-label accuracy on dev (%)",
    "eval_pseudo_label_coverage": "coverage on dev (%)",
    "eval_calibration_error": "calibration error on dev (%)",
    "eval_pseudo_label_gap": "dev minus pseudo-label accuracy (points)",
    "pseudo_label_shift": "class shares: distance of pseudo-labels from labels (%)",
    "pseudo_label_missing": "classes without a pseudo-label (%)",
    "queue_purity": "queue purity (%)",
    "queue_labeled_share": "labelled keys (%)",
    "eval_queue_age": "key age (steps)",
    "unlabeled_share": "weight left by the safety gate (%)",
}
"""The figures that show a run's health: their names in the log, and their titles in tables.

The log holds fractions, except for the age of keys, which is in steps.
"""
ON_DEV = ("eval_row_accuracy", *(name for name in HEALTH if name.startswith("eval_")))
"""Figures that an evaluation adds to the scores of `compute_metrics`."""
NOTE_ON_DEV = (
    "The dev figures and the age of keys are of the last evaluation; all others are means over the last logged steps "
    "of training:"
)
NOTE_WITHOUT_DEV = "Means over the last logged steps of training; no labels were held out for an evaluation:"
BEHIND = "best dev score minus the last one (points)"


def health(history: History, metric: str) -> dict[str, float]:
    """The last logged value of each figure in `HEALTH`, in the unit of its title, and the fall of the dev score.

    Args:
        history: the log of the run.
        metric: name of the dev score.
    """
    last = {name: value for line in history for name, value in line.items() if name in HEALTH and value is not None}
    figures = {
        title: last[name] if name == "eval_queue_age" else 100 * last[name]
        for name, title in HEALTH.items()
        if name in last
    }
    _, values = scores({"run": history}, metric).get("run", ([], []))
    return figures | ({BEHIND: max(values) - values[-1]} if figures and values else {})


def health_note(titles: Iterable[str]) -> str:
    """A sentence that says which data the figures are from.

    Args:
        titles: keys of what `health` returned.
    """
    on_dev = {BEHIND, *(title for name, title in HEALTH.items() if name in ON_DEV)}
    return NOTE_ON_DEV if on_dev & set(titles) else NOTE_WITHOUT_DEV


def last_of(history: History, name: str) -> float | None:
    """The last finite value that was logged under a name."""
    values = [line[name] for line in history if line.get(name) is not None and math.isfinite(line[name])]
    return values[-1] if values else None


def losses(histories: dict[str, History]) -> Series:
    """The total loss and its terms. A run with a single term has no total here, because the two are equal."""
    keys = {key for history in histories.values() for entry in history for key in entry}
    terms = _read(histories, {key: _term(key) for key in sorted(keys) if key.startswith("loss_")})
    several = {run: sum(run in runs for runs in terms.values()) != 1 for run in histories}
    totals = {run: history for run, history in histories.items() if several[run]}
    return {**_read(totals, {"loss": TOTAL}), **dict(sorted(terms.items(), key=_supervised_first))}


def scores(histories: dict[str, History], metric: str) -> dict[str, Points]:
    """The dev scores of each run in percent, during training."""
    names = {f"eval_{metric}": metric, f"eval_dev_{metric}": metric}
    training = {run: of_training(history) for run, history in histories.items()}
    return _read(training, names, scale=100).get(metric, {})


def of_training(history: History) -> History:
    """The lines up to the end of training; a later evaluation may use test data."""
    ends = [number for number, line in enumerate(history, 1) if "train_runtime" in line]
    return history[: ends[0]] if ends else history


def pseudo_labels(histories: dict[str, History]) -> Series:
    """Coverage and accuracy of the pseudo-labels in percent."""
    return _read(histories, PSEUDO_LABELS, scale=100)


def _read(histories: dict[str, History], names: dict[str, str], *, scale: float = 1) -> Series:
    """Collect the finite values; if a step has two values, the later one counts."""
    found: dict[str, dict[str, dict[int, float]]] = {name: {} for name in names.values()}
    for run, history in histories.items():
        for entry in history:
            for key in names.keys() & entry.keys():
                if entry[key] is not None and math.isfinite(entry[key]):
                    found[names[key]].setdefault(run, {})[entry["step"]] = entry[key] * scale
    return {name: {run: _in_order(values) for run, values in runs.items()} for name, runs in found.items() if runs}


def _in_order(values: dict[int, float]) -> Points:
    steps = sorted(values)
    return steps, [values[step] for step in steps]


def _term(key: str) -> str:
    return key.removeprefix("loss_").replace("_", " ")


def _supervised_first(term: tuple[str, object]) -> tuple[bool, str]:
    return term[0] != "supervised", term[0]
