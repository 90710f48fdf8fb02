"""A saved model, and the part of some data that it is scored on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from datasets import ClassLabel, Dataset
from transformers import AutoConfig

from ...data.class_names import model_class_names
from ...data.classes.class_data import LABEL, ClassData
from ...data.splits import Split
from ...data.words.word_data import WordData
from ..command.flags import BudgetArguments
from .parts import Parts
from .run_record import RunRecord

Data = TypeVar("Data", bound=ClassData)
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
        """The training arguments of the run, as far as a score depends on them.

        Raises:
            ValueError: an argument was given that this kind of data does not have.
        """
        unknown = sorted(self.training.keys() - {field.name for field in fields(kind)})
        if unknown:
            raise ValueError(f"--{unknown[0]} is not for the data of this model; leave it out.")
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


def one_part(examples: Dataset) -> Parts:
    """The parts of a run that only scores; its trainer gets one labelled example, which it does not train on."""
    split = Split((0,), (), 0, 1.0, None, "", "")
    first = examples.select([0])
    return Parts(split, first, None, None, examples, audited=False, validation_share=0.0)


def named_part(target: Target, data: WordData | ClassData) -> Dataset:
    """The part of some data that is scored.

    Raises:
        ValueError: the data have no such part.
    """
    found = data.test if target.part == "test" else data.validation
    if found is None:
        raise ValueError(f"{data.name} has no {PARTS[target.part]} part; give a file or a folder with one.")
    return found


def run_part(target: Target, parts: Parts) -> Dataset:
    """The part of the run's own data that is scored.

    Raises:
        ValueError: the run has no such part.
    """
    found = parts.scored[target.part]
    if found is None:
        others = [name for name, part in parts.scored.items() if part is not None]
        way = f"take --part {others[0]}, or " if others else ""
        raise ValueError(f"The run in {target.folder} has no {target.part} part; {way}name data after the folder.")
    return found


@dataclass(frozen=True)
class DataPlaces:
    """The flags that name the files or folders of one kind of data.

    Args:
        train: names the training part.
        test: names the test part.
        others: name further parts.
    """

    train: str
    test: str
    others: tuple[str, ...]


def class_examples(
    target: Target, flags: Any, read: Callable[[Any], Data], split: Callable[..., Parts], places: DataPlaces
) -> tuple[Any, Data, Dataset]:
    """The flags of the data, the data, and the part that is scored, whose classes are its own.

    Args:
        target: what is scored.
        flags: of the run's data.
        read: reads the data of flags.
        split: draws the parts of a run from its data, the budget of labels, the flags and the run's folder.
        places: the flags that name files or folders.
    """
    if target.data is None:
        data = read(flags)
        return flags, data, run_part(target, split(data, target.budget(), flags, target.folder))
    given = target.data
    if isinstance(given, str):
        named = places.train if Path(given).exists() else "dataset_name"
        empty = dict.fromkeys((places.train, places.test, *places.others, "dataset_name"))
        given = replace(flags, **{**empty, named: given})
    elif getattr(given, places.train) is None and given.dataset_name is None:
        given = replace(given, **{places.train: getattr(given, places.test), places.test: None})
    alone = getattr(given, places.train) is not None and getattr(given, places.test) is None
    data = read(replace(given, test_share=0.0) if alone else given)
    if target.part == "test" and data.test is None:
        return given, data, data.train
    return given, data, named_part(target, data)


def in_model_classes(data: ClassData, examples: Dataset, names: Sequence[str]) -> Dataset:
    """Examples of some data with the classes of the model by index.

    Args:
        data: the examples are of; it names their classes.
        examples: of one of its parts.
        names: of the model's classes by index.

    Raises:
        ValueError: there is an example of a class that the model does not know.
    """
    index = {name: place for place, name in enumerate(names)}
    found = [data.class_names[label] for label in examples[LABEL][:]]
    strange = sorted({*found} - {*names})
    if strange:
        raise ValueError(
            f"{data.name} has {data.one}s of {', '.join(strange)}, and the model knows {', '.join(names)}; name the "
            f"classes as the model names them, or take those {data.one}s out."
        )
    labels = [index[name] for name in found]
    return examples.remove_columns(LABEL).add_column(LABEL, labels, feature=ClassLabel(names=list(names)))
