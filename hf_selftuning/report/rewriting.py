"""A score that comes after the report: it is entered into results.json, results.md and the model card."""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from huggingface_hub import ModelCard

from ..files import replacing
from .card import further_section, scores_section
from .card_facts import About
from .card_metadata import add_scores
from .decodings import DECODINGS, with_decodings
from .results import ReportFiles, plain
from .row import Row
from .tables import bullets, markdown_table

NOT_SCORED = "not_scored"
"""The entry of results.json that holds the parts of each row that could not be scored."""

FURTHER = "further_scores"
"""The entry of results.json that holds the scores of further metrics by row, part and name."""

SETTINGS = "\nSettings:\n"
"""What follows the list in results.md."""


def rows_without_score(folder: Path, part: str) -> tuple[list[str], str]:
    """The names of the rows of a run that could not be scored on a part, and the name of its last row.

    Raises:
        ValueError: the run has no results.
    """
    results = _read(folder)
    failed = results.get(NOT_SCORED, {})
    return [row for row, parts in failed.items() if part in parts], results["rows"][-1]["method"]


def enter_score(
    folder: Path,
    row: str,
    part: str,
    score: float,
    about: About,
    further: Mapping[str, float] | None = None,
    *,
    decodings: Mapping[str, float] | None = None,
) -> None:
    """Enter the scores of a row into the files of a run.

    Args:
        folder: of the run.
        row: name of the row.
        part: `test` or `dev`.
        score: as a fraction.
        about: metric, unit and data of the run; it needs no rows.
        further: scores of further metrics by name, which join those that the run has.
        decodings: the score by each decoding, as fractions; None where there is one answer to each example.
    """
    results, files = _read(folder), ReportFiles.in_folder(folder)
    before, failed = _rows(results), results.pop(NOT_SCORED, {})
    old, first = results.pop(FURTHER, {}), results.pop(DECODINGS, {})
    more, then = _joined(old, row, part, further or {}), _joined(first, row, part, decodings or {})
    for entry in results["rows"]:
        if entry["method"] == row:
            entry[f"{part}_{about.metric}"] = score
    left = {name: [one for one in parts if (name, one) != (row, part)] for name, parts in failed.items()}
    left = {name: parts for name, parts in left.items() if parts}
    after = _rows(results)
    kept = {name: value for name, value in ((FURTHER, more), (DECODINGS, then), (NOT_SCORED, left)) if value}
    _write(files.results, json.dumps(plain({**kept, **results}), indent=2, allow_nan=False) + "\n")
    tables = [
        with_decodings(markdown_table(rows, about.metric, about.unit_name), found, about.metric)
        for rows, found in ((before, first), (after, then))
    ]
    _replace(files.table, {tables[0]: tables[1], _bullet(NOT_SCORED, failed): _bullet(NOT_SCORED, left)})
    if further:
        known = _bullet(FURTHER, old) or SETTINGS
        _replace(files.table, {known: _bullet(FURTHER, more) + ("" if old else SETTINGS)})
    last = results["rows"][-1]["method"]
    _rewrite_card(
        folder,
        replace(about, rows=before, scores=old.get(last, {}), decodings=first.get(last, {})),
        replace(about, rows=after, scores=more.get(last, {}), decodings=then.get(last, {})),
    )


def _rewrite_card(folder: Path, before: About, after: About) -> None:
    """The card with the new table, and the new scores in its metadata."""
    path = folder / "model" / "README.md"
    if not path.is_file():
        return
    sections = [scores_section(about) + further_section(about.scores) for about in (before, after)]
    _replace(path, dict([sections]))
    card = ModelCard.load(path)
    add_scores(after, card.data, name=folder.name, pipeline=card.data.pipeline_tag)
    card.save(path)


def _joined(old: Mapping[str, Any], row: str, part: str, further: Mapping[str, float]) -> dict[str, Any]:
    """All further scores by row, part and name."""
    if not further:
        return dict(old)
    of_row = old.get(row, {})
    return {**old, row: {**of_row, part: {**of_row.get(part, {}), **further}}}


def _bullet(name: str, value: Mapping[str, Any]) -> str:
    return bullets({name.replace("_", " "): value}) + "\n" if value else ""


def _read(folder: Path) -> dict[str, Any]:
    path = ReportFiles.in_folder(folder).results
    if not path.is_file():
        raise ValueError(f"{path} does not exist, so the run has trained no model; start it again.")
    return json.loads(path.read_text(encoding="utf-8"))


def _rows(results: Mapping[str, Any]) -> list[Row]:
    metric = results["metric"]
    return [
        Row(
            method=entry["method"],
            preset=entry["preset"],
            labeled=entry["labeled"],
            unlabeled=entry["unlabeled"],
            dev=entry[f"dev_{metric}"],
            test=entry[f"test_{metric}"],
            steps=entry["steps"],
            seconds_per_step=math.nan if entry["seconds_per_step"] is None else entry["seconds_per_step"],
            seed=entry["seed"],
            settings=entry["settings"],
            seconds_before=entry.get("seconds_before", 0.0),
        )
        for entry in results["rows"]
    ]


def _replace(path: Path, changes: Mapping[str, str]) -> None:
    """Exchange texts in a file; one that the user has changed by hand is not there, and stays as it is."""
    if not path.is_file():
        return
    text = path.read_text(encoding="utf-8")
    for before, after in changes.items():
        text = text.replace(before, after) if before else text
    _write(path, text)


def _write(path: Path, text: str) -> None:
    with replacing(path) as draft:
        draft.write_text(text, encoding="utf-8")
