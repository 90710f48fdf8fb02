"""The facts of a run's page: what its last model says of unlabelled examples, read once after all scores."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from datasets import Dataset

from ...data.sampling_order import evenly_spread
from ...metrics import score_of
from ...monitoring.label_changes import LabelChanges
from ...report.intervals import difference_interval, score_interval
from ...report.page.gallery import Shelf, gallery, to_label_next
from ...report.page.guesses import Guesses, coverage, reliability
from ...report.page.run_facts import FACTS, PAGE, RunFacts, Scored
from ...report.page.run_page import write_page
from ...report.row import baseline_of
from ...training.trainer import SelfTuningTrainer
from ..command.command_end import sentence_of
from ..setup.page_view import PageView
from ..setup.run_setup import Setup
from ..stages.outcome import Outcome
from .page_rows import MOST, read_rows


def page_of_run(setup: Setup, outcomes: Sequence[Outcome]) -> list[str]:
    """Write report.html and the facts that it is made from; returns what could not be written."""
    if not setup.config.trains:
        return []
    for name in (FACTS, PAGE):  # those of a run that this one replaces
        (setup.folder / name).unlink(missing_ok=True)
    if not setup.config.report:
        return []
    try:
        facts_of_run(setup, outcomes).save(setup.folder)
        write_page([setup.folder], setup.folder / PAGE)
    except Exception as error:
        return [f"{PAGE} could not be written: {sentence_of(error).rstrip('.')}"]
    return []


def facts_of_run(setup: Setup, outcomes: Sequence[Outcome]) -> RunFacts:
    """Everything that a page shows beside the results; no training follows, so no random number of one is drawn here.

    Args:
        setup: the run's setup.
        outcomes: of all rows; the model of the last one is read.
    """
    view = setup.page_view()
    return RunFacts(
        kind=setup.usual.presets[-1],
        command=setup.config.command,
        metric=setup.metric,
        unit_name=setup.unit_name,
        classes=view.classes,
        scores=scores_of(outcomes),
        histories={outcome.plan.title: outcome.history for outcome in outcomes},
        **_answers(setup, outcomes[-1], view),
        **_read(setup, outcomes[-1].trainer, view),
    )


def scores_of(outcomes: Sequence[Outcome]) -> list[Scored]:
    """The score of each row on each part with its interval, and the difference to fine-tuning."""
    by_row = {id(outcome.row): outcome for outcome in outcomes}
    rows, found = [outcome.row for outcome in outcomes], []
    for outcome in outcomes:
        base = by_row.get(id(baseline_of(outcome.row, rows)))
        for part, scored in outcome.parts.items():
            one = Scored(outcome.plan.name, part, scored.score, score_interval(scored.counts), len(scored.counts))
            if base is not None and part in base.parts:
                other = base.parts[part].counts
                gain = scored.score - float(score_of(other))
                one = replace(one, gain=gain, gain_interval=difference_interval(scored.counts[None], other[None]))
            found.append(one)
    return found


def _answers(setup: Setup, outcome: Outcome, view: PageView) -> dict[str, Any]:
    """Right and wrong answers of each class, on test data if there are any, else on dev."""
    part = next((name for name in ("test", "dev") if name in outcome.parts), "")
    examples = setup.parts.scored.get(part)
    if examples is None:
        return {}
    counts, confusions = view.counts(outcome.parts[part].predicted, setup.expected(examples))
    return {"part": part, "counts": counts.tolist(), "confusions": confusions}


def _read(setup: Setup, trainer: SelfTuningTrainer, view: PageView) -> dict[str, Any]:
    """Pseudo-labels of the final model, with the labelled examples that are most like them."""
    pool, parts = trainer.unlabeled_dataset, setup.parts
    labeled = {"labeled": [min(len(parts.labeled), MOST), len(parts.labeled)]}
    # The first rank reads alone, and under FSDP it holds only a part of the weights.
    if trainer.sharding is not None or pool is None or parts.unlabeled is None or not len(pool):
        return labeled
    guesses = view.guesses(read_rows(trainer, pool, known=parts.audited), parts.unlabeled, pool)
    keys = view.labelled(read_rows(trainer, trainer.train_dataset, known=True), parts.labeled, trainer.train_dataset)
    shelf = Shelf({name: _show(view, part) for name, part in (("pool", parts.unlabeled), ("labeled", parts.labeled))})
    next_ones = to_label_next(guesses, keys, shelf)
    changes = trainer.label_changes if trainer.label_changes.is_known else None
    return {
        **labeled,
        **_calibration(trainer, view, guesses, parts.dev),
        "pool": [min(len(parts.unlabeled), MOST), len(parts.unlabeled)],
        "known": guesses.labels is not None,
        "things": len(guesses),
        "label_next": next_ones,
        "gallery": gallery(guesses, keys, view.classes, shelf, changes, steps=trainer.state.max_steps),
        "changed": [] if changes is None else _change_counts(changes, guesses, trainer.state.max_steps),
        "coverage": coverage(guesses.confidence, guesses.right),
        "guesses": _listed(guesses),
        "examples": shelf.kept,
    }


def _change_counts(changes: LabelChanges, guesses: Guesses, steps: int) -> list[int]:
    """See `RunFacts.changed`."""
    marks = (changes.newest >= 0, changes.steps > 0, changes.late(steps))
    return [*(int(mark.numpy()[guesses.examples].sum()) for mark in marks), steps]


def _listed(guesses: Guesses) -> list[tuple[float, ...]]:
    """Place, class and confidence of each pseudo-label, and the span of an entity."""
    spans = [()] * len(guesses) if guesses.spans is None else guesses.spans.tolist()
    rows = zip(guesses.examples.tolist(), guesses.classes.tolist(), guesses.confidence.tolist(), spans, strict=True)
    return [(place, label, round(sure, 4), *span) for place, label, sure, span in rows]


def _calibration(trainer: SelfTuningTrainer, view: PageView, guesses: Guesses, dev: Dataset | None) -> dict[str, Any]:
    """Confidence against the share of right answers: of the pseudo-labels if their truth is known, else on dev."""
    part = "pool"
    if guesses.right is None and dev is not None:
        part, dev = "dev", dev.select(evenly_spread(len(dev), MOST))
        encoded = trainer.task.encode(dev, "labeled")  # the trainer's own does not say which windows are one sentence
        guesses = view.guesses(read_rows(trainer, encoded, known=True), dev, encoded)
    if guesses.right is None or not len(guesses):
        return {}
    return {"calibration": reliability(guesses.confidence, guesses.right), "calibrated_on": part}


def _show(view: PageView, part: Dataset) -> Any:
    return lambda place: view.shown(part[place])
