"""report.json: what the page of a run shows beside its results, so that the page can be made again without a model."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from ...files import replacing
from ...monitoring.log_history import History
from ..results import ReportFiles, plain

FACTS, PAGE = "report.json", "report.html"
VERSION = 1


@dataclass(frozen=True)
class Scored:
    """The score of a row on a part.

    Args:
        row: name of the row.
        part: `test` or `dev`.
        score: as a fraction.
        interval: of 95 % over items.
        items: number of items.
        gain: difference to the fine-tuning row; None where there is none.
        gain_interval: of 95 %.
    """

    row: str
    part: str
    score: float
    interval: Sequence[float]
    items: int
    gain: float | None = None
    gain_interval: Sequence[float] | None = None


@dataclass(frozen=True)
class RunFacts:
    """What a page shows of a run.

    Args:
        kind: `words`, `texts` or `images`.
        command: the command line.
        metric: `f1` or `accuracy`.
        unit_name: what an item is, `sentences`, `texts` or `images`.
        classes: names of classes; for words, what is no entity and the types of entities.
        scores: of all rows.
        histories: `state.log_history` of each row by its title.
        part: the part of which the answers are shown; empty where nothing was scored.
        counts: for each class the numbers of right, predicted and expected ones.
        confusions: true class, predicted class, and how often, for answers of one class an example.
        pool: how many unlabelled examples there are, and how many were read.
        labeled: the same for labelled ones.
        known: whether the true classes of the unlabelled examples are known.
        gallery: see `gallery`.
        label_next: see `to_label_next`.
        things: number of pseudo-labels that were read.
        calibration: see `reliability`.
        calibrated_on: the part of the calibration, `pool` or `dev`; empty without one.
        coverage: see `coverage`.
        guesses: place, class and confidence of each pseudo-label; of entities also the span.
        examples: what is shown of examples, by part and place.
        changed: how many of the examples that were read got a pseudo-label in training, how many of these changed
            their class, how many in the second half of the steps, and the number of steps; empty where it was not
            recorded.
        version: of this form.
    """

    kind: str
    command: str
    metric: str
    unit_name: str
    classes: Sequence[str]
    scores: Sequence[Scored] = ()
    histories: Mapping[str, History] = field(default_factory=dict)
    part: str = ""
    counts: Sequence[Sequence[int]] = ()
    confusions: Sequence[Sequence[int]] = ()
    pool: Sequence[int] = (0, 0)
    labeled: Sequence[int] = (0, 0)
    known: bool = False
    gallery: Sequence[Mapping[str, Any]] = ()
    label_next: Sequence[Mapping[str, Any]] = ()
    things: int = 0
    calibration: Sequence[Sequence[float]] = ()
    calibrated_on: str = ""
    coverage: Sequence[Sequence[float | None]] = ()
    guesses: Sequence[Sequence[float]] = ()
    examples: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    changed: Sequence[int] = ()
    version: int = VERSION

    def save(self, folder: Path) -> None:
        """Write report.json into the run's folder."""
        with replacing(folder / FACTS) as path:
            path.write_text(json.dumps(plain(asdict(self)), ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The facts of a run.

        Raises:
            ValueError: the folder holds none that this version reads.
        """
        path = folder / FACTS
        if not path.is_file():
            raise ValueError(
                f"{folder} holds no {FACTS}, which the page is made from; give the folder of a run that trained "
                "without --report False."
            )
        found = json.loads(path.read_text(encoding="utf-8"))
        known = {one.name for one in fields(cls)}
        if found.get("version") != VERSION or not found.keys() <= known:
            raise ValueError(
                f"{path} has the form {found.get('version')}, and this version of the library reads the form "
                f"{VERSION}; make the page with the version that trained the run."
            )
        return cls(**{**found, "scores": [Scored(**score) for score in found["scores"]]})


def results_of(folder: Path) -> dict[str, Any]:
    """The results of a run, which a later score may have changed.

    Raises:
        ValueError: the folder holds none.
    """
    path = ReportFiles.in_folder(folder).results
    if not path.is_file():
        raise ValueError(f"{folder} holds no {path.name}, so no run ended there; give the folder of a run.")
    return json.loads(path.read_text(encoding="utf-8"))
