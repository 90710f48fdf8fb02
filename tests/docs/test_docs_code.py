"""Every block of code in the documents, run page by page; only what needs the Hub, real data or hours is replaced.

Pages for users run as they stand, on made data and with tiny models. Pages that report measurements name commands
of hours on real data: those are read by the command's own parser, which knows each flag.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
import yaml
from hub_server import Hub
from in_process import recipe, without_pictures
from pages import PAGES, ROOT, blocks, commands
from pages_of_runs import write_run
from PIL import Image
from transformers import ViTImageProcessor

from hf_selftuning import FlagParser, ImageSetup, TextSetup, WordSetup
from hf_selftuning.cli.main import main as command
from hf_selftuning.cli.main import parser as command_parser

FOR_USERS = {"index.md", "your_data.md", "pre_annotation.md", "command_line.md", "hub.md", "drop_in.md"}
READ_ALONE = {
    "benchmarks.class_sizes",
    "benchmarks.harder_data",
    "benchmarks.pool",
    "benchmarks.time_to_score",
    "benchmarks.step",
    "benchmarks.kill_and_resume",
}  # their command lines are read apart from the work
RECIPES = {
    "run_ner.py": ("bert", WordSetup),
    "run_text_classification.py": ("text", TextSetup),
    "run_image_classification.py": ("vit", ImageSetup),
}
QUICK = {
    "max_steps": 1, "logging_steps": 1, "per_device_train_batch_size": 2, "per_device_eval_batch_size": 4,
    "use_cpu": True, "disable_tqdm": True, "overwrite_output_dir": True, "compare_fine_tuning": False,
    "report": False,
}  # fmt: skip
OF_MODEL = {"bert": {"max_length": 16}, "text": {"max_length": 16}, "vit": {"image_size": 32}}
SAVED = {
    "bert": ("runs/words/model", "runs/demo/model"),
    "text": ("runs/texts/model",),
    "vit": ("runs/images/model",),
}


def recipe_of(words: list[str]) -> tuple[str, list[str]] | None:
    """The recipe that a command starts, and its flags."""
    for place, word in enumerate(words):
        if Path(word).name in RECIPES:
            return Path(word).name, words[place + 1 :]
    return None


def command_words(words: list[str]) -> list[str]:
    """The words behind `hf-selftuning`, or behind its module under a launcher; none for any other command."""
    names = {"hf-selftuning", "hf_selftuning.cli"}
    return next((words[place + 1 :] for place, word in enumerate(words) if word in names), [])


def ended(main: Callable[[], Any]) -> Any:
    """The exit code: --help ends by an exception, and so does a flag that does not exist, with another code."""
    try:
        return main()
    except SystemExit as stopped:
        return stopped.code


def venv() -> str:
    """Where `make install` puts everything."""
    (folder,) = re.findall(r"^VENV +\?= (\S+)$", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    return folder


def read_flags(words: list[str]) -> None:
    """Let the command's own parser read it."""
    found = recipe_of(words)
    if found is not None:
        parser = FlagParser(*RECIPES[found[0]][1].flags, description="")
        known = {option for action in parser._actions for option in action.option_strings}
        assert {word for word in found[1] if word.startswith("--")} <= known, words
    elif command_words(words):
        command_parser().parse_args(command_words(words))
    elif words[0] == "source":
        assert words[1:] == [f"{venv()}/bin/activate"]
    elif words[0] == "make":
        subprocess.run(["make", "-n", *words[1:]], cwd=ROOT, check=True, capture_output=True)
    elif words[:2] == ["python", "recipes/compare.py"]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["compare.py", *words[2:], "--dry_run", "True"])
            assert not ended(recipe("compare").main), words
    elif words[0] == "python" and (words[1] == "-m" or words[1].startswith("benchmarks/")):
        name = words[2] if words[1] == "-m" else words[1].removesuffix(".py").replace("/", ".")
        module, flags = import_module(name), words[3 if words[1] == "-m" else 2 :]
        if name in READ_ALONE:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(sys, "argv", [name, *flags])
                assert not ended(lambda: module.arguments() and 0), words
        else:
            assert not flags, f"no test knows how to read {words}"
    else:
        assert [word for word in words if word.endswith((".py", ".yaml"))], f"no test knows how to run {words}"


def quickly(model: str) -> list[str]:
    """Flags that let a run take a step with a tiny model."""
    more = {**QUICK, **OF_MODEL[model], "model_name_or_path": Path(model).absolute()}
    return [str(word) for flag, value in more.items() for word in (f"--{flag}", value)]


def run(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a command in this process, a training with a tiny model and for a step."""
    found, given = recipe_of(words), command_words(words)
    if given:
        added = {
            "train": lambda: quickly({"ner": "bert", "text": "text", "images": "vit"}[given[1]]),
            "compare": lambda: ["--dry_run"],
        }
        for folder in given[1:] if given[0] == "report" else ():
            if folder.startswith("runs/"):  # a quick run leaves no page
                write_run(Path(folder))
        assert ended(lambda: command([*given, *added.get(given[0], list)()])) == 0, words
        return
    if found is None:
        read_flags(words)
        return
    name, flags = found
    if name == "run_ner.py" and not {"--train_file", "--dataset_name"} & set(flags):
        flags = [*flags, "--train_file", "mine.csv"]  # in place of the default dataset of the Hub
    monkeypatch.setattr(sys, "argv", [name, *flags, *quickly(RECIPES[name][0])])
    recipe(name.removesuffix(".py")).main()


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a reader: files that the pages speak of, and trained models."""
    monkeypatch.chdir(tmp_path)
    without_pictures(monkeypatch)
    (tmp_path / "recipes").symlink_to(ROOT / "recipes")  # a reader in a clone has the files of flags
    for name, kind in (("bert", tiny.WORDS), ("text", tiny.TEXTS), ("vit", tiny.IMAGES)):
        for folder in (name, *SAVED[name]):
            kind.model().save_pretrained(folder)
            processor = ViTImageProcessor(size={"height": 32, "width": 32}) if name == "vit" else tiny.tokenizer()
            processor.save_pretrained(folder)
    rows = ["w7 w8 w9,B-PER O B-LOC", "w10 w11,O O"] * 6
    Path("mine.csv").write_text("\n".join(["tokens,tags", *rows]))
    Path("intents.csv").write_text("text,label\n" + "w7 w8,ask\nw9 w10 w11,tell\n" * 8)
    for name in ("more.txt", "new.txt", "sentences.txt"):
        Path(name).write_text("w12 w13\nw14 w15 w16\n" * 6)
    Path("rest.txt").write_text("w12 w13, w14\nw15 w16.\n" * 6)
    spans = [{"start": 0, "end": 2, "label": "PER"}, {"start": 6, "end": 8, "label": "LOC"}]
    labelled = [{"text": "w7 w8 w9", "label": [list(span.values()) for span in spans]}] * 8
    for name in ("labelled.jsonl", "all.jsonl"):
        Path(name).write_text("".join(json.dumps(row) + "\n" for row in labelled))
    results = [{"type": "labels", "value": {**span, "labels": [span["label"]]}} for span in spans]
    task = {"data": {"text": "w7 w8 w9"}, "annotations": [{"result": results}]}
    Path("export.json").write_text(json.dumps([task] * 8))
    generator = np.random.default_rng(0)
    for folder, size in (("birds/robin", 6), ("birds/wren", 6), ("more", 6), ("new", 2)):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for number in range(size):
            pixels = generator.integers(0, 255, (36, 40, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(Path(folder) / f"{number}.png")
    return tmp_path


def namespace(page: str, folder: Path) -> dict[str, Any]:
    """What a page takes as given."""
    if page != "hub.md":
        return {"__name__": "__main__"}
    options = {"hub_model_id": "me/tagger", "push_to_hub": True, "hub_push_training_state": True, "max_steps": 2}
    return {"trainer": tiny.trainer(tiny.WORDS, tiny.arguments(folder / "out", save_strategy="steps", **options))}


@pytest.mark.parametrize("page", [page for page in PAGES if any(blocks(page))])
def test_the_code_of_a_page_runs(page: str, hub: Hub, workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = namespace(page, workplace)
    for language, text in blocks(page):
        if language == "python":
            # Only what needs the Hub or time is replaced.
            text = text.replace("google-bert/bert-base-cased", str(workplace / "bert"))
            text = text.replace("google/vit-base-patch16-224", str(workplace / "vit"))
            text = re.sub(r"max_steps=\d+", "max_steps=2, use_cpu=True, report_to=[]", text)
            exec(compile(text, page, "exec"), names)
        elif language == "bash":
            for words in commands(text):
                run(words, monkeypatch) if page in FOR_USERS else read_flags(words)
        elif language == "yaml":
            assert yaml.safe_load(text)
            Path("flags.yaml").write_text(text)
        else:
            pytest.fail(f"{page} has a block in {language!r}, and no test knows how to run it")


def test_every_page_is_in_the_navigation() -> None:
    named = set(re.findall(r": (\w+\.md)$", (ROOT / "mkdocs.yml").read_text(), flags=re.MULTILINE))
    assert named == set(PAGES)


def test_the_troubles_of_the_page_are_words_of_the_code() -> None:
    code = "".join(path.read_text() for path in (ROOT / "hf_selftuning").rglob("*.py"))
    code = re.sub(r'"\s*\n\s*f?"', "", code)  # sentences that go on in the next line
    symptoms = re.findall(r"^\| `([^`]+)` \|", PAGES["troubleshooting.md"], flags=re.MULTILINE)
    assert len(symptoms) > 10
    for symptom in symptoms:
        given = r"\.\.\.|\d+|labels_per_class=|'\w+'|unlabeled_dataset has|train_dataset|A label is"
        fixed = max(re.split(given, symptom), key=len).strip()
        assert fixed in code, symptom
