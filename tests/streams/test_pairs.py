"""Pairs, their views and their batches; above all, that no unlabelled label gets into a batch."""

import random
import re
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import (
    BertConfig,
    BertForTokenClassification,
    BertTokenizerFast,
    DataCollatorForTokenClassification,
    default_data_collator,
)

from hf_selftuning.core.step import Views
from hf_selftuning.core.task import Task
from hf_selftuning.streams.pairs import PairCollator, PairedDataset
from hf_selftuning.streams.seeds import seeded
from hf_selftuning.tasks import ImageClassification, TokenClassification

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "d", "##x", "##y"]
MASK, CLS, SEP, UNKNOWN = 4, 2, 3, 1
VIEWS = Views(("weak.0", "strong.1"), ("strong.0", "weak.1"))


@pytest.fixture(scope="module")
def tokenizer() -> BertTokenizerFast:
    return BertTokenizerFast(vocab={word: index for index, word in enumerate(WORDS)})


def words_task(tokenizer: Any, **settings: Any) -> TokenClassification:
    task = TokenClassification(**settings)
    config = BertConfig(
        vocab_size=11, hidden_size=4, num_hidden_layers=1, num_attention_heads=1, intermediate_size=4,
        label2id={"O": 0, "B": 1, "I": 2},
    )  # fmt: skip
    task.bind(BertForTokenClassification(config), tokenizer)
    return task


def sentence(words: list[list[int]], tags: list[int]) -> dict[str, list[int]]:
    """A tokenised sentence: [CLS], each word's pieces, [SEP]; the tag at a word's first piece."""
    ids, labels = [CLS], [-100]
    for pieces, tag in zip(words, tags, strict=True):
        ids += pieces
        labels += [tag] + [-100] * (len(pieces) - 1)
    return {"input_ids": [*ids, SEP], "attention_mask": [1] * (len(ids) + 1), "labels": [*labels, -100]}


LABELED = [sentence([[5], [6, 9]], [1, 2]), sentence([[7], [8], [5]], [0, 1, 2])]
UNLABELED = [
    sentence([[5, 9], [6]], [1, 0]),
    sentence([[7]], [2]),
    sentence([[8], [UNKNOWN], [6, 9, 10]], [0, 1, 2]),
    sentence([[6], [7]], [1, 1]),
]


def draw_image(image: Tensor) -> Tensor:
    """A transform that uses all three generators."""
    return image + random.random() + np.random.rand() + torch.rand(())


def image_task(**settings: Any) -> ImageClassification:
    return ImageClassification(weak=draw_image, strong=lambda image: -draw_image(image), **settings)


def images(labels: list[int]) -> list[dict[str, Any]]:
    return [{"image": torch.full((1, 2, 2), 10.0 * place), "label": label} for place, label in enumerate(labels)]


def same(one: Any, other: Any) -> bool:
    """Equal to the bit, all the way down."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    return torch.equal(one, other) if isinstance(one, Tensor) else one == other


def batch_of(
    task: Task, labeled: Any, unlabeled: Any, collate: Any, indices: list[tuple], *, audit: bool = False
) -> dict[str, dict[str, Any]]:
    paired = PairedDataset(labeled, unlabeled, task, VIEWS, audit=audit)
    return PairCollator(collate, task, VIEWS, 3)([paired[index] for index in indices])


INDICES = [(0, (0, 3), 11), (1, (2, 1), 12)]


def words_batch(tokenizer: Any, unlabeled: Any = UNLABELED, *, audit: bool = False) -> dict[str, dict[str, Any]]:
    collate = DataCollatorForTokenClassification(tokenizer)
    return batch_of(words_task(tokenizer, mask_probability=0.5), LABELED, unlabeled, collate, INDICES, audit=audit)


def image_batch(unlabeled: Any, *, audit: bool = False) -> dict[str, dict[str, Any]]:
    return batch_of(image_task(), images([1, 2]), unlabeled, default_data_collator, INDICES, audit=audit)


# ---- generators ----


def draws() -> tuple[float, float, float]:
    return random.random(), float(np.random.rand()), float(torch.rand(()))


def test_seeded_draws_repeat_and_other_seeds_differ() -> None:
    drawn = []
    for seed in (5, 5, 2**64 - 1):
        with seeded(seed):
            drawn.append(draws())
    assert drawn[0] == drawn[1]
    assert all(a != b for a, b in zip(drawn[0], drawn[2], strict=True))


@pytest.mark.parametrize("fails", [False, True])
def test_seeded_leaves_the_global_generators_as_they_were(fails: bool) -> None:
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    expected = draws()
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    try:
        with seeded(99):
            draws()
            if fails:
                raise KeyError("a dataset that fails")
    except KeyError:
        pass
    assert draws() == expected


def test_reading_a_pair_leaves_the_global_generators_as_they_were() -> None:
    paired = PairedDataset(images([1, 2]), images([0] * 4), image_task(), VIEWS)
    torch.manual_seed(1)
    expected = torch.rand(())
    torch.manual_seed(1)
    _ = paired[INDICES[0]]
    assert torch.rand(()) == expected


# ---- views ----


def test_the_same_seed_gives_the_same_views() -> None:
    paired = PairedDataset(images([1, 2]), images([0] * 4), image_task(), VIEWS)
    one, other = paired[0, (1, 2), 7], paired[0, (1, 2), 7]
    assert same(one.labeled, other.labeled)
    assert all(same(a, b) for a, b in zip(one.unlabeled, other.unlabeled, strict=True))


def test_every_view_companion_and_seed_is_another_draw() -> None:
    task = image_task()
    paired = PairedDataset(images([0]), images([0]), task, Views(("weak.0", "weak.1"), ("weak.0", "weak.1")))
    pixels = []
    for seed in (7, 8):
        pair = paired[0, (0, 0), seed]
        looks = [look for part in (pair.labeled, *pair.unlabeled) for look in part.values()]
        pixels += [float(look["pixel_values"][0, 0, 0]) for look in looks]
    assert len(set(pixels)) == 12


def test_a_dataset_with_a_random_transform_of_its_own_draws_as_seeded() -> None:
    class Drawing:
        def __len__(self) -> int:
            return 1

        def __getitem__(self, index: int) -> dict[str, Any]:
            return {"pixel_values": draw_image(torch.zeros(1, 1, 1)), "labels": 1}

    paired = PairedDataset(Drawing(), Drawing(), ImageClassification(), VIEWS)
    one, other = paired[0, (0,), 7], paired[0, (0,), 7]
    assert same(one.labeled, other.labeled)
    assert same(one.unlabeled[0], other.unlabeled[0])
    assert not same(one.labeled["weak.0"], one.labeled["strong.1"])


def test_views_of_the_labelled_stream_do_not_depend_on_the_companions() -> None:
    task = image_task()
    alone = PairedDataset(images([1, 2]), None, task, Views(VIEWS.labeled, ()))[1, (), 7]
    paired = PairedDataset(images([1, 2]), images([0] * 4), task, VIEWS)[1, (3, 0), 7]
    assert same(alone.labeled, paired.labeled)
    assert alone.unlabeled == []


def test_a_strong_view_takes_the_strong_transform() -> None:
    looks = PairedDataset(images([1]), None, image_task(), Views(VIEWS.labeled, ()))[0, (), 7].labeled
    assert (looks["weak.0"]["pixel_values"] > 0).all()
    assert (looks["strong.1"]["pixel_values"] < 0).all()


@pytest.mark.parametrize(("column", "setting"), [("label", "label_column"), ("image", "image_column")])
def test_an_image_without_its_column_is_told_what_to_name(column: str, setting: str) -> None:
    example = {"image": torch.zeros(1, 1, 1), "label": 1}
    example["other"] = example.pop(column)
    words = rf"columns (image|label), other and no '{column}'; .*ImageClassification\({setting}=\.\.\.\)"
    with pytest.raises(ValueError, match=words):
        image_task().view(example, "weak.0")


def test_other_columns_may_be_named() -> None:
    task = image_task(image_column="picture", label_column="kind")
    paired = PairedDataset(
        [{"picture": torch.zeros(1, 1, 1), "kind": 2}], [{"picture": torch.zeros(1, 1, 1), "kind": 1}], task, VIEWS
    )
    pair = paired[0, (0,), 7]
    assert pair.labeled["weak.0"]["labels"] == 2
    assert pair.unlabeled[0]["weak.1"]["labels"] == 0


def test_a_stored_image_is_opened_before_it_is_transformed() -> None:
    task = ImageClassification(weak=torch.tensor, open_image=lambda text: [float(text)])
    look = task.view({"image": "7", "label": 1}, "weak.0")
    assert look["pixel_values"].tolist() == [7.0]
    assert look["labels"] == 1


# ---- no unlabelled label is read ----


@pytest.mark.parametrize("seed", range(3))
def test_other_labels_of_unlabelled_sentences_change_no_bit(tokenizer: Any, seed: int) -> None:
    generator = random.Random(seed)
    others = [
        {**example, "labels": [y if y == -100 else generator.randrange(3) for y in example["labels"]]}
        for example in UNLABELED
    ]
    assert others != UNLABELED
    assert same(words_batch(tokenizer), words_batch(tokenizer, others))


def test_unlabelled_sentences_without_any_label_give_the_same_batch(tokenizer: Any) -> None:
    starts = [{**e, "labels": [y if y == -100 else 0 for y in e["labels"]]} for e in UNLABELED]
    assert same(words_batch(tokenizer), words_batch(tokenizer, starts))


def test_other_labels_of_unlabelled_images_change_no_bit() -> None:
    expected = image_batch(images([0, 1, 2, 1]))
    assert same(expected, image_batch(images([2, 2, 0, 0])))
    bare = [{"image": example["image"]} for example in images([0] * 4)]
    assert same(expected, image_batch(bare))


def test_labels_of_a_dataset_that_transforms_by_itself_change_no_bit() -> None:
    def batch(labels: list[int], name: str) -> dict[str, dict[str, Any]]:
        unlabeled = [{"pixel_values": torch.full((1, 2, 2), float(i)), name: y} for i, y in enumerate(labels)]
        labeled = [{"pixel_values": torch.zeros(1, 2, 2), name: 1}] * 2
        return batch_of(ImageClassification(), labeled, unlabeled, default_data_collator, INDICES)

    for name in ("label", "labels"):
        one = batch([0, 1, 2, 1], name)
        assert same(one, batch([2, 2, 0, 0], name))
        assert one["labeled"]["labels"].tolist() == [1, 1]


def test_a_blind_sentence_tells_only_where_its_words_begin() -> None:
    blind = TokenClassification().blind(LABELED[0])
    assert blind == {**LABELED[0], "labels": [-100, 0, 0, -100, -100]}


@pytest.mark.parametrize("name", ["label", "labels", "label_ids", "kind"])
def test_a_blind_image_keeps_no_label_of_any_name(name: str) -> None:
    blind = ImageClassification(label_column="kind").blind({"image": "file", name: 2})
    assert blind.pop("image") == "file"
    assert set(blind.values()) == {0}
    assert name in blind


def test_the_unlabelled_part_of_a_batch_has_no_labels_at_all(tokenizer: Any) -> None:
    for batch in (words_batch(tokenizer), image_batch(images([0, 1, 2, 1]))):
        assert "labels" not in batch["unlabeled"]
        assert "truth" not in batch["unlabeled"]
        assert all("label" not in name for view in batch["unlabeled"]["views"].values() for name in view)


def test_the_truth_is_there_only_for_an_audit_and_changes_nothing_else(tokenizer: Any) -> None:
    audited, plain = words_batch(tokenizer, audit=True), words_batch(tokenizer)
    # Companions 0 and 3 of the first pair, 2 and 1 of the second.
    assert audited["unlabeled"].pop("truth").tolist() == [1, 0, 1, 1, 0, 1, 2, 2]
    assert same(audited, plain)
    audited, plain = image_batch(images([0, 1, 2, 1]), audit=True), image_batch(images([0, 1, 2, 1]))
    assert audited["unlabeled"].pop("truth").tolist() == [0, 1, 2, 1]
    assert same(audited, plain)


def test_an_audit_of_images_without_labels_is_refused() -> None:
    with pytest.raises(ValueError, match=r"audit_pseudo_labels needs true labels, .* has only image; name"):
        image_batch([{"image": torch.zeros(1, 2, 2)}] * 4, audit=True)


# ---- batches ----


def test_a_batch_of_words_knows_where_its_rows_are(tokenizer: Any) -> None:
    batch = words_batch(tokenizer)
    # Padded to 5: [CLS] a b ##x [SEP] and [CLS] c d a [SEP].
    assert batch["labeled"]["rows"].tolist() == [1, 2, 6, 7, 8]
    assert batch["labeled"]["labels"].tolist() == [1, 2, 0, 1, 2]
    assert batch["labeled"]["count"] == 5
    assert batch["unlabeled"]["count"] == 8
    assert list(batch["unlabeled"]["views"]) == ["strong.0", "weak.1"]


def test_rows_are_those_of_the_words_in_every_view(tokenizer: Any) -> None:
    batch = words_batch(tokenizer)["unlabeled"]
    task = words_task(tokenizer)
    ids = task.select(batch["views"]["weak.1"]["input_ids"][..., None], batch["rows"]).squeeze(1)
    assert ids.tolist() == [5, 6, 6, 7, 8, UNKNOWN, 6, 7]
    masked = task.select(batch["views"]["strong.0"]["input_ids"][..., None], batch["rows"]).squeeze(1)
    assert all(m in (word, MASK) for m, word in zip(masked.tolist(), ids.tolist(), strict=True))


def test_a_batch_of_images_needs_no_positions() -> None:
    batch = image_batch(images([0, 1, 2, 1]))
    assert "rows" not in batch["labeled"]
    assert batch["labeled"]["labels"].tolist() == [1, 2]
    assert (batch["labeled"]["count"], batch["unlabeled"]["count"]) == (2, 4)
    assert batch["unlabeled"]["views"]["weak.1"]["pixel_values"].shape == (4, 1, 2, 2)


def test_without_companions_there_is_no_unlabelled_part() -> None:
    batch = batch_of(image_task(), images([1, 2]), None, default_data_collator, [(0, (), 1), (1, (), 2)])
    assert list(batch) == ["labeled"]


def test_a_column_that_the_collator_misses_is_named() -> None:
    def collate(items: list[Any]) -> dict[str, Any]:
        return {**default_data_collator(items), "labels": torch.tensor([item["species"] for item in items])}

    with pytest.raises(ValueError, match=r"reads 'species', and an example has .*label_column='species'"):
        batch_of(image_task(), images([1, 2]), None, collate, [(0, (), 1), (1, (), 2)])


@pytest.mark.parametrize("wrong", [3, 17, -1])
def test_a_label_the_model_has_no_class_for_is_named(wrong: int) -> None:
    words = f"A label is {wrong}, and the model has num_labels=3; load the model with as many"
    with pytest.raises(ValueError, match=re.escape(words)):
        batch_of(image_task(), images([1, wrong]), None, default_data_collator, [(0, (), 1), (1, (), 2)])


def test_a_sentence_without_words_is_no_error(tokenizer: Any) -> None:
    collate = DataCollatorForTokenClassification(tokenizer)
    batch = batch_of(words_task(tokenizer), [sentence([], [])], None, collate, [(0, (), 1)])
    assert batch["labeled"]["count"] == 0


# ---- masked words ----

LONG = sentence([[5, 9, 10], [6], [UNKNOWN, 9], [7], [8, 10]] * 40, [0, 1, 2, 0, 1] * 40)


def masked(tokenizer: Any, seed: int, share: float = 0.3, example: Any = LONG) -> list[int]:
    task = words_task(tokenizer, mask_probability=share)
    with seeded(seed):
        return task.view(example, "strong.0")["input_ids"]


def words_of(example: dict[str, list[int]]) -> list[list[int]]:
    """Positions of the pieces of each word, by its labels."""
    words: list[list[int]] = []
    for position in range(1, len(example["input_ids"]) - 1):
        if example["labels"][position] != -100:
            words.append([])
        words[-1].append(position)
    return words


@pytest.mark.parametrize("seed", range(5))
def test_words_are_masked_whole_or_not_at_all(tokenizer: Any, seed: int) -> None:
    ids = masked(tokenizer, seed)
    hidden = [[ids[position] == MASK for position in word] for word in words_of(LONG)]
    assert all(len(set(pieces)) == 1 for pieces in hidden)
    assert 0.15 < sum(pieces[0] for pieces in hidden) / len(hidden) < 0.45
    kept = [position for position, i in enumerate(ids) if i != MASK]
    assert all(ids[position] == LONG["input_ids"][position] for position in kept)


def test_special_tokens_are_never_masked(tokenizer: Any) -> None:
    ids = masked(tokenizer, 0, share=1.0)
    assert (ids[0], ids[-1]) == (CLS, SEP)
    assert set(ids[1:-1]) == {MASK}, "every word is, unknown ones too"


def test_a_padded_sentence_keeps_its_padding(tokenizer: Any) -> None:
    padded = {"input_ids": [CLS, 5, SEP, 0, 0], "labels": [-100, 1, -100, -100, -100]}
    assert masked(tokenizer, 0, share=1.0, example=padded) == [CLS, MASK, SEP, 0, 0]


def test_pieces_before_the_first_word_are_no_word(tokenizer: Any) -> None:
    cut = {"input_ids": [CLS, 9, 5, SEP], "labels": [-100, -100, 1, -100]}
    assert masked(tokenizer, 0, share=1.0, example=cut) == [CLS, 9, MASK, SEP]


def test_the_same_seed_masks_the_same_words_and_another_masks_others(tokenizer: Any) -> None:
    assert masked(tokenizer, 1) == masked(tokenizer, 1)
    assert masked(tokenizer, 1) != masked(tokenizer, 2)


def test_a_mask_probability_of_zero_masks_nothing(tokenizer: Any) -> None:
    assert masked(tokenizer, 0, share=0.0) == LONG["input_ids"]


@pytest.mark.parametrize("kind", [list, torch.tensor, np.array])
def test_masking_leaves_the_users_example_and_its_labels_alone(tokenizer: Any, kind: Any) -> None:
    example = {name: kind(values) for name, values in LONG.items()}
    look = words_task(tokenizer, mask_probability=1.0).view(example, "strong.0")
    assert {name: list(map(int, values)) for name, values in example.items()} == LONG
    assert list(map(int, look["labels"])) == LONG["labels"]


def test_a_weak_view_is_the_sentence_itself(tokenizer: Any) -> None:
    assert words_task(tokenizer, mask_probability=1.0).view(LONG, "weak.0") == LONG


def test_masking_without_a_mask_token_says_what_to_pass() -> None:
    with pytest.raises(ValueError, match="no tokenizer with a mask token was given; pass it as processing_class="):
        TokenClassification().view(LONG, "strong.0")


def test_a_sentence_without_labels_is_told_how_to_mark_its_words() -> None:
    with pytest.raises(ValueError, match=r"columns input_ids and no `labels`.*0 at the first piece of each word"):
        TokenClassification().view({"input_ids": [1]}, "weak.0")


# ---- which example a row belongs to ----


def test_each_row_knows_its_example(tokenizer: BertTokenizerFast) -> None:
    """The labelled sentences 0 and 1 have two and three words, the unlabelled ones 0, 3, 2 and 1 two, two, three, one.

    A word that the tokenizer does not know is a row as well.
    """
    batch = words_batch(tokenizer)
    assert batch["labeled"]["examples"].tolist() == [0, 0, 1, 1, 1]
    assert batch["unlabeled"]["examples"].tolist() == [0, 0, 3, 3, 2, 2, 2, 1]
    batch = image_batch(images([0, 1, 2, 0]))
    assert batch["labeled"]["examples"].tolist() == [0, 1]
    assert batch["unlabeled"]["examples"].tolist() == [0, 3, 2, 1]
