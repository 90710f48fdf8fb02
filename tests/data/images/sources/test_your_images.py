"""Each row of the table in docs/your_images.md, in its order."""

import gzip
import json
import re
import shutil
from pathlib import Path

import pytest
from datasets import ClassLabel, Dataset, Features, List, Value
from datasets import Image as ImageColumn
from image_folders import classes_of, doubts, fill, line, put, refused, sizes
from PIL import Image

from hf_selftuning.cli.data_kind import image_source
from hf_selftuning.cli.main import main
from hf_selftuning.data.images.sources.load_images import load_images

PAGE = Path(__file__).parents[4] / "docs" / "your_images.md"
DESCRIBED = ("--forecast", "False")


def class_folders(root):
    data = load_images(data_dir=fill(root, ["10", "2", "a 10", "a 9"]))
    assert data.class_names == ["2", "10", "a 9", "a 10"]
    assert line(data) == f"{root.name}/: 20 images, 4 classes (2 5, 10 5, a 9 5, a 10 5)"


def parts(root):
    for number, (train, test) in enumerate(
        [("Training", "Testing"), ("seg_train", "seg_test"), ("birds_train", "birds_test"), ("trainset", "TeSt")]
    ):
        fill(root / str(number) / train)
        fill(root / str(number) / test, count=2)
        assert sizes(load_images(data_dir=root / str(number))) == (10, 0, 4, 0)
    for name in ("Validation", "un-labelled"):
        fill(root / "0" / name, count=1)
    assert sizes(load_images(data_dir=root / "0")) == (10, 2, 4, 2)


def one_deeper(root):
    fill(root / "plain" / "archive" / "birds")
    assert sizes(load_images(data_dir=root / "plain")) == (8, 0, 2, 0)
    fill(root / "parts" / "archive" / "seg_train" / "seg_train")
    fill(root / "parts" / "archive" / "seg_test" / "seg_test", count=1)
    put(root / "parts" / "archive" / "seg_pred" / "1.png")
    data = load_images(data_dir=root / "parts")
    assert sizes(data) == (10, 0, 2, 0)
    assert "the folder seg_pred stands for no part: 1 image not read" in doubts(data)


def dev_only(root):
    fill(root / "train")
    fill(root / "dev", count=1)
    assert sizes(load_images(data_dir=root)) == (10, 0, 2, 0)
    fill(root / "test", count=3)
    assert sizes(load_images(data_dir=root)) == (10, 2, 6, 0)


def class_named_like_a_part(root):
    data = load_images(data_dir=fill(root / "vehicles", ["bus", "car", "train"]))
    assert data.class_names == ["bus", "car", "train"]
    assert "the folder train holds no folders of classes, so it is read as a class" in doubts(data)
    assert load_images(data_dir=fill(root / "groups", ["control", "test"])).class_names == ["control", "test"]
    tubes = load_images(data_dir=fill(root / "tubes", ["beaker", "flask", "test_tube"]))
    assert (tubes.class_names, doubts(tubes)) == (["beaker", "flask", "test_tube"], "")


def classes_in_file_names(root, capsys):
    for number in range(3):
        for name in (f"cat.{number}.jpg", f"dog.{number}.jpg"):
            put(root / "kaggle" / "train" / name, "JPEG")
            put(root / "flat" / name, "JPEG")
    said = (
        r"he names of the files hold cat, dog, as if these were their classes.* such as cat.0.jpg,cat for each image"
    )
    for folder in ("kaggle", "flat"):
        refused(said, data_dir=root / folder)
    assert main(["inspect", str(root / "flat"), *DESCRIBED]) == 0
    assert re.search(said, capsys.readouterr().out)


def list_of_images(root, capsys):
    flat(root, "", "images/{} {}.png", "train.txt").write_text("images/0.png 0\nimages/1.png 1\n")
    said = (
        r"train.txt lists images .*\(images/0.png 0\), and lists in .txt are not read; write it as train.csv, with the"
    )
    refused(said, data_dir=root)
    refused(said, data_dir=root / "train.txt")
    assert main(["inspect", str(root / "train.txt")]) == 2
    assert re.search(said, capsys.readouterr().err)


def several_images_of_a_name(root):
    fill(root, ["a", "b"], count=4)
    table = root / "labels.csv"
    table.write_text("file,label\n0.png,x\n1.png,y\n2.png,x\n3.png,y\n")
    said = r"the name '0.png' in the column 'file' of labels.csv stands for 2 images \(a/0.png, b/0.png\); write paths"
    refused(said, data_dir=table)
    data = load_images(data_dir=root)
    assert data.class_names == ["a", "b"]
    assert re.search(said + ".* such as a/0.png, to have its classes instead of the folders", doubts(data))
    put(root / "a" / "4.png")
    put(root / "a" / "5.png")
    table.write_text("file,label\n0.png,x\n4.png,y\n5.png,x\n")
    refused(r"1 image of 3 cannot be found .*'0.png' in row 1 is a/0.png, b/0.png", data_dir=root)


def masks(root):
    for name in ("robin", "wren"):
        fill(root / name, ("images", "masks"), count=2)
    data = load_images(data_dir=root, test_share=0)
    assert (
        line(data)
        == "data/: 4 images, 2 classes (robin 2, wren 2); 4 files passed over (files in masks beside images 4)"
    )
    assert "further folders" not in doubts(data)
    for name in ("JPEGImages", "SegmentationClass", "annotations"):
        put(root.parent / "voc" / name / "1.png")
    refused(r"has 1 sub-folders with images.*files in SegmentationClass beside images 1", data_dir=root.parent / "voc")
    fill(root.parent / "logos", ["images", "labels", "logos"], count=2)
    data = load_images(data_dir=root.parent / "logos", test_share=0)
    said = (
        "the folder labels beside images is taken for outlines, and its 2 images are not read; if it is a class, call"
    )
    assert said in doubts(data)
    shutil.rmtree(root.parent / "logos" / "logos")
    refused(f"T{said[1:]} it otherwise, such as labels_class", data_dir=root.parent / "logos")
    put(root / "wren" / "images" / "1_mask.png")
    assert "1 image is named like a mask of another one (1_mask.png)" in doubts(
        load_images(data_dir=root, test_share=0)
    )


def two_folders_for_a_part(root):
    fill(root / "train")
    fill(root / "training")
    refused("The folders train and training in .* could both be the train part; move one", data_dir=root)


def parts_inside_classes(root):
    for name in ("robin", "wren"):
        fill(root / name, ["train", "test"])
    refused(r"each class holds the parts \(robin/test, robin/train\)", data_dir=root)


def leaderboard_parts(root):
    names = ("Training", "PublicTest", "PrivateTest")
    for count, part in enumerate(names, start=3):
        fill(root / "folders" / part, count=count)
    assert sizes(load_images(data_dir=root / "folders")) == (6, 8, 10, 0)
    rows = [f"images/{i}.png,{i % 2},{names[i // 4]}" for i in range(12)]
    flat(root / "table", count=12).write_text("\n".join(["path,emotion,Usage", *rows]))
    data = load_images(data_dir=root / "table", label_column_name="emotion")
    assert sizes(data) == (4, 4, 4, 0)
    assert "rows with test in 'Usage'" in line(data, "test")


def folds(root):
    for fold in ("fold1", "fold2", "fold_3"):
        fill(root / "folders" / fold)
    refused(r"The folders fold1, fold2, fold_3 in .* are folds of a cross-validation", data_dir=root / "folders")
    rows = [f"images/{i}.png,{i % 2},{i % 3}" for i in range(12)]
    flat(root / "table", count=12).write_text("\n".join(["path,label,fold", *rows]))
    refused(r"the column 'fold' divides the rows into 3 folds \(0, 1, 2\), and nothing says", data_dir=root / "table")


def unlabeled_folder(root):
    fill(root / "more", ["any", "other"], 2)
    data = load_images(data_dir=fill(root / "birds"), unlabeled_dir=root / "more")
    assert sizes(data) == (10, 0, 0, 4)
    assert line(data, "unlabeled") == "more/: 4 images without classes"


def parts_beside_classes(root):
    fill(root)
    put(root / "unlabeled" / "1.png")
    assert sizes(load_images(data_dir=root)) == (10, 0, 0, 1)
    assert sizes(load_images(data_dir=root, unlabeled_dir=root / "unlabeled")) == (10, 0, 0, 1)
    fill(root / "test", count=2)
    data = load_images(data_dir=root)
    assert (sizes(data), data.class_names) == ((10, 0, 4, 1), ["robin", "wren"])
    fill(root / "mine", count=1)
    assert sizes(load_images(data_dir=root / "mine", test_dir=root / "test")) == (2, 0, 4, 0)
    refused("The folder .*mine holds the folders robin, wren, named like the classes", data_dir=root)


def output_inside(root):
    put(fill(root) / "runs" / "first" / "curves.png")
    (root / "runs" / "first" / "results.json").write_text("{}")
    data = load_images(data_dir=root)
    assert (data.class_names, sizes(data)) == (["robin", "wren"], (8, 0, 2, 0))
    assert "output of a run 2" in line(data)


def flat_test(root, caplog):
    fill(root / "train")
    for number in range(3):
        put(root / "test" / f"{number}.png")
    assert sizes(load_images(data_dir=root)) == (8, 0, 2, 0)
    assert "the test part has no classes, so its 3 images will not be scored" in caplog.text
    assert "2 images of" in caplog.text


def lacks_a_class(root):
    fill(root / "train")
    fill(root / "test", ["wren"])
    data = load_images(data_dir=root)
    assert set(classes_of(data, "test")) == {"wren"}
    assert "1 class of training not in it: robin" in doubts(data)


def has_other_classes(root):
    fill(root / "train", ["Café", "Wren"])
    fill(root / "test", ["Cafe\u0301", "wren "])
    assert sizes(load_images(data_dir=root)) == (10, 0, 10, 0)
    fill(root / "test", ["auk"])
    refused(r"has the classes \[.*'auk'.*\], and training knows Café, Wren; name its sub-folders", data_dir=root)


def empty_class(root):
    (fill(root) / "auk").mkdir()
    (root / "notes").mkdir()
    (root / "notes" / "a.xml").write_text("<a/>")
    data = load_images(data_dir=root)
    assert data.class_names == ["robin", "wren"]
    assert "the folder auk holds no image (nothing), so it is no class" in doubts(data)
    assert "the folder notes holds no image (.xml 1), so it is no class" in doubts(data)


def litter(root):
    fill(root)
    for folder in ("@eaDir/0.png", ".ipynb_checkpoints", "$RECYCLE.BIN"):
        put(root / "robin" / folder / "x.png")
    put(root / "__MACOSX" / "robin" / "._0.png", "PNG")
    for name in (".DS_Store", "Thumbs.db", "._0.png", ".hidden.png"):
        put(root / "wren" / name, "PNG")
    data = load_images(data_dir=root)
    assert sizes(data) == (8, 0, 2, 0)
    passed = next(summary.passed_over for summary in data.summaries)
    assert passed == {
        **dict.fromkeys(("@eaDir", ".ipynb_checkpoints", "$RECYCLE.BIN", "__MACOSX"), 1),
        **dict.fromkeys((".DS_Store", "Thumbs.db", "._ files", "hidden files"), 1),
    }
    assert "8 files passed over" in line(data)


def links(root):
    fill(root / "store")
    (root / "birds").mkdir()
    for name in ("robin", "wren"):
        (root / "birds" / name).symlink_to(root / "store" / name)
    (root / "store" / "robin" / "up").symlink_to(root / "store")
    (root / "store" / "wren" / "again").symlink_to(root / "birds")
    (root / "birds" / "broken").symlink_to(root / "nowhere")
    data = load_images(data_dir=root / "birds")
    assert data.class_names == ["robin", "wren"]
    assert "broken links 1" in line(data)
    assert "links to folders that hold them 2" in line(data)
    assert sizes(load_images(data_dir=root / "store", test_share=0))[0] >= 10


def any_suffix(root):
    fill(root, count=1)
    for number, kind in enumerate(["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "ICO", "JPEG2000"]):
        put(root / "robin" / f"named{number}", kind)
        put(root / "wren" / f"named{number}.dat", kind)
        put(root / "wren" / f"wrong{number}.jpg", kind)
    (root / "robin" / "notes").write_text("P1 is not the start of an image.")
    (root / "robin" / "empty").write_bytes(b"")
    data = load_images(data_dir=root, test_share=0)
    assert sizes(data) == (2 + 3 * 9, 0, 0, 0)
    assert "2 files passed over (no suffix 2)" in line(data)


def not_opened(root):
    fill(root)
    (root / "robin" / "p.HEIC").write_bytes(b"\0\0\0\x18ftypheic")
    assert "pictures that are not opened (.heic 1); convert them to JPEG or PNG" in doubts(load_images(data_dir=root))
    (root / "auk").mkdir()
    (root / "auk" / "p.heic").write_bytes(b"")
    refused(r"auk holds only pictures that are not opened \(.heic\); convert them", data_dir=root)
    for name in ("robin", "wren"):
        (root.parent / "scans" / name).mkdir(parents=True)
        (root.parent / "scans" / name / "1.dcm").write_bytes(bytes(128) + b"DICM")
    assert image_source(str(root.parent / "scans"), None) == {"data_dir": str(root.parent / "scans")}
    refused(r"scans holds only pictures that are not opened \(.dcm\); convert them", data_dir=root.parent / "scans")


def flat(root, header="path,label", row="images/{}.png,{}", name="labels.csv", count=8):
    """A folder of images and a table of them."""
    for number in range(count):
        put(root / "images" / f"{number}.png")
    rows = [row.format(number, ("robin", "wren")[number % 2]) for number in range(count)]
    (root / name).write_text("\n".join([header, *rows] if header else rows) + "\n")
    return root / name


def label_studio(path, name):
    result = {"type": "choices", "value": {"choices": [name]}}
    return {"data": {"image": f"/data/local-files/?d={path}"}, "annotations": [{"result": [result]}]}


def tables(root):
    table = flat(root / "csv")
    for source in (table, table.parent):
        data = load_images(data_dir=source)
        assert (sizes(data), data.class_names) == ((6, 0, 2, 0), ["robin", "wren"])
        assert line(data) == "csv/labels.csv: 8 images, 2 classes (robin 4, wren 4); paths 'path', classes 'label'"
    flat(root / "stems", "id\tbreed", "{}\t{}", "labels.tsv")
    flat(root / "above", "file;dx", "data/above/images\\{}.png;{}", "labels.csv")
    record = '{{"image": "./images/{}.png", "class": "{}"}}'
    flat(root / "jsonl", "", record, "labels.jsonl")
    flat(root / "bare", "")
    fill(root / "pairs" / "images", [""], 8)
    pairs = {f"images/{number}.png": ("robin", "wren")[number % 2] for number in range(8)}
    (root / "pairs" / "labels.json").write_text(json.dumps(pairs))
    fill(root / "columns" / "images", [""], 8)
    columns = {"file": list(pairs), "label": list(pairs.values())}
    (root / "columns" / "labels.json").write_text(json.dumps(columns))
    packed = flat(root / "packed").read_bytes()
    (root / "packed" / "labels.csv").unlink()
    (root / "packed" / "labels.csv.gz").write_bytes(gzip.compress(packed))
    fill(root / "pandas" / "my images", [""], 8)
    numbered = {name: dict(enumerate(cells)) for name, cells in columns.items()}
    numbered["file"] = {row: path.replace("images", "my%20images") for row, path in numbered["file"].items()}
    (root / "pandas" / "labels.json").write_text(json.dumps(numbered))
    fill(root / "lists" / "images", [""], 8)
    (root / "lists" / "labels.json").write_text(json.dumps([*pairs.items()]))
    fill(root / "studio" / "images", [""], 8)
    (root / "studio" / "labels.json").write_text(json.dumps([*map(label_studio, pairs, pairs.values())]))
    for folder in ("stems", "above", "jsonl", "bare", "pairs", "columns", "packed", "pandas", "lists", "studio"):
        assert sizes(load_images(data_dir=root / folder)) == (6, 0, 2, 0)
    rows = {"file": [f"images/{number}.png" for number in range(8)], "label": [0, 1] * 4}
    features = Features({"file": Value("string"), "label": ClassLabel(names=["robin", "wren"])})
    Dataset.from_dict(rows, features=features).to_parquet(root / "jsonl" / "labels.parquet")
    (root / "jsonl" / "labels.jsonl").unlink()
    assert load_images(data_dir=root / "jsonl").class_names == ["robin", "wren"]
    (root / "csv" / "remote.csv").write_text(
        "url,label\nhttp://a.b/images/m1.png,robin\nhttp://a.b/images/m2.png,wren\n"
    )
    refused("no column holds paths of images in", data_dir=root / "csv" / "remote.csv")


def metadata(root):
    for part, count in (("train", 8), ("test", 4)):
        for number in range(count):
            put(root / part / f"{number}.png")
        rows = [f"{number}.png,{('robin', 'wren')[number % 2]}" for number in range(count)]
        (root / part / "metadata.csv").write_text("\n".join(["file_name,label", *rows]))
    assert sizes(load_images(data_dir=root)) == (8, 0, 4, 0)


def table_parts(root):
    flat(root / "two", "id,label", "{},{}", "train.csv")
    for number in range(4):
        put(root / "two" / "test" / f"{number}.png")
    (root / "two" / "images").rename(root / "two" / "train")
    (root / "two" / "test.csv").write_text("id,label\n0,robin\n1,wren\n2,robin\n3,wren\n")
    (root / "two" / "sample_submission.csv").write_text("id,label\n0,robin\n1,robin\n")
    assert sizes(load_images(data_dir=root / "two")) == (8, 0, 4, 0)
    rows = [f"images/{i}.png,{['robin', 'wren'][i % 2]},{'Train' if i < 4 else 'test'}" for i in range(8)]
    flat(root / "one").write_text("\n".join(["path,label,split", *rows]))
    data = load_images(data_dir=root / "one")
    assert sizes(data) == (4, 0, 4, 0)
    assert "rows with test in 'split'" in line(data, "test")


def named_columns(root):
    table = flat(root, "file,artist,style", "images/{0}.png,{1},{1}")
    table.write_text(table.read_text().replace("1.png,wren,wren", "1.png,wren,robin"))
    refused(r"the columns \['artist', 'style'\] could all be the classes; name one by --label_column", data_dir=root)
    data = load_images(data_dir=root, image_column_name="file", label_column_name="style", test_share=0)
    assert classes_of(data).count("robin") == 5
    refused("there is no column 'x' among", data_dir=root, label_column_name="x")
    table.write_text("image,a,b\n" + "".join(f"images/{i}.png,{i % 2},{1 - i % 2}\n" for i in range(8)))
    refused(r"the columns \['a', 'b'\] hold 0 and 1, as if each stood for a class", data_dir=root)
    table.write_text("image,label\n" + "".join(f"images/{i}.png,{i * 1.37}\n" for i in range(8)))
    refused("are numbers with fractions, and a classifier learns classes", data_dir=root)
    table.write_text("image,label\n" + "".join(f"images/{i}.png,{i % 2 + 0.5}\n" for i in range(8)))
    told = doubts(load_images(data_dir=root, test_share=0))
    assert "classes are numbers with fractions (0.5, 1.5), as if they were values to predict" in told


def integers(root):
    table = flat(root)
    table.write_text(table.read_text().replace("robin", "0").replace("wren", "1"))
    assert load_images(data_dir=root).class_names == ["0", "1"]
    table.write_text(re.sub(r",(\d)$", r",\1.0", table.read_text(), flags=re.MULTILINE))
    assert load_images(data_dir=root).class_names == ["0", "1"]
    assert load_images(data_dir=root, class_names="robin,wren").class_names == ["robin", "wren"]
    (root / "config.json").write_text(json.dumps({"id2label": {"0": "robin", "1": "wren"}}))
    assert load_images(data_dir=root, class_names=str(root / "config.json")).class_names == ["robin", "wren"]
    refused(
        r"row 2: the label 1 has no name among 1 classes \(robin\)",
        data_dir=root,
        class_names=[
            "robin",
        ],
    )


def unlabeled_rows(root):
    table = flat(root, count=12)
    text = table.read_text()
    for number, empty in ((8, ""), (9, "-1"), (10, "null")):
        text = re.sub(rf"(images/{number}.png,)\w+", rf"\g<1>{empty}", text)
    table.write_text(text)
    data = load_images(data_dir=root)
    assert sizes(data) == (9, 0, 0, 3)
    assert "9 images, 2 classes (robin 4, wren 5), 3 more images without a class" in line(data)
    fill(root / "other")
    data = load_images(data_dir=root / "other", test_dir=table)
    assert sizes(data) == (10, 0, 9, 0)
    assert "3 images without a class left out" in doubts(data)


def paths_from_elsewhere(root):
    table = flat(root)
    text = table.read_text()
    for start in ("/home/eva/data/upload/", "C:\\\\data\\\\upload\\\\", "https://example.org/upload/"):
        table.write_text(text.replace("images/", start))
        assert sizes(load_images(data_dir=root)) == (6, 0, 2, 0)
    table.write_text(text.replace("images/", "https://example.org/no").replace(".png", ".gif?size=2"))
    refused("No column of .*labels.csv holds names of these images", data_dir=root)
    table.write_bytes(text.replace("robin", "größer").encode("cp1252"))
    refused("Its table cannot be read: The file .*labels.csv is not UTF-8", data_dir=root)


def missing_images(root):
    flat(root)
    (root / "images" / "3.png").unlink()
    (root / "images" / "5.png").unlink()
    refused(r"2 images of 8 cannot be found in .* \('images/3.png' in row 4, 'images/5.png' in row 6\)", data_dir=root)


def several_labels(root):
    table = flat(root)
    table.write_text(table.read_text().replace("5.png,wren", '5.png,"robin,wren"'))
    refused("the label 'robin,wren' consists of several ones", data_dir=root)
    table.write_text(table.read_text().replace('"robin,wren"', "wren") + "images/5.png,robin\n")
    refused(r"row 9: the image .* has the labels 'wren' and 'robin'", data_dir=root)
    record = '{{"file_name": "images/{0}.png", "label": ["{1}", "auk"]}}'
    flat(root / "lists", "", record, "metadata.jsonl")
    refused(r"row 1: the image has 2 labels \(robin, auk\)", data_dir=root / "lists")


def unlisted(root):
    flat(root)
    for number in range(3):
        put(root / "images" / f"more{number}.png")
    data = load_images(data_dir=root)
    assert sizes(data) == (6, 0, 2, 0)
    assert "images that no table lists 3" in line(data)
    assert sizes(load_images(data_dir=root, unlabeled_dir=root / "images")) == (8, 0, 0, 3)


def write_part(root, part, labels, feature):
    column = "label" if not isinstance(feature, List) else "labels"
    images = [Image.open(put(root.parent / "made" / root.name / part / f"{i}.png")) for i in range(len(labels))]
    features = Features({"image": ImageColumn(), column: feature})
    root.mkdir(exist_ok=True)
    dataset = Dataset.from_dict({"image": images, column: labels}, features=features)
    dataset.to_parquet(root / f"{part}-00000-of-00001.parquet")


def datasets_folder(root, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", root / "cache")
    names = ClassLabel(names=["wren", "robin"])
    write_part(root / "hidden", "train", [0, 1] * 5, names)
    write_part(root / "hidden", "test", [-1] * 4, names)
    data = load_images(dataset_name=str(root / "hidden"))
    assert (sizes(data), data.class_names, data.published) == ((8, 0, 2, 0), ["wren", "robin"], {})
    write_part(root / "partly", "train", [0, 1, -1, 0, 1, None], names)
    assert sizes(load_images(dataset_name=str(root / "partly"))) == (4, 0, 0, 2)
    write_part(root / "text", "train", ["robin", "wren"] * 3, Value("string"))
    assert load_images(dataset_name=str(root / "text")).class_names == ["robin", "wren"]
    write_part(root / "many", "train", [[0], [0, 1], [1]], List(names))
    refused(r"row 2: the image has 2 labels \(0, 1\)", dataset_name=str(root / "many"))


def in_train_and_test(root):
    fill(root / "train")
    fill(root / "test", count=2)
    shutil.copy(root / "train" / "wren" / "1.png", root / "test" / "wren" / "copy.png")
    refused(r"1 image of the test part is in the training part, too \(.*copy.png\)", data_dir=root)
    data = load_images(data_dir=root, allow_duplicates=True)
    assert sizes(data) == (10, 0, 5, 0)
    assert "1 image is in the training part, too" in doubts(data)


def labeled_and_unlabeled(root):
    fill(root / "train")
    fill(root / "test", count=2)
    put(root / "more" / "own.png")
    for part in ("train", "test"):
        shutil.copy(root / part / "wren" / "1.png", root / "more" / f"{part}.png")
    data = load_images(data_dir=root, unlabeled_dir=root / "more")
    assert sizes(data) == (10, 0, 4, 1)
    assert "unlabelled copies of other images left out: 1 of the test part, 1 of the train part" in doubts(data)
    assert sizes(load_images(data_dir=root, unlabeled_dir=root / "more", allow_duplicates=True))[3] == 3


def twice_in_train(root, caplog):
    fill(root)
    for number in range(5):
        shutil.copy(root / "wren" / f"{number}.png", root / "wren" / f"copy{number}.png")
    shutil.copy(root / "wren" / "1.png", root / "robin" / "wren.png")
    data = load_images(data_dir=root)
    assert "6 images are there more than once" in doubts(data)
    assert re.search("1 image is there under two classes, such as .*/wren/1.png|robin/wren.png", doubts(data))
    kept = {Path(value["path"]).read_bytes() for value in data.train["image"]}
    wrens = [value for value in data.test["image"] if "/wren/" in value["path"]]
    assert len(wrens) == 2
    assert not any(Path(value["path"]).read_bytes() in kept for value in wrens)
    for number in range(5):
        shutil.copy(root / "wren" / f"{number}.png", root / "robin" / f"wren{number}.png")
    data = load_images(data_dir=root)
    assert set(classes_of(data, "test")) == {"robin"}
    assert "1 class is not tested (wren), because all its images are there under another class, too" in caplog.text
    for number in range(5):
        shutil.copy(root / "robin" / f"{number}.png", root / "wren" / f"robin{number}.png")
    trained = [Path(value["path"]) for value in load_images(data_dir=root).train["image"]]
    for path in trained[:2]:
        (root / "auk").mkdir(exist_ok=True)
        shutil.copy(path, root / "auk" / path.name)
    load_images(data_dir=root)
    assert "every image is there under two classes or more, so the test part shares images" in caplog.text


def birds(root):
    names = {"images": [], "image_class_labels": [], "train_test_split": [], "classes": ["1 robin", "2 wren"]}
    for number in range(8):
        put(root / "images" / f"{number}.png")
        names["images"].append(f"{number} {number}.png")
        names["image_class_labels"].append(f"{number} {number % 2 + 1}")
        names["train_test_split"].append(f"{number} {int(number < 4)}")
    for name, rows in names.items():
        (root / f"{name}.txt").write_text("\n".join(rows))
    data = load_images(data_dir=root)
    assert (sizes(data), data.class_names) == ((4, 0, 4, 0), ["robin", "wren"])
    (root / "images" / "3.png").unlink()
    refused(r"images.txt lists 1 image that are not there \(.*3.png\)", data_dir=root)


def archive(root):
    root.mkdir(exist_ok=True)
    (root / "birds.zip").write_bytes(b"PK\3\4")
    refused("birds.zip is neither a folder nor a table of labels .* unpack an archive", data_dir=root / "birds.zip")
    refused("Unpack the archive in it first", data_dir=root)


def loose(root):
    fill(root / "train")
    fill(root / "test", count=2)
    put(root / "loose.png")
    put(root / "test" / "left.png")
    read = load_images(data_dir=root)
    assert "1 image beside the folders of the parts not read, the first loose.png; move them into" in doubts(read)
    assert "1 image beside the folders of classes not read, the first left.png; move them into" in doubts(read)
    assert sizes(read) == (10, 0, 4, 0)


ROWS = [
    class_folders, parts, one_deeper, dev_only, class_named_like_a_part, classes_in_file_names, masks,
    two_folders_for_a_part, parts_inside_classes, leaderboard_parts, folds, unlabeled_folder, parts_beside_classes,
    output_inside, flat_test, lacks_a_class, has_other_classes, empty_class, litter, links, any_suffix, not_opened,
    tables, metadata, table_parts, named_columns, integers, unlabeled_rows, list_of_images,
    several_images_of_a_name, paths_from_elsewhere, missing_images, several_labels, unlisted, datasets_folder,
    in_train_and_test, labeled_and_unlabeled, twice_in_train, birds, archive, loose,
]  # fmt: skip


def rows_of_the_page():
    return [row for row in re.findall(r"^\| ([^|]+) \|", PAGE.read_text(), re.MULTILINE) if row != "your folder"]


@pytest.mark.parametrize("check", ROWS, ids=lambda check: check.__name__)
def test_a_row_says_what_happens(check, tmp_path, caplog, monkeypatch, capsys):
    given = {"caplog": caplog, "monkeypatch": monkeypatch, "capsys": capsys}
    check(tmp_path / "data", **{name: given[name] for name in check.__code__.co_varnames if name in given})


def test_each_row_has_its_check():
    assert len(rows_of_the_page()) == len(ROWS)


def test_a_table_of_another_part_alone_is_no_training_data_unless_the_user_names_it(tmp_path):
    for number in range(4):
        put(tmp_path / f"{number}.png")
    (tmp_path / "test.csv").write_text("path,class\n0.png,a\n1.png,a\n2.png,b\n3.png,b\n")
    with pytest.raises(ValueError, match="has no part to train on, only test; name a folder or a table in it `train`"):
        load_images(data_dir=tmp_path)
    assert len(load_images(data_dir=tmp_path / "test.csv", test_share=0).train) == 4


def test_folders_of_parts_with_a_table_each_share_a_word_and_stand_for_one_part_each(tmp_path):
    for name in ("birds_train", "birds_test"):
        flat(tmp_path / name)
    assert sizes(load_images(data_dir=tmp_path, allow_duplicates=True)) == (8, 0, 8, 0)
    two = tmp_path / "two"
    for name in ("train", "training"):
        flat(two / name)
    refused("The folders train and training in .* could both be the train part; move one", data_dir=two)


def test_the_class_none_of_a_table_is_a_class_and_is_told(tmp_path):
    table = flat(tmp_path, count=12)
    table.write_text(table.read_text().replace("wren", "none"))
    data = load_images(data_dir=tmp_path, test_share=0)
    assert data.class_names == ["none", "robin"]
    assert "6 images have the class none; leave the cell empty if it has none" in doubts(data)


def test_rows_that_repeat_an_image_are_counted(tmp_path):
    table = flat(tmp_path)
    table.write_text(table.read_text() + table.read_text().partition("\n")[2])
    assert "8 files passed over (repeated rows 8)" in line(load_images(data_dir=table, test_share=0))


def test_a_table_whose_images_are_elsewhere_and_a_file_with_images_inside_are_images(tmp_path, capsys):
    tmp_path = tmp_path / "alone" / "in"  # the folder above is searched, too, and other tests' folders lie in it
    tmp_path.mkdir(parents=True)
    (tmp_path / "labels.csv").write_text("path,label\na/0.jpg,robin\na/1.jpg,wren\n")
    assert main(["inspect", str(tmp_path / "labels.csv")]) == 2
    assert "labels.csv: no column holds paths of images in" in capsys.readouterr().err
    (tmp_path / "labels.csv").write_text(
        "path,fine,coarse\n" + "".join(f"{n}.jpg,{n % 3},{n % 2}\n" for n in range(6))
    )
    assert main(["inspect", str(tmp_path / "labels.csv")]) == 2
    assert "no column holds paths of images in" in capsys.readouterr().err
    put(tmp_path / "wren.png")
    cell = {"bytes": (tmp_path / "wren.png").read_bytes(), "path": None}
    Dataset.from_dict({"image": [cell] * 4, "label": [0, 1] * 2}).to_parquet(tmp_path / "inside" / "train.parquet")
    assert main(["inspect", str(tmp_path / "inside"), *DESCRIBED]) == 0
    assert "inside train: 4 images, 2 classes" in capsys.readouterr().out
    assert main(["inspect", str(tmp_path / "inside" / "train.parquet")]) == 2
    assert f"give its folder by --dataset_name {tmp_path}/inside." in capsys.readouterr().err


PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f"image,label\n{PNG},a\n{PNG},b\n", "the column 'image' holds the images themselves (base64), and paths"),
        (f'image,label\n"data:image/png;base64,{PNG}",a\n', "holds the images themselves (base64)"),
        ("image,label\nb'\\x89PNG\\r\\n',a\n", "holds the images themselves (printed bytes)"),
        (f"label,{','.join(f'pixel{n}' for n in range(64))}\n1{',7' * 64}\n", "64 columns hold the pixels"),
        (
            "url,label\nhttps://host/1.png,a\nhttps://host/2.png,b\n",
            "'url' holds addresses, and nothing is downloaded",
        ),
    ],
)
def test_a_table_with_the_images_or_their_addresses_inside_is_refused_with_the_way_out(
    tmp_path, capsys, content, said
):
    table = tmp_path / "alone" / "in" / "train.csv"  # the folder above is searched, too
    table.parent.mkdir(parents=True)
    table.write_text(content)
    assert main(["inspect", str(table)]) == 2
    assert said in capsys.readouterr().err


def test_a_path_from_a_home_folder_is_found_by_its_name(tmp_path):
    table = flat(tmp_path)
    table.write_text(re.sub(r"^(\w+\.)", r"~/elsewhere/\1", table.read_text(), flags=re.MULTILINE))
    assert len(load_images(data_dir=table, test_share=0).train) == 8


def test_versions_of_the_same_classes_are_told(tmp_path):
    for version in ("color", "grayscale", "segmented"):
        fill(tmp_path / "plants" / version, count=1)
    told = doubts(load_images(data_dir=tmp_path / "plants", test_share=0))
    assert "color, grayscale, segmented all hold the folders robin, wren, so they look like versions" in told


def test_names_of_numbered_folders_are_told_and_the_flag_is_refused(tmp_path):
    (fill(tmp_path / "birds", ["0", "1"]) / "classes.txt").write_text("robin\nwinter wren\n")
    names = tmp_path / "birds" / "classes.txt"
    told = doubts(load_images(data_dir=tmp_path / "birds", test_share=0))
    assert "classes.txt beside the data may hold their names, but it was not read; rename the folders" in told
    refused("in a table, and in .* folders tell the classes", data_dir=tmp_path / "birds", class_names=str(names))


def test_inspect_describes_images_without_classes(tmp_path, capsys):
    for number in range(7):
        put(tmp_path / "more" / f"{number}.png")
    (tmp_path / "more" / "broken.jpg").write_bytes(b"<html>")
    assert main(["inspect", str(tmp_path / "more"), *DESCRIBED]) == 0
    said = capsys.readouterr().out
    assert "more/: 7 images without classes; 1 file passed over (broken images 1)" in said
    assert said.count(f"  {tmp_path}/more/") == 5
    assert "PNG RGB 7" in said
    assert f"1 of 8 images cannot be opened: {tmp_path}/more/broken.jpg (" in said
    assert "With --skip_broken they are passed over, and without it a run refuses them." in said


def test_inspect_describes_images_without_a_model(tmp_path, capsys):
    fill(tmp_path / "birds")
    put(tmp_path / "birds" / "test" / "wren" / "1.png")
    shutil.copy(tmp_path / "birds" / "wren" / "0.png", tmp_path / "birds" / "test" / "wren" / "0.png")
    (tmp_path / "birds" / "robin" / "broken.jpg").write_bytes(b"<html>")
    assert main(["inspect", str(tmp_path / "birds"), *DESCRIBED]) == 0
    said = capsys.readouterr().out
    assert "birds/: 10 images, 2 classes (robin 5, wren 5); 1 file passed over (broken images 1)" in said
    assert f"  robin: {tmp_path}/birds/robin/0.png" in said
    assert "4 x 4" in said
    assert "PNG RGB 10" in said
    assert "  train: 1 of 11 images cannot be opened: " in said
    assert "With --skip_broken they are passed over, and without it a run refuses them." in said
    assert "  test: 1 image is in the training part, too; take them out of one of the parts." in said


def test_a_link_beside_the_folder_that_it_leads_to_is_counted_and_the_folder_keeps_its_images(tmp_path):
    data = fill(tmp_path / "data")
    (data / "aaa").symlink_to("wren")
    read = load_images(data_dir=data, test_share=0)
    assert line(read) == (
        "data/: 10 images, 2 classes (robin 5, wren 5); 1 file passed over (linked folders that were read before 1)"
    )


def test_the_second_of_two_links_to_one_folder_is_counted(tmp_path):
    data = fill(tmp_path / "data")
    for number in range(3):
        put(tmp_path / "store" / f"{number}.png")
    for name in ("owl", "owl2"):
        (data / name).symlink_to(tmp_path / "store")
    read = load_images(data_dir=data, test_share=0)
    assert "13 images, 3 classes (owl 3, robin 5, wren 5)" in line(read)
    assert "linked folders that were read before 1" in line(read)


def test_folders_behind_a_link_that_were_read_under_their_own_names_are_counted(tmp_path):
    store = fill(tmp_path / "store", ["auk", "robin"])
    put(store / "more.png")
    (tmp_path / "data").mkdir()
    for name in ("robin", "auk"):
        (tmp_path / "data" / name).symlink_to(store / name)
    (tmp_path / "data" / "z").symlink_to(store)
    read = load_images(data_dir=tmp_path / "data", test_share=0)
    assert "11 images, 3 classes (auk 5, robin 5, z 1); 2 files passed over (linked folders that" in line(read)


def test_a_link_leads_to_a_folder_of_another_part_only_once(tmp_path):
    data = fill(tmp_path / "data" / "b").parent
    for name, target in (("train", "b"), ("also", "b")):
        (data / name).symlink_to(target)
    assert sizes(load_images(data_dir=data, test_share=0)) == (10, 0, 0, 0)
    (tmp_path / "other" / "train").mkdir(parents=True)
    fill(tmp_path / "other" / "test", ["robin"], count=1)
    fill(tmp_path / "other" / "train", ["robin", "auk"])
    (tmp_path / "other" / "test" / "auk").symlink_to(tmp_path / "other" / "train" / "auk")
    read = load_images(data_dir=tmp_path / "other")
    assert "linked folders that were read before 1" in line(read, "test")
    assert sizes(read) == (10, 0, 1, 0)


@pytest.mark.parametrize("target", ["..", "../.."])
def test_a_link_to_a_folder_above_the_data_is_counted_and_not_followed(tmp_path, target):
    data = fill(tmp_path / "project" / "data")
    put(tmp_path / "project" / "figure.png")
    put(tmp_path / "secret" / "1.png")
    (data / "up").symlink_to(target)
    read = load_images(data_dir=data, test_share=0)
    assert line(read) == (
        "data/: 10 images, 2 classes (robin 5, wren 5); 1 file passed over (links to folders that hold them 1)"
    )
