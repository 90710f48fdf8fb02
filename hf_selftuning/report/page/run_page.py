"""report.html: the page of a run, or of several side by side, as one file that needs no network."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape
from matplotlib.figure import Figure

from ...files import replacing
from ..tables import metric_name, percent
from .page_figures import (
    FEW,
    calibration_figure,
    confusion_matrix,
    coverage_figure,
    inline_svg,
    training_curves,
)
from .page_pictures import fitted
from .page_tables import class_table, confusion_table, disagreements, facts_table, result_table
from .run_facts import RunFacts, results_of

HERE = Path(__file__).parent
CURVES = "Loss terms, dev scores and pseudo-labels over optimizer steps"
SIDES = 4
"""Runs that one page can set side by side."""


def write_page(folders: Sequence[Path], target: Path) -> None:
    """Write the page of some runs.

    Args:
        folders: of the runs.
        target: the file.

    Raises:
        ValueError: a folder is no run's, or the runs are too many or of several kinds.
    """
    runs = {name: (RunFacts.load(folder), results_of(folder)) for name, folder in _named(folders).items()}
    kinds = {facts.kind for facts, _ in runs.values()}
    if len(kinds) > 1:
        raise ValueError(f"The runs are on {' and '.join(sorted(kinds))}; give runs on one kind of data.")
    with replacing(target) as path:
        path.write_text(page(runs), encoding="utf-8")


def _named(folders: Sequence[Path]) -> dict[str, Path]:
    """The folders by the names of their runs: the last part of a path, or all of it where two parts are the same."""
    if len(folders) > SIDES:
        raise ValueError(f"{len(folders)} runs do not fit side by side; give at most {SIDES}.")
    short = [folder.resolve().name for folder in folders]
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise ValueError(f"A run is named twice in {' '.join(map(str, folders))}; name each run once.")
    return dict(zip(short if len({*short}) == len(short) else map(str, folders), folders, strict=True))


def page(runs: Mapping[str, tuple[RunFacts, Mapping[str, Any]]]) -> str:
    """The page as HTML.

    Args:
        runs: facts and results of each run by its name.
    """
    shown, pictures = fitted([facts for facts, _ in runs.values()])
    runs = {name: (facts, results) for (name, (_, results)), facts in zip(runs.items(), shown, strict=True)}
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"percent": percent, "thousands": "{:,}".format}
    template = environment.from_string((HERE / "page.html").read_text(encoding="utf-8"))
    sides = [_side(name, facts, results, number) for number, (name, (facts, results)) in enumerate(runs.items())]
    several = len(sides) > 1
    metric = next(iter(runs.values()))[0].metric
    histories = {
        f"{name}: {row}" if several else row: history
        for name, (facts, _) in runs.items()
        for row, history in facts.histories.items()
    }
    return template.render(
        title=" beside ".join(runs),
        css=Markup((HERE / "page.css").read_text(encoding="utf-8")),
        sides=sides,
        pictures=pictures,
        curves=_svg(training_curves(histories, metric), "curves", CURVES),
        disagreements=disagreements([(name, *one) for name, one in runs.items()]) if several else None,
    )


def _side(name: str, facts: RunFacts, results: Mapping[str, Any], number: int) -> dict[str, Any]:
    """What the template shows of one run."""
    return {
        "name": name,
        "facts": facts,
        "metric": metric_name(facts.metric),
        "headline": _headline(facts, results),
        "results": result_table(facts, results),
        "about": facts_table(results),
        "classes": class_table(facts),
        "confusions": confusion_table(facts),
        **_figures(facts, number),
    }


def _headline(facts: RunFacts, results: Mapping[str, Any]) -> str:
    """The score of the last row in a sentence."""
    last = results["rows"][-1]
    for part in ("test", "dev"):
        score = last[f"{part}_{facts.metric}"]
        if score is None:
            continue
        kept = next((one for one in facts.scores if (one.row, one.part) == (last["method"], part)), None)
        name = metric_name(facts.metric)
        text = f"{name[:1].upper()}{name[1:]} {percent(score)} % on {part}"
        if kept is None or kept.score != score:
            return f"{text}."
        low, high = kept.interval
        return f"{text} (95 % interval {percent(low)} to {percent(high)}, {kept.items:,} {facts.unit_name})."
    return "Nothing was scored: there were no dev or test data."


def _figures(facts: RunFacts, number: int) -> dict[str, Markup | None]:
    found: dict[str, Markup | None] = dict.fromkeys(("matrix", "calibration", "coverage"))
    if facts.confusions and len(facts.classes) <= FEW:
        label = f"Confusion matrix on {facts.part}; the tables beside it hold its numbers"
        found["matrix"] = _svg(confusion_matrix(facts.confusions, facts.classes), f"matrix{number}", label)
    if facts.calibration:
        spoken = ", ".join(f"{percent(b[1])} % right at {percent(b[0])} %" for b in facts.calibration)
        figure, label = calibration_figure(facts.calibration), f"Share of right answers over confidence: {spoken}"
        found["calibration"] = _svg(figure, f"calibration{number}", label)
    if facts.coverage and facts.things:
        spoken = ", ".join(f"{percent(p[1])} % at {percent(p[0])} %" for p in facts.coverage[::10])
        figure = coverage_figure(facts.coverage)
        label = f"Pseudo-labels that are at least as sure as a threshold: {spoken}"
        found["coverage"] = _svg(figure, f"coverage{number}", label)
    return found


def _svg(figure: Figure, prefix: str, label: str) -> Markup:
    return Markup(inline_svg(figure, prefix, str(escape(label))))
