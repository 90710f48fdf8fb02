"""Stages of a row: what each hands to the next, and what a run that is started again does not do again."""

import json
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from in_process import Run, recipe, results, runner
from small_data import columns, paint
from transformers import AutoModelForMaskedLM, AutoModelForTokenClassification, ViTConfig, ViTForImageClassification

from hf_selftuning.experiment.stages.stage_text import stage_of
from hf_selftuning.experiment.stages.stage_training import DONE, seed_of_copy
from hf_selftuning.experiment.stages.usual import Usual
from hf_selftuning.methods import DELTA


@pytest.fixture
def words(words_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    usual = {"model_name_or_path": words_model, "train_file": columns(tmp_path / "train.conll", 20)}
    more = {"label_ratio": 0.5, "compare_fine_tuning": False, "max_steps": 2}
    return runner(recipe("run_ner"), monkeypatch, tmp_path / "run", **usual, **more)


def network(folder: Path, width: int) -> Path:
    torch.manual_seed(width)
    sizes = {"hidden_size": width, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    ViTForImageClassification(ViTConfig(image_size=32, patch_size=16, **sizes)).save_pretrained(folder)
    return folder


@pytest.fixture
def images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    module: ModuleType = recipe("run_image_classification")
    usual: dict[str, Any] = {
        "model_name_or_path": network(tmp_path / "large", 24),
        "data_dir": paint(tmp_path / "train", 4),
        "test_dir": paint(tmp_path / "test", 2),
        "labels_per_class": 2,
        "image_size": 32,
        "compare_fine_tuning": False,
    }
    return runner(module, monkeypatch, tmp_path / "run", **usual)


def stages_of(folder: Path) -> Path:
    (found,) = folder.glob("stages/*")
    return found


def test_tapt_changes_the_encoder_that_the_next_stage_begins_with(words: Run, words_model: Path) -> None:
    folder = words(stages=["tapt:steps=3,learning_rate=0.01", "fine_tuning"], learning_rate=0.0)
    adapted = AutoModelForMaskedLM.from_pretrained(stages_of(folder) / "1_tapt").bert
    saved = AutoModelForTokenClassification.from_pretrained(folder / "model").bert
    start = AutoModelForTokenClassification.from_pretrained(words_model).bert
    for name, value in saved.state_dict().items():
        assert torch.equal(value, adapted.state_dict()[name]), name
    assert not torch.equal(saved.embeddings.word_embeddings.weight, start.embeddings.word_embeddings.weight)
    (row,) = results(folder)["rows"]
    assert (row["method"], row["steps"]) == ("tapt-fine_tuning", 3 + 2)


def test_co_tuning_takes_the_language_head_that_tapt_trained_and_no_random_one(words: Run) -> None:
    with pytest.raises(ValueError, match=r"was saved without it \(cls\..* is missing\); put the stage tapt first"):
        words(methods="co_tuning")
    row = results(words(stages=["tapt", "co_tuning+bss"]))["rows"][0]
    assert row["settings"]["2. Co-Tuning"]["relationship"] == "direct"
    assert row["preset"] == "words+paper"


def test_simclr_v2_goes_on_from_the_middle_and_teaches_a_smaller_student(images: Run, tmp_path: Path) -> None:
    chain = ["simclr", "simclr_v2", "distillation:temperature=2.0"]
    folder = images(stages=chain, student_name_or_path=network(tmp_path / "small", 16))
    settings = results(folder)["rows"][0]["settings"]
    assert settings["2. SimCLRv2"]["projector"] == "1_simclr"
    assert settings["3. Distillation"]["teacher"] == "2_simclr_v2"
    saved = ViTForImageClassification.from_pretrained(folder / "model")
    assert saved.config.hidden_size == 16
    assert not list((folder / "model").glob("*selftuning*"))


def test_each_round_of_noisy_student_is_taught_by_the_one_before(images: Run) -> None:
    folder = images(stages=["fine_tuning", "noisy_student", "noisy_student:temperature=0.5"])
    settings = results(folder)["rows"][0]["settings"]
    assert settings["2. Noisy Student"]["teacher"] == "1_fine_tuning"
    assert settings["3. Noisy Student"]["teacher"] == "2_noisy_student"


def test_several_teachers_teach_a_student_that_starts_again_and_it_teaches_the_next(
    words: Run, words_model: Path, capsys: pytest.CaptureFixture
) -> None:
    saving = {"save_strategy": "steps", "save_steps": 1}
    chain = ["fine_tuning*2", "generation+self_tuning:preset=generation", "generation:steps=3,learning_rate=0.0"]
    folder = words(stages=chain, **saving)
    (row,) = results(folder)["rows"]
    assert (row["method"], row["steps"]) == ("fine_tuningx2-generation+self_tuning-generation", 2 * 2 + 2 + 3)
    stages = stages_of(folder)
    teachers = [str(stages / "1_fine_tuning"), str(stages / "1_fine_tuning.1")]
    first, second = (AutoModelForTokenClassification.from_pretrained(teacher) for teacher in teachers)
    assert not torch.equal(first.classifier.weight, second.classifier.weight)
    assert row["settings"]["2. Generation"]["teachers"] == "1_fine_tuning;1_fine_tuning.1"
    assert row["settings"]["3. Generation"]["teachers"] == "2_generation+self_tuning"
    assert len(list((stages / "2_generation+self_tuning" / "_soft_labels").iterdir())) == 2
    saved = AutoModelForTokenClassification.from_pretrained(folder / "model").bert
    start = AutoModelForTokenClassification.from_pretrained(words_model).bert
    for name, value in saved.state_dict().items():  # it did not learn, and so is what it started from
        assert torch.equal(value, start.state_dict()[name]), name

    expected = (folder / "model" / "model.safetensors").read_bytes()
    (stages / "1_fine_tuning.1" / DONE).unlink()  # as if the second teacher had been stopped after its first step
    for late in (stages / "1_fine_tuning.1" / "checkpoint-2", stages / "2_generation+self_tuning"):
        shutil.rmtree(late)
    for late in folder.glob("rows/*/checkpoint-*"):
        shutil.rmtree(late)
    capsys.readouterr()
    words(stages=[" then ".join(chain)], **saving, resume_from_checkpoint=True)
    said = capsys.readouterr().out
    assert "stage 1, Fine-tuning x 2, model 1: finished before" in said
    assert "stage 1, Fine-tuning x 2, model 2\n" in said
    assert (folder / "model" / "model.safetensors").read_bytes() == expected


def test_each_run_has_teachers_of_its_own() -> None:
    seeds = [seed_of_copy(seed, copy) for seed in range(3) for copy in range(3)]
    assert len(set(seeds)) == len(seeds)
    assert seeds[::3] == [0, 1, 2]


def test_finished_stages_are_skipped_and_the_one_that_was_stopped_goes_on(
    words: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    saving = {"save_strategy": "steps", "save_steps": 1, "max_steps": 3}
    chain = {"stages": ["tapt", "fine_tuning", "distillation"]}
    whole = words(**chain, **saving)
    expected = (whole / "model" / "model.safetensors").read_bytes()
    stages = stages_of(whole)
    kept = (stages / "1_tapt" / "model.safetensors").stat().st_mtime_ns
    # As if the second stage had been stopped after its second step.
    (stages / "2_fine_tuning" / DONE).unlink()
    for late in (stages / "2_fine_tuning" / "checkpoint-3", *whole.glob("rows/*/checkpoint-*")):
        for file in late.iterdir():
            file.unlink()
        late.rmdir()
    capsys.readouterr()
    again = words(**chain, **saving, resume_from_checkpoint=True)
    assert "stage 1, TAPT: finished before" in capsys.readouterr().out
    assert (stages / "1_tapt" / "model.safetensors").stat().st_mtime_ns == kept
    assert json.loads((stages / "2_fine_tuning" / DONE).read_text())["steps"] == 3
    assert (again / "model" / "model.safetensors").read_bytes() == expected


def test_a_finished_checkpoint_of_tapt_takes_no_step_more_and_a_half_written_one_is_passed_over(
    words: Run, caplog: pytest.LogCaptureFixture
) -> None:
    saving = {"save_strategy": "steps", "save_steps": 1, "max_steps": 3}
    chain = {"stages": ["tapt", "fine_tuning"]}
    whole = words(**chain, **saving)
    expected = (whole / "model" / "model.safetensors").read_bytes()
    tapt = stages_of(whole) / "1_tapt"

    def again() -> bytes:
        (tapt / DONE).unlink()
        for checkpoint in whole.glob("rows/tapt-fine_tuning/checkpoint-*"):
            shutil.rmtree(checkpoint)
        words(**chain, **saving, resume_from_checkpoint=True)
        assert json.loads((tapt / DONE).read_text())["steps"] == 3
        return (whole / "model" / "model.safetensors").read_bytes()

    assert again() == expected
    (tapt / "checkpoint-3" / "trainer_state.json").unlink()
    again()  # goes on from the second step, with masks of its own
    assert "checkpoint-3 has no whole trainer_state.json" in caplog.text


def test_a_folder_with_stages_is_another_run(words: Run, tmp_path: Path) -> None:
    (tmp_path / "run" / "stages" / "tapt-fine_tuning").mkdir(parents=True)
    with pytest.raises(ValueError, match=r"holds another run \(stages\)"):
        words()


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        (["tapt"], "The last stage, tapt, learns no class; put one after it"),
        (
            ["tapt+bss", "fine_tuning"],
            "The stage tapt cannot be joined with others and takes only steps, learning_rate and restart; leave",
        ),
        (["fine_tuning:temperature=1", "bss"], "leave the rest of 'fine_tuning:temperature=1' out"),
        (["noisy_student"], "Noisy Student learns from a trained teacher, and no stage before it trained one"),
        (["generation"], "Generation learns from trained teachers, and no stage before it trained any; put one there"),
        (["fine_tuning*2", "distillation"], "Distillation learns from one teacher, and the stage before it trained 2"),
        (["fine_tuning*2"], r"The last stage, fine_tuning\*2, trains 2 models, and one is scored; put a stage after"),
        (["fine_tuning*some", "generation"], r"'fine_tuning\*some' asks for some copies; write a number such as"),
        (["bss:steps=many"], "steps=many of a stage is no int; give a number"),
        (["bss:restart=never"], "restart=never of a stage is neither True nor False; False goes on from the weights"),
        (["bss:restart=False"], "restart=False goes on from the model of a stage before it, and there is none; put"),
        (["tapt", "bss:restart=False"], "goes on from the model of a stage before it, and there is none"),
        (["fine_tuning*2", "generation:restart=False"], "of a stage before it, and fine_tuning trains 2; put one"),
    ],
)
def test_a_chain_that_cannot_be_is_refused(words: Run, stages: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        words(stages=stages)


def test_images_have_no_language(images: Run) -> None:
    with pytest.raises(ValueError, match="tapt models language, and images have none; take the stage simclr"):
        images(stages=["tapt", "fine_tuning"])


@pytest.mark.parametrize("last", ["fine_tuning", "generation"])
def test_a_stage_that_goes_on_begins_with_the_model_before(words: Run, last: str) -> None:
    folder = words(stages=["fine_tuning", f"{last}:restart=False,learning_rate=0.0"])
    taught = AutoModelForTokenClassification.from_pretrained(stages_of(folder) / "1_fine_tuning").state_dict()
    saved = AutoModelForTokenClassification.from_pretrained(folder / "model").state_dict()
    for name, value in saved.items():  # it did not learn, and so is what it began with
        assert torch.equal(value, taught[name]), name
    assert results(folder)["rows"][0]["steps"] == 2 + 2


def test_a_stage_that_goes_on_cannot_be_another_model(words: Run, words_model: Path) -> None:
    with pytest.raises(ValueError, match="goes on from the model of the stage before it, and --student_name_or_path"):
        words(stages=["fine_tuning", "generation:restart=False"], student_name_or_path=str(words_model))


def test_a_stage_has_settings_of_its_own_beside_its_methods() -> None:
    stage = stage_of(["delta:blocks=2,steps=30", "bss:learning_rate=1e-3"], Usual(("words",)))
    assert stage.name == "delta+bss"
    assert stage.changes == {"max_steps": 30, "learning_rate": 1e-3}
    assert isinstance(stage.methods[0], DELTA)
    assert (stage.methods[0].blocks, stage.methods[0].attention_examples) == (2, 16)
