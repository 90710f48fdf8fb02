"""The files of a comparison: table.md, .csv, .json, .tex, and figures."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..files import replacing
from ..report.results import plain
from .cells import Result
from .comparison_tables import latex, legal_markdown, markdown, tidy
from .figures import draw_all
from .label_worth import findings
from .sentences import gated, selection_sentence, worth_sentences
from .summary import summarise


def write_comparison(
    root: Path,
    results: Sequence[Result],
    *,
    metric: str,
    unit_name: str,
    context: dict[str, Any],
    selected_by: str | None = None,
    failed: Sequence[str] = (),
) -> str:
    """Write tables and figures. Each file is replaced as a whole, so that several processes can write the same files.

    Args:
        root: the comparison's folder.
        results: the finished cells, one or more.
        metric: `f1` or `accuracy`.
        unit_name: `sentences` or `images`.
        context: facts that all cells share.
        selected_by: the score on held-out labels that chose checkpoints; None if the last step is scored.
        failed: a sentence for each cell that could not be trained.

    Returns:
        the text of table.md.
    """
    lines, found = summarise(results), findings(results)
    said = worth_sentences(found, metric=metric, unit_name=unit_name)
    selection = selection_sentence(lines, selected_by, gated=gated(results))
    facts = {**context, "selection": selection, **({"failed": "; ".join(failed)} if failed else {})}
    tables = markdown(lines, metric=metric, unit_name=unit_name)
    legal = legal_markdown(results, metric=metric, unit_name=unit_name)
    tables += f"\n\n{legal}" if legal else ""
    text = _text(tables, facts, said, figures=draw_all(root, lines, results, metric=metric, unit_name=unit_name))
    table = {
        **facts, "metric": metric, "lines": tidy(lines).to_dict("records"), "worth": found.in_words(), "said": said,
    }  # fmt: skip
    files = {
        "table.md": text + "\n",
        "table.csv": tidy(lines).to_csv(index=False),
        "table.json": json.dumps(plain(table), indent=2, allow_nan=False) + "\n",
        "table.tex": latex(lines, metric=metric, unit_name=unit_name),
    }
    for name, content in files.items():
        with replacing(root / name) as path:
            path.write_text(content, encoding="utf-8")
    return text


def _text(tables: str, facts: Mapping[str, Any], said: Sequence[str], *, figures: Sequence[str]) -> str:
    """The text of table.md."""
    parts = [
        "# Comparison",
        tables,
        "\n".join(f"- {name.replace('_', ' ')}: {fact}" for name, fact in facts.items()),
        "## What the unlabelled data was worth",
        "\n".join(f"- {sentence}" for sentence in said),
        *(f"![{name.removesuffix('.png').replace('_', ' ')}]({name})" for name in figures),
    ]
    return "\n\n".join(parts)
