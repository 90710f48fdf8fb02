"""The examples of a run as its pretrained model sees them before training: a sample of each part, read once."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from datasets import Dataset
from jaxtyping import Float, Int
from torch import Tensor

from ...core.fitted_head import reads_embeddings
from ...core.preparation import Preparation, SeenRows
from ...core.step import Stream
from ...data.images.readings.image_data import CLOSED
from ...data.texts.text_data import LABEL, PAIR, TEXT
from ..setup.run_setup import Setup
from ..stages.stage_text import FINE_TUNING, Stage
from ..stages.stage_training import Start

IMAGE = "image"
MOST = {"labeled": 1000, "dev": 500, "test": 500, "unlabeled": 2000}
"""Greatest number of examples of each part that are read, in the order of reading."""
SHARES = {"labeled": 0.45, "dev": 0.55, "test": 0.65, "unlabeled": 1.0}
"""The share of the time after which the reading of each part ends."""
SECONDS = 30.0
"""Time after which the reading ends, wherever it is."""


@dataclass(frozen=True)
class FrozenPart:
    """A random sample of a part; n rows of width d.

    Args:
        features: what the classifier reads, or the embeddings in its place, on the CPU.
        labels: classes of the examples; None if they are not known.
        names: the path of each image, or each text.
        total: number of examples of the whole part.
    """

    features: Float[Tensor, "n d"]
    labels: Int[Tensor, "n"] | None
    names: list[str]
    total: int


@dataclass(frozen=True)
class FrozenParts:
    """Samples of the parts of a run.

    Args:
        parts: those that the run has, of `labeled`, `dev`, `test` and `unlabeled`.
        source: a text that says which features these are, and why.
        seconds: time that the reading took.
    """

    parts: dict[str, FrozenPart]
    source: str
    seconds: float


def frozen_parts(setup: Setup, *, most: Mapping[str, int] = MOST, seconds: float = SECONDS) -> FrozenParts:
    """Read a sample of each part of a run by the model with which its training would begin.

    Args:
        setup: of texts or images.
        most: greatest number of examples of each part.
        seconds: time in which all parts are read.
    """
    begun = time.monotonic()
    read = _reader(setup)
    whole = _parts(setup)
    places: dict[str, Tensor] = {}
    seen: dict[str, SeenRows] = {}
    for name, part in whole.items():
        order = torch.randperm(len(part), generator=torch.Generator().manual_seed(0))[: most[name]]
        seen[name] = read(part.select(order.tolist()), begun + SHARES[name] * seconds)
        places[name] = order[seen[name].examples]
    labels = {name: _labels(part, places[name]) for name, part in whole.items()}
    assert labels["labeled"] is not None
    embeddings, source = reads_embeddings(replace(seen["labeled"], labels=labels["labeled"]))
    found = {
        name: FrozenPart(
            seen[name].read(embeddings=embeddings).float(),
            labels[name],
            example_names(part, places[name].tolist()),
            len(part),
        )
        for name, part in whole.items()
    }
    return FrozenParts(found, source, time.monotonic() - begun)


def _reader(setup: Setup) -> Callable[[Dataset, float], SeenRows]:
    """A function that reads examples until a time."""
    trainer = setup.make_trainer(Stage(FINE_TUNING), setup.config, Start())
    module = trainer.training_module.eval()

    @torch.no_grad()
    def read(part: Dataset, end: float) -> SeenRows:
        batches = replace(trainer.plain_batches(trainer.task.encode(part, "unlabeled")), hidden=True)
        preparation = Preparation(module.student, module.read, batches, trainer.task)
        return preparation.seen(_until(end, batches)).map(Tensor.cpu)

    return read


def _parts(setup: Setup) -> dict[str, Dataset]:
    own = setup.parts
    given = {"labeled": own.labeled, "dev": own.dev, "test": own.test, "unlabeled": own.unlabeled}
    return {name: part for name, part in given.items() if part is not None and len(part)}


def _labels(part: Dataset, places: Tensor) -> Tensor | None:
    return torch.as_tensor(part[LABEL][:])[places] if LABEL in part.column_names else None


def _until(end: float, batches: Iterable[Stream]) -> Iterator[Stream]:
    """The batches up to a time; the first one is always read."""
    for batch in batches:
        yield batch
        if time.monotonic() > end:
            return


def example_names(part: Dataset, places: Sequence[int]) -> list[str]:
    """The path of each image, or the number of its row from 1 if it has none; or each text, or both of a pair.

    Args:
        part: of images or texts.
        places: of the examples in it.
    """
    rows = part.select(places)
    if IMAGE in part.column_names:
        paths = [image["path"] for image in rows.cast_column(IMAGE, CLOSED)[IMAGE]]
        return [path or f"row {place + 1}" for path, place in zip(paths, places, strict=True)]
    texts = [rows[name][:] for name in (TEXT, PAIR) if name in part.column_names]
    return [" | ".join(pair) for pair in zip(*texts, strict=True)]
