"""The output folder of a run. It holds one run only."""

import shutil
from pathlib import Path

from transformers import TrainingArguments
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR

from .resume import asked_to_resume


def claim_folder(args: TrainingArguments, *, overwrite: bool) -> Path:
    """Make the output folder, unless it holds another run's results or checkpoints.

    Args:
        args: training arguments; they name the folder and say whether the run in it resumes.
        overwrite: replace the run in it. Its checkpoints are deleted, so that no other run resumes from them.

    Returns:
        the folder.

    Raises:
        ValueError: it holds another run, or it is a file.
    """
    folder = Path(str(args.output_dir))
    if folder.is_file():
        raise ValueError(f"{folder} is a file, and a run needs a folder; give another --output_dir.")
    traces = traces_of(folder)
    found = [*folder.glob("results.json"), *traces]
    if found and not (overwrite or asked_to_resume(args)):
        raise ValueError(
            f"{folder} holds another run ({found[0].relative_to(folder)}); give another --output_dir, go on with "
            "--resume_from_checkpoint True, or replace it with --overwrite_output_dir True."
        )
    if not asked_to_resume(args):
        for trace in traces:
            shutil.rmtree(trace, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def traces_of(folder: Path) -> list[Path]:
    """Checkpoints and stages that a run has left in its folder."""
    checkpoint = f"{PREFIX_CHECKPOINT_DIR}-*"
    kinds = (f"rows/*/{checkpoint}", "rows/*/model", "rows/*/stopped", "stages", checkpoint)
    return sorted(path for kind in kinds for path in folder.glob(kind))
