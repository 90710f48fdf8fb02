"""The tasks, and which one reads a given model."""

from typing import Any

from ..core.task import Task
from .image_classification import ImageClassification
from .text_classification import TextClassification
from .token_classification import TokenClassification

TASKS: dict[str, type[Task]] = {
    "ForTokenClassification": TokenClassification,
    "ForSequenceClassification": TextClassification,
    "ForImageClassification": ImageClassification,
}


def task_of(model: Any) -> Task:
    """The task of a transformers model, found by the name of its class, or of a class that it is derived from.

    Raises:
        ValueError: no task reads this kind of model.
    """
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    names = [kind.__name__ for kind in type(base).__mro__]
    for name in names:
        for ending, task in TASKS.items():
            if ending in name:
                return task()
    raise ValueError(
        f"{names[0]} is no AutoModelForTokenClassification, AutoModelForSequenceClassification or "
        "AutoModelForImageClassification; say how it is read with task=, as docs/adding_a_task.md shows."
    )


__all__ = ["TASKS", "ImageClassification", "Task", "TextClassification", "TokenClassification", "task_of"]
