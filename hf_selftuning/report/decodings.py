"""The scores of a tagger by each decoding, for the model card and for results.md."""

from collections.abc import Mapping

import pandas as pd

from .tables import metric_name, percent

DECODINGS = "decodings"
"""The entry of results.json that holds the score of each row and part by every decoding."""
MEANINGS = {
    "argmax": "the most probable tag of each word, which the pipeline gives",
    "legal": "the most probable sequence of tags that the scheme allows, which "
    "`hf-selftuning predict --decoding legal` gives",
}

Scores = Mapping[str, Mapping[str, float]]
"""Scores as fractions by part, `dev` or `test`, and then by decoding; the one of the row's table comes first."""


def decodings_sentence(decodings: Scores, metric: str) -> str:
    """What the card says below its table: whose scores the table holds, and the scores by the other decoding."""
    if not decodings:
        return ""
    own, *others = next(iter(decodings.values()))
    text = f"The table shows the scores of {own} decoding: {MEANINGS[own]}."
    for name in others:
        scores = " and ".join(f"{percent(found[name])} % on {part}" for part, found in decodings.items())
        text += f" With {name} decoding, {MEANINGS[name]}, {metric_name(metric)} is {scores}."
    return text


def decodings_table(decodings: Mapping[str, Scores], metric: str) -> str:
    """The scores of all rows by decoding as a Markdown table; empty where there is one answer to each example.

    Args:
        decodings: the scores of each row by its name.
        metric: `f1` or `accuracy`.
    """
    rows = [
        {"row": f"`{row}`", "part": part, **{f"{name} decoding": percent(score) for name, score in scores.items()}}
        for row, parts in decodings.items()
        for part, scores in parts.items()
    ]
    if not rows:
        return ""
    align = ["left", "left", *["right"] * (len(rows[0]) - 2)]
    table = pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True, colalign=align)
    return f"{metric_name(metric)} (%) by decoding:\n\n{table}"


def with_decodings(table: str, decodings: Mapping[str, Scores], metric: str) -> str:
    """The table of rows as results.md shows it: with the scores by decoding below, if there are any."""
    return "\n\n".join(filter(None, [table, decodings_table(decodings, metric)]))
