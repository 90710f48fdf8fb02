"""The files that a run leaves besides its model: results.json, results.md and curves.png."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path

import pandas as pd

from ..files import replacing
from ..monitoring.log_history import BEHIND, HEALTH, History, health, health_note
from .curves import draw_curves
from .decodings import DECODINGS, with_decodings
from .row import Row
from .tables import bullets, in_words, markdown_table, metric_name

SELECTION = "the last step is scored; nothing was selected on dev or test"


@dataclass(frozen=True)
class ReportFiles:
    """Paths of the files of a report."""

    results: Path
    table: Path
    curve: Path

    @classmethod
    def in_folder(cls, folder: Path) -> "ReportFiles":
        """The paths of the files in a run's folder."""
        return cls(folder / "results.json", folder / "results.md", folder / "curves.png")


def write_report(
    output_dir: str | Path,
    rows: Sequence[Row],
    *,
    metric: str,
    unit_name: str,
    context: dict,
    histories: dict[str, History],
) -> ReportFiles:
    """Write the three files, the figure last. Each appears complete or not at all, also if the run is interrupted.

    Args:
        output_dir: folder of the files; it is made if it does not exist.
        rows: the trained models; fine-tuning usually comes first.
        metric: `f1` or `accuracy`.
        unit_name: what `labeled` and `unlabeled` count, `sentences` or `images`.
        context: what all rows have in common, such as `data`, `model`, `split_hash` and `labels`; and `selection`
            if a checkpoint was chosen by its score.
        histories: `state.log_history` of each run, by the name of the run in the learning curves.

    Raises:
        ValueError: `rows` is empty.
    """
    files = ReportFiles.in_folder(Path(output_dir))
    figures = {run: found for run, history in histories.items() if (found := health(history, metric))}
    write_results(output_dir, rows, metric=metric, context=context, figures=figures)
    with replacing(files.table) as path:
        path.write_text(_markdown(rows, metric, unit_name, context, files.curve.name, figures), encoding="utf-8")
    with replacing(files.curve) as path:
        draw_curves(histories, path, metric=metric)
    return files


def write_results(
    output_dir: str | Path, rows: Sequence[Row], *, metric: str, context: dict, figures: dict | None = None
) -> Path:
    """Write results.json alone, which a run does before it scores a row.

    Args:
        output_dir: folder of the file; it is made if it does not exist.
        rows: the trained models so far.
        metric: `f1` or `accuracy`.
        context: what all rows have in common.
        figures: of health, by the name of the run.

    Raises:
        ValueError: `rows` is empty.
    """
    if not rows:
        raise ValueError("A report needs at least one row, and `rows` is empty; add the row of a trained model.")
    folder = Path(output_dir)
    folder.mkdir(parents=True, exist_ok=True)
    results = {**context, "metric": metric, "rows": [_entry(row, metric) for row in rows]}
    results |= {"health": figures} if figures else {}
    with replacing(ReportFiles.in_folder(folder).results) as path:
        path.write_text(json.dumps(plain(results), indent=2, allow_nan=False) + "\n", encoding="utf-8")
    return ReportFiles.in_folder(folder).results


def _entry(row: Row, metric: str) -> dict:
    return {
        "method": row.method,
        "preset": row.preset,
        "labeled": row.labeled,
        "unlabeled": row.unlabeled,
        f"dev_{metric}": row.dev,
        f"test_{metric}": row.test,
        "steps": row.steps,
        "seconds_per_step": row.seconds_per_step,
        "seconds_before": row.seconds_before,
        "seed": row.seed,
        "settings": row.settings,
    }


def plain(value: object) -> object:
    """The value in a form that JSON can hold: null for a number that is not finite, Python's numbers for NumPy's."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value) if math.isfinite(value) else None
    return str(value)


def _health_section(figures: dict[str, dict[str, float]]) -> str:
    """A table with a row per figure and a column per run; empty if no run has figures."""
    if not figures:
        return ""
    order = [title for title in (*HEALTH.values(), BEHIND) if any(title in found for found in figures.values())]
    table = pd.DataFrame(figures).reindex(order).map(lambda value: "-" if math.isnan(value) else f"{value:.2f}")
    text = table.to_markdown(disable_numparse=True, colalign=["left", *["right"] * len(figures)])
    return f"## Health\n\n{health_note(order)}\n\n{text}\n\n"


def _markdown(
    rows: Sequence[Row],
    metric: str,
    unit_name: str,
    context: dict,
    curve: str,
    figures: dict[str, dict[str, float]],
) -> str:
    methods = ", ".join(dict.fromkeys(f"`{row.method}`" for row in rows))
    labeled = ", ".join(f"{count:,}" for count in dict.fromkeys(row.labeled for row in rows))
    facts = {key.replace("_", " "): value for key, value in context.items() if key != DECODINGS}
    settings = {
        f"`{row.method}`{f' ({row.preset})' if row.preset else ''}, seed {row.seed}": in_words(row.settings)
        for row in rows
        if row.settings
    }
    return f"""# Results

{metric_name(metric)} of {methods} trained on {labeled} labelled {unit_name}.

{with_decodings(markdown_table(rows, metric, unit_name), context.get(DECODINGS, {}), metric)}

{bullets({"selection": SELECTION, **facts})}

Settings:

{bullets(settings) or "- none"}

{_health_section(figures)}![Loss terms, dev score and pseudo-labels over optimizer steps]({curve})
"""
