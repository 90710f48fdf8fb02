"""The end of a run: the model in its folder, the report, and the table on the terminal."""

from pathlib import Path
from typing import Any

from ..histories import History
from ..report import terminal_table, write_report
from ..tables import Row
from ..trainer import SelfTuningTrainer
from .arguments import say


def finish_run(
    folder: Path,
    rows: list[Row],
    histories: dict[str, History],
    trainer: SelfTuningTrainer,
    *,
    metric: str,
    unit_name: str,
    context: dict[str, Any],
) -> None:
    """Save the last row's model and its processor, write the report, print the table; on the main process only.

    Args:
        folder: the run's.
        rows: all of them.
        histories: for the curves.
        trainer: holds the model to keep.
        metric: `f1` or `accuracy`.
        unit_name: `sentences` or `images`.
        context: what all rows share.
    """
    trainer.save_model(str(folder / "model"))
    if not trainer.is_world_process_zero():
        return
    if trainer.args.load_best_model_at_end:
        context = {**context, "selection": f"the checkpoint with the best {trainer.args.metric_for_best_model} on dev"}
    files = write_report(folder, rows, metric=metric, unit_name=unit_name, context=context, histories=histories)
    paths = {"model": folder / "model", "table": files.table, "results": files.results, "curve": files.curve}
    say("\n" + terminal_table(rows, metric, unit_name, paths))
