"""Names of classes count as labelled examples where the labels show that they help."""

from pathlib import Path
from typing import Any

import pytest
import tiny
import torch

from hf_selftuning import SelfTuning, TextClassification
from hf_selftuning.data.class_names import names_as_words
from hf_selftuning.modules.name_examples import name_choice

CENTRES = torch.eye(4, 8) * 4


def rows(each: int, noise: float = 2.0) -> tuple[torch.Tensor, torch.Tensor]:
    labels = torch.arange(4).repeat(each)
    return CENTRES[labels] + noise * torch.randn(len(labels), 8, generator=torch.Generator().manual_seed(0)), labels


@pytest.mark.parametrize("each", [1, 6])
def test_names_near_their_classes_count(each: int) -> None:
    found = name_choice(*rows(each), CENTRES, torch.arange(4))
    assert found.used
    assert "names of classes count as labelled examples" in str(found)
    assert (found.shares is None) == (each == 1)


@pytest.mark.parametrize("each", [1, 6])
def test_names_of_other_classes_do_not_count(each: int) -> None:
    found = name_choice(*rows(each, noise=0.5), CENTRES.flip(0), torch.arange(4))
    assert not found.used
    assert f"do not count as labelled examples ({'the nearest' if each == 1 else 'cross-validated'}" in str(found)


def test_the_classes_of_names_may_come_in_any_order() -> None:
    order = torch.tensor([2, 0, 3, 1])
    assert str(name_choice(*rows(6), CENTRES[order], order)) == str(name_choice(*rows(6), CENTRES, torch.arange(4)))


def test_names_are_read_as_words() -> None:
    names = ["card_arrival", "BookFlight", "rec.sport-hockey", "1 star", "NASA", "Rückgabe?"]
    words = ["card arrival", "Book Flight", "rec sport hockey", "1 star", "NASA", "Rückgabe"]
    assert names_as_words(names) == words


@pytest.mark.parametrize("names", [[], ["a", "17"], ["a", "_"], ["LABEL_0", "LABEL_1"]])
def test_names_that_are_only_numbers_are_no_words(names: list[str]) -> None:
    assert names_as_words(names) is None


def named(names: list[str] | None) -> Any:
    model = tiny.text_bert()
    model.config.id2label = dict(enumerate(names or ["LABEL_0", "LABEL_1", "LABEL_2"]))
    return model


def test_an_example_of_a_class_is_its_name() -> None:
    task = TextClassification()
    task.bind(named(["w5_w6", "w7", "w8 w9"]), tiny.tokenizer())
    examples = task.class_examples()
    assert [row["input_ids"] for row in examples] == [[1, 5, 6, 2], [1, 7, 2], [1, 8, 9, 2]]
    assert list(examples["labels"]) == [0, 1, 2]


@pytest.mark.parametrize("names", [None, ["a", "b", "3"]])
def test_names_without_words_are_no_examples(names: list[str] | None) -> None:
    task = TextClassification()
    task.bind(named(names), tiny.tokenizer())
    assert task.class_examples() is None


def test_a_pair_of_texts_is_no_name() -> None:
    task = TextClassification(text_columns=("question1", "question2"))
    task.bind(named(["w5", "w6", "w7"]), tiny.tokenizer())
    assert task.class_examples() is None


def test_a_start_says_whether_names_count_and_depends_on_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    heads = []
    for names in (["w5 w6", "w7", "w8 w9"], ["w15 w16", "w17", "w18 w19"]):
        methods = [SelfTuning(start="propagate", name_examples=True)]
        trainer = tiny.trainer(
            tiny.TEXTS,
            tiny.arguments(tmp_path),
            model=named(names),
            methods=methods,
            processing_class=tiny.tokenizer(),
        )
        trainer.prepare_methods()
        module = trainer.training_module
        heads.append(module.student.get_submodule(module.paths[0]).weight.clone())
        assert " as labelled examples (cross-validated accuracy on the labels: without names" in caplog.text
    used = [" names of classes count" in record.message for record in caplog.records if "propagate" in record.message]
    assert len(used) == 2
    assert torch.equal(*heads) == (not any(used))


def test_names_that_cannot_be_read_are_refused_with_the_way_out(tmp_path: Path) -> None:
    for kind in (tiny.IMAGES, tiny.WORDS):
        methods = [SelfTuning(start="propagate", name_examples=True)]
        trainer = tiny.trainer(kind, tiny.arguments(tmp_path), methods=methods)
        with pytest.raises(ValueError, match="classes as labelled examples, and here are none to read"):
            trainer.prepare_methods()
    with pytest.raises(ValueError, match="gives start=propagate the names of the classes, and start is none"):
        SelfTuning(name_examples=True)
