"""The changes that docs/drop_in.md shows, applied to scripts of the usual shape and run as a user would."""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import tiny
from hub_server import OWNER, Hub
from PIL import Image
from transformers import (
    AutoModelForImageClassification,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    ViTImageProcessor,
)

ROOT = Path(__file__).parents[2]
SCRIPTS = {"tag_words": 0, "classify_texts": 1, "classify_images": 2}


def change(number: int) -> str:
    """A block of the document."""
    return re.findall(r"```diff\n(.*?)```", (ROOT / "docs" / "drop_in.md").read_text(), flags=re.DOTALL)[number]


def applied(script: str, diff: str) -> str:
    """The script after the change; every hunk fits in exactly one place."""
    for hunk in diff.split("@@\n"):
        lines = hunk.splitlines()
        old = "\n".join(line[1:] for line in lines if not line.startswith("+"))
        new = "\n".join(line[1:] for line in lines if not line.startswith("-"))
        assert script.count(old) == 1, old
        script = script.replace(old, new)
    return script


def run(
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    *,
    changed: bool,
    further: Mapping[str, str] | None = None,
    **flags: Any,
) -> None:
    """Run a script, after the documented change and perhaps further replacements of its text."""
    text = (ROOT / "tests" / "scripts" / f"{name}.py").read_text()
    script = applied(text, change(SCRIPTS[name])) if changed else text
    for old, new in (further or {}).items():
        assert script.count(old) == 1, old
        script = script.replace(old, new)
    values = {
        "do_train": True, "do_eval": True, "max_steps": 2, "logging_steps": 1, "per_device_train_batch_size": 2,
        "report_to": "none", "use_cpu": True, "disable_tqdm": True, **flags,
    }  # fmt: skip
    words = [str(word) for flag, value in values.items() for word in (f"--{flag}", value)]
    monkeypatch.setattr(sys, "argv", ["script.py", *words])
    exec(compile(script, f"{name}.py", "exec"), {"__name__": "__main__"})


@pytest.fixture
def sentences(tmp_path: Path) -> dict[str, Any]:
    """A tagger and files of tagged sentences."""
    model = tiny.bert()
    model.save_pretrained(tmp_path / "bert")
    tiny.tokenizer().save_pretrained(tmp_path / "bert")
    for part, size in (("train", 40), ("dev", 4)):
        tags = ["B-PER", "O", "O", "B-LOC", "O"]
        rows = [
            {"tokens": [f"w{5 + (i + k) % 40}" for k in range(3 + i % 3)], "ner_tags": tags[: 3 + i % 3]}
            for i in range(size)
        ]
        (tmp_path / f"{part}.json").write_text("\n".join(map(json.dumps, rows)))
    files = {"train_file": tmp_path / "train.json", "validation_file": tmp_path / "dev.json"}
    return {"model_name_or_path": tmp_path / "bert", **files}


@pytest.fixture
def pictures(tmp_path: Path) -> dict[str, Any]:
    """A network and folders of classes."""
    tiny.vit().save_pretrained(tmp_path / "vit")
    ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(tmp_path / "vit")
    for part, size in (("train", 20), ("dev", 2)):
        for name, colour in (("red", (200, 0, 0)), ("blue", (0, 0, 200))):
            (tmp_path / part / name).mkdir(parents=True)
            for i in range(size):
                Image.new("RGB", (40, 40 + i), colour).save(tmp_path / part / name / f"{i}.png")
    flags = {"remove_unused_columns": False, "train_dir": tmp_path / "train", "validation_dir": tmp_path / "dev"}
    return {"model_name_or_path": tmp_path / "vit", **flags}


def logged(folder: Path) -> set[str]:
    """Names in the log of the training and in the results of the evaluation."""
    state = json.loads((folder / "trainer_state.json").read_text())
    results = json.loads((folder / "eval_results.json").read_text())
    return {name for line in [*state["log_history"], results] for name in line}


@pytest.mark.parametrize(("number", "said"), [(0, 6), (1, 6), (2, 7)])
def test_a_change_has_as_many_lines_as_it_says(number: int, said: int) -> None:
    lines = change(number).splitlines()
    assert len([line for line in lines if line.startswith("+")]) == said <= 10


def test_a_script_that_tags_words_becomes_semi_supervised(hub: Hub, sentences, tmp_path, monkeypatch, capsys) -> None:
    out = tmp_path / "tagger"
    run("tag_words", monkeypatch, changed=True, output_dir=out, push_to_hub=True, do_predict=True, **sentences)
    assert {"loss_supervised", "pseudo_label_coverage", "eval_f1", "eval_precision"} <= logged(out)
    assert {"train_results.json", "eval_results.json", "predict_results.json", "all_results.json"} <= {
        path.name for path in out.iterdir()
    }
    assert "***** train metrics *****" in capsys.readouterr().out
    AutoModelForTokenClassification.from_pretrained(out)
    assert "4 labelled and 36 unlabelled" in hub.files[f"{OWNER}/tagger"]["README.md"].decode()


@pytest.fixture
def pairs(tmp_path: Path) -> dict[str, Any]:
    """A classifier and files of pairs of texts."""
    tiny.text_bert().save_pretrained(tmp_path / "bert")
    tiny.tokenizer().save_pretrained(tmp_path / "bert")
    for part, size in (("train", 40), ("dev", 4)):
        rows = [
            {"sentence1": f"w{5 + i} w6", "sentence2": "w7 w8 w9", "label": "abc"[i % 3], "idx": i}
            for i in range(size)
        ]
        (tmp_path / f"{part}.json").write_text("\n".join(map(json.dumps, rows)))
    files = {"train_file": tmp_path / "train.json", "validation_file": tmp_path / "dev.json"}
    return {"model_name_or_path": tmp_path / "bert", **files}


@pytest.mark.parametrize("padded", [True, False])
def test_a_script_that_classifies_texts_becomes_semi_supervised(pairs, tmp_path, monkeypatch, padded: bool) -> None:
    out = tmp_path / "texts"
    run("classify_texts", monkeypatch, changed=True, output_dir=out, pad_to_max_length=padded, **pairs)
    assert {"loss_supervised", "pseudo_label_coverage", "eval_accuracy"} <= logged(out)
    AutoModelForSequenceClassification.from_pretrained(out)
    assert "4 labelled and 36 unlabelled" in (out / "README.md").read_text()


def test_a_script_that_classifies_images_becomes_semi_supervised(pictures, tmp_path, monkeypatch) -> None:
    out = tmp_path / "run"
    run("classify_images", monkeypatch, changed=True, output_dir=out, **pictures)
    assert {"loss_supervised", "pseudo_label_coverage", "eval_accuracy"} <= logged(out)
    AutoModelForImageClassification.from_pretrained(out)
    assert "4 labelled and 36 unlabelled" in (out / "README.md").read_text()


@pytest.mark.parametrize("asked", ["do_eval", "do_predict"])
def test_a_changed_script_that_does_not_train_still_evaluates(sentences, tmp_path, monkeypatch, asked: str) -> None:
    only = {"do_train": False, "do_eval": False, asked: True}
    run("tag_words", monkeypatch, changed=True, output_dir=tmp_path / "out", **sentences, **only)
    assert {path.name for path in (tmp_path / "out").glob("*_results.json")} == {
        "all_results.json",
        f"{asked.removeprefix('do_')}_results.json",
    }


def test_a_changed_script_that_only_evaluates_images_does_so(pictures, tmp_path, monkeypatch) -> None:
    run("classify_images", monkeypatch, changed=True, do_train=False, output_dir=tmp_path / "out", **pictures)
    assert "eval_accuracy" in json.loads((tmp_path / "out" / "eval_results.json").read_text())


def test_a_column_of_classes_may_have_another_name(pictures, tmp_path, monkeypatch) -> None:
    further = {
        "data_files=files)": 'data_files=files).rename_column("label", "fine_label")',
        "SelfTuningTrainer(\n": 'SelfTuningTrainer(task=ImageClassification(label_column="fine_label"),\n',
        "import SelfTuningConfig,": "import ImageClassification, SelfTuningConfig,",
    }
    flags = {"label_column_name": "fine_label", "output_dir": tmp_path / "out", **pictures}
    run("classify_images", monkeypatch, changed=True, further=further, **flags)
    assert "pseudo_label_coverage" in logged(tmp_path / "out")


def test_images_of_ones_own_need_no_class(pictures, tmp_path, monkeypatch) -> None:
    more = f'load_dataset("imagefolder", data_dir="{pictures["train_dir"]}", drop_labels=True, split="train")'
    parts = re.findall(r"^\+( +parts = .*)\n\+( +dataset.*)$", change(SCRIPTS["classify_images"]), flags=re.MULTILINE)[
        0
    ]
    further = {
        parts[0]: f"        unlabeled = {more}",
        parts[1]: '        dataset["unlabeled"] = unlabeled.with_transform(train_transforms)',
    }
    run("classify_images", monkeypatch, changed=True, further=further, output_dir=tmp_path / "out", **pictures)
    assert "40 labelled and 40 unlabelled" in (tmp_path / "out" / "README.md").read_text()


def test_the_scripts_train_before_the_change_too(sentences, pictures, tmp_path, monkeypatch) -> None:
    for name, flags in (("tag_words", sentences), ("classify_images", pictures)):
        run(name, monkeypatch, changed=False, output_dir=tmp_path / name, **flags)
        assert "loss_supervised" not in logged(tmp_path / name)
