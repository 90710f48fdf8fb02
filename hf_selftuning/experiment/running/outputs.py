"""What a run writes: model, card and results before anything is scored; at the end report, table and push."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...files import replacing
from ...report.card_facts import About
from ...report.decodings import DECODINGS
from ...report.intervals import score_line
from ...report.page.run_facts import PAGE
from ...report.results import ReportFiles, write_report, write_results
from ...report.rewriting import FURTHER, NOT_SCORED
from ...report.tables import decoding_lines, terminal_table
from ...training.trainer import SelfTuningTrainer
from ..command.command_end import IncompleteRunError, sentence_of
from ..command.terminal import say
from ..setup.run_record import RunRecord
from ..setup.run_setup import Setup, describe
from ..stages.outcome import Outcome, decoding_scores
from .page_facts import page_of_run

PREDICTIONS = "test_predictions.jsonl"


def keep_rows(setup: Setup, outcomes: Sequence[Outcome]) -> None:
    """Save the last row's model and card, and the results of all rows so far.

    Args:
        setup: the run's setup.
        outcomes: of the rows so far; the last one may not be scored yet.
    """
    trainer = outcomes[-1].trainer
    trainer.args.output_dir = str(setup.folder / "model")
    trainer.save_locally()
    _write_card(setup, outcomes)
    if trainer.is_world_process_zero():
        write_results(
            setup.folder, about_run(setup, outcomes).rows, metric=setup.metric, context=_context(setup, outcomes)
        )


def report_rows(setup: Setup, outcomes: Sequence[Outcome]) -> None:
    """Write card, results, table and curves, print the table; push if asked.

    Args:
        setup: the run's setup.
        outcomes: of all rows, in the order of the table.

    Raises:
        IncompleteRunError: a row could not be scored, or a file of the report could not be written. All else is done.
    """
    trainer = outcomes[-1].trainer
    if setup.config.trains:
        _write_card(setup, outcomes)
    failed = [f"{outcome.plan.name} was not scored on {part}" for outcome in outcomes for part in outcome.failed]
    scored = [part for outcome in outcomes for part in outcome.parts.values()]
    failed += [reason.rstrip(".") for part in scored for reason in part.unmeasured]
    if trainer.is_world_process_zero():
        failed += _report(setup, outcomes)
    if trainer.args.push_to_hub and setup.config.trains:
        trainer.push_to_hub(finetuned_from=setup.pretrained.base_model)
    if failed:
        raise IncompleteRunError(f"The run is complete except that {'; '.join(failed)}. {_way_on(setup, outcomes)}")


def _way_on(setup: Setup, outcomes: Sequence[Outcome]) -> str:
    if not setup.config.trains:
        return "Run the same command again."
    if any(outcome.failed for outcome in outcomes):
        return RunRecord.way_on(setup.folder)
    return f"The model is in {setup.folder / 'model'}."


def set_aside(setup: Setup, outcome: Outcome) -> None:
    """Move the model of a row that was not scored out of the way of the next row's model."""
    if outcome.trainer.is_world_process_zero():
        target = RunRecord.model_of(setup.folder, outcome.plan.name)
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(setup.folder / "model", target)


def about_run(setup: Setup, outcomes: Sequence[Outcome]) -> About:
    """Data, split and scores, for the model card."""
    return About(
        data=setup.data.name,
        dataset_id=setup.dataset_id,
        budget=setup.parts.split.budget,
        split_hash=setup.parts.split.hash,
        metric=setup.metric,
        unit_name=setup.unit_name,
        splits=setup.published,
        rows=[outcome.row for outcome in outcomes],
        scores=_more_scores(outcomes[-1:]).get(outcomes[-1].plan.name, {}),
        decodings=_decodings(outcomes[-1:]).get(outcomes[-1].plan.name, {}),
    )


def _write_card(setup: Setup, outcomes: Sequence[Outcome]) -> None:
    trainer = outcomes[-1].trainer
    trainer.about = about_run(setup, outcomes)
    trainer.create_model_card(model_name=setup.folder.name, finetuned_from=setup.pretrained.base_model)


def _context(setup: Setup, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """What all rows have in common, how the scored model was chosen, and the parts that were not scored."""
    context = {**describe(setup), **setup.facts, **_selection(outcomes[-1].trainer)}
    failed = {outcome.plan.name: list(outcome.failed) for outcome in outcomes if outcome.failed}
    more, decodings = _more_scores(outcomes), _decodings(outcomes)
    context |= {DECODINGS: decodings} if decodings else {}
    return {**context, **({FURTHER: more} if more else {}), **({NOT_SCORED: failed} if failed else {})}


def _decodings(outcomes: Sequence[Outcome]) -> dict[str, dict[str, dict[str, float]]]:
    """The scores of every decoding by row, part and decoding; empty where there is one answer to an example."""
    found = {outcome.plan.name: decoding_scores(outcome.parts) for outcome in outcomes}
    return {name: parts for name, parts in found.items() if parts}


def _more_scores(outcomes: Sequence[Outcome]) -> dict[str, dict[str, dict[str, float]]]:
    """The scores of further metrics by row, part and name; empty without such metrics."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for outcome in outcomes:
        for part, scored in outcome.parts.items():
            if scored.scores:
                found.setdefault(outcome.plan.name, {})[part] = dict(scored.scores)
    return found


def _selection(trainer: SelfTuningTrainer) -> dict[str, str]:
    if trainer.args.load_best_model_at_end and trainer.state.best_model_checkpoint is not None:
        return {"selection": f"the checkpoint with the best {trainer.args.metric_for_best_model} on dev"}
    if trainer.args.safety_gate:
        return {"selection": "the last step is scored; dev scores set the weight of unlabelled data"}
    return {}


def _report(setup: Setup, outcomes: Sequence[Outcome]) -> list[str]:
    """Write and print the report; returns what could not be written."""
    rows, failed = [outcome.row for outcome in outcomes], []
    named: dict[str, Any] = {"metric": setup.metric, "unit_name": setup.unit_name}
    histories = {outcome.plan.title: outcome.history for outcome in outcomes}
    try:
        write_report(setup.folder, rows, **named, context=_context(setup, outcomes), histories=histories)
    except Exception as error:
        failed.append(f"the report could not be written: {sentence_of(error).rstrip('.')}")
    failed += page_of_run(setup, outcomes)
    if setup.config.do_predict and "test" in outcomes[-1].parts:
        _write_answers(setup, outcomes[-1])
    paths = _paths(setup.folder)
    say("\n" + terminal_table(rows, paths=paths, **named))
    _say_scores(outcomes, named)
    return failed


def _paths(folder: Path) -> dict[str, Path]:
    """The files that the run has written, by what they are."""
    files = ReportFiles.in_folder(folder)
    paths = {"model": folder / "model", "card": folder / "model" / "README.md", "table": files.table}
    paths |= {"results": files.results, "curve": files.curve, "page": folder / PAGE, "split": folder / "split.json"}
    return {name: path for name, path in {**paths, "predictions": folder / PREDICTIONS}.items() if path.exists()}


def _say_scores(outcomes: Sequence[Outcome], named: dict[str, Any]) -> None:
    """Print the scores with their intervals, and those of further metrics."""
    for outcome in outcomes:
        for part, scored in outcome.parts.items():
            further = "".join(f"\n  {name} {value:.4f}" for name, value in scored.scores.items())
            further += "".join(f"\n  {line}" for line in decoding_lines(scored.decodings, named["metric"]))
            say(f"{outcome.plan.name}, {part}: {score_line(scored.counts, **named)}{further}")


def _write_answers(setup: Setup, outcome: Outcome) -> None:
    """A line for each test item with the model's answer."""
    assert setup.parts.test is not None
    with replacing(setup.folder / PREDICTIONS) as path, path.open("w", encoding="utf-8") as file:
        for answer in setup.answers(outcome.parts["test"].predicted, setup.parts.test):
            file.write(json.dumps(answer, ensure_ascii=False) + "\n")
