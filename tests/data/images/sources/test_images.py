import hashlib
import io
import logging
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from datasets import ClassLabel, Dataset, Features, Value
from datasets import Image as ImageColumn
from PIL import Image
from sklearn.datasets import load_digits

from hf_selftuning.data.images.sources.digit_images import from_digits
from hf_selftuning.data.images.sources.load_images import load_images, open_image

COLOURS = {"cat": (255, 0, 0), "dog": (0, 0, 255)}


def paint(folder, name, colour=(0, 0, 0)):
    """An image of one colour; its last pixel tells all images apart, as a copy would be noticed."""
    folder.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", (4, 3), colour)
    image.putpixel((3, 2), tuple(hashlib.blake2b(str(folder / name).encode(), digest_size=3).digest()))
    image.save(folder / name)


def fill(folder, count, names=tuple(COLOURS)):
    for name in names:
        for number in range(count):
            paint(folder / name, f"{number}.png", COLOURS[name])
    return folder


def labels_of(dataset):
    names = dataset.features["label"].names
    return [names[label] for label in dataset["label"]]


def test_each_sub_folder_is_a_class(tmp_path):
    data = load_images(data_dir=fill(tmp_path / "train", 3), test_dir=fill(tmp_path / "test", 1))
    assert data.class_names == ["cat", "dog"]
    assert labels_of(data.train) == ["cat"] * 3 + ["dog"] * 3
    assert labels_of(data.test) == ["cat", "dog"]
    assert [open_image(value).getpixel((0, 0)) for value in data.test["image"]] == list(COLOURS.values())


def test_without_a_test_folder_a_fifth_of_each_class_is_kept_and_said_so(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        data = load_images(data_dir=fill(tmp_path, 10))
    assert Counter(labels_of(data.test)) == {"cat": 2, "dog": 2}
    assert Counter(labels_of(data.train)) == {"cat": 8, "dog": 8}
    assert "4 images" in caplog.text
    paths = {value["path"] for part in (data.train, data.test) for value in part["image"]}
    assert len(paths) == 20
    assert list(load_images(data_dir=tmp_path).test["image"]) == list(data.test["image"])


def test_beside_unlabelled_images_no_label_is_spent_on_testing_unless_asked(tmp_path):
    fill(tmp_path / "more", 3)
    train = fill(tmp_path / "train", 2)
    data = load_images(data_dir=train, unlabeled_dir=tmp_path / "more")
    assert (len(data.train), data.test) == (4, None)
    data = load_images(data_dir=train, unlabeled_dir=tmp_path / "more", test_share=0.5)
    assert (len(data.train), len(data.test)) == (2, 2)
    assert load_images(data_dir=train, test_share=0).test is None


def test_a_test_folder_may_lack_a_class(tmp_path):
    data = load_images(data_dir=fill(tmp_path / "train", 2), test_dir=fill(tmp_path / "test", 1, ["dog"]))
    assert labels_of(data.test) == ["dog"]


def test_unlabeled_images_lie_at_any_depth(tmp_path):
    paint(tmp_path / "more", "a.JPG")
    paint(tmp_path / "more" / "deep" / "er", "b.png")
    (tmp_path / "more" / "notes.txt").write_text("no image")
    paint(tmp_path / "more", ".hidden.png")
    data = load_images(data_dir=fill(tmp_path / "train", 2), unlabeled_dir=tmp_path / "more")
    assert data.unlabeled.column_names == ["image"]
    assert [Path(value["path"]).name for value in data.unlabeled["image"]] == ["a.JPG", "b.png"]


def test_folders_named_after_the_parts_are_understood(tmp_path):
    fill(tmp_path / "train", 2)
    fill(tmp_path / "val", 1)
    data = load_images(data_dir=tmp_path)
    assert (len(data.train), data.validation, len(data.test)) == (4, None, 2)
    fill(tmp_path / "test", 3)
    data = load_images(data_dir=tmp_path)
    assert (len(data.train), len(data.validation), len(data.test)) == (4, 2, 6)
    assert data.name == tmp_path.name


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "does not exist; give one with a sub-folder for each class"),
        (lambda path: path.mkdir(), "has 0 sub-folders with images, and a classifier needs two classes"),
        (lambda path: fill(path, 2, ["cat"]), "has 1 sub-folders with images, and a classifier needs two classes"),
        (lambda path: fill(path, 1), "The class 'cat' has one image, and a test part needs one too"),
    ],
)
def test_a_folder_that_does_not_fit_is_refused(tmp_path, make, message):
    make(tmp_path / "images")
    with pytest.raises(ValueError, match=message):
        load_images(data_dir=tmp_path / "images")


def test_a_test_folder_of_other_classes_is_refused(tmp_path):
    fill(tmp_path / "train", 2)
    paint(tmp_path / "test" / "eel", "a.png")
    paint(tmp_path / "test" / "fox", "a.png")
    with pytest.raises(ValueError, match=r"has the classes \['eel', 'fox'\], and training knows cat, dog"):
        load_images(data_dir=tmp_path / "train", test_dir=tmp_path / "test")


def test_a_missing_unlabeled_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="none does not exist"):
        load_images(data_dir=fill(tmp_path / "train", 2), unlabeled_dir=tmp_path / "none")


def test_an_image_opens_in_rgb_from_a_path_from_bytes_and_from_itself(tmp_path):
    grey = Image.new("L", (2, 2), 7)
    grey.save(tmp_path / "grey.png")
    stream = io.BytesIO()
    grey.save(stream, format="PNG")
    values = [
        tmp_path / "grey.png",
        str(tmp_path / "grey.png"),
        {"bytes": stream.getvalue(), "path": None},
        grey,
    ]
    for value in values:
        assert open_image(value).mode == "RGB"
        assert open_image(value).getpixel((1, 1)) == (7, 7, 7)


@pytest.mark.parametrize("content", [b"", b"no image", None, "half"])
def test_an_image_that_cannot_be_opened_is_named(tmp_path, content):
    path = tmp_path / "broken.png"
    if content == "half":
        stream = io.BytesIO()
        noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
        Image.fromarray(noise).save(stream, format="PNG")
        content = stream.getvalue()[:4000]
    if content is not None:
        path.write_bytes(content)
    for value in (str(path), {"path": str(path), "bytes": None}):
        with pytest.raises(ValueError, match=r"The image .*broken\.png cannot be opened"):
            open_image(value)


def test_the_digits_are_whole_and_split_by_thirds():
    data = load_images(dataset_name="digits")
    assert len(data.train) + len(data.test) == 1797
    assert data.class_names == list("0123456789")
    counts = Counter(labels_of(data.test))
    assert all(abs(counts[name] - total / 3) < 1 for name, total in Counter(map(str, load_digits().target)).items())
    assert from_digits().test[:5] == data.test[:5]
    first = open_image(data.train[0]["image"])
    assert (first.size, first.mode) == ((8, 8), "RGB")


def test_a_digit_keeps_its_pixels():
    data = from_digits()
    originals = {np.round(pixels * 255 / 16).astype(np.uint8).tobytes() for pixels in load_digits().images}
    shown = np.asarray(open_image(data.test[3]["image"]))
    assert shown[..., 0].tobytes() in originals


def cub(root, separator=", ", flags="0101"):
    lines = {"images.txt": [], "image_class_labels.txt": [], "train_test_split.txt": []}
    for row, (name, flag) in enumerate(zip(("jay", "jay", "tit", "tit"), flags, strict=True)):
        paint(root / "images" / name, f"{row}.jpg")
        lines["images.txt"].append(f"{row}{separator}{name}/{row}.jpg")
        lines["image_class_labels.txt"].append(f"{row}{separator}{int(name == 'tit') + 9}")
        lines["train_test_split.txt"].append(f"{row}{separator}{flag}")
    lines["classes.txt"] = [f"10{separator}tit", f"9{separator}jay"]
    for name, rows in lines.items():
        (root / name).write_text("\n".join(rows) + "\n")
    return root


@pytest.mark.parametrize("separator", [", ", ",", " "])
def test_the_layout_of_cub_is_read(tmp_path, separator):
    data = load_images(data_dir=cub(tmp_path, separator))
    assert data.class_names == ["jay", "tit"]
    assert [Path(value["path"]).name for value in data.train["image"]] == ["1.jpg", "3.jpg"]
    assert labels_of(data.train) == labels_of(data.test) == ["jay", "tit"]
    assert open_image(data.test[0]["image"]).size == (4, 3)
    flipped = load_images(data_dir=tmp_path, train_flag=0)
    assert list(flipped.train["image"]) == list(data.test["image"])


def test_a_flag_that_marks_nothing_is_refused(tmp_path):
    with pytest.raises(ValueError, match="has 0 training images of 4 with train_flag=7"):
        load_images(data_dir=cub(tmp_path), train_flag=7)


@pytest.mark.parametrize("classes", [0, 1, 3])
def test_a_number_of_classes_that_cannot_be_kept_is_refused(tmp_path, classes):
    with pytest.raises(ValueError, match=f"classes={classes} of the 2 in .* cannot be kept; give 2 to 2"):
        load_images(data_dir=cub(tmp_path), classes=classes)


def test_tables_of_cub_that_do_not_fit_are_refused(tmp_path):
    cub(tmp_path)
    (tmp_path / "images.txt").write_text("0, jay/0.jpg\n")
    with pytest.raises(ValueError, match="list different images"):
        load_images(data_dir=tmp_path)
    (tmp_path / "images.txt").write_text("0\n")
    with pytest.raises(ValueError, match=r"images\.txt is empty or has a line without two fields"):
        load_images(data_dir=tmp_path)


@pytest.mark.skipif("HF_SELFTUNING_DATA" not in os.environ, reason="HF_SELFTUNING_DATA names no folder of real data")
def test_the_real_birds_are_read():
    data = load_images(data_dir=Path(os.environ["HF_SELFTUNING_DATA"]) / "cub100", train_flag=0)
    assert (len(data.train), len(data.test), len(data.class_names)) == (2999, 2903, 100)
    few = load_images(data_dir=Path(os.environ["HF_SELFTUNING_DATA"]) / "cub100", train_flag=0, classes=10)
    assert few.class_names == data.class_names[:10]
    assert set(few.train["label"]) == set(range(10))
    assert open_image(few.train[0]["image"]).size == (227, 227)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """Writes a local folder in the layout of a Hub dataset, with columns of other names."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")

    def write(parts, feature=None):
        features = Features({"img": ImageColumn(), "fine_label": feature or ClassLabel(names=list(COLOURS))})
        for start, part in enumerate(parts):
            images = [Image.new("RGB", (4, 4), (start, number, 0)) for number in range(10)]
            rows = {"img": images, "fine_label": [0, 1] * 5}
            path = tmp_path / "images" / f"{part}-00000-of-00001.parquet"
            path.parent.mkdir(exist_ok=True)
            Dataset.from_dict(rows, features=features).to_parquet(path)
        return str(tmp_path / "images")

    return write


@pytest.mark.parametrize(
    ("parts", "sizes", "tests"),
    [
        (["train", "test"], (10, None, 10), "test"),
        (["train", "validation"], (10, None, 10), "validation"),
        (["train", "validation", "test"], (10, 10, 10), "test"),
        (["train"], (8, None, 2), None),
    ],
)
def test_a_dataset_repository_is_read_by_its_features(repository, parts, sizes, tests):
    data = load_images(dataset_name=repository(parts))
    validation = None if data.validation is None else len(data.validation)
    assert (len(data.train), validation, len(data.test)) == sizes
    assert data.published.get("test") == tests
    assert data.train.column_names == ["image", "label"]
    assert data.class_names == ["cat", "dog"]
    assert open_image(data.train[0]["image"]).size == (4, 4)


def test_a_repository_without_class_labels_is_refused(repository):
    with pytest.raises(ValueError, match="none of which holds classes"):
        load_images(dataset_name=repository(["train"], Value("float32")))


@pytest.mark.parametrize("sources", [{}, {"dataset_name": "digits", "data_dir": "images"}])
def test_exactly_one_source_must_be_given(sources):
    with pytest.raises(ValueError, match="give exactly one, for instance dataset_name='digits'"):
        load_images(**sources)
