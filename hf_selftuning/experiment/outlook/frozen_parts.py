"""The examples of a run as its pretrained model sees them before training: a sample of each part, read once."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch
from datasets import Dataset
from jaxtyping import Float, Int
from torch import Tensor

from ...core.fitted_head import reads_embeddings
from ...core.preparation import Preparation, SeenRows
from ...core.step import Stream
from ...data.images.readings.image_data import CLOSED
from ...data.texts.text_data import LABEL, PAIR, TEXT
from ...data.words.window_joining import JOINING
from ...distributed import told_by_first
from ..setup.run_setup import Setup
from ..stages.stage_text import FINE_TUNING, Stage
from ..stages.stage_training import Start, config_of
from .word_scores import words_in_sentences

IMAGE, WORDS, TAGS = "image", "tokens", "ner_tags"
MOST = {"labeled": 1000, "dev": 500, "test": 500, "unlabeled": 2000}
"""Greatest number of examples of each part that are read, in the order of reading."""
MOST_SENTENCES = {"labeled": 150, "dev": 75, "test": 75, "unlabeled": 150}
"""Likewise of sentences, each of which has a row for every word: these are about as many rows as of the others."""
SHARES = {"labeled": 0.45, "dev": 0.55, "test": 0.65, "unlabeled": 1.0}
"""The share of the time after which the reading of each part ends."""
SECONDS = 30.0
"""Time after which the reading ends, wherever it is."""


@dataclass(frozen=True)
class FrozenPart:
    """A random sample of a part; n rows of width d. A row is an image, a text, or a word of a sentence.

    Args:
        features: what the classifier reads, or the embeddings in its place, on the CPU.
        labels: classes of the rows; None if they are not known.
        names: the path of each image, or each text, or each word and its sentence.
        total: number of examples of the whole part.
        sentences: the sentence of each word; None for images and texts.
        texts: each of these sentences by its place.
    """

    features: Float[Tensor, "n d"]
    labels: Int[Tensor, "n"] | None
    names: list[str]
    total: int
    sentences: Int[Tensor, "n"] | None = None
    texts: Mapping[int, str] = field(default_factory=dict)

    @property
    def examples(self) -> int:
        """Number of examples of the sample."""
        return len(self.features) if self.sentences is None else len(self.sentences.unique())

    @property
    def by_example(self) -> "FrozenPart":
        """A row for each example, without labels: a sentence has the mean features of its words."""
        if self.sentences is None:
            return replace(self, labels=None)
        places, rows = self.sentences.unique(return_inverse=True)
        sums = self.features.new_zeros(len(places), self.features.shape[1]).index_add_(0, rows, self.features)
        names = [self.texts[place] for place in places.tolist()]
        return FrozenPart(sums / torch.bincount(rows)[:, None], None, names, self.total)


@dataclass(frozen=True)
class FrozenParts:
    """Samples of the parts of a run.

    Args:
        parts: those that the run has, of `labeled`, `dev`, `test` and `unlabeled`.
        source: a text that says which features these are, and why.
        seconds: time that the reading took.
        class_names: features of the names of the classes, and their classes; None if a run does not count them.
    """

    parts: dict[str, FrozenPart]
    source: str
    seconds: float
    class_names: tuple[Float[Tensor, "c d"], Int[Tensor, "c"]] | None = None

    @property
    def of_words(self) -> bool:
        """Whether the rows are words of sentences."""
        return self.parts["labeled"].sentences is not None


def frozen_parts(setup: Setup, *, most: Mapping[str, int] | None = None, seconds: float = SECONDS) -> FrozenParts:
    """Read a sample of each part of a run by the model with which its training would begin.

    Args:
        setup: of the run.
        most: greatest number of examples of each part that is read; None takes `MOST` or `MOST_SENTENCES`.
        seconds: time in which all parts are read.
    """
    begun = time.monotonic()
    reader = _Reader(setup)
    most = most or (MOST_SENTENCES if WORDS in setup.parts.labeled.column_names else MOST)
    whole = {name: part for name, part in _parts(setup).items() if name in most}
    places: dict[str, Tensor] = {}
    seen: dict[str, SeenRows] = {}
    for name, part in whole.items():
        order = torch.randperm(len(part), generator=torch.Generator().manual_seed(0))[: most[name]]
        seen[name] = reader.read(part.select(order.tolist()), begun + SHARES[name] * seconds)
        places[name] = order[seen[name].examples]
    labels = {name: _labels(part, places[name], seen[name]) for name, part in whole.items()}
    assert labels["labeled"] is not None
    embeddings, source = reads_embeddings(replace(seen["labeled"], labels=labels["labeled"]))
    found = {
        name: FrozenPart(
            seen[name].read(embeddings=embeddings).float(),
            labels[name],
            _names(part, places[name]),
            len(part),
            places[name] if WORDS in part.column_names else None,
            _texts(part, places[name]),
        )
        for name, part in whole.items()
    }
    names = reader.names()
    named = None if names is None else (names.read(embeddings=embeddings).float(), names.labels)
    return FrozenParts(found, source, time.monotonic() - begun, named)


class _Reader:
    """Reads examples by the model with which the training of a run would begin."""

    def __init__(self, setup: Setup) -> None:
        stage = Stage(FINE_TUNING)
        config = config_of(stage, setup.config, setup.folder)
        config.push_to_hub = False  # a trainer that pushes makes the repository at once
        self.trainer = setup.make_trainer(stage, config, Start())
        self.module = self.trainer.training_module.eval()
        self.named = setup.usual.name_examples

    def read(self, part: Dataset, end: float) -> SeenRows:
        """The examples of a part until a time."""
        # Labels of words come with the pieces, because a hidden word has none.
        tagged = TAGS in part.column_names
        encoded = self.trainer.task.encode(part, "labeled" if tagged else "unlabeled")
        rows = self._seen(encoded, end, hidden=not tagged)
        if JOINING[0] in encoded.column_names:  # windows of longer sentences
            rows = replace(rows, examples=torch.as_tensor(encoded[JOINING[0]][:])[rows.examples])
        return rows

    def names(self) -> SeenRows | None:
        """The names of the classes as examples, if a run on these data counts them."""
        examples = self.trainer.task.class_examples() if self.named else None
        return None if examples is None else self._seen(examples, float("inf"), hidden=False)

    @torch.no_grad()
    def _seen(self, encoded: Dataset, end: float, *, hidden: bool) -> SeenRows:
        batches = replace(self.trainer.plain_batches(encoded), hidden=hidden)
        preparation = Preparation(self.module.student, self.module.read, batches, self.trainer.task)
        return preparation.seen(_until(end, batches)).map(Tensor.cpu)


def _parts(setup: Setup) -> dict[str, Dataset]:
    own = setup.parts
    given = {"labeled": own.labeled, "dev": own.dev, "test": own.test, "unlabeled": own.unlabeled}
    return {name: part for name, part in given.items() if part is not None and len(part)}


def _labels(part: Dataset, places: Tensor, seen: SeenRows) -> Tensor | None:
    if WORDS in part.column_names:
        return seen.labels if TAGS in part.column_names else None
    return torch.as_tensor(part[LABEL][:])[places] if LABEL in part.column_names else None


def _until(end: float, batches: Iterable[Stream]) -> Iterator[Stream]:
    """The batches up to a time; the first one is always read."""
    for batch in batches:
        yield batch
        # The clock of the first rank counts: each pass of a sharded student needs all ranks.
        if told_by_first(lambda: time.monotonic() > end):
            return


def _names(part: Dataset, places: Tensor) -> list[str]:
    if WORDS not in part.column_names:
        return example_names(part, places.tolist())
    tags = part[TAGS][:] if TAGS in part.column_names else None
    return words_in_sentences(part[WORDS][:], tags, places)


def _texts(part: Dataset, places: Tensor) -> dict[int, str]:
    if WORDS not in part.column_names:
        return {}
    return {place: " ".join(part[place][WORDS]) for place in places.unique().tolist()}


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
