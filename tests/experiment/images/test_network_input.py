"""A network is tried with one image of the run's size before anything trains."""

from pathlib import Path

import pytest
import tiny
from transformers import ViTImageProcessor

from hf_selftuning.experiment.images.network_input import input_for
from hf_selftuning.experiment.pretrained.model_choice import Pretrained


@pytest.fixture
def fixed(tmp_path: Path) -> Pretrained:
    """A network whose positions fit images of 32 pixels."""
    tiny.vit().save_pretrained(tmp_path)
    ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(tmp_path)
    return Pretrained(str(tmp_path), "tiny", None, None, None)


def test_a_size_that_the_network_cannot_read_is_refused(fixed: Pretrained) -> None:
    with pytest.raises(
        ValueError, match=r"cannot read images of 48 x 48 pixels .*leave --image_size out for images of 32"
    ):
        input_for(tiny.vit(), fixed, size=48, asked=True)


def test_a_size_that_nobody_asked_for_gives_way(fixed: Pretrained) -> None:
    assert input_for(tiny.vit(), fixed, size=64, asked=False).size == 32


def test_a_processor_of_another_size_than_the_network_is_refused(fixed: Pretrained) -> None:
    ViTImageProcessor(size={"height": 64, "width": 64}).save_pretrained(str(fixed.source))
    with pytest.raises(ValueError, match="the image processor beside tiny makes them; correct its size"):
        input_for(tiny.vit(), fixed, size=None, asked=False)


def test_a_network_that_reads_any_size_takes_the_one_that_was_asked_for() -> None:
    embedded = Pretrained(None, "embedded", None, None, None)
    assert input_for(tiny.resnet(), embedded, size=48, asked=True).size == 48
