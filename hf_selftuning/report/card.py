"""The model card: what helps a reader to decide whether this model is for them."""

import inspect
import math
from collections.abc import Mapping, Sequence
from typing import Any

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from ..core.method import Method
from ..monitoring.log_history import PSEUDO_LABELS, health, health_note
from .card_facts import Facts
from .tables import Row, baseline_of, markdown_table, metric_name, percent, seconds

LOADING = {
    "token-classification": ('aggregation_strategy="first"', '"Angela Merkel visited Siemens in Munich."'),
    "image-classification": ("", '"picture.png"'),
}


def model_card(facts: Facts, data: ModelCardData) -> ModelCard:
    """The card, with the metadata that transformers made and the scores of the rows.

    Args:
        data: the metadata as transformers' own card has it.
    """
    data.eval_results = eval_results(facts) or data.eval_results or None
    data.model_name = facts.name if data.eval_results else None  # it names the index
    if facts.about.dataset_id:
        data.datasets = [facts.about.dataset_id]
    if any(row.dev is not None or row.test is not None for row in facts.about.rows):
        data.metrics = [facts.about.metric]
    if facts.pipeline:
        data.pipeline_tag = facts.pipeline
    return ModelCard(f"---\n{data.to_yaml()}\n---\n\n{body(facts)}")


def eval_results(facts: Facts) -> list[EvalResult]:
    """Scores of this model on dev and test; only of data and parts that the Hub knows, as its index wants."""
    about = facts.about
    if not (about.rows and about.dataset_id and facts.pipeline):
        return []
    row = about.rows[-1]
    return [
        EvalResult(
            task_type=facts.pipeline,
            dataset_type=about.dataset_id,
            dataset_name=about.data or about.dataset_id,
            dataset_split=about.splits[part],
            metric_type=about.metric,
            metric_name=metric_name(about.metric),
            metric_value=score,
        )
        for part, score in (("dev", row.dev), ("test", row.test))
        if part in about.splits and score is not None and math.isfinite(score)
    ]


def body(facts: Facts) -> str:
    """The text, a section a question."""
    sections = {
        "Scores": _scores(facts),
        "Use": _use(facts),
        "Data and labels": _data(facts),
        "Methods": _methods(facts.methods),
        "Pseudo-labels": _pseudo_labels(facts),
        "Health": _health(facts),
        "Cost": _cost(facts),
        "Training": _bullets(facts.training),
        "Citation": "\n".join(f"- {citation(method)}" for method in facts.methods),
    }
    written = [f"## {title}\n\n{text}" for title, text in sections.items() if text]
    return "\n\n".join([f"# {facts.name}", _summary(facts), *written]) + "\n"


def citation(method: Method) -> str:
    """The first line of the method's file, which names its paper, or its title and link."""
    module = inspect.getmodule(type(method))
    line = ((module.__doc__ if module else None) or "").strip().partition("\n")[0]
    return line if method.paper in line else f"{method.title}, {method.paper}"


def _summary(facts: Facts) -> str:
    base = f"[{facts.base_model}](https://huggingface.co/{facts.base_model})" if facts.base_model else "A model"
    titles = " and ".join(method.title for method in facts.methods) or "fine-tuning"
    task = (facts.pipeline or "classification").replace("-", " ")
    counts = f"{facts.labeled:,} labelled and {_number(facts.unlabeled)} unlabelled {facts.about.unit_name}"
    return f"{base} trained for {task} by {titles} on {counts}."


def _scores(facts: Facts) -> str:
    about = facts.about
    if about.rows:
        gain = _gain(about.rows, about.metric)
        return markdown_table(about.rows, about.metric, about.unit_name) + (f"\n\n{gain}" if gain else "")
    last: dict[str, Any] = next((line for line in reversed(facts.history) if "eval_loss" in line), {})
    skipped = ("runtime", "per_second")
    scores = {
        name.removeprefix("eval_").replace("_", " "): f"{value:.4f}"
        for name, value in last.items()
        if name.startswith("eval_") and isinstance(value, float) and not name.endswith(skipped)
    }
    return _bullets({"evaluation set, step": last["step"], **scores}) if last else ""


def _gain(rows: Sequence[Row], metric: str) -> str:
    """A sentence on this model and fine-tuning with the same labels and seed."""
    row = rows[-1]
    base = baseline_of(row, rows)
    if base is None or row.test is None or base.test is None:
        return ""
    points = 100 * (row.test - base.test)
    return (
        f"That is {points:+.2f} points of test {metric_name(metric)} against fine-tuning ({percent(base.test)}) on "
        f"the same labels, for as many steps, with one seed ({row.seed}); its spread over seeds is not known here."
    )


def _use(facts: Facts) -> str:
    if facts.pipeline not in LOADING:
        return ""
    option, example = LOADING[facts.pipeline]
    arguments = ", ".join(filter(None, [f'"{facts.pipeline}"', f'"{facts.repository}"', option]))
    return f"```python\nfrom transformers import pipeline\n\nask = pipeline({arguments})\nprint(ask({example}))\n```"


def _data(facts: Facts) -> str:
    about = facts.about
    known = {
        "data": about.data,
        "labels on": f"{facts.labeled:,} {about.unit_name}" + (f" ({about.budget})" if about.budget else ""),
        "without labels": f"{_number(facts.unlabeled)} {about.unit_name}",
        "split hash": about.split_hash and f"`{about.split_hash}`",
        "classes": _few(facts.classes),
    }
    return _bullets({name: value for name, value in known.items() if value})


def _number(count: int | None) -> str:
    return "streamed" if count is None else f"{count:,}"


def _few(names: Sequence[str], shown: int = 20) -> str:
    return ", ".join(names[:shown]) + (f" and {len(names) - shown} more" if len(names) > shown else "")


def _methods(methods: Sequence[Method]) -> str:
    return "\n\n".join(
        f"{method.title} ({method.paper}):\n\n{_bullets({f'`{k}`': v for k, v in method.settings().items()})}"
        for method in methods
    )


def _pseudo_labels(facts: Facts) -> str:
    if not facts.methods:
        return ""
    last = {
        title: next((line[name] for line in reversed(facts.history) if name in line), None)
        for name, title in PSEUDO_LABELS.items()
    }
    known = {title: f"{percent(value)} %" for title, value in last.items() if value is not None}
    if not known:
        return ""
    text = _bullets(known)
    note = "Accuracy is measured against true labels that training never read."
    if "accuracy" not in known:
        note = "The unlabelled examples have no true labels here, so the accuracy of the pseudo-labels is not known."
    return f"Where training ended:\n\n{text}\n\n{note}"


def _health(facts: Facts) -> str:
    """Figures on dev and of the last steps; of fine-tuning none."""
    figures = health(facts.history, facts.about.metric)
    if not (facts.methods and figures):
        return ""
    return f"{health_note(figures)}\n\n{_bullets({title: f'{value:.2f}' for title, value in figures.items()})}"


def _cost(facts: Facts) -> str:
    ended = next((line for line in reversed(facts.history) if "train_runtime" in line), None)
    if ended is None:
        return ""
    runtime, steps = ended["train_runtime"], ended["step"]
    return _bullets(
        {
            "steps": f"{steps:,}",
            "time": f"{runtime / 60:.1f} minutes, {seconds(runtime / max(steps, 1))} s a step, evaluation included",
            "on": facts.device,
        }
    )


def _bullets(facts: Mapping[str, Any]) -> str:
    return "\n".join(f"- {name}: {value}" for name, value in facts.items())
