import json
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hf_selftuning.data.splits import Split, draw_split, fingerprint

images = st.lists(st.integers(0, 4), min_size=2, max_size=60).filter(lambda labels: len(set(labels)) > 1)
sentences = st.lists(st.sets(st.sampled_from(["LOC", "ORG", "PER"])), min_size=4, max_size=60).filter(
    lambda held: len(set().union(*held)) > 1
)
either = st.one_of(images, sentences)
ratios = st.floats(0.001, 1.0)


def classes_of(data, indices):
    return {name for index in indices for name in ([data[index]] if isinstance(data[index], int) else data[index])}


@settings(deadline=None)
@given(either, ratios, st.integers(0, 5))
def test_the_two_halves_are_disjoint_complete_and_sorted(data, ratio, seed):
    split = draw_split(data, label_ratio=ratio, seed=seed)
    assert sorted(split.labeled + split.unlabeled) == list(range(len(data)))
    assert list(split.labeled) == sorted(split.labeled)
    assert list(split.unlabeled) == sorted(split.unlabeled)


@settings(deadline=None)
@given(either, st.lists(ratios, min_size=2, max_size=4), st.integers(0, 5))
def test_a_smaller_ratio_is_part_of_a_larger_one(data, some_ratios, seed):
    labeled = [set(draw_split(data, label_ratio=r, seed=seed).labeled) for r in sorted(some_ratios)]
    assert all(small <= large for small, large in pairwise(labeled))


@settings(deadline=None)
@given(either, st.integers(0, 5))
def test_k_labels_per_class_are_part_of_k_plus_one(data, seed):
    held = [{item} if isinstance(item, int) else item for item in data]
    most = min(Counter(name for names in held for name in names).values())
    labeled = [set(draw_split(data, labels_per_class=k, seed=seed).labeled) for k in range(1, most + 1)]
    assert all(small <= large for small, large in pairwise(labeled))


@settings(deadline=None)
@given(either, ratios, st.integers(0, 5))
def test_every_class_keeps_a_labeled_example(data, ratio, seed):
    everywhere = classes_of(data, range(len(data)))
    assert classes_of(data, draw_split(data, label_ratio=ratio, seed=seed).labeled) == everywhere
    assert classes_of(data, draw_split(data, labels_per_class=1, seed=seed).labeled) == everywhere


@settings(deadline=None)
@given(images, st.integers(0, 5))
def test_images_get_exactly_k_labels_per_class(labels, seed):
    most = min(Counter(labels).values())
    split = draw_split(labels, labels_per_class=most, seed=seed)
    assert set(Counter(labels[index] for index in split.labeled).values()) == {most}


@settings(deadline=None)
@given(either, ratios)
def test_the_same_seed_draws_the_same_split(data, ratio):
    assert draw_split(data, label_ratio=ratio, seed=3) == draw_split(data, label_ratio=ratio, seed=3)


def test_another_seed_draws_another_split():
    labels = [0, 1] * 50
    assert draw_split(labels, label_ratio=0.1, seed=0).hash != draw_split(labels, label_ratio=0.1, seed=1).hash


def test_a_ratio_keeps_the_shares_of_the_classes():
    labels = [0] * 600 + [1] * 300 + [2] * 100
    split = draw_split(labels, label_ratio=0.1)
    counts = Counter(labels[index] for index in split.labeled)
    assert len(split.labeled) == 100
    assert all(abs(counts[label] - count) <= 1 for label, count in {0: 60, 1: 30, 2: 10}.items())


def test_sentences_without_an_entity_are_labeled_too():
    data = [set()] * 20 + [{"PER"}] * 20 + [{"LOC", "PER"}] * 20
    labeled = draw_split(data, labels_per_class=5).labeled
    assert sum(not data[index] for index in labeled) == 5
    assert sum("LOC" in data[index] for index in labeled) == 5
    assert sum("PER" in data[index] for index in labeled) >= 5


def test_one_entity_type_is_enough_where_some_sentences_have_none():
    assert draw_split([{"PER"}, set(), set()], label_ratio=0.5).labeled


def test_a_whole_ratio_leaves_nothing_unlabeled():
    assert draw_split([0, 1, 0], label_ratio=1.0).unlabeled == ()


def test_bare_classes_and_collections_of_one_are_the_same():
    bare, boxed, numpy = [0, 1, 0, 1], [[0], {1}, (0,), [1]], np.array([0, 1, 0, 1])
    assert draw_split(bare, label_ratio=0.5) == draw_split(boxed, label_ratio=0.5)
    assert draw_split(bare, label_ratio=0.5) == draw_split(numpy, label_ratio=0.5)


def test_a_saved_split_comes_back(tmp_path):
    split = draw_split([0, 1, 0, 1], labels_per_class=1, seed=4, dataset="birds")
    split.save(tmp_path / "runs" / "split.json")
    assert Split.load(tmp_path / "runs" / "split.json", classes=[0, 1, 0, 1]) == split


def test_a_split_refuses_other_data(tmp_path):
    draw_split([0, 1, 0, 1], label_ratio=0.5, dataset="birds").save(tmp_path / "split.json")
    with pytest.raises(ValueError, match=r"made for other data \(birds, 4 examples\) than the 3 examples"):
        Split.load(tmp_path / "split.json", classes=[0, 1, 0])


CONTENTS = [f"digest {number}" for number in range(4)]


def test_examples_are_found_again_by_their_content(tmp_path):
    split = draw_split([0, 1, 0, 1], labels_per_class=1, seed=4, contents=CONTENTS)
    split.save(tmp_path / "split.json")
    assert Split.load(tmp_path / "split.json", classes=[0, 1, 0, 1], contents=CONTENTS) == split
    turned = Split.load(tmp_path / "split.json", classes=[1, 0, 1, 0], contents=CONTENTS[::-1])
    assert sorted(3 - index for index in turned.labeled) == list(split.labeled)
    assert turned.hash == split.hash


def test_copies_are_found_again_one_by_one(tmp_path):
    draw_split([0, 0, 1, 1], label_ratio=0.5, contents=["a", "a", "b", "c"]).save(tmp_path / "split.json")
    found = Split.load(tmp_path / "split.json", classes=[1, 0, 1, 0], contents=["b", "a", "c", "a"])
    assert sorted(found.labeled + found.unlabeled) == [0, 1, 2, 3]


def test_a_replaced_example_is_noticed_though_the_classes_are_the_same(tmp_path):
    split = draw_split([0, 1, 0, 1], labels_per_class=1, contents=CONTENTS)
    split.save(tmp_path / "split.json")
    other = [*CONTENTS[:3], "new"]
    assert draw_split([0, 1, 0, 1], labels_per_class=1, contents=other).hash != split.hash
    message = r"of its 4 examples 1 are not there now or have another class, and 1 are new \(such as d\.png\); put the"
    places = ["a.png", "b.png", "c.png", "d.png"]
    with pytest.raises(ValueError, match=message):
        Split.load(tmp_path / "split.json", classes=[0, 1, 0, 1], contents=other, places=places)


def test_a_split_saved_without_contents_is_read_by_place_with_a_warning(tmp_path, caplog):
    split = draw_split([0, 1, 0, 1], labels_per_class=1)
    split.save(tmp_path / "split.json")
    fields = json.loads((tmp_path / "split.json").read_text())
    del fields["contents"]
    (tmp_path / "split.json").write_text(json.dumps(fields))
    assert Split.load(tmp_path / "split.json", classes=[0, 1, 0, 1], contents=CONTENTS) == split
    assert "does not hold the contents of its examples, so they are taken by their place" in caplog.text


@pytest.mark.parametrize("content", ["", "[]", "{}", json.dumps({"labeled": [], "unlabeled": [], "odd": 1})])
def test_a_file_that_is_no_split_is_refused(tmp_path, content):
    (tmp_path / "split.json").write_text(content)
    with pytest.raises(ValueError, match="is not a saved split"):
        Split.load(tmp_path / "split.json", classes=[0, 1])


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match="is not a saved split"):
        Split.load(tmp_path / "split.json", classes=[0, 1])


def test_the_hash_tells_labeled_examples_and_data_apart():
    first = draw_split([0, 1, 0, 1], label_ratio=0.5)
    other = draw_split([1, 0, 1, 0], label_ratio=0.5)
    assert len(first.hash) == 12
    assert first.hash != other.hash


def test_the_fingerprint_and_the_split_are_the_same_in_another_process():
    data = [{"a", "b", "c"}, {"b"}, {"c", "a"}] * 5
    code = (
        "from hf_selftuning.data.splits import draw_split\n"
        "data = [{'a', 'b', 'c'}, {'b'}, {'c', 'a'}] * 5\n"
        "split = draw_split(data, label_ratio=0.4)\n"
        "print(split.fingerprint, split.hash)\n"
    )
    printed = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for seed in ("1", "2")
    ]
    assert printed[0] == printed[1] == [fingerprint(data), draw_split(data, label_ratio=0.4).hash]


@pytest.mark.parametrize("ratio", [0, 0.0, -0.1, 1.01, float("nan")])
def test_a_ratio_outside_zero_to_one_is_refused(ratio):
    with pytest.raises(ValueError, match=r"is not a share; give one above 0 and at most 1"):
        draw_split([0, 1], label_ratio=ratio)


@pytest.mark.parametrize("budget", [{}, {"label_ratio": 0.5, "labels_per_class": 1}])
def test_exactly_one_budget_must_be_given(budget):
    with pytest.raises(ValueError, match="give exactly one of the two"):
        draw_split([0, 1], **budget)


def test_no_label_per_class_is_refused():
    with pytest.raises(ValueError, match="labels_per_class=0 leaves nothing labelled"):
        draw_split([0, 1], labels_per_class=0)


def test_more_labels_than_a_class_has_are_refused():
    with pytest.raises(ValueError, match="labels_per_class=2 is more than the 1 examples of the class 'cat'"):
        draw_split([0, 0, 1], labels_per_class=2, class_names=["dog", "cat"])


def test_a_named_class_without_an_example_is_refused():
    with pytest.raises(ValueError, match="The class 'bird' has no example"):
        draw_split([0, 1], label_ratio=0.5, class_names=["cat", "dog", "bird"])


@pytest.mark.parametrize("data", [[3, 3, 3], [set(), set()], [{"PER"}, {"PER"}]])
def test_one_class_is_refused(data):
    with pytest.raises(ValueError, match="needs two classes"):
        draw_split(data, label_ratio=0.5)


def test_empty_data_is_refused():
    with pytest.raises(ValueError, match="the data is empty"):
        draw_split([], label_ratio=0.5)


def test_the_file_holds_what_a_reader_wants_to_compare(tmp_path: Path) -> None:
    split = draw_split([0, 1] * 10, label_ratio=0.5, seed=3, dataset="made")
    split.save(tmp_path / "split.json")
    saved = json.loads((tmp_path / "split.json").read_text())
    assert (saved["hash"], saved["fingerprint"], saved["seed"], saved["dataset"]) == (
        split.hash,
        split.fingerprint,
        3,
        "made",
    )
    assert Split.load(tmp_path / "split.json", classes=[0, 1] * 10) == split
