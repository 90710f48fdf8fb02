"""Setups that score a saved model: the model's own classes, and one part of some data as the part `test`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from datasets import ClassLabel, Dataset, Features, List, Value
from transformers import AutoConfig

from ..core.task import IGNORED
from ..data.class_names import model_class_names
from ..data.images.image_data import CLOSED, ImageData
from ..data.splits import Split
from ..data.words.reading_record import ReadingRecord
from ..data.words.word_data import WordData
from ..metrics import Counts, entity_counts
from .flags import BudgetArguments, ModelArguments
from .image_examples import read_image_data, split_image_data
from .image_flags import ImageConfig, ImageDataArguments
from .image_setup import ImageSetup
from .parts import Parts
from .run_record import RunRecord
from .run_setup import Setup
from .word_examples import read_word_data, split_word_data
from .word_flags import WordConfig, WordDataArguments
from .word_setup import WordSetup

PARTS = {"test": "test", "dev": "validation"}
"""The parts that are scored, and their names in data."""


@dataclass(frozen=True)
class Target:
    """A saved model and the data to score it on.

    Args:
        model: folder or Hub id.
        folder: of the run; the model's folder where there is no run.
        record: of the run; None where there is no run.
        data: a file, a folder, the name of a dataset, or flags; None is the run's own data.
        part: `test` or `dev`.
        training: training arguments that differ from the run's.
        scratch: an output folder for the trainer, which writes nothing there.
    """

    model: str
    folder: Path
    record: RunRecord | None
    data: Any
    part: str
    training: Mapping[str, Any]
    scratch: str

    def config(self, kind: Any) -> Any:
        """The training arguments of the run, as far as a score depends on them."""
        kept = {} if self.record is None else dict(self.record.training)
        return kind(**{**kept, **self.training, "output_dir": self.scratch, "report_to": "none"})

    def flags(self, kind: Any) -> Any:
        """The flags of the run's data; the defaults where there is no run."""
        known = {field.name for field in fields(kind)}
        kept = {} if self.record is None else self.record.data_flags
        return kind(**{name: value for name, value in kept.items() if name in known})

    def budget(self) -> BudgetArguments:
        """The split of the run, which a dev part may be held out of."""
        share = 0.0 if self.record is None else self.record.validation_share
        return BudgetArguments(split_file=str(self.folder / "split.json"), validation_share=share)

    @property
    def classes(self) -> list[str]:
        """The classes of the model.

        Raises:
            ValueError: its config does not name them.
        """
        names = model_class_names(AutoConfig.from_pretrained(self.model))
        if names is None:
            raise ValueError(
                f"{self.model} does not name its classes; write them into the id2label of its config.json."
            )
        return names


def word_setup(target: Target) -> tuple[Setup, Counts | None]:
    """A setup whose part `test` is to be scored, and the counts of entities whose types the model does not know."""
    flags, names = target.flags(WordDataArguments), target.classes
    flags, data, examples = _words(target, flags)
    read = ReadingRecord.of(AutoConfig.from_pretrained(target.model))
    if target.record is None and read.max_length and flags.max_length == WordDataArguments().max_length:
        flags = replace(flags, max_length=read.max_length)  # the model's config holds what it was trained with
    known, missed = in_model_tags(examples, data.tag_names, names)
    flags = replace(flags, dataset_name=None, train_file=data.name)  # the setup must not look for a default dataset
    config, model = target.config(WordConfig), ModelArguments(model_name_or_path=target.model)
    data = replace(data, train=known, validation=None, test=known, tag_names=names, unlabeled=None)
    return WordSetup(model, flags, config, data, one_part(known)), missed


def image_setup(target: Target) -> tuple[Setup, Counts | None]:
    """The same for images; all their classes must be the model's."""
    flags, names = target.flags(ImageDataArguments), target.classes
    flags, data, examples = _images(target, flags)
    known = in_model_classes(examples, data.class_names, names, data.name)
    config, model = target.config(ImageConfig), ModelArguments(model_name_or_path=target.model)
    data = replace(data, train=known, validation=None, test=known, class_names=names, unlabeled=None)
    return ImageSetup(model, flags, config, data, one_part(known)), None


def one_part(examples: Dataset) -> Parts:
    """The parts of a run that only scores; its trainer gets one labelled example, which it does not train on."""
    split = Split((0,), (), 0, 1.0, None, "", "")
    first = examples.select([0])
    return Parts(split, first, None, None, examples, audited=False, validation_share=0.0)


def in_model_tags(examples: Dataset, given: Sequence[str], names: Sequence[str]) -> tuple[Dataset, Counts | None]:
    """The sentences with the tags of the model by index, and the counts of entities that it cannot find.

    Args:
        examples: with a column `ner_tags`.
        given: names of their tags by index.
        names: names of the model's tags by index.
    """
    places = {tag: names.index(name) for tag, name in enumerate(given) if name in names}
    outside = list(names).index("O") if "O" in names else 0
    rows = examples["ner_tags"]
    tags = [[places.get(tag, outside) if tag != IGNORED else tag for tag in row] for row in rows]
    features = Features({"tokens": List(Value("string")), "ner_tags": List(ClassLabel(names=list(names)))})
    made = Dataset.from_dict({"tokens": list(examples["tokens"])}).add_column("ner_tags", tags).cast(features)
    if len(places) == len(given):
        return made, None
    unknown = [["O" if tag == IGNORED or tag in places else given[tag] for tag in row] for row in rows]
    return made, entity_counts([["O"] * len(row) for row in unknown], unknown)


def in_model_classes(examples: Dataset, given: Sequence[str], names: Sequence[str], data: str) -> Dataset:
    """The images with the classes of the model by index.

    Raises:
        ValueError: there is an image of a class that the model does not know.
    """
    strange = sorted({given[label] for label in set(examples["label"])} - set(names))
    if strange:
        raise ValueError(
            f"{data} has images of {', '.join(strange)}, and the model knows {', '.join(names)}; name the folders as "
            "the model names its classes, or take them out."
        )
    labels = [list(names).index(given[label]) for label in examples["label"]]
    features = Features({"image": CLOSED, "label": ClassLabel(names=list(names))})
    return examples.remove_columns("label").add_column("label", labels).cast(features)


def _words(target: Target, flags: WordDataArguments) -> tuple[WordDataArguments, WordData, Dataset]:
    """The flags, the data, and the part that is scored."""
    if target.data is None:
        data = read_word_data(flags)
        return flags, data, _scored(target, split_word_data(data, target.budget(), flags, target.folder))
    given = target.data
    if isinstance(given, str):
        flags = replace(flags, unlabeled_file=None, validation_file=None, test_file=given)
        named = replace(flags, test_file=None, train_file=None, dataset_name=given)
        given = flags if Path(given).is_file() else named
    if given.test_file is None or (given.train_file is not None and Path(given.train_file).is_file()):
        data = read_word_data(given)
        return given, data, _named_part(target, data)
    # The file alone: its tag scheme is found in it.
    data = read_word_data(replace(given, train_file=given.test_file, test_file=None, dataset_name=None))
    return given, data, data.train


def _images(target: Target, flags: ImageDataArguments) -> tuple[ImageDataArguments, ImageData, Dataset]:
    if target.data is None:
        data = read_image_data(flags)
        return flags, data, _scored(target, split_image_data(data, target.budget(), flags, target.folder))
    given = target.data
    if isinstance(given, str):
        place: dict[str, Any] = (
            {"data_dir": given, "dataset_name": None} if Path(given).is_dir() else {"dataset_name": given}
        )
        given = replace(flags, **{"data_dir": None, **place, "test_dir": None, "unlabeled_dir": None})
    elif given.test_dir is not None and given.data_dir is None:
        given = replace(given, data_dir=given.test_dir, test_dir=None)
    whole = replace(given, test_share=0.0) if given.data_dir and given.test_dir is None else given
    data = read_image_data(whole)
    if target.part == "test" and data.test is None:
        return given, data, data.train
    return given, data, _named_part(target, data)


def _named_part(target: Target, data: WordData | ImageData) -> Dataset:
    found = data.test if target.part == "test" else data.validation
    if found is None:
        raise ValueError(f"{data.name} has no {PARTS[target.part]} part; give a file or a folder with one.")
    return found


def _scored(target: Target, parts: Parts) -> Dataset:
    found = parts.scored[target.part]
    if found is None:
        others = [name for name, part in parts.scored.items() if part is not None]
        way = f"take --part {others[0]}, or " if others else ""
        raise ValueError(f"The run in {target.folder} has no {target.part} part; {way}name data after the folder.")
    return found
