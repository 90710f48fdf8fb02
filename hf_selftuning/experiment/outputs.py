"""The end of a run: model and card in their folder, the report, the table on the terminal, the push."""

from pathlib import Path
from typing import Any

from ..monitoring.log_history import History
from ..report.card_facts import About
from ..report.results import terminal_table, write_report
from ..training.trainer import SelfTuningTrainer
from .flags import say


def finish_run(
    folder: Path,
    histories: dict[str, History],
    trainer: SelfTuningTrainer,
    *,
    about: About,
    base_model: str | None,
    context: dict[str, Any],
) -> None:
    """Save the last row's model, its processor and its card, write the report, print the table; push if asked.

    Args:
        folder: the run's.
        histories: for the curves.
        trainer: holds the model to keep.
        about: the rows, and what else the card says.
        base_model: Hub id of what was fine-tuned, where it has one.
        context: what all rows share.
    """
    trainer.about = about
    trainer.args.output_dir = str(folder / "model")
    trainer.save_locally()
    trainer.create_model_card(model_name=folder.name, finetuned_from=base_model)
    if trainer.is_world_process_zero():
        _report(folder, histories, trainer, about, context)
    if trainer.args.push_to_hub:
        trainer.push_to_hub(finetuned_from=base_model)


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
