"""The metadata of a model card, by which the Hub finds and compares models."""

import math

from huggingface_hub import EvalResult, ModelCardData

from .card_facts import Facts
from .tables import metric_name


def add_metadata(facts: Facts, data: ModelCardData) -> None:
    """Add scores, dataset and pipeline to the metadata that transformers made.

    Args:
        facts: what the card says.
        data: the metadata, changed in place.
    """
    data.eval_results = eval_results(facts) or data.eval_results or None
    data.model_name = facts.name if data.eval_results else None  # huggingface_hub needs it for eval_results
    if facts.about.dataset_id:
        data.datasets = [facts.about.dataset_id]
    if any(row.dev is not None or row.test is not None for row in facts.about.rows):
        data.metrics = [facts.about.metric]
    if facts.pipeline:
        data.pipeline_tag = facts.pipeline


def eval_results(facts: Facts) -> list[EvalResult]:
    """Scores of this model on dev and test, for the metadata.

    The Hub shows them beside those of other models, so only scores on parts of a dataset on the Hub are given.
    """
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
