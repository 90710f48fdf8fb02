"""The model card, filled into the template `card_template.md`."""

import inspect
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from huggingface_hub import ModelCard, ModelCardData

from ..core.method import Method
from ..monitoring.log_history import ON_DEV, PSEUDO_LABELS, health, health_note
from .card_facts import About, Facts
from .card_metadata import add_metadata
from .decodings import decodings_sentence
from .row import Row, baseline_of
from .tables import bullets, markdown_table, metric_name, percent, seconds

TEMPLATE = Path(__file__).with_name("card_template.md")
WORDS_USE = """words = ["Angela", "Merkel", "visited", "Siemens", "in", "Munich", "."]
[pieces] = ask([words], is_split_into_words=True, ignore_labels=[])
start = 0
for word in words:  # the first piece of a word has its tag
    end = start + len(word)
    print(word, next((piece["entity"] for piece in pieces if start <= piece["start"] < end), "O"))
    start = end + 1"""
WORDS_NOTE = (
    "Given words, the pipeline gives the tags that were scored. It splits running text in another way, so its tags "
    "differ at words such as `U.S.` or `3.5`. `hf-selftuning predict` splits running text as in training, and reads "
    "longer sentences in windows that overlap."
)
GREY_NOTE = (
    "The network reads grey images, and no image processor of transformers makes them. This folder holds one, in "
    "`one_channel_processor.py`, and `trust_remote_code=True` lets the pipeline run it. `hf-selftuning predict` runs "
    "no code from this folder."
)
TEXTS_NOTE = (
    'The pipeline gives the classes that were scored. A pair of texts is given as `{"text": ..., "text_pair": ...}`.'
)
USES = {
    "token-classification": {"code": WORDS_USE, "note": WORDS_NOTE},
    "text-classification": {"code": 'print(ask("Where is my card?", truncation=True))', "note": TEXTS_NOTE},
    "image-classification": {"code": 'print(ask("picture.png"))', "note": ""},
}


def model_card(facts: Facts, data: ModelCardData) -> ModelCard:
    """The card of a model.

    Args:
        facts: what the card says.
        data: metadata of the card that transformers made; scores, dataset and pipeline are added to it.
    """
    add_metadata(facts, data)
    return ModelCard.from_template(data, template_path=str(TEMPLATE), **_variables(facts))


def settings(method: Method) -> dict[str, Any]:
    """The settings of a method by name. A path is cut to its last part, so that no card shows a user's folders."""
    return {f"`{name}`": _without_path(value) for name, value in method.recorded_settings().items()}


def citation(method: Method) -> str:
    """The first line of the method's module if it names the paper, else the method's title and link."""
    module = inspect.getmodule(type(method))
    line = ((module.__doc__ if module else None) or "").strip().partition("\n")[0]
    return line if method.paper in line else f"{method.title}, {method.paper}"


def _variables(facts: Facts) -> dict[str, Any]:
    """The variables of the template, with the functions that it calls; an empty variable leaves its section out."""
    figures = health(facts.history, facts.about.metric) if facts.methods else {}
    return {
        "facts": facts,
        "bullets": bullets,
        "settings": settings,
        "citation": citation,
        "base": f"[{facts.base_model}](https://huggingface.co/{facts.base_model})" if facts.base_model else "",
        "task": (facts.pipeline or "classification").replace("-", " "),
        "titles": "" if facts.unused else " and ".join(method.title for method in facts.methods),
        "labeled": f"{facts.labeled:,}",
        "unlabeled": "0" if facts.unused else _number(facts.unlabeled),
        "scores": _scores(facts),
        "further_scores": further_section(facts.about.scores),
        "use": USES.get(facts.pipeline or "", {}) | ({"note": GREY_NOTE} if facts.in_grey else {}),
        "data": _data(facts),
        "pseudo_labels": _pseudo_labels(facts),
        "health": {title: f"{value:.2f}" for title, value in figures.items()},
        "health_note": health_note(figures),
        "cost": _cost(facts),
    }


def further_section(scores: Mapping[str, Mapping[str, float]]) -> str:
    """The scores of further metrics, such as `test rouge1: 0.4312`, as they follow the table; "" without any."""
    named = {f"{part} {name}": f"{value:.4f}" for part, found in scores.items() for name, value in found.items()}
    return f"\n\nFurther metrics:\n\n{bullets(named)}" if named else ""


def scores_section(about: About) -> str:
    """The table of all rows, and the difference to fine-tuning; `evaluate` finds it in the card and renews it."""
    table = markdown_table(about.rows, about.metric, about.unit_name)
    table = "\n\n".join(filter(None, [table, decodings_sentence(about.decodings, about.metric)]))
    base = baseline_of(about.rows[-1], about.rows)
    if base is None or about.rows[-1].test is None or base.test is None:
        return table
    points = 100 * (about.rows[-1].test - base.test)
    return (
        f"{table}\n\nThe difference to fine-tuning is {points:+.2f} points of test {metric_name(about.metric)} "
        f"(fine-tuning: {percent(base.test)}), with {_in_common(about.rows[-1], base)}. One seed does not show how "
        "much scores differ between seeds."
    )


def _in_common(row: Row, base: Row) -> str:
    """What a row and fine-tuning share; stages of a row may take more steps than it."""
    if row.steps == base.steps:
        return f"the same labels, the same number of steps and the same seed ({row.seed})"
    return (
        f"the same labels and the same seed ({row.seed}), but with {row.steps:,} steps where fine-tuning took "
        f"{base.steps:,}"
    )


def _scores(facts: Facts) -> str:
    """The table of all rows; without rows, the scores of the last evaluation."""
    if facts.about.rows:
        return scores_section(facts.about)
    last: dict[str, Any] = next((line for line in reversed(facts.history) if "eval_loss" in line), {})
    scores = {
        name.removeprefix("eval_").replace("_", " "): f"{value:.4f}"
        for name, value in last.items()
        if name.startswith("eval_") and isinstance(value, float) and not name.endswith(("runtime", "per_second"))
        if name not in ON_DEV
    }
    return bullets({"evaluation after step": last["step"], **scores}) if last else ""


def _data(facts: Facts) -> dict[str, str]:
    about = facts.about
    known = {
        "data": about.data,
        "labelled": f"{facts.labeled:,} {about.unit_name}" + (f" ({about.budget})" if about.budget else ""),
        "unlabelled": f"{_number(facts.unlabeled)} {about.unit_name}" + (", none used" if facts.unused else ""),
        "split hash": about.split_hash and f"`{about.split_hash}`",
        "classes": _few(facts.classes),
    }
    return {name: value for name, value in known.items() if value}


def _pseudo_labels(facts: Facts) -> dict[str, str]:
    """The last logged coverage and accuracy in training."""
    last = {
        title: next((line[name] for line in reversed(facts.history) if name in line), None)
        for name, title in PSEUDO_LABELS.items()
    }
    known = {title: f"{percent(value)} %" for title, value in last.items() if value is not None}
    return known if facts.methods else {}


def _cost(facts: Facts) -> dict[str, str]:
    ended = next((line for line in reversed(facts.history) if "train_runtime" in line), None)
    if ended is None:
        return {}
    runtime, steps = ended["train_runtime"], ended["step"]
    # Trainer measures its runtime from where it began or went on.
    per_step = seconds(runtime / max(steps - facts.resumed_at, 1))
    since = f", from step {facts.resumed_at:,} on, where it was resumed" if facts.resumed_at else ""
    return {
        "steps": f"{steps:,}",
        "time": f"{runtime / 60:.1f} minutes, {per_step} s per step, with evaluation{since}",
        "device": facts.device,
    }


def _number(count: int | None) -> str:
    return "streamed" if count is None else f"{count:,}"


def _few(names: Sequence[str], shown: int = 20) -> str:
    return ", ".join(names[:shown]) + (f" and {len(names) - shown} more" if len(names) > shown else "")


def _without_path(value: Any) -> Any:
    """The last part of a path; any other value unchanged."""
    is_path = isinstance(value, os.PathLike) or (isinstance(value, str) and bool(value) and _is_local(Path(value)))
    return Path(value).name if is_path else value


def _is_local(path: Path) -> bool:
    return path.is_absolute() or path.exists()
