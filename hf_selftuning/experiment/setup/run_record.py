"""run.json: what a run's folder holds about the run, so that its model can be scored again later."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from ...files import replacing
from .run_setup import Setup

FILE = "run.json"
SCORING = (
    "per_device_eval_batch_size", "dataloader_num_workers", "bf16", "fp16", "bf16_full_eval", "fp16_full_eval", "tf32",
    "use_cpu", "seed", "decoding",
)  # fmt: skip
"""Training arguments that a score depends on, or its speed."""


@dataclass(frozen=True)
class RunRecord:
    """The facts of a run that its model and its results do not hold.

    Args:
        kind: the kind of its data: `words`, `texts` or `images`.
        data_flags: flags of the data by name; paths are absolute.
        validation_share: share of the labelled examples that was held out as dev.
        training: the training arguments that a score depends on.
        dataset_id: the data set's Hub id, if it is there.
        published: the data set's own names of dev and test.
    """

    kind: str
    data_flags: Mapping[str, Any]
    validation_share: float = 0.0
    training: Mapping[str, Any] = field(default_factory=dict)
    dataset_id: str | None = None
    published: Mapping[str, str] = field(default_factory=dict)

    def save(self, folder: Path) -> None:
        """Write the record into the run's folder."""
        with replacing(folder / FILE) as path:
            path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        """The record of a run; None where the folder is no run's.

        Raises:
            ValueError: the file is cut or was changed, or is of another version.
        """
        path = folder / FILE
        if not path.is_file():
            return None
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"{path} is no record of a run that this version reads ({error}); name the model alone, as "
                f"{folder / 'model'}, and the data."
            ) from error

    @staticmethod
    def model_of(folder: Path, row: str) -> Path:
        """The folder of a row's model where it was not scored and is not the last row."""
        return folder / "rows" / row / "model"

    @staticmethod
    def stopped_model_of(folder: Path, row: str) -> Path:
        """The folder of a row's model where an error stopped its training."""
        return folder / "rows" / row / "stopped"

    @staticmethod
    def way_on(folder: Path) -> str:
        """Where the model is, and how to score it again."""
        return f"The model is in {folder / 'model'}; score it again by `hf-selftuning evaluate {folder}`."


def write_record(setup: Setup) -> None:
    """Write run.json into the run's folder."""
    flags = {name: _absolute(value) for name, value in asdict(setup.data_flags).items()}
    known = {field.name for field in fields(setup.config)}
    training = {name: getattr(setup.config, name) for name in SCORING if name in known}
    setup.folder.mkdir(parents=True, exist_ok=True)
    RunRecord(
        kind=setup.usual.presets[-1],
        data_flags=flags,
        validation_share=setup.parts.validation_share,
        training=training,
        dataset_id=setup.dataset_id,
        published=setup.published,
    ).save(setup.folder)


def _absolute(value: Any) -> Any:
    """A path that exists in its absolute form; any other value unchanged."""
    return str(Path(value).absolute()) if isinstance(value, str) and value and Path(value).exists() else value
