"""The metrics that ship in the package are modules of `evaluate`, and agree with the counts behind the tables."""

from pathlib import Path

import evaluate
import numpy as np
import pytest
from seqeval.metrics import f1_score

from hf_selftuning import metrics
from hf_selftuning.metrics import class_counts, entity_counts, score_of
from hf_selftuning.metrics.metric_modules import OWN, Metric, load_metrics

FOLDER = Path(metrics.__file__).parent
NAMES = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


def tags(generator: np.random.Generator, lengths: list[int]) -> list[list[str]]:
    return [[NAMES[place] for place in generator.integers(len(NAMES), size=length)] for length in lengths]


@pytest.mark.parametrize("path", ["entity_f1", "entity_f1/entity_f1.py"])
def test_entity_f1_loads_by_its_path_and_agrees_with_the_counts(path: str) -> None:
    generator = np.random.default_rng(0)
    lengths = generator.integers(0, 12, size=60).tolist()
    predicted, expected = tags(generator, lengths), tags(generator, lengths)
    module = evaluate.load(str(FOLDER / path))
    found = module.compute(predictions=predicted, references=expected)
    assert found["f1"] == pytest.approx(float(score_of(entity_counts(predicted, expected))))
    assert found["f1"] == f1_score(expected, predicted)
    assert found.keys() == {"precision", "recall", "f1", "accuracy"}
    assert found == OWN["entity_f1"](keep_in_memory=True).compute(predictions=predicted, references=expected)


def test_accuracy_loads_by_its_path_and_agrees_with_the_counts() -> None:
    generator = np.random.default_rng(0)
    predicted, expected = generator.integers(4, size=(2, 200))
    found = evaluate.load(str(FOLDER / "accuracy")).compute(predictions=predicted, references=expected)
    assert found["accuracy"] == float(score_of(class_counts(predicted, expected)))
    assert evaluate.load(str(FOLDER / "accuracy")).compute(predictions=[0, 1], references=[0, 1])["f1"] == 1.0


class Broken:
    def compute(self, **given: object) -> object:
        return given["predictions"][0]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({}, "gave no finite number"),
        ({"bad": float("nan")}, "gave no finite number"),
        ("text", "The metric own failed"),
    ],
)
def test_a_metric_that_gives_no_number_is_named(answer: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Metric("own", Broken()).scores([answer], [0])


def test_a_name_that_is_taken_is_refused() -> None:
    with pytest.raises(ValueError, match="The name of the metric accuracy is taken"):
        load_metrics(["accuracy", "accuracy"])
