"""A trained model asked about image files: bad ones among them, and no more than one open."""

from pathlib import Path

import numpy as np
import pytest
import tiny
from PIL import Image
from trained import save_classifier
from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessor

from hf_selftuning.cli.main import main
from hf_selftuning.data.images.pixels.pixel_ranges import PixelRanges
from hf_selftuning.experiment.images import image_answers
from hf_selftuning.experiment.images.image_answers import Classifier
from hf_selftuning.experiment.saved_models.predictions import Prediction, predict


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_classifier(tmp_path_factory.mktemp("classifier"))


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """Five files, of which the first, the third and the last are broken."""
    for name in "bd":
        Image.new("RGB", (20, 40)).save(tmp_path / f"{name}.png")
    for name, content in (("a", b""), ("c", b"<html>"), ("e", b"?")):
        (tmp_path / f"{name}.png").write_bytes(content)
    return tmp_path


@pytest.mark.parametrize("batch_size", [1, 2, 16])
def test_answers_keep_the_order_of_the_files_and_broken_ones_say_why(model: Path, new: Path, batch_size: int) -> None:
    found = list(predict(model, new, batch_size=batch_size, device="cpu"))
    assert [(Path(item.source).stem, item.label, bool(item.error)) for item in found] == [
        ("a", "", True), ("b", "LABEL_1", False), ("c", "", True), ("d", "LABEL_1", False), ("e", "", True)
    ]  # fmt: skip
    assert "a.png cannot be opened (the file is empty)" in found[0].error


def test_files_of_which_none_is_an_image_have_errors_alone(model: Path, new: Path) -> None:
    (only,) = predict(model, new / "a.png", device="cpu")
    assert only == Prediction(str(new / "a.png"), "", 0.0, error=only.error)


def test_the_command_goes_on_after_a_broken_file_and_ends_with_status_1(
    model: Path, new: Path, capsys: pytest.CaptureFixture
) -> None:
    assert main(["predict", str(model), str(new), str(new / "none.png"), "--json", "--device", "cpu"]) == 1
    said = capsys.readouterr()
    assert [line.count("LABEL_1") for line in said.out.splitlines()] == [1, 1]
    assert "4 inputs have no answer." in said.err
    assert "none.png cannot be opened (there is no such file)" in said.err


def test_one_photograph_is_open_at_a_time(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for index in range(5):
        Image.new("RGB", (20, 40)).save(tmp_path / f"{index}.png")
    alive: list[int] = []
    images: set[int] = set()

    class Counted(Image.Image):
        def __del__(self) -> None:
            images.discard(id(self))

    def opened(path: str, *, ranges: PixelRanges) -> Image.Image:
        image = Image.open(path).convert("RGB")
        image.__class__ = Counted
        images.add(id(image))
        alive.append(len(images))
        return image

    monkeypatch.setattr(image_answers, "open_image", opened)
    paths = [str(tmp_path / f"{index}.png") for index in range(5)]
    assert len(list(Classifier(str(model), device="cpu").answers(paths))) == 5
    assert max(alive) <= 2  # the pipeline lets go of an image when it has got the next one


def test_images_are_scaled_as_in_training(tmp_path: Path) -> None:
    network = tiny.vit()
    PixelRanges(integers=(0, 4095)).write_to(network.config)
    network.save_pretrained(tmp_path / "model")
    ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(tmp_path / "model")
    pictures = {"twelve": np.full((32, 32), 4095, np.uint16), "eight": np.full((32, 32), 255, np.uint8)}
    for name, pixels in pictures.items():
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    Image.fromarray(np.full((32, 32), 5000, np.uint16)).save(tmp_path / "more.png")
    paths = [str(tmp_path / f"{name}.png") for name in ("twelve", "eight", "more")]
    twelve, eight, more = Classifier(str(tmp_path / "model"), device="cpu").answers(paths)
    assert twelve.classes == eight.classes
    assert "its pixels go from 5000 to 5000, and black is 0 and white 4095" in more.error


def test_a_network_of_one_channel_is_asked_in_grey_whatever_processor_lies_beside_it(tmp_path: Path) -> None:
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    grey = ViTForImageClassification(ViTConfig(image_size=32, patch_size=16, num_channels=1, **sizes))
    grey.save_pretrained(tmp_path / "model")
    ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(tmp_path / "model")
    Image.new("RGB", (20, 40), "red").save(tmp_path / "a.png")
    (answer,) = Classifier(str(tmp_path / "model"), device="cpu").answers([str(tmp_path / "a.png")])
    assert len(answer.classes) == 1
