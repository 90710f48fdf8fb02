"""Score a saved model: on the parts that its own run scores, or on other data."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from transformers import set_seed

from ...metrics import Counts, score_of
from ...report.card_facts import About
from ...report.intervals import score_interval, score_line
from ...report.rewriting import enter_score, rows_without_score
from ..images.evaluated_images import image_setup
from ..images.image_flags import ImageDataArguments
from ..running.row_scores import score_part
from ..setup.run_record import RunRecord
from ..setup.scoring_target import PARTS, Target
from ..stages.stage_text import FINE_TUNING, Stage
from ..stages.stage_training import Start
from ..texts.evaluated_texts import text_setup
from ..texts.text_flags import TextDataArguments
from ..words.evaluated_words import word_setup
from ..words.word_flags import WordDataArguments
from .predictions import model_folder, task_of_model

SETUPS = {"words": word_setup, "texts": text_setup, "images": image_setup}
KINDS = {"token-classification": "words", "text-classification": "texts", "image-classification": "images"}
FLAGS = {"words": WordDataArguments, "texts": TextDataArguments, "images": ImageDataArguments}

Data = str | Path | WordDataArguments | TextDataArguments | ImageDataArguments


@dataclass(frozen=True)
class Evaluation:
    """The score of a model on a part of some data.

    Args:
        model: folder or Hub id.
        row: the row of the run's table; empty for a model of no run.
        data: name of the data.
        part: `test` or `dev`.
        metric: `f1` or `accuracy`.
        unit_name: what an item is, `sentences`, `texts` or `images`.
        counts: of each item.
        scores: of further metrics, by name.
        failed: a sentence for each further metric that failed.
        decodings: the counts of each item by every decoding of a tagger, the chosen one first; empty for images.
    """

    model: str
    row: str
    data: str
    part: str
    metric: str
    unit_name: str
    counts: Counts
    scores: Mapping[str, float]
    failed: Sequence[str] = ()
    decodings: Mapping[str, Counts] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """As a fraction."""
        return float(score_of(self.counts))

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval over items."""
        return score_interval(self.counts)

    @property
    def line(self) -> str:
        """The score and its interval in words."""
        return score_line(self.counts, metric=self.metric, unit_name=self.unit_name)


def evaluate_model(
    model: str | Path, data: Data | None = None, *, part: str = "test", **training: Any
) -> list[Evaluation]:
    """Score a saved model.

    Args:
        model: folder of a run or of a model, or a Hub id.
        data: a file of tagged sentences, a table of texts, a folder of class folders, or flags that name data; they
            are read as the run's own data were. None takes the part that the run itself scores; the rows of the run
            that have no score are scored too, and all scores are entered into its results and its card.
        part: `test` or `dev`, of the run's own data or of a dataset.
        training: training arguments that a score depends on, such as `use_cpu` or `per_device_eval_batch_size`, and
            `metric`, a list of further metrics, or for words `decoding`, "argmax" or "legal"; the others are those
            of the run.

    Returns:
        the scores; the run's last row comes last.

    Raises:
        ValueError: there is no such part, or model and data do not belong together.

    Example:
        >>> evaluate_model("runs/words", "test.conll")[0].line
        'F1 81.20 % (95 % interval 78.90 to 83.41, 300 sentences)'
    """
    if part not in PARTS:
        raise ValueError(f"part={part!r} is no part that is scored; give {' or '.join(PARTS)}.")
    folder = Path(model)
    record = RunRecord.load(folder)
    if record is None and data is None:
        raise ValueError(f"{model} is no run's folder, so it names no data; give a file or a folder to score it on.")
    models = {"": model_folder(str(model))} if record is None else _models(folder, part, missing=data is None)
    found = []
    for row, source in models.items():
        kind = KINDS[task_of_model(source)] if record is None else record.kind
        with tempfile.TemporaryDirectory() as scratch:
            given = _of_kind(kind, data)
            found.append(_score(row, kind, Target(source, folder, record, given, part, training, scratch)))
    if record is not None and data is None:
        for one in found:
            facts: dict[str, Any] = {"dataset_id": record.dataset_id, "splits": record.published, "data": one.data}
            about = About(metric=one.metric, unit_name=one.unit_name, **facts)
            own = record.training.get("decoding", "argmax")
            scores = {name: float(score_of(one.decodings[name])) for name in sorted(one.decodings, key=own.__ne__)}
            further = one.scores if next(iter(one.decodings), own) == own else {}  # they belong to the chosen decoding
            enter_score(folder, one.row, part, scores.get(own, one.score), about, further, decodings=scores)
    return found


def kind_of_model(model: str | Path) -> str:
    """The kind of data of a run's folder, a model's folder or a Hub id: `words`, `texts` or `images`."""
    record = RunRecord.load(Path(model))
    return KINDS[task_of_model(model_folder(str(model)))] if record is None else record.kind


def _models(folder: Path, part: str, *, missing: bool) -> dict[str, str]:
    """The models of a run by row: the last one, and those without a score if `missing`."""
    rows, last = rows_without_score(folder, part)
    kept = {row: RunRecord.model_of(folder, row) for row in rows if missing and row != last}
    return {**{row: str(path) for row, path in kept.items() if path.is_dir()}, last: model_folder(str(folder))}


def _of_kind(kind: str, data: Data | None) -> Any:
    """Flags as they are; a path as text.

    Raises:
        ValueError: the flags are of another kind of data.
    """
    if isinstance(data, (str, Path)):
        path = Path(data)
        looks_like_file = (path.suffix and "/" not in str(data)) or str(data).startswith((".", "/", "~"))
        if looks_like_file and not path.exists():
            raise ValueError(f"There is no file or folder {data} to score the model on; check the path.")
        return str(data)
    if data is None or isinstance(data, FLAGS[kind]):
        return data
    raise ValueError(f"{type(data).__name__} was given, and the model is one for {kind}; give {FLAGS[kind].__name__}.")


def _score(row: str, kind: str, target: Target) -> Evaluation:
    setup, missed = SETUPS[kind](target)
    set_seed(setup.config.seed)
    trainer = setup.make_trainer(Stage(FINE_TUNING), setup.config, Start())
    assert setup.parts.test is not None
    found = score_part(setup, trainer, setup.parts.test)
    more = 0 if missed is None else missed
    return Evaluation(
        model=target.model,
        row=row,
        data=_data_name(setup.data.name, target.data),
        part=target.part,
        metric=setup.metric,
        unit_name=setup.unit_name,
        counts=found.counts + more,
        scores=found.scores,
        failed=found.unmeasured,
        decodings={name: counts + more for name, counts in found.decodings.items()},
    )


def _data_name(name: str, given: Any) -> str:
    """What the data are called: the file or folder that the user named, else their own name."""
    place = given if isinstance(given, str) else None
    if isinstance(given, WordDataArguments | TextDataArguments):
        place = given.test_file
    elif isinstance(given, ImageDataArguments):
        place = given.test_dir
    return Path(place).name if place else name
