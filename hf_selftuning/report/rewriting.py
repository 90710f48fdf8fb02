"""A score that comes after the report: it is entered into results.json, results.md and the model card."""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from huggingface_hub import ModelCard

from ..files import replacing
from .card import scores_section
from .card_facts import About
from .card_metadata import add_scores
from .results import ReportFiles, plain
from .row import Row
from .tables import bullets, markdown_table

NOT_SCORED = "not_scored"
"""The entry of results.json that holds the parts of each row that could not be scored."""


def rows_without_score(folder: Path, part: str) -> tuple[list[str], str]:
    """The names of the rows of a run that could not be scored on a part, and the name of its last row.

    Raises:
        ValueError: the run has no results.
    """
    results = _read(folder)
    failed = results.get(NOT_SCORED, {})
    return [row for row, parts in failed.items() if part in parts], results["rows"][-1]["method"]


def enter_score(folder: Path, row: str, part: str, score: float, about: About) -> None:
    """Enter the score of a row into the files of a run.

    Args:
        folder: of the run.
        row: name of the row.
        part: `test` or `dev`.
        score: as a fraction.
        about: metric, unit and data of the run; it needs no rows.
    """
    results, files = _read(folder), ReportFiles.in_folder(folder)
    before, failed = _rows(results), results.pop(NOT_SCORED, {})
    for entry in results["rows"]:
        if entry["method"] == row:
            entry[f"{part}_{about.metric}"] = score
    left = {name: [one for one in parts if (name, one) != (row, part)] for name, parts in failed.items()}
    left = {name: parts for name, parts in left.items() if parts}
    after = _rows(results)
    kept = {NOT_SCORED: left} if left else {}
    _write(files.results, json.dumps(plain({**kept, **results}), indent=2, allow_nan=False) + "\n")
    tables = [markdown_table(rows, about.metric, about.unit_name) for rows in (before, after)]
    _replace(files.table, {tables[0]: tables[1], _bullet(failed): _bullet(left)})
    _rewrite_card(folder, replace(about, rows=before), replace(about, rows=after))


def _rewrite_card(folder: Path, before: About, after: About) -> None:
    """The card with the new table, and the new scores in its metadata."""
    path = folder / "model" / "README.md"
    if not path.is_file():
        return
    _replace(path, {scores_section(before): scores_section(after)})
    card = ModelCard.load(path)
    add_scores(after, card.data, name=folder.name, pipeline=card.data.pipeline_tag)
    card.save(path)


def _bullet(failed: Mapping[str, Any]) -> str:
    return bullets({NOT_SCORED.replace("_", " "): failed}) + "\n" if failed else ""


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
