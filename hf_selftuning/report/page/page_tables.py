"""The tables of a page: results, facts, classes, confusions, and where two runs disagree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..decodings import DECODINGS
from ..tables import in_words, metric_name, percent, seconds
from .run_facts import RunFacts, Scored

MOST_CLASSES = 40
MOST_CONFUSIONS = 20
MOST_DISAGREEMENTS = 24
HIDDEN = ("rows", "metric", "health", DECODINGS, "further_scores", "not_scored")
"""Entries of results.json that the list of facts leaves out: the page shows them elsewhere, or not at all."""


@dataclass(frozen=True)
class Table:
    """A table.

    Args:
        columns: their names.
        rows: the cells as text.
        left_out: number of rows that are not shown.
        texts: number of columns, from the left, that hold text and no numbers.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    left_out: int = 0
    texts: int = 1


def result_table(facts: RunFacts, results: Mapping[str, Any]) -> Table:
    """A line for each row of the run: labels, scores with intervals, the difference to fine-tuning, and the cost."""
    parts = [part for part in ("dev", "test") if any(r[f"{part}_{facts.metric}"] is not None for r in results["rows"])]
    known = {(one.row, one.part): one for one in facts.scores}
    name = metric_name(facts.metric)
    columns = ["method", "labelled", "unlabelled", *(f"{part} {name} (%)" for part in parts)]
    gains = parts[-1:] if any(one.gain is not None for one in facts.scores) else []
    columns += [f"{part}, to fine-tuning (points)" for part in gains] + ["steps", "s/step", "seed"]
    rows = []
    for row in results["rows"]:
        found = {part: known.get((row["method"], part)) for part in parts}
        cells = [f"{row['method']} ({row['preset']})" if row["preset"] else row["method"]]
        cells += [f"{row['labeled']:,}", f"{row['unlabeled']:,}"]
        cells += [_score(row[f"{part}_{facts.metric}"], found[part]) for part in parts]
        cells += [_gain(found[part]) for part in gains]
        speed = row["seconds_per_step"]
        rows.append([*cells, f"{row['steps']:,}", "-" if speed is None else seconds(speed), str(row["seed"])])
    return Table(columns, rows)


def _score(score: float | None, kept: Scored | None) -> str:
    if kept is None or score != kept.score:
        return percent(score)
    return f"{percent(score)} ({percent(kept.interval[0])} to {percent(kept.interval[1])})"


def _gain(kept: Scored | None) -> str:
    if kept is None or kept.gain is None or kept.gain_interval is None:
        return "-"
    low, high = (100 * bound for bound in kept.gain_interval)
    return f"{100 * kept.gain:+.2f} ({low:+.2f} to {high:+.2f})"


def facts_table(results: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Data, model, split and settings by name."""
    shown = {name.replace("_", " "): value for name, value in results.items() if name not in HIDDEN}
    shown |= {f"settings of {row['method']}": row["settings"] for row in results["rows"] if row["settings"]}
    return [(name, in_words(value)) for name, value in shown.items() if value is not None]


def class_table(facts: RunFacts) -> Table | None:
    """Precision, recall and F1 of each class, the worst one first; None where nothing was scored."""
    counts = np.array(facts.counts).reshape(-1, 3)
    used = np.flatnonzero(counts.sum(1))
    if not len(used):
        return None
    right, predicted, expected = counts[used].T
    f1 = 2 * right / np.maximum(predicted + expected, 1)
    order = np.argsort(f1, kind="stable")[:MOST_CLASSES]
    rows = [
        [
            facts.classes[used[place]],
            _share(right[place], predicted[place]),
            _share(right[place], expected[place]),
            percent(float(f1[place])),
            f"{expected[place]:,}",
        ]
        for place in order
    ]
    kind = "type" if facts.kind == "words" else "class"
    unit = "entities" if facts.kind == "words" else facts.unit_name
    columns = [kind, "precision (%)", "recall (%)", "F1 (%)", unit]
    return Table(columns, rows, len(used) - len(rows))


def _share(above: int, below: int) -> str:
    return percent(float(above / below)) if below else "-"


def confusion_table(facts: RunFacts) -> Table | None:
    """The most frequent confusions; None without any."""
    wrong = sorted((pair for pair in facts.confusions if pair[0] != pair[1]), key=lambda pair: -pair[2])
    if not wrong:
        return None
    shown = wrong[:MOST_CONFUSIONS]
    rows = [[facts.classes[truth], facts.classes[guess], f"{count:,}"] for truth, guess, count in shown]
    return Table(["true class", "taken for", "how often"], rows, len(wrong) - len(shown), texts=2)


def disagreements(runs: Sequence[tuple[str, RunFacts, Mapping[str, Any]]]) -> dict[str, Any]:
    """Unlabelled things to which runs give different classes, of those that a run shows.

    An entity that one run finds and another does not is a disagreement, too.

    Args:
        runs: the names of the runs, their facts and their results.
    """
    same = {(tuple(f.classes), tuple(f.pool), r.get("data"), r.get("split_hash")) for _, f, r in runs}
    if len(same) > 1:
        return {"same": False, "items": [], "count": 0, "of": 0}
    by_run = [{_thing(row): (int(row[1]), float(row[2])) for row in facts.guesses} for _, facts, _ in runs]
    things = sorted(set().union(*by_run))
    differ = [thing for thing in things if len({found.get(thing, (0,))[0] for found in by_run}) > 1]
    shown: dict[str, Any] = {}
    for _, facts, _ in runs:
        shown |= facts.examples.get("pool", {})
    items = [
        {
            "shown": shown[str(thing[0])],
            "span": thing[1:] or None,
            "said": [
                (name, facts.classes[found[thing][0] if thing in found else 0], found.get(thing, (0, None))[1])
                for (name, facts, _), found in zip(runs, by_run, strict=True)
            ],
        }
        for thing in differ
        if str(thing[0]) in shown
    ]
    return {"same": True, "items": items[:MOST_DISAGREEMENTS], "count": len(differ), "of": len(things)}


def _thing(row: Sequence[float]) -> tuple[int, ...]:
    """The place of an example; for an entity also the numbers of its first word and of the first one behind it."""
    return (int(row[0]), *map(int, row[3:]))
