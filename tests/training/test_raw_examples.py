"""Raw examples that a script's own collator encodes, and raw examples that nothing encodes."""

from pathlib import Path
from typing import Any

import datasets
import pytest
import tiny
import torch
from transformers import DataCollatorForTokenClassification, DataCollatorWithPadding

from hf_selftuning.tasks import TextClassification, TokenClassification

PIECES = tiny.tokenizer()


def texts(size: int, seed: int, label: str | None = "label") -> datasets.Dataset:
    """The texts of `tiny`, before they are encoded."""
    rows = tiny.texts(size, seed)
    columns: dict[str, Any] = {"text": [" ".join(f"w{piece}" for piece in ids[1:-1]) for ids in rows["input_ids"]]}
    return datasets.Dataset.from_dict(columns | ({} if label is None else {label: list(rows["labels"])}))


def words(size: int, seed: int, *, tags: bool = True) -> datasets.Dataset:
    """The sentences of `tiny`, before they are encoded; tags are names."""
    rows = tiny.sentences(size, seed)
    columns: dict[str, Any] = {"tokens": [[f"w{piece}" for piece in ids[1:-1]] for ids in rows["input_ids"]]}
    given = [[tiny.TAGS[tag] for tag in labels[1:-1]] for labels in rows["labels"]]
    return datasets.Dataset.from_dict(columns | ({"ner_tags": given} if tags else {}))


def collate_texts(rows: list[Any]) -> Any:
    batch = PIECES([row["text"] for row in rows], padding=True, return_tensors="pt")
    return {**batch, "labels": torch.tensor([row["label"] for row in rows])}


def collate_words(rows: list[Any]) -> Any:
    made = []
    for row in rows:
        pieces = PIECES(row["tokens"], is_split_into_words=True)
        tags = [-100 if word is None else tiny.TAGS.index(row["ner_tags"][word]) for word in pieces.word_ids()]
        made.append({"input_ids": pieces["input_ids"], "labels": tags})
    return DataCollatorForTokenClassification(PIECES)(made)


def losses(trainer: Any) -> list[dict[str, float]]:
    trainer.train()
    return [tiny.terms(line) for line in tiny.lines(trainer)]


@pytest.mark.parametrize("labeled", [True, False], ids=["labels hidden", "no labels"])
@pytest.mark.parametrize("kind", ["texts", "words"])
def test_a_collator_of_ones_own_encodes_raw_examples_as_the_trainer_does(
    tmp_path: Path, kind: str, labeled: bool
) -> None:
    if kind == "texts":
        pool = texts(22, 1, "label" if labeled else None)
        base, collate, given = tiny.TEXTS, collate_texts, {"train_dataset": texts(10, 0), "eval_dataset": texts(6, 2)}
    else:
        tags, pool = [words(10, 0), words(6, 2)], words(22, 1, tags=labeled)
        pool = pool if labeled else pool.add_column("ner_tags", [["O"] * len(row) for row in pool["tokens"]])
        base, collate, given = (
            tiny.WORDS,
            collate_words,
            dict(zip(("train_dataset", "eval_dataset"), tags, strict=True)),
        )
    args = tiny.arguments(tmp_path, max_steps=3, remove_unused_columns=False)
    own = losses(tiny.trainer(base, args, data_collator=collate, unlabeled_dataset=pool, **given))
    args = tiny.arguments(tmp_path, max_steps=3)
    usual = losses(tiny.trainer(base, args, unlabeled_dataset=pool, **given))
    assert own == [pytest.approx(line, rel=1e-4) for line in usual]


def test_a_raw_view_that_must_change_is_refused_beside_a_collator_of_ones_own(tmp_path: Path) -> None:
    args = tiny.arguments(tmp_path, max_steps=1, remove_unused_columns=False)
    given = {"data_collator": collate_texts, "train_dataset": texts(10, 0), "unlabeled_dataset": texts(22, 1)}
    with pytest.raises(ValueError, match="A strong view masks word pieces, and the data_collator makes them afterwar"):
        tiny.trainer(tiny.TEXTS, args, methods="fixmatch", **given).train()


def test_a_column_that_trainer_removes_is_named(tmp_path: Path) -> None:
    given = {"data_collator": collate_texts, "train_dataset": texts(10, 0), "unlabeled_dataset": texts(22, 1)}
    with pytest.raises(
        ValueError, match=r"reads 'text', a column that Trainer removes .* set remove_unused_columns=Fa"
    ):
        tiny.trainer(tiny.TEXTS, tiny.arguments(tmp_path, max_steps=1), **given).train()


@pytest.mark.parametrize("kind", [list, lambda rows: torch.utils.data.Subset(rows, range(len(rows)))])
def test_raw_rows_of_another_kind_are_told_how_they_are_encoded(tmp_path: Path, kind: Any) -> None:
    words_said = r"the trainer encodes rows of a datasets\.Dataset alone; make one by datasets\.Dataset\.from_list"
    args = tiny.arguments(tmp_path, max_steps=1)
    for base, rows in ((tiny.TEXTS, texts(10, 0)), (tiny.WORDS, words(10, 0))):
        with pytest.raises(ValueError, match=words_said):
            tiny.trainer(base, args, train_dataset=kind(rows)).train()


def test_raw_datasets_that_are_given_later_are_encoded_and_may_be_larger(tmp_path: Path) -> None:
    args, given = tiny.arguments(tmp_path, max_steps=3), {"train_dataset": texts(10, 0)}
    usual = losses(tiny.trainer(tiny.TEXTS, args, unlabeled_dataset=texts(40, 1), **given))
    later = tiny.trainer(tiny.TEXTS, args, train_dataset=texts(5, 3), unlabeled_dataset=texts(22, 4))
    later.train_dataset, later.unlabeled_dataset = given["train_dataset"], texts(40, 1)
    assert losses(later) == usual


def test_a_hidden_name_of_a_class_becomes_a_name() -> None:
    task = TextClassification()
    task.bind(tiny.text_bert(), PIECES)
    assert task.blind({"text": "w5", "label": "B-LOC"}) == {"text": "w5", "label": "O"}
    assert task.blind({"input_ids": [1], "labels": 2}) == {"input_ids": [1], "labels": 0}
    tagger = TokenClassification()
    tagger.bind(tiny.bert(), PIECES)
    assert tagger.blind({"tokens": ["w5", "w6"], "tags": [1, 2]}) == {"tokens": ["w5", "w6"], "tags": [0, 0]}


def test_a_collator_that_pads_still_gets_pieces(tmp_path: Path) -> None:
    args = tiny.arguments(tmp_path, max_steps=1)
    given = {"train_dataset": texts(10, 0), "unlabeled_dataset": texts(22, 1)}
    assert losses(tiny.trainer(tiny.TEXTS, args, data_collator=DataCollatorWithPadding(PIECES), **given))
