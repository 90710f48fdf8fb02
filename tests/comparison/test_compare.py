"""The comparison as a command, in this process and with a tiny model; and the flags of the paper's commands."""

import json
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import tiny
from in_process import ROOT, recipe
from small_data import columns, paint
from torch.utils.data import DataLoader
from transformers import ViTConfig, ViTForImageClassification

from hf_selftuning import METHODS, SelfTuningTrainer
from hf_selftuning.comparison import train_cell as cells_training
from hf_selftuning.comparison.cells import Result
from hf_selftuning.comparison.grid import Budget, Cell
from hf_selftuning.comparison.train_cell import ClaimCheck

KNOWN = {"fine_tuning", *METHODS}
SCRIPTS = sorted(path for path in (ROOT / "recipes" / "paper").glob("*.sh") if path.name != "common.sh")


@pytest.fixture(scope="module")
def compare() -> ModuleType:
    return recipe("compare")


@pytest.fixture
def start(compare: ModuleType, words_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Starts the command with the usual flags and some more; returns its folder."""
    train, test = columns(tmp_path / "train.conll", 40), columns(tmp_path / "test.conll", 12)

    def run(**flags: Any) -> Path:
        usual = {
            "task": "ner", "methods": ["fine_tuning", "self_tuning"], "label_ratio": [0.2, 0.5], "seeds": [0],
            "output_dir": tmp_path / "out", "model_name_or_path": words_model, "train_file": train, "test_file": test,
            "max_steps": 4, "per_device_train_batch_size": 2, "use_cpu": tiny.ON_CPU, "logging_steps": 2,
            "save_steps": 2, "learning_rate": 0.01,
        }  # fmt: skip
        given = {name: value for name, value in {**usual, **flags}.items() if value is not None}
        words = [
            str(word)
            for name, value in given.items()
            for word in (f"--{name}", *(value if isinstance(value, list) else [value]))
        ]
        monkeypatch.setattr("sys.argv", ["compare.py", *words])
        compare.main()
        return Path(given["output_dir"])

    return run


def cell_of(fields: dict) -> Cell:
    return Cell(Budget(**fields["cell"]["budget"]), fields["cell"]["method"], fields["cell"]["seed"])


def cells(folder: Path) -> dict[str, dict]:
    return {
        str(path.parent.relative_to(folder / "cells")): json.loads(path.read_text())
        for path in sorted(folder.rglob("cell.json"))
    }


def test_every_cell_is_trained_scored_and_tabled(start, capsys: pytest.CaptureFixture) -> None:
    folder = start(methods=["fine_tuning", "self_tuning", "self_tuning:temperature=0.5,warmup_ratio=0.0"])
    found = cells(folder)
    assert len(found) == 2 * 4
    for cell in found.values():
        counts = Result.load(folder, cell_of(cell)).counts
        assert counts is not None
        assert counts.shape == (12, 3)
        assert cell["labels"] == cell["row"]["labeled"]
    # Both rows of a budget have the same labels.
    assert len({cell["context"]["split_hash"] for cell in found.values()}) == 2
    longer = found["label_ratio_0.2/fine_tuning_same_time/seed_0"]["row"]["steps"]
    timed = [cell["row"] for name, cell in found.items() if name.startswith("label_ratio_0.2/") and "same" not in name]
    longest = max(row["seconds_before"] + row["steps"] * row["seconds_per_step"] for row in timed)
    own = found["label_ratio_0.2/fine_tuning/seed_0"]["row"]
    assert longer == max(round((longest - own["seconds_before"]) / own["seconds_per_step"]), 4)
    table = (folder / "table.md").read_text()
    assert "| Self-Tuning (words, temperature 0.5, warmup_ratio 0.0)" in table
    assert "Self-Tuning (words) at 8 labels = fine-tuning at" in table
    assert not list(folder.rglob("checkpoint-*"))
    assert "# Comparison" in capsys.readouterr().out


def test_test_is_scored_once_a_cell(start, monkeypatch: pytest.MonkeyPatch) -> None:
    scored: list[int] = []
    loop = SelfTuningTrainer.evaluation_loop

    def counted(trainer: SelfTuningTrainer, dataloader: DataLoader, *args: Any, **given: Any) -> Any:
        scored.append(len(dataloader.dataset))
        return loop(trainer, dataloader, *args, **given)

    monkeypatch.setattr(SelfTuningTrainer, "evaluation_loop", counted)
    folder = start(label_ratio=[0.5], same_time=False, validation_share=0.2, eval_steps=2)
    assert len(cells(folder)) == 2
    # Of 12 test sentences once; of the 4 that are held out at steps 2 and 4, and at the end.
    assert sorted(scored) == sorted(2 * [12, 4, 4, 4])


def test_a_cell_that_cannot_be_trained_has_a_line_in_the_table(start, monkeypatch: pytest.MonkeyPatch) -> None:
    train = cells_training.train_row

    def failing(setup, plan, **given: Any) -> Any:
        if plan.last.methods:
            raise ValueError("1 unlabelled example is less than a batch of 2.")
        return train(setup, plan, **given)

    monkeypatch.setattr(cells_training, "train_row", failing)
    folder = start(label_ratio=[0.5])
    table = (folder / "table.md").read_text()
    assert "failed: self_tuning, 50 %, seed 0: 1 unlabelled example is less than a batch of 2." in table
    assert set(cells(folder)) == {"label_ratio_0.5/fine_tuning/seed_0", "label_ratio_0.5/fine_tuning_same_time/seed_0"}


@pytest.mark.slow
def test_images_are_compared_at_labels_a_class(start, tmp_path: Path) -> None:
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    ViTForImageClassification(ViTConfig(image_size=32, patch_size=16, **sizes)).save_pretrained(tmp_path / "vit")
    folder = start(
        task="images", model_name_or_path=tmp_path / "vit", data_dir=paint(tmp_path / "train", 6),
        test_dir=paint(tmp_path / "test", 3), train_file=None, test_file=None, label_ratio=None,
        labels_per_class=[2, 4], validation_share=0.5, image_size=32, same_time=False,
    )  # fmt: skip
    found = cells(folder)
    assert {(cell["labels"], cell["held_out"]) for cell in found.values()} == {(6, 3), (12, 6)}
    assert all(cell["row"]["dev"] is not None for cell in found.values())
    assert "| 2 a class (6 images) |" in " ".join((folder / "table.md").read_text().split())


@pytest.mark.slow
def test_a_killed_cell_goes_on_and_finished_ones_stay(start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = {"label_ratio": [0.5], "same_time": False}
    whole = cells(start(**one))
    seen: list[int] = []

    class Killer(ClaimCheck):
        def on_step_end(self, args, state, control, **kwargs) -> None:
            seen.append(state.global_step)
            if len(seen) == 4 + 3:
                raise KeyboardInterrupt

    monkeypatch.setattr(cells_training, "ClaimCheck", Killer)
    with pytest.raises(KeyboardInterrupt):
        start(**one, output_dir=tmp_path / "killed")
    assert list(cells(tmp_path / "killed")) == ["label_ratio_0.5/fine_tuning/seed_0"]
    again = cells(start(**one, output_dir=tmp_path / "killed"))
    # The first cell was not trained again; the second went on behind its checkpoint at step 2.
    assert seen == [1, 2, 3, 4, 1, 2, 3, 3, 4]
    for name, cell in whole.items():
        assert again[name]["row"]["test"] == cell["row"]["test"]
        assert again[name]["row"]["steps"] == cell["row"]["steps"]


def test_labels_can_be_held_out_and_are_said(start) -> None:
    folder = start(
        label_ratio=[0.5], validation_share=0.2, same_time=False, load_best_model_at_end=True,
        metric_for_best_model="f1", eval_steps=2,
    )  # fmt: skip
    assert {(cell["labels"], cell["held_out"], cell["row"]["labeled"]) for cell in cells(folder).values()} == {
        (20, 4, 16)
    }
    table = (folder / "table.md").read_text()
    assert "4 of 20 were held out of training at 50 %; the checkpoint with the best f1 on them is scored" in table


@pytest.mark.slow
def test_a_method_without_unlabelled_data_is_left_out(start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(METHODS["self_tuning"], "needs_unlabeled", True)
    folder = start(label_ratio=[0.5, 1.0])
    assert "label_ratio_1/self_tuning/seed_0" not in cells(folder)
    table = (folder / "table.md").read_text()
    assert "learns from unlabelled data, and with all labels none is left" in table
    assert "label_ratio_1/fine_tuning_same_time/seed_0" in cells(folder)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"seed": 3}, "The comparison sets --seed for every cell; leave it out"),
        ({"hub_strategy": "end"}, "--hub_strategy has no effect without --push_to_hub"),
        ({"methods": ["nothing"]}, "There is no method 'nothing'"),
        ({"methods": ["self_tuning", "self_tuning"]}, "The row self_tuning is there twice"),
        ({"seeds": [1, 0, 1]}, "seed 1 is there twice, and would count as two trainings; give each once"),
        ({"label_ratio": [0.5, 0.50]}, "50 % is there twice"),
        ({"load_best_model_at_end": True, "eval_steps": 2}, "chooses by labels, and the labels of a dev part"),
        ({"safety_gate": True}, "steers by labels, and the labels of a dev part are not in the budget"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_training(start, flags: dict, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        start(**flags)
    assert not (tmp_path / "out").exists()


def test_other_flags_do_not_mix_with_the_cells_that_are_there(start) -> None:
    start(label_ratio=[0.5], same_time=False)
    with pytest.raises(ValueError, match=r"trained with --max_steps 4, and --max_steps 5 was given"):
        start(label_ratio=[0.5], same_time=False, max_steps=5)


def test_a_default_that_is_another_model_here_does_not_mix_with_the_cells_that_are_there(
    start,
    words_model: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = start(label_ratio=[0.5], methods=["fine_tuning"])
    describe = cells_training.describe
    monkeypatch.setattr(cells_training, "describe", lambda setup: {**describe(setup), "model": "another"})
    with pytest.raises(
        RuntimeError, match=f"have the model {words_model}, and the default here is another; take theirs"
    ):
        start(label_ratio=[0.5], methods=["fine_tuning", "self_tuning"])
    assert list(cells(folder)) == ["label_ratio_0.5/fine_tuning/seed_0"]


def test_a_row_that_another_program_wrote_is_shown_beside(start) -> None:
    folder = start(label_ratio=[0.5], methods=["fine_tuning"])
    own = Result.load(folder, Cell(Budget("label_ratio", 0.5), "fine_tuning", 0))
    replace(own, cell=replace(own.cell, method="another"), title="Another library").save(folder)
    start(label_ratio=[0.5], methods=["fine_tuning"], others=["another"])
    assert "| TL     | Another library |" in (folder / "table.md").read_text()
    with pytest.raises(ValueError, match=r"--others names absent, and .* has no finished cell of it"):
        start(label_ratio=[0.5], methods=["fine_tuning"], others=["another", "absent"])
    with pytest.raises(ValueError, match="The row fine_tuning is named by --methods and by --others; name it once"):
        start(label_ratio=[0.5], methods=["fine_tuning"], others=["fine_tuning"])


def test_a_dry_run_lists_the_cells_and_trains_none(start, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    start(dry_run=True)
    said = capsys.readouterr().out
    assert "to train  cells/label_ratio_0.2/self_tuning/seed_0" in said
    assert "6 of sentences, 0 finished before" in said
    assert not (tmp_path / "out").exists()


def test_a_dry_run_refuses_the_folder_of_other_flags_as_the_run_would(start, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "comparison.json").write_text('{"max_steps": "7"}')
    with pytest.raises(ValueError, match=r"The cells in .*out are trained with .*--max_steps 7"):
        start(dry_run=True)


# ---- the paper's commands ----


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_the_flags_of_the_papers_commands_are_flags(
    script: Path, compare: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    for name in ("CUB_200_2011", "aircraft", "moco_v2"):
        (tmp_path / name).mkdir()  # as if the data were there, so that nothing is fetched
    said = subprocess.run(
        ["bash", str(script), "--dry_run"],
        env={"PATH": "/usr/bin:/bin", "LAUNCH": r"printf %q\n", "DATA": str(tmp_path), "OUT": str(tmp_path / "out")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    for words in commands_in(shlex.split(said.stdout)):
        first = words.index("--methods") + 1
        last = next(place for place in range(first, len(words)) if words[place].startswith("--"))
        assert {part.partition(":")[0] for row in words[first:last] for part in row.split("+")} <= KNOWN
        decay = words[len(words) - words[::-1].index("--weight_decay")]
        pulled = {"l2_sp", "delta:preset=paper"} & set(words[first:last])
        assert not pulled or float(decay) == 0
        monkeypatch.setattr("sys.argv", words)
        compare.main()
        assert "finished before" in capsys.readouterr().out


def commands_in(words: list[str]) -> list[list[str]]:
    """Each from the program's name on."""
    starts = [place for place, word in enumerate(words) if word == "recipes/compare.py"]
    assert starts[0] == 0
    return [words[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]


def test_one_of_the_papers_commands_draws_where_methods_believe_their_mistakes() -> None:
    texts = [script.read_text() for script in SCRIPTS]
    assert any("--validation_share 0.2 --eval_strategy steps" in text for text in texts)


def test_the_papers_tables_are_all_there() -> None:
    assert [path.stem for path in SCRIPTS] == ["ablation", "aircraft", "cars", "cifar100", "conll2003", "cub", "moco"]
