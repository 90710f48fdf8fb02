"""Tag sentences or classify images with a trained model."""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tabulate import tabulate
from transformers import AutoConfig, pipeline

from ..data.image_data import open_image
from ..data.image_folders import SUFFIXES, read_unlabeled_images
from ..data.words import read_unlabeled_words
from ..tasks import TASKS

OPEN_AT_ONCE = 256
"""Images that are held in memory."""


@dataclass(frozen=True)
class Prediction:
    """One answer of the model.

    Args:
        source: the image, or file and number of the sentence, counted from 1.
        text: the words it is about; empty for images.
        score: the model's probability.
    """

    source: str
    label: str
    score: float
    text: str = ""


def add_flags(parser: argparse.ArgumentParser) -> None:
    """The model, its inputs, and how answers are written."""
    parser.add_argument("model", metavar="MODEL", help="a folder of a run (its model), or a Hub id")
    parser.add_argument(
        "inputs", nargs="+", metavar="INPUT", help="text files (a sentence a line), CSV, JSON; images, or folders"
    )
    parser.add_argument("--top", type=int, default=1, help="classes an image is shown (default: 1)")
    parser.add_argument("--batch_size", type=int, default=16, help="inputs a forward (default: 16)")
    parser.add_argument("--device", help="such as cpu or cuda:0; without it, the first accelerator")
    parser.add_argument("--json", action="store_true", help="a JSON object a line in place of a table")


def run(arguments: argparse.Namespace) -> int:
    """Print what the model says of each input."""
    source = model_folder(arguments.model)
    task = task_of_model(source)
    ask: Any = pipeline(task, model=source, device=arguments.device, batch_size=arguments.batch_size)
    if task == "image-classification":
        found = list(classify(ask, arguments.inputs, top=arguments.top))
    else:
        found = list(tag(ask, arguments.inputs))
    print("\n".join(map(_line, found)) if arguments.json else _table(found))
    return 0


def model_folder(name: str) -> str:
    """The model itself, where the folder of a run was named."""
    inside = Path(name) / "model"
    return str(inside) if (inside / "config.json").is_file() else name


def task_of_model(source: str) -> Any:
    """The pipeline that a saved model is for.

    Raises:
        ValueError: it is for none of ours.
    """
    architecture = next(iter(AutoConfig.from_pretrained(source).architectures or ["without a head"]))
    for ending, task in TASKS.items():
        if architecture.endswith(ending) and task.pipeline is not None:
            return task.pipeline
    raise ValueError(f"{source} is {architecture}; give a model that tags words or classifies images.")


def tag(ask: Any, files: Sequence[str]) -> Iterator[Prediction]:
    """Entities of each sentence; a word is what its first piece is, as it was trained."""
    for file in files:
        sentences = [" ".join(words) for words in read_unlabeled_words(file)["tokens"]]
        for number, entities in enumerate(ask(sentences, aggregation_strategy="first"), 1):
            text = sentences[number - 1]
            for entity in entities:
                words = text[entity["start"] : entity["end"]]
                yield Prediction(f"{file}:{number}", entity["entity_group"], float(entity["score"]), words)


def classify(ask: Any, inputs: Sequence[str], *, top: int) -> Iterator[Prediction]:
    """The likeliest classes of each image; folders are searched."""
    paths = [path for name in inputs for path in image_paths(name)]
    for start in range(0, len(paths), OPEN_AT_ONCE):
        some = paths[start : start + OPEN_AT_ONCE]
        for path, answers in zip(some, ask([open_image(path) for path in some], top_k=top), strict=True):
            for answer in answers:
                yield Prediction(path, answer["label"], float(answer["score"]))


def image_paths(name: str) -> list[str]:
    """The image itself, or all of a folder.

    Raises:
        ValueError: it is neither.
    """
    if Path(name).is_dir():
        return [image["path"] for image in read_unlabeled_images(name)["image"]]
    if Path(name).suffix.lower() not in SUFFIXES:
        raise ValueError(f"{name} is no image, and the model classifies images; give {', '.join(sorted(SUFFIXES))}.")
    return [name]


def _line(prediction: Prediction) -> str:
    return json.dumps(asdict(prediction), ensure_ascii=False)


def _table(found: Sequence[Prediction]) -> str:
    if not found:
        return "nothing found"
    columns = ["input", "label", "score", "words"] if any(item.text for item in found) else ["input", "label", "score"]
    rows = [(item.source, item.label, f"{item.score:.3f}", item.text)[: len(columns)] for item in found]
    return tabulate(rows, headers=columns, disable_numparse=True)
