"""The end of a run: model and card in their folder, the report, the table on the terminal, the push."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..monitoring.log_history import History
from ..report.card_facts import About
from ..report.results import write_report
from ..report.tables import terminal_table
from ..training.trainer import SelfTuningTrainer
from .run import Outcome
from .run_setup import Setup, describe
from .terminal import say


def report_rows(setup: Setup, outcomes: Sequence[Outcome]) -> None:
    """Save the last row's model and card, write table, results and curves, print the table; push if asked.

    Args:
        setup: the run's setup.
        outcomes: of all rows, in the order of the table.
    """
    trainer, about, base_model = outcomes[-1].trainer, _about(setup, outcomes), setup.pretrained.base_model
    trainer.about = about
    trainer.args.output_dir = str(setup.folder / "model")
    trainer.save_locally()
    trainer.create_model_card(model_name=setup.folder.name, finetuned_from=base_model)
    if trainer.is_world_process_zero():
        histories = {outcome.plan.title: outcome.history for outcome in outcomes}
        _report(setup.folder, histories, trainer, about, {**describe(setup), **setup.facts})
    if trainer.args.push_to_hub:
        trainer.push_to_hub(finetuned_from=base_model)


def _about(setup: Setup, outcomes: Sequence[Outcome]) -> About:
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
    )


def _report(
    folder: Path, histories: dict[str, History], trainer: SelfTuningTrainer, about: About, context: dict[str, Any]
) -> None:
    if trainer.args.load_best_model_at_end:
        context = {**context, "selection": f"the checkpoint with the best {trainer.args.metric_for_best_model} on dev"}
    elif trainer.args.safety_gate:
        context = {**context, "selection": "the last step is scored; dev scores set the weight of unlabelled data"}
    named: dict[str, Any] = {"metric": about.metric, "unit_name": about.unit_name}
    files = write_report(folder, about.rows, **named, context=context, histories=histories)
    paths = {"model": folder / "model", "card": folder / "model" / "README.md"}
    paths |= {"table": files.table, "results": files.results, "curve": files.curve, "split": folder / "split.json"}
    say("\n" + terminal_table(about.rows, paths=paths, **named))
