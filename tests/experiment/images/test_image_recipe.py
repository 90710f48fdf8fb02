"""Settings of a run on images that no flag names."""

from pathlib import Path
from types import ModuleType

import pytest
from in_process import recipe, results, runner
from small_data import paint

from hf_selftuning import METHODS
from hf_selftuning.experiment.images.image_recipe import FAMILIAR, PHOTOS, Recipe, recipe_for
from hf_selftuning.experiment.stages.stage_text import stage_of
from hf_selftuning.experiment.stages.usual import Usual


@pytest.mark.parametrize(
    ("asked", "shift", "unlabeled", "name", "usual", "words"),
    [
        ("auto", 0.3, 90, "photos", Usual(("pool", "photos", "images"), "propagate"), "lie 0.30 standard deviations"),
        ("auto", 0.3, 10**6, "photos", Usual(("photos", "images"), "propagate"), "the 1,000,000 unlabelled images"),
        ("auto", 0.3, 0, "photos", Usual(("photos", "images"), "probe"), "because no other are there"),
        ("auto", FAMILIAR, 90, "standard", Usual(("images",)), "such images are new to the network"),
        ("auto", None, 90, "standard", Usual(("images",)), "has no BatchNorm layer"),
        ("photos", None, 90, "photos", Usual(("pool", "photos", "images"), "propagate"), "the 90 unlabelled images"),
    ],
)
def test_the_recipe_follows_the_shift_and_says_why(
    asked: str, shift: float | None, unlabeled: int, name: str, usual: Usual, words: str
) -> None:
    found = recipe_for(asked, shift, unlabeled=unlabeled)
    assert (found.name, found.usual) == (name, usual)
    assert found.flags == (PHOTOS if name == "photos" else {})
    assert words in " ".join(found.reasons)


def test_flags_of_the_user_win() -> None:
    recipe = Recipe("photos", dict(PHOTOS))
    assert "learning_rate" not in recipe.without({"learning_rate"}).flags
    assert "max_steps" not in recipe.without({"num_train_epochs"}).flags
    assert recipe.without(()).flags == PHOTOS


@pytest.mark.parametrize("name", sorted(METHODS))
def test_only_methods_for_unlabelled_data_take_the_start(name: str) -> None:
    method = stage_of([name], Usual(("photos", "images"), "propagate")).methods[0]
    own = type(method).from_preset(method.preset).start
    reads = method.family != "TL" and not method.pretrains
    assert method.start == ("propagate" if reads else own)


@pytest.mark.parametrize(("start", "preset"), [("none", "images"), ("probe", "photos"), ("propagate", "pool")])
def test_a_start_that_the_text_names_wins_and_its_preset_has_it_too(start: str, preset: str) -> None:
    usual = Usual(("pool", "photos", "images"), "propagate")
    method = stage_of([f"self_tuning:start={start}"], usual).methods[0]
    assert (method.start, method.preset) == (start, preset)
    assert stage_of([f"fixmatch:start={start}"], usual).methods[0].start == start


@pytest.fixture
def module() -> ModuleType:
    return recipe("run_image_classification")


def test_a_run_measures_its_images_and_prints_what_it_takes(
    module: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    data = {"data_dir": paint(tmp_path / "train", 4), "test_dir": paint(tmp_path / "test", 2), "labels_per_class": 2}
    run = runner(module, monkeypatch, tmp_path / "run", **data, image_size=32)
    folder = run(model_name_or_path=None, compare_fine_tuning=False, learning_rate=0.02, max_steps=2)
    text = capsys.readouterr().out
    assert "standard deviations from those of the pretraining" in text
    assert results(folder)["learning_rate"] == 0.02
    assert results(folder)["recipe"] in ("photos", "standard")
    assert f"recipe {results(folder)['recipe']}" in " ".join(text.split())
