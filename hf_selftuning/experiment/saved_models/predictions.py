"""Predictions of a trained model for sentences, texts and images."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import AutoConfig

from ...data.images.folders.folder_reading import read_folder
from ...data.images.folders.image_folders import unlabeled_reading
from ...data.images.readings.image_formats import SUFFIXES, is_image
from ...data.images.readings.image_summary import summarise
from ...metrics import Decoding
from ...tasks import TASKS
from ..images.image_answers import Classifier
from ..texts.text_answers import TextClassifier
from ..words.tagger import Tagger

WORDS = "token-classification"
"""The pipeline of models for words."""
TEXTS = "text-classification"
"""The pipeline of models for texts."""


@dataclass(frozen=True)
class Prediction:
    """One prediction of a model.

    Args:
        source: the path of the image; for a sentence `file:number`, with its number in the file, from 1; for a text
            its file and row.
        label: the class of the image or the text, or the type of the entity.
        score: the model's probability of the label, in [0, 1].
        text: the text, or the words of the entity; empty for images.
        start: the entity's first character in the text of its sentence; None for texts and images.
        end: the first character behind it; None for texts and images.
        error: why an image cannot be opened; its label is empty then.
        row: of a text's or a sentence's table, or the line where it begins, from 1; None for images, and for texts
            that are files of their own. Rows without text have no prediction.
    """

    source: str
    label: str
    score: float
    text: str = ""
    start: int | None = None
    end: int | None = None
    error: str = ""
    row: int | None = None


def predict(
    model: str | Path,
    inputs: str | Path | Sequence[str | Path],
    *,
    top: int = 1,
    batch_size: int = 16,
    device: str | int | None = None,
    decoding: Decoding = "argmax",
    text_column_name: Sequence[str] | None = None,
) -> Iterator[Prediction]:
    """Tag the words of sentences, or classify texts or images, with a trained model.

    Words are read as in training, so that the answers are those that were scored; `Tagger` gives them for each word.
    The call loads the model. Inputs are read only while the caller iterates, so that a large folder fits into memory.

    Args:
        model: folder of a run or of a saved model, or a Hub id.
        inputs: one path or several. A model for words reads the files that `read_unlabeled_words` reads. A model for
            texts reads those that `read_unlabeled_texts` reads. A model for images reads image files, and all images
            in a folder.
        top: number of most probable classes to return for each text or image; ignored for words.
        batch_size: number of inputs in a forward pass.
        device: such as `cpu` or `cuda:0`; None takes the first accelerator, else the CPU.
        decoding: tags of words: `argmax`, the most probable tag of each, or `legal`, the most probable sequence that
            the scheme of the tags allows; ignored for others.
        text_column_name: for texts in tables, their column, or the two columns of pairs; None finds it.

    Returns:
        An iterator: a prediction for each entity of each sentence, or `top` for each text or image, in the order
        of the inputs. An image that cannot be opened, or a text in a folder that cannot be read, gives one prediction
        without a label, whose `error` says why.

    Raises:
        ValueError: the model neither tags words nor classifies texts or images, or a number is less than 1; or,
            while iterating, an input is of the wrong kind.

    Example:
        >>> for found in predict("runs/words", "new.txt"):
        ...     print(found.source, found.label, found.text)
    """
    for name, number in (("top", top), ("batch_size", batch_size)):
        if number < 1:
            raise ValueError(f"{name}={number} is given where a number from 1 is wanted.")
    source = model_folder(str(model))
    task = task_of_model(source)
    paths = [str(path) for path in ([inputs] if isinstance(inputs, str | Path) else inputs)]
    if task == WORDS:
        return tag(Tagger(source, batch_size=batch_size, device=device, decoding=decoding), paths)
    if task == TEXTS:
        classifier = TextClassifier(source, batch_size=batch_size, device=device)
        return classify_texts(classifier, paths, top=top, text_column_name=text_column_name)
    images = (image for path in paths for image in image_paths(path))
    return classify(Classifier(source, batch_size=batch_size, device=device), images, top=top)


def model_folder(name: str) -> str:
    """The folder `model` inside the folder of a run; any other name is returned as it is."""
    inside = Path(name) / "model"
    return str(inside) if (inside / "config.json").is_file() else name


def task_of_model(source: str) -> Any:
    """The name of the transformers pipeline that a saved model is for.

    Raises:
        ValueError: there is no model in the folder, or it neither tags words nor classifies texts or images.
    """
    if Path(source).exists() and not (Path(source) / "config.json").is_file():
        inside = sorted(str(path.parent.parent) for path in Path(source).glob("*/model/config.json"))
        there = f", such as {inside[0]}" if inside else ""
        raise ValueError(
            f"{source} holds no model (no config.json); give the folder of a run{there}, or the folder of a model."
        )
    architecture = next(iter(AutoConfig.from_pretrained(source).architectures or ["without a head"]))
    for ending, task in TASKS.items():
        if architecture.endswith(ending) and task.pipeline is not None:
            return task.pipeline
    raise ValueError(f"{source} is {architecture}; give a model that tags words, or classifies texts or images.")


def tag(tagger: Tagger, files: Sequence[str]) -> Iterator[Prediction]:
    """The entities of each sentence."""
    for answer in (answer for file in files for answer in tagger.answers(file)):
        for found in answer.entities:
            place, row = (found.start, found.end), answer.row
            yield Prediction(answer.source, found.label, found.score, found.text, *place, row=row)


def classify_texts(
    classifier: TextClassifier, paths: Sequence[str], *, top: int, text_column_name: Sequence[str] | None = None
) -> Iterator[Prediction]:
    """The most probable classes of each text; files of a folder that cannot be read come last."""
    for path in paths:
        broken: dict[str, str] = {}
        for answer in classifier.answers(path, text_column_name=text_column_name, top=top, broken=broken):
            for label, score in answer.classes:
                yield Prediction(answer.source, label, score, answer.text, row=answer.row)
        for file, reason in broken.items():
            yield Prediction(file, "", 0.0, error=reason)


def classify(classifier: Classifier, images: Iterable[str], *, top: int) -> Iterator[Prediction]:
    """The most probable classes of each image file."""
    for answer in classifier.answers(images, top=top):
        if answer.error:
            yield Prediction(answer.source, "", 0.0, error=answer.error)
        for label, score in answer.classes:
            yield Prediction(answer.source, label, score)


def image_paths(name: str) -> list[str]:
    """The path of the image, or those of all images in a folder.

    Raises:
        ValueError: the path is neither an image nor a folder.
    """
    if Path(name).is_dir():
        reading = unlabeled_reading(read_folder(name))
        summarise("unlabeled", reading).log()
        return [image["path"] for image in reading.images["image"]]
    if not is_image(name):
        if not Path(name).exists():
            raise ValueError(f"There is no file or folder {name}; check the path.")
        raise ValueError(f"{name} is no image, and the model classifies images; give {', '.join(sorted(SUFFIXES))}.")
    return [name]
