"""The metadata of a model card, by which the Hub finds and compares models."""

import math

from huggingface_hub import EvalResult, ModelCardData

from .card_facts import About, Facts
from .tables import metric_name


def add_metadata(facts: Facts, data: ModelCardData) -> None:
    """Add scores, dataset and pipeline to the metadata that transformers made.

    Args:
        facts: what the card says.
        data: the metadata, changed in place.
    """
    add_scores(facts.about, data, name=facts.name, pipeline=facts.pipeline)
    if facts.about.dataset_id:
        data.datasets = [facts.about.dataset_id]
    if facts.pipeline:
        data.pipeline_tag = facts.pipeline


def add_scores(about: About, data: ModelCardData, *, name: str, pipeline: str | None) -> None:
    """Add the scores of the last row.

    Args:
        about: the rows, and the data set that they were scored on.
        data: the metadata, changed in place.
        name: of the model.
        pipeline: of transformers, such as `token-classification`.
    """
    data.eval_results = eval_results(about, pipeline) or data.eval_results or None
    data.model_name = name if data.eval_results else None  # huggingface_hub needs it for eval_results
    if any(row.dev is not None or row.test is not None for row in about.rows):
        data.metrics = [about.metric]


def eval_results(about: About, pipeline: str | None) -> list[EvalResult]:
    """Scores of this model on dev and test, for the metadata.

    The Hub shows them beside those of other models, so only scores on parts of a dataset on the Hub are given.
    """
    if not (about.rows and about.dataset_id and pipeline):
        return []
    row = about.rows[-1]
    return [
        EvalResult(
            task_type=pipeline,
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
