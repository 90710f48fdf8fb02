"""Raw words and images, which the trainer encodes itself, and what it leaves alone."""

from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pytest
import tiny
import torch
from PIL import Image
from transformers import (
    DeiTConfig,
    DeiTForImageClassificationWithTeacher,
    ViTImageProcessor,
    default_data_collator,
)

from hf_selftuning import ImageClassification, TokenClassification, accuracy_scores, encode_words, entity_scores

NAMES = tiny.TAGS
COLOURS = ["red", "green", "blue"]


def words(size: int, seed: int, *, tags: str | None = "ner_tags", text: bool = False) -> datasets.Dataset:
    """The sentences of `tiny`, before they are encoded; tags are indices with names, or text."""
    rows = tiny.sentences(size, seed)
    tokens = [[f"w{piece}" for piece in ids[1:-1]] for ids in rows["input_ids"]]
    if tags is None:
        return datasets.Dataset.from_dict({"tokens": tokens})
    given = [[NAMES[tag] if text else tag for tag in labels[1:-1]] for labels in rows["labels"]]
    features = None if text else datasets.Features(
        {"tokens": datasets.List(datasets.Value("string")), tags: datasets.List(datasets.ClassLabel(names=NAMES))}
    )  # fmt: skip
    return datasets.Dataset.from_dict({"tokens": tokens, tags: given}, features=features)


def images(size: int, *, label: str | None = "label", text: bool = False) -> datasets.Dataset:
    """Noisy squares of three colours."""
    generator = np.random.default_rng(size)
    pixels = [
        np.clip(200 * np.eye(3)[i % 3] + generator.integers(0, 50, (40, 36, 3)), 0, 255).astype(np.uint8)
        for i in range(size)
    ]
    columns: dict[str, Any] = {"image": [Image.fromarray(part) for part in pixels]}
    features: dict[str, Any] = {"image": datasets.Image()}
    if label is not None:
        columns[label] = [COLOURS[i % 3] if text else i % 3 for i in range(size)]
        features[label] = datasets.Value("string") if text else datasets.Value("int64")
    return datasets.Dataset.from_dict(columns, features=datasets.Features(features))


def losses(trainer: Any) -> list[dict[str, float]]:
    trainer.train()
    return [tiny.terms(line) for line in tiny.lines(trainer)]


def arguments(tmp_path: Path, **given: Any) -> Any:
    return tiny.arguments(tmp_path, max_steps=3, per_device_train_batch_size=3, **given)


VIT = tiny.Kind(tiny.vit, tiny.vit_source, tiny.images, tiny.AutoModelForImageClassification, lambda: PROCESSOR)
PROCESSOR = ViTImageProcessor(size={"height": 32, "width": 32})


@pytest.mark.parametrize(("tags", "text"), [("ner_tags", False), ("tags", True)])
def test_raw_words_train_as_encoded_ones_do(tmp_path: Path, tags: str, text: bool) -> None:
    parts = {"train_dataset": (10, 0), "unlabeled_dataset": (22, 1), "eval_dataset": (6, 2)}
    raw = {name: words(*part, tags=tags, text=text) for name, part in parts.items()}
    limit = 16  # as many pieces as the tiny model reads
    encoded = {name: encode_words(words(*part), tiny.tokenizer(), max_length=limit) for name, part in parts.items()}
    found = []
    for given in (raw, encoded):
        trainer = tiny.trainer(tiny.WORDS, arguments(tmp_path), **given)
        found.append((losses(trainer), trainer.evaluate()["eval_loss"]))
    assert found[0] == found[1]


def test_a_stream_of_raw_words_trains_as_the_same_words_do(tmp_path: Path) -> None:
    rows = words(22, 1, tags=None)
    given = {"train_dataset": words(10, 0), "eval_dataset": None}
    encoded = encode_words(rows, tiny.tokenizer(), max_length=16)
    first, second = (
        losses(tiny.trainer(tiny.WORDS, arguments(tmp_path), unlabeled_dataset=part.to_iterable_dataset(), **given))
        for part in (rows, encoded)
    )
    assert first == second


def test_raw_words_are_scored_in_every_evaluation_set_and_in_those_given_later(tmp_path: Path) -> None:
    sets = {"near": words(6, 2), "far": words(4, 3)}
    trainer = tiny.trainer(tiny.WORDS, arguments(tmp_path), eval_dataset=sets, compute_metrics=entity_scores(NAMES))
    assert {"eval_near_f1", "eval_far_f1"} <= trainer.evaluate().keys()
    assert trainer.evaluate(words(5, 4))["eval_f1"] == trainer.predict(words(5, 4)).metrics["test_f1"]


def test_words_without_tags_are_predicted_and_not_scored(tmp_path: Path) -> None:
    trainer = tiny.trainer(tiny.WORDS, arguments(tmp_path), compute_metrics=entity_scores(NAMES))
    found = trainer.predict(words(5, 4, tags=None))
    assert found.label_ids is None
    assert "test_f1" not in found.metrics
    np.testing.assert_array_equal(found.predictions, trainer.predict(words(5, 4)).predictions)


LONG = datasets.Dataset.from_dict(
    {"tokens": [[f"w{9 + i % 7}" for i in range(40)], ["w8"]], "ner_tags": [[1] * 40, [2]]}
)


@pytest.mark.parametrize(("task", "length"), [(None, 16), (TokenClassification(max_length=8), 8)])
def test_a_long_sentence_trains_in_windows_whose_words_count_once(tmp_path: Path, task: Any, length: int) -> None:
    trainer = tiny.trainer(tiny.WORDS, arguments(tmp_path), train_dataset=LONG, task=task)
    rows = trainer.train_dataset
    assert max(len(ids) for ids in rows["input_ids"]) == length
    assert sum(label == 1 for labels in rows["labels"] for label in labels) == 40
    assert trainer.task.size(rows) == 2
    assert "loss_supervised" in losses(trainer)[-1]


def test_windows_are_scored_as_the_sentences_that_they_are_parts_of(tmp_path: Path) -> None:
    seen: list[Any] = []

    def scores(evaluated: Any) -> dict[str, float]:
        seen.append(evaluated)
        return entity_scores(NAMES)(evaluated)

    sets = {"near": LONG, "far": words(6, 2)}
    trainer = tiny.trainer(tiny.WORDS, arguments(tmp_path), eval_dataset=sets, compute_metrics=scores)
    trainer.evaluate()
    near, far = seen
    assert near.predictions.shape == (2, 40, 3)
    assert near.label_ids.tolist() == [[1] * 40, [2] + [-100] * 39]
    assert far.predictions.shape[0] == 6
    whole = trainer.predict(LONG.remove_columns("ner_tags"))
    assert whole.label_ids is None
    np.testing.assert_array_equal(whole.predictions, near.predictions)
    assert trainer.evaluate(list(tiny.sentences(3, 5)))["eval_loss"] > 0  # a list, which has no weak reference


def test_batches_kept_apart_do_not_score_windows_as_sentences(tmp_path: Path) -> None:
    args = arguments(tmp_path, eval_do_concat_batches=False)
    scores = {"compute_metrics": lambda evaluated: {"sentences": float(sum(map(len, evaluated.label_ids)))}}
    trainer = tiny.trainer(tiny.WORDS, args, eval_dataset=words(6, 2), **scores)
    assert trainer.evaluate()["eval_sentences"] == 6
    with pytest.raises(
        ValueError, match=r"eval_do_concat_batches=False keeps the batches .* apart, and windows of one"
    ):
        trainer.evaluate(LONG)


def test_hidden_tags_need_no_name_that_the_model_knows_and_audited_ones_do(tmp_path: Path) -> None:
    odd = datasets.Dataset.from_dict({"tokens": [["w9", "w10"]] * 30, "ner_tags": [["O", "B-ODD"]] * 30})
    trainer = tiny.trainer(tiny.WORDS, arguments(tmp_path), unlabeled_dataset=odd)
    assert trainer.unlabeled_dataset[0]["labels"] == [-100, 0, 0, -100]
    with pytest.raises(ValueError, match=r"'ner_tags' holds 'B-ODD', and the model knows the classes O, B-PER, B-LOC"):
        tiny.trainer(tiny.WORDS, arguments(tmp_path, audit_pseudo_labels=True), unlabeled_dataset=odd)
    bare, args = words(22, 1, tags=None), arguments(tmp_path, audit_pseudo_labels=True)
    with pytest.raises(ValueError, match="audit_pseudo_labels=True needs a tag for each word"):
        tiny.trainer(tiny.WORDS, args, unlabeled_dataset=bare)


@pytest.mark.parametrize(
    ("dataset", "said"),
    [
        (words(6, 0, tags=None), "train_dataset needs a tag for each word, and the sentences have only tokens; name"),
        (words(6, 0, tags="marks"), "only tokens, marks; name the column of tags 'ner_tags', by dataset.rename"),
        (
            datasets.Dataset.from_dict({"tokens": [["w9", "w10"]], "ner_tags": [[0]]}),
            "The sentence 'w9 w10' has 2 words and 1 tags in the column 'ner_tags'; give each word one tag",
        ),
        (
            words(6, 0).cast_column("ner_tags", datasets.List(datasets.ClassLabel(names=["O", "B-LOC", "B-PER"]))),
            "'ner_tags' names its classes O, B-LOC, B-PER, and the model's config names them O, B-PER, B-LOC; load",
        ),
    ],
)  # fmt: skip
def test_labels_that_cannot_be_meant_are_refused(tmp_path: Path, dataset: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        tiny.trainer(tiny.WORDS, arguments(tmp_path), train_dataset=dataset)


def test_names_of_classes_need_a_model_that_knows_them(tmp_path: Path) -> None:
    model = tiny.bert()
    model.config.id2label = {i: f"LABEL_{i}" for i in range(3)}
    with pytest.raises(ValueError, match="'B-LOC', and the model knows no names of classes; load the model with"):
        tiny.trainer(tiny.WORDS, arguments(tmp_path), model=model, train_dataset=words(6, 0, text=True))


@pytest.mark.parametrize("text", [False, True])
def test_raw_images_train_and_are_scored(tmp_path: Path, text: bool) -> None:
    model = tiny.vit()
    if text:
        model.config.id2label = dict(enumerate(COLOURS))
    trainer = tiny.trainer(
        VIT, arguments(tmp_path), model=model, methods="self_tuning:warmup_ratio=0.0",
        train_dataset=images(9, text=text), unlabeled_dataset=images(12, label=None),
        eval_dataset={"one": images(6, text=text)}, compute_metrics=accuracy_scores(),
    )  # fmt: skip
    assert trainer.methods[0].preset == "images"
    assert {"loss_supervised", "loss_pgc_labeled", "loss_pgc_unlabeled"} <= losses(trainer)[-1].keys()
    assert "eval_one_accuracy" in trainer.evaluate()
    assert trainer.predict(images(6, text=text)).label_ids.tolist() == [0, 1, 2, 0, 1, 2]
    assert trainer.predict(images(6, label=None)).label_ids is None


def test_the_plain_view_of_raw_images_is_the_processors_and_the_strong_one_is_erased_in_part(tmp_path: Path) -> None:
    trainer = tiny.trainer(VIT, arguments(tmp_path), train_dataset=images(9), unlabeled_dataset=images(12))
    example = trainer.train_dataset[0]
    plain = trainer.task.view(example, "plain.0")["pixel_values"]
    assert torch.equal(plain, PROCESSOR(example["image"], return_tensors="pt")["pixel_values"][0])
    erased = [trainer.task.view(example, "strong.0")["pixel_values"] for _ in range(20)]
    assert any((view == 0).all(0).any() for view in erased)  # a rectangle of it is erased


def test_what_is_encoded_already_is_left_alone(tmp_path: Path) -> None:
    encoded = tiny.sentences(10, 0).add_column("tokens", [["w9"]] * 10)
    trainer = tiny.trainer(tiny.WORDS, arguments(tmp_path), train_dataset=encoded)
    assert trainer.train_dataset is encoded
    transformed = images(9).with_transform(lambda batch: batch)
    own = tiny.images(9, 0)
    trainer = tiny.trainer(VIT, arguments(tmp_path), train_dataset=transformed, eval_dataset=own)
    assert trainer.train_dataset is transformed
    assert trainer.eval_dataset is own


def test_a_collator_of_the_users_own_gets_the_raw_examples(tmp_path: Path) -> None:
    def collate(examples: list[Any]) -> Any:
        pixels = PROCESSOR([example["image"] for example in examples], return_tensors="pt")["pixel_values"]
        return {"pixel_values": pixels, "labels": torch.tensor([example["label"] for example in examples])}

    given = {"train_dataset": images(9), "unlabeled_dataset": images(12), "eval_dataset": images(6)}
    args = arguments(tmp_path, remove_unused_columns=False)
    trainer = tiny.trainer(VIT, args, data_collator=collate, **given)
    assert trainer.eval_dataset is given["eval_dataset"]
    assert "loss_supervised" in losses(trainer)[-1]
    trainer = tiny.trainer(VIT, arguments(tmp_path), data_collator=default_data_collator, **given)
    assert trainer.eval_dataset[0]["pixel_values"].shape == (3, 32, 32)


def test_a_class_that_takes_no_labels_is_refused_by_its_name() -> None:
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    task = ImageClassification()
    task.bind(DeiTForImageClassificationWithTeacher(DeiTConfig(image_size=32, **sizes)), None)
    with pytest.raises(ValueError, match="DeiTForImageClassificationWithTeacher takes no labels and computes no loss"):
        task.split({"pixel_values": torch.zeros(1, 3, 32, 32)})
