"""TAPT: of which sentences the language is learned, and how much of them is hidden."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pytest
import tiny
import torch
from in_process import recipe, runner
from small_data import columns
from transformers import Trainer, TrainingArguments

from hf_selftuning.experiment.pretrained.language_modelling import language_trainer
from hf_selftuning.experiment.setup import language_run


@pytest.fixture
def trainer_of(tmp_path: Path) -> Callable[..., Trainer]:
    """A trainer of the language of these sentences, from the same start."""
    tiny.bert_source().save_pretrained(tmp_path / "source")

    def make(*sentences: datasets.Dataset) -> Trainer:
        args = TrainingArguments(
            str(tmp_path / "run"), max_steps=3, learning_rate=1e-2, use_cpu=True, report_to=[], disable_tqdm=True,
            save_strategy="no",
        )  # fmt: skip
        return language_trainer(str(tmp_path / "source"), tiny.tokenizer(), list(sentences), args)

    return make


def test_labelled_and_unlabelled_sentences_are_learned_from(trainer_of) -> None:
    labeled, unlabeled = tiny.sentences(10, 0), tiny.sentences(22, 1)
    data = trainer_of(labeled, unlabeled).train_dataset
    assert data["input_ids"] == [*labeled["input_ids"], *unlabeled["input_ids"]]
    assert "labels" not in data.column_names


def test_a_recipe_hands_over_the_sentences_of_both_parts_of_the_split(
    words_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handed = []

    def noted(source: str, tokenizer: Any, sentences: list[datasets.Dataset], *given: Any, **named: Any) -> Trainer:
        handed.append([len(part) for part in sentences])
        return language_trainer(source, tokenizer, sentences, *given, **named)

    monkeypatch.setattr(language_run, "language_trainer", noted)
    usual = {"model_name_or_path": words_model, "train_file": columns(tmp_path / "train.conll", 20)}
    run = runner(
        recipe("run_ner"), monkeypatch, tmp_path / "run", **usual, label_ratio=0.25, compare_fine_tuning=False
    )
    run(stages=["tapt", "fine_tuning"])
    assert handed == [[5, 15]]


def test_no_label_reaches_the_language_model(trainer_of) -> None:
    sentences = tiny.sentences(22, 1)
    false = [[tag if tag < 0 else (tag + 1) % 3 for tag in tags] for tags in sentences["labels"]]
    ends = []
    for given in (sentences, sentences.remove_columns("labels").add_column("labels", false)):
        trainer = trainer_of(given)
        trainer.train()
        ends.append(trainer.model.state_dict())
    tiny.assert_same(*ends)
    start = tiny.bert_source().state_dict()
    assert any(not torch.equal(ends[0][name], start[name]) for name in start)


def test_fifteen_percent_of_the_words_are_to_be_guessed_and_most_of_them_are_masked(trainer_of) -> None:
    trainer = trainer_of(tiny.sentences(1000, 1))
    torch.manual_seed(0)
    plain = [{name: row[name] for name in ("input_ids", "attention_mask")} for row in trainer.train_dataset]
    batch = trainer.data_collator(plain)
    asked = batch["labels"] >= 0
    words = torch.nn.utils.rnn.pad_sequence([torch.tensor(row["input_ids"]) for row in plain], batch_first=True)
    assert asked.sum() / (words >= len(tiny.SPECIAL)).sum() == pytest.approx(0.15, abs=0.02)
    assert torch.equal(batch["labels"][asked], words[asked])
    assert (batch["input_ids"][asked] == 3).float().mean() == pytest.approx(0.8, abs=0.05)
    assert torch.equal(batch["input_ids"][~asked], words[~asked])
