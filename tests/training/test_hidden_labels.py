"""Labels of the unlabelled set are spoken of where they are real, and not where they are placeholders."""

from typing import Any

import datasets
import pytest
import tiny

from hf_selftuning import encode_words
from hf_selftuning.training.hidden_labels import report_hidden_labels

WORDS = datasets.Dataset.from_dict({"tokens": [["w7", "w8"], ["w9"]], "ner_tags": [[0, 2], [1]]})


def encoded(**given: Any) -> datasets.Dataset:
    return encode_words(WORDS, tiny.tokenizer(), max_length=8, **given)


@pytest.mark.parametrize(
    ("dataset", "column"),
    [
        (WORDS, "ner_tags"),
        (encoded(), "labels"),
        (WORDS.to_iterable_dataset(), "ner_tags"),
        (datasets.Dataset.from_dict({"tokens": [["a"]], "tags": [["B-PER"]]}), "tags"),
        (datasets.Dataset.from_dict({"image": ["a.png", "b.png"], "label": [0, 3]}), "label"),
        (datasets.Dataset.from_dict({"image": ["a.png"], "label": ["wren"]}).with_transform(lambda _: 1 / 0), "label"),
        (datasets.Dataset.from_dict({"text": ["a"], "label": [[{"start": 0, "end": 1}]]}), "label"),
    ],
)
def test_real_labels_are_spoken_of_by_the_users_own_column(dataset: Any, column: str, caplog) -> None:
    report_hidden_labels(dataset)
    (said,) = [record.message for record in caplog.records]
    assert said.startswith(f"The column '{column}' of the unlabelled set is hidden before any loss sees it")


@pytest.mark.parametrize(
    "dataset",
    [
        None,
        encoded(tags=None),
        WORDS.remove_columns("ner_tags"),
        datasets.Dataset.from_dict({"image": ["a.png", "b.png"], "label": [None, None]}),
        datasets.Dataset.from_dict({"image": ["a.png", "b.png"], "label": [-1, -1]}),
        tiny.images(3, 0),
    ],
)
def test_placeholders_are_not(dataset: Any, caplog) -> None:
    report_hidden_labels(dataset)
    assert not caplog.records
