"""The names that users of timm know a network by."""

from pathlib import Path

import pytest

from hf_selftuning.experiment.pretrained.model_choice import named_or_fallback
from hf_selftuning.experiment.pretrained.timm_names import source_of


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("test_resnet", "timm/test_resnet.r160_in1k"),
        ("resnet18.a2_in1k", "timm/resnet18.a2_in1k"),
        ("hf_hub:timm/test_resnet.r160_in1k", "timm/test_resnet.r160_in1k"),
        ("hf-hub:timm/test_resnet.r160_in1k", "timm/test_resnet.r160_in1k"),
        ("timm:resnet18.a1_in1k", "timm/resnet18.a1_in1k"),
        ("local-dir:saved/resnet", "saved/resnet"),
        ("google/vit-base-patch16-224", "google/vit-base-patch16-224"),
        ("embedded", "embedded"),
        (None, None),
    ],
)
def test_a_network_is_found_by_its_names_in_timm(name: str | None, source: str | None) -> None:
    assert source_of(name) == source


def test_a_folder_called_like_an_architecture_is_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "test_resnet").mkdir()
    monkeypatch.chdir(tmp_path)
    assert source_of("test_resnet") == "test_resnet"


def test_weights_that_timm_does_not_have_are_refused() -> None:
    with pytest.raises(ValueError, match=r"no weights called resnet18\.mine .*timm has resnet18\.a1_in1k"):
        source_of("resnet18.mine")


@pytest.mark.parametrize("name", ["model.pth", "model.safetensors"])
def test_a_file_of_weights_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"weights")
    with pytest.raises(ValueError, match=r"is a file, and weights alone .* checkpoint_path=.* name that folder"):
        named_or_fallback(str(tmp_path / name), "a/default", "model", "the embedded one")
