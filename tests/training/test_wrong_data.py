"""Data that scripts give by mistake: each is refused in a sentence with a way out."""

from pathlib import Path
from typing import Any

import datasets
import pytest
import tiny
from transformers import BertForSequenceClassification

from hf_selftuning import SelfTuningTrainer

TEXTS = {"text": ["w5 w6", "w7 w8 w9"] * 6}
PAIRS = {"premise": ["w5 w6"] * 12, "hypothesis": ["w7"] * 12}
CLASSES = {"label": [0, 1, 2] * 4}
WORDS = {"tokens": [["w5", "w6"], ["w7"]] * 6}


def refused(tmp_path: Path, kind: Any, said: str, **given: Any) -> None:
    args = tiny.arguments(tmp_path, max_steps=3, per_device_train_batch_size=2)
    with pytest.raises(ValueError, match=said):
        tiny.trained(kind, args, **given)


def made(*columns: dict[str, Any]) -> datasets.Dataset:
    return datasets.Dataset.from_dict({name: cells for part in columns for name, cells in part.items()})


@pytest.mark.parametrize("wrong", ["B-PER", None], ids=["a name", "no class"])
@pytest.mark.parametrize("column", ["label", "labels"])
def test_a_label_of_tokenised_texts_that_is_no_index_is_named(tmp_path: Path, wrong: Any, column: str) -> None:
    texts = tiny.texts(12, 0).remove_columns("labels").add_column(column, ["O", "O", "O", wrong] * 3)
    if wrong is None:
        texts = texts.remove_columns(column).add_column(column, [0, 1, 2, None] * 3)
    refused(tmp_path, tiny.TEXTS, rf"An example has {column}=.* in the place of the index", train_dataset=texts)


def test_a_negative_label_is_told_where_examples_without_a_class_belong(tmp_path: Path) -> None:
    texts = tiny.texts(12, 0).remove_columns("labels").add_column("labels", [0, 1, -100] * 4)
    refused(tmp_path, tiny.TEXTS, "A label is -100.* belongs to unlabeled_dataset", train_dataset=texts)


def test_unlabelled_sentences_whose_labels_are_all_ignored_are_refused(tmp_path: Path) -> None:
    pool = tiny.sentences(22, 1).map(lambda row: {"labels": [-100] * len(row["labels"])})
    said = "The first 64 examples of unlabeled_dataset have nothing to learn from: all their labels are -100"
    args = tiny.arguments(tmp_path, max_steps=40, per_device_train_batch_size=4)
    with pytest.raises(ValueError, match=said):
        tiny.trained(tiny.WORDS, args, unlabeled_dataset=pool, methods="fixmatch")


def test_a_few_sentences_without_words_are_no_error(tmp_path: Path) -> None:
    bare = tiny.sentences(3, 5).map(lambda row: {"labels": [-100] * len(row["labels"])})
    pool = datasets.concatenate_datasets([tiny.sentences(22, 1), bare])
    args = tiny.arguments(tmp_path, max_steps=13, per_device_train_batch_size=2)
    tiny.trained(tiny.WORDS, args, unlabeled_dataset=pool)


@pytest.mark.parametrize(
    ("labeled", "others"),
    [(PAIRS, {"unlabeled_dataset": made(TEXTS)}), (TEXTS, {"unlabeled_dataset": made(PAIRS)}),
     (TEXTS, {"unlabeled_dataset": made(TEXTS), "eval_dataset": made(PAIRS, CLASSES)})],
    ids=["single texts for a model of pairs", "pairs for a model of single texts", "evaluated pairs"],
)  # fmt: skip
def test_single_texts_beside_pairs_are_refused(tmp_path: Path, labeled: Any, others: Any) -> None:
    said = "one has pairs of texts and the other has not; name the columns alike"
    refused(tmp_path, tiny.TEXTS, said, train_dataset=made(labeled, CLASSES), **others)


@pytest.mark.parametrize("problem", ["multi_label_classification", "regression"])
def test_other_problems_than_one_class_for_each_example_are_refused(tmp_path: Path, problem: str) -> None:
    model = tiny.text_bert()
    model.config.problem_type = problem
    refused(tmp_path, tiny.TEXTS, f"problem_type='{problem}', and one class is learned for each", model=model)


def test_without_methods_several_labels_are_trainers_matter(tmp_path: Path) -> None:
    model = BertForSequenceClassification(tiny.text_bert().config)
    model.config.problem_type = "multi_label_classification"
    texts = tiny.texts(12, 0).map(lambda row: {"labels": [1.0, 0.0, 1.0]}, features=None, remove_columns=["labels"])
    args = tiny.arguments(tmp_path, max_steps=1, head_lr_ratio=1).plain()
    args.max_steps = 1
    trainer = SelfTuningTrainer(model, args, train_dataset=texts, processing_class=tiny.tokenizer(), methods=[])
    assert trainer.train().training_loss > 0


@pytest.mark.parametrize("cell", [None, 7, ["w5", "w6"]], ids=["nothing", "a number", "a list"])
def test_a_cell_that_is_no_text_is_named(tmp_path: Path, cell: Any) -> None:
    cells = [cell] * 12
    said = r"The column 'text' holds .* in the place of a text; leave such rows out by dataset\.filter"
    refused(tmp_path, tiny.TEXTS, said, unlabeled_dataset=made({"text": cells}))


def test_texts_in_the_place_of_words_are_not_read_by_character(tmp_path: Path) -> None:
    said = r"The column 'tokens' holds 'w5 w6' in the place of a list of words; split texts into words"
    refused(tmp_path, tiny.WORDS, said, unlabeled_dataset=made({"tokens": ["w5 w6"] * 22}))
    said = "The column 'tokens' holds None in the place of a text"
    refused(tmp_path, tiny.WORDS, said, unlabeled_dataset=made({"tokens": [["w5", None]] * 22}))


@pytest.mark.parametrize(
    ("pool", "way"),
    [("more.txt", r"load it first, as by datasets\.load_dataset"), (["w5 w6"] * 22, "give the texts a column"),
     (made(TEXTS).to_pandas(), r"convert it by datasets\.Dataset\.from_pandas"),
     (tiny.texts(22, 1).with_format("pandas"), r"take its format 'pandas' off by with_format\(None\)")],
    ids=["a name", "a list of texts", "a table", "a format"],
)  # fmt: skip
def test_what_holds_no_examples_is_told_how_to_become_a_dataset(tmp_path: Path, pool: Any, way: str) -> None:
    refused(
        tmp_path, tiny.TEXTS, f"unlabeled_dataset is a .* whose items are no examples.*{way}", unlabeled_dataset=pool
    )


def test_images_without_a_processor_are_told_to_give_one(tmp_path: Path) -> None:
    images = datasets.Dataset.from_dict({"image": [0] * 12, "label": [0, 1, 2] * 4})
    refused(tmp_path, tiny.IMAGES, "give the image processor as processing_class=", train_dataset=images)


@pytest.mark.parametrize("kind", [tiny.TEXTS, tiny.WORDS], ids=["texts", "words"])
def test_pieces_that_the_model_does_not_read_are_refused(tmp_path: Path, kind: tiny.Kind) -> None:
    pool = kind.data(22, 1)
    other = pool.map(lambda row: {"input_ids": [piece + 40 for piece in row["input_ids"]]})
    said = r"A piece has the number \d+, and the model knows 50 pieces; tokenise labelled and unlabelled examples by"
    refused(tmp_path, kind, said, unlabeled_dataset=other)
    columns = ["input_ids", "attention_mask"] + (["labels"] if kind is tiny.WORDS else [])
    long = pool.map(lambda row: {name: 4 * row[name] for name in columns})
    said = r"An example has \d+ pieces, and the model reads 16; tokenise with truncation=True and max_length=16"
    refused(tmp_path, kind, said, unlabeled_dataset=long)


def named(rows: int, names: list[str]) -> datasets.Dataset:
    return tiny.texts(rows, 0).cast_column("labels", datasets.ClassLabel(names=names))


def test_sets_whose_classes_stand_in_another_order_are_refused(tmp_path: Path) -> None:
    said = "The column 'labels' of the evaluated data names its classes b, a, c, and that of train_dataset a, b, c"
    given = {"train_dataset": named(12, ["a", "b", "c"])}
    refused(tmp_path, tiny.TEXTS, said, **given, eval_dataset=named(6, ["b", "a", "c"]))
    args = tiny.arguments(tmp_path, max_steps=1, per_device_train_batch_size=2)
    trainer = tiny.trained(tiny.TEXTS, args, **given, eval_dataset=named(6, ["a", "b", "c", "more"]))
    with pytest.raises(ValueError, match="align_labels_with_mapping"):
        trainer.evaluate(named(6, ["c", "b", "a"]))
