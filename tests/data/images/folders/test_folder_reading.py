"""What a folder of images may hold beside images: the output of a run is passed over."""

from pathlib import Path

import pytest
from PIL import Image
from transformers.trainer import TRAINER_STATE_NAME, TRAINING_ARGS_NAME
from transformers.utils import SAFE_WEIGHTS_NAME

from hf_selftuning.data.images.folders.folder_reading import RUN, read_folder


@pytest.mark.parametrize("name", [TRAINER_STATE_NAME, TRAINING_ARGS_NAME, SAFE_WEIGHTS_NAME])
def test_a_folder_with_a_file_of_trainer_is_the_output_of_a_run(tmp_path: Path, name: str) -> None:
    (tmp_path / "checkpoint-100").mkdir()
    (tmp_path / "checkpoint-100" / name).touch()
    Image.new("RGB", (4, 4)).save(tmp_path / "checkpoint-100" / "curves.png")
    Image.new("RGB", (4, 4)).save(tmp_path / "photo.png")
    found = read_folder(tmp_path)
    assert found.count == 1
    assert [inner.passed_over[RUN] for inner in found.folders] == [2]
