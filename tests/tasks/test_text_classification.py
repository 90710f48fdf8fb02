"""The task of texts: what the trainer encodes, what views are, and models of other families."""

from pathlib import Path
from typing import Any

import datasets
import pytest
import tiny
import torch
from transformers import (
    BertForSequenceClassification,
    CanineConfig,
    CanineForSequenceClassification,
    DataCollatorWithPadding,
    GPT2Config,
    GPT2ForSequenceClassification,
)

from hf_selftuning import TextClassification, accuracy_scores, encode_texts

NAMES = tiny.TAGS


def raw(size: int, seed: int, *, label: str | None = "label", names: bool = False) -> datasets.Dataset:
    """The texts of `tiny`, before they are encoded."""
    encoded = tiny.texts(size, seed)
    columns: dict[str, Any] = {"text": [" ".join(f"w{i}" for i in ids[1:-1]) for ids in encoded["input_ids"]]}
    if label is not None:
        columns[label] = [NAMES[i] if names else i for i in encoded["labels"]]
    return datasets.Dataset.from_dict(columns)


def bound(model: Any = None, **given: Any) -> TextClassification:
    task = TextClassification(**given)
    task.bind(model or tiny.text_bert(), tiny.tokenizer())
    return task


def losses(tmp_path: Path, **data: Any) -> list[dict[str, float]]:
    args = tiny.arguments(tmp_path, max_steps=2)
    return [tiny.terms(line) for line in tiny.lines(tiny.trained(tiny.TEXTS, args, **data))]


def test_raw_texts_train_as_encoded_ones_do(tmp_path: Path) -> None:
    tokenised = losses(tmp_path / "a", eval_dataset=None)
    texts = {"train_dataset": raw(10, 0, names=True), "unlabeled_dataset": raw(22, 1, label=None)}
    assert losses(tmp_path / "b", eval_dataset=None, **texts) == tokenised


def test_raw_texts_are_scored(tmp_path: Path) -> None:
    args = tiny.arguments(tmp_path, max_steps=1)
    scored = {"eval_dataset": raw(6, 2, names=True), "compute_metrics": accuracy_scores()}
    trainer = tiny.trained(tiny.TEXTS, args, train_dataset=raw(10, 0), **scored)
    assert 0 <= trainer.evaluate()["eval_accuracy"] <= 1
    assert trainer.predict(raw(6, 2, label=None)).label_ids is None


def test_pairs_are_found_and_the_ends_of_long_ones_are_cut(caplog: pytest.LogCaptureFixture) -> None:
    pairs = datasets.Dataset.from_dict({"sentence1": ["w5 w6 w7"], "sentence2": ["w8 w9"], "label": [1]})
    whole = bound().encode(pairs, "labeled")[0]
    assert whole["input_ids"] == [1, 5, 6, 7, 2, 8, 9, 2]
    assert whole["token_type_ids"] == [0, 0, 0, 0, 0, 1, 1, 1]
    cut = bound(max_length=6).encode(pairs, "labeled")[0]
    assert len(cut["input_ids"]) == 6
    assert "1 of 1 texts (100.0 %) are longer than 6 word pieces, and their ends are cut off" in caplog.text


def test_a_strong_view_masks_and_cuts_whole_words() -> None:
    tokenizer = tiny.tokenizer()
    task = bound(mask_probability=0.3, cut_probability=0.3)
    example = {"input_ids": [1, *range(5, 45), 2], "attention_mask": [1] * 42, "labels": 2}
    torch.manual_seed(0)
    view = task.view(example, "strong.0")
    ids, kept = view["input_ids"], [i for i in view["input_ids"] if i != tokenizer.mask_token_id]
    assert (ids[0], ids[-1], view["labels"]) == (1, 2, 2)
    assert len(view["attention_mask"]) == len(ids) < 42
    assert set(kept) < set(example["input_ids"])
    assert tokenizer.mask_token_id in ids
    assert task.view(example, "weak.0") == example


def test_pieces_of_a_word_share_its_fate() -> None:
    tokenizer = tiny.tokenizer()
    tokenizer = type(tokenizer)(vocab={**tokenizer.get_vocab(), "##x": 50, "##y": 51})
    task = TextClassification(mask_probability=0.0, cut_probability=0.5)
    task.bind(tiny.text_bert(), tokenizer)
    example = {"input_ids": [1, 5, 50, 51, 6, 7, 50, 2], "attention_mask": [1] * 8}
    for seed in range(20):
        torch.manual_seed(seed)
        ids = task.view(example, "strong.0")["input_ids"]
        assert ids[1:4] == [5, 50, 51] or 51 not in ids


def test_one_word_at_least_is_kept() -> None:
    task = bound(mask_probability=0.0, cut_probability=0.99)
    for seed in range(5):
        torch.manual_seed(seed)
        assert len(task.view({"input_ids": [1, 7, 2]}, "strong.0")["input_ids"]) == 3


def test_another_wording_is_the_strong_view_where_there_is_one() -> None:
    texts = datasets.Dataset.from_dict({"text": ["w5 w6", "w7"], "back": ["w8 w9 w10", None]})
    task = bound(augmented_columns="back", mask_probability=0.0, cut_probability=0.0)
    first, second = task.encode(texts, "unlabeled")
    assert task.view(first, "strong.0")["input_ids"] == [1, 8, 9, 10, 2]
    assert task.view(first, "weak.0") == {k: v for k, v in first.items() if k != "augmented"}
    assert task.view(second, "strong.0")["input_ids"] == [1, 7, 2]


def gpt(dropout: float = 0.0) -> GPT2ForSequenceClassification:
    torch.manual_seed(0)
    sizes = {"vocab_size": 50, "n_positions": 16, "n_embd": 16, "n_layer": 2, "n_head": 2}
    chance = dict.fromkeys(("resid_pdrop", "embd_pdrop", "attn_pdrop"), dropout)
    return GPT2ForSequenceClassification(GPT2Config(**sizes, **chance, num_labels=3, pad_token_id=0))


def test_a_decoder_is_read_at_its_last_piece_and_trains(tmp_path: Path) -> None:
    trainer = tiny.trained(tiny.TEXTS, tiny.arguments(tmp_path, max_steps=2), model=gpt(), methods="self_tuning")
    assert all("loss_supervised" in line for line in tiny.lines(trainer))
    model, task = trainer.model.eval().cpu(), trainer.task
    rows = [{"input_ids": [1, 5, 6, 7, 2]}, {"input_ids": [1, 8, 2]}]
    batch = task.collator(tiny.tokenizer())([{**row, "labels": 0} for row in rows])
    inputs, _, positions = task.split(batch)
    with torch.no_grad():
        hidden = model.transformer(**inputs)[0]
        together = model(**inputs).logits
        alone = torch.cat([model(input_ids=torch.tensor([row["input_ids"]])).logits for row in rows])
    torch.testing.assert_close(model.score(task.select(hidden, positions)), together)
    torch.testing.assert_close(together, alone)
    with pytest.raises(ValueError, match="padded on the right, and this model reads a text at its last piece"):
        task.split(DataCollatorWithPadding(tiny.tokenizer())([{**row, "labels": 0} for row in rows]))


def test_a_model_that_shortens_its_input_says_the_same_of_a_text_in_every_batch() -> None:
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    places = {"max_position_embeddings": 64, "local_transformer_stride": 8}
    model = CanineForSequenceClassification(
        CanineConfig(**sizes, **places, initializer_range=0.8, num_labels=3)
    ).eval()
    collate = bound(model).collator(tiny.tokenizer())
    assert collate is not None
    rows = [{"input_ids": [1, *range(5, 5 + size), 2], "labels": 0} for size in range(1, 14)]

    def answers(*some: Any) -> torch.Tensor:
        with torch.no_grad():
            return model(**{name: value for name, value in collate(list(some)).items() if name != "labels"}).logits

    torch.testing.assert_close(answers(*rows), torch.cat([answers(row) for row in rows]), rtol=0, atol=1e-3)


def started(tmp_path: Path, given: dict[str, Any]) -> None:
    task, data = TextClassification(**given.get("task", {})), given.get("train_dataset", raw(4, 0))
    tiny.trainer(tiny.TEXTS, tiny.arguments(tmp_path), task=task, train_dataset=data)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"train_dataset": raw(4, 0, label=None)}, "train_dataset needs a class for each text"),
        ({"task": {"text_columns": "body"}}, "no 'body'; name the right ones by TextClassification"),
        ({"task": {"max_length": 2}}, "leaves no room for a piece"),
        ({"task": {"mask_probability": 1.0}}, "mask_probability=1.0 is no share of the words"),
    ],
)
def test_what_cannot_train_is_refused_in_a_sentence(tmp_path: Path, given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        started(tmp_path, given)


def test_a_class_that_the_model_does_not_know_is_refused() -> None:
    texts = datasets.Dataset.from_dict({"text": ["w5"], "label": ["B-ORG"]})
    with pytest.raises(ValueError, match="holds 'B-ORG', and the model knows"):
        encode_texts(texts, tiny.tokenizer(), max_length=8, class_names=NAMES)


def test_several_processes_encode_what_one_encodes_and_count_what_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    one, two = (encode_texts(raw(20, 0), tiny.tokenizer(), max_length=6, part="pool", num_proc=n) for n in (None, 2))
    assert one.to_dict() == two.to_dict()
    cut = sum(len(ids) == 6 for ids in tiny.texts(20, 0)["input_ids"])
    longer = sum(len(ids) > 6 for ids in tiny.texts(20, 0)["input_ids"])
    assert 0 < longer < 20 - cut
    assert [message.startswith(f"pool: {longer} of 20 texts") for message in caplog.messages] == [True, True]


def test_the_task_is_found_by_the_class_of_the_model(tmp_path: Path) -> None:
    trainer = tiny.trainer(tiny.TEXTS, tiny.arguments(tmp_path))
    assert isinstance(trainer.model, BertForSequenceClassification)
    assert isinstance(trainer.task, TextClassification)
    assert trainer.methods[0].preset == "texts"
