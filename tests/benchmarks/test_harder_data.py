"""Copies of data sets that are harder: classes of uneven size, and wrong labels."""

from collections import Counter
from pathlib import Path

from benchmarks.harder_data import cub, uneven, wrong
from hf_selftuning.data.images.sources.image_cub import cub_readings

LABELS = [name for name in "abcdefghijk" for _ in range(100)]


def test_sizes_fall_by_a_constant_factor_in_a_drawn_order() -> None:
    kept = uneven(LABELS, 10, seed=0)
    assert kept == sorted(set(kept))
    sizes = Counter(LABELS[position] for position in kept)
    assert sorted(sizes.values(), reverse=True) == [100, 79, 63, 50, 40, 32, 25, 20, 16, 13, 10]
    assert uneven(LABELS, 10, seed=1) != kept == uneven(LABELS, 10, seed=0)
    assert uneven(LABELS, 1, seed=0) == list(range(len(LABELS)))


def test_a_class_that_is_too_small_gives_all_it_has() -> None:
    assert sorted(Counter("abcccc"[position] for position in uneven("abcccc", 2, seed=0)).items())[:2] == [
        ("a", 1),
        ("b", 1),
    ]


def test_the_asked_share_of_labels_is_another_class() -> None:
    said = wrong(LABELS, 0.1, seed=0)
    assert sum(one != other for one, other in zip(said, LABELS, strict=True)) == 110
    assert set(said) == set(LABELS)


def test_tables_of_birds_keep_the_test_part_and_the_first_classes(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "images").mkdir(parents=True)
    rows = [(1 + place, place % 3 + 1, int(place < 45)) for place in range(60)]
    (source / "classes.txt").write_text("1 a\n2 b\n3 c\n")
    (source / "images.txt").write_text("".join(f"{image} {image}.png\n" for image, *_ in rows))
    (source / "image_class_labels.txt").write_text("".join(f"{image} {label}\n" for image, label, _ in rows))
    (source / "train_test_split.txt").write_text("".join(f"{image} {flag}\n" for image, _, flag in rows))
    for image, *_ in rows:
        (source / "images" / f"{image}.png").touch()
    cub(source, tmp_path / "uneven", 5, "1", 2, seed=0)
    read = cub_readings(tmp_path / "uneven", classes=2)
    assert sorted(Counter(read["train"].classes).values()) == [3, 15]
    assert Counter(read["test"].classes) == {"a": 5, "b": 5}
