"""Teachers look at the unlabelled data that a training reads, once before it, and what they say is kept on disk."""

import hashlib
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ..core.method import Method
from ..core.step import PLAIN
from ..modules.teacher import load_teacher
from ..streams.plain_batches import PlainBatches
from ..streams.soft_labels import SoftLabels, metadata_of, save_soft_labels

logger = logging.getLogger(__name__)
FOLDER = "_soft_labels"
"""Folder inside a trainer's output folder; Trainer does not push names that begin with an underscore."""


def teachers_of(methods: Sequence[Method]) -> tuple[str, ...]:
    """The folders of the teachers whose probabilities the methods read.

    Raises:
        ValueError: two methods name different teachers.
    """
    asked = dict.fromkeys(method.teacher_folders for method in methods if method.teacher_folders)
    if len(asked) > 1:
        raise ValueError(
            f"Two methods name different teachers, {' and '.join(map(';'.join, asked))}; give both the same."
        )
    return next(iter(asked), ())


@dataclass(frozen=True)
class Teachers:
    """The teachers of a training, whatever their architecture.

    Args:
        folders: one for each teacher.
        pool: batches of the unlabelled examples that the training reads, in the plain view.
        device: where the teachers run.
        kept: folder of the files.
        legal: whether the rows of an example fit together in what is kept, see `Task.legal`.
    """

    folders: Sequence[str]
    pool: PlainBatches
    device: torch.device
    kept: Path
    legal: bool = False

    def soft_labels(self) -> SoftLabels:
        """What the teachers say, from their files; a file that is missing or belongs to other data is written first.

        Raises:
            ValueError: the unlabelled data are a stream, or a teacher cannot be loaded.
        """
        if not hasattr(self.pool.dataset, "__len__"):
            raise ValueError(
                "The teachers see the unlabelled examples before training, and unlabeled_dataset is a stream "
                "without a length; give a dataset with a length, or take distillation, whose teacher sees each batch."
            )
        data = self._data_digest()
        return SoftLabels([self._file(folder, data) for folder in self.folders])

    def _file(self, folder: str, data: str) -> Path:
        # The weights and not the folder's name: the stage before may train again into the same folder.
        digest = f"{weights_digest(folder)} {data}{' legal' * self.legal}"
        path = self.kept / f"{hashlib.sha256(digest.encode()).hexdigest()[:16]}.safetensors"
        if path.is_file() and metadata_of(path).get("of") == digest:
            return path
        begun = time.perf_counter()
        model = load_teacher(folder, self.pool.num_classes).eval().to(self.device)
        rows, counts = self._rows(model)
        seconds = time.perf_counter() - begun
        save_soft_labels(path, rows, counts, {"of": digest, "seconds": f"{seconds:.3f}"})
        asked = f"{len(counts) if self.pool.only is None else len(self.pool.only):,}"
        logger.info("Soft labels of %s examples by %s: %.1f s", asked, Path(folder).name, seconds)
        return path

    @torch.no_grad()
    def _rows(self, model: torch.nn.Module) -> tuple[Tensor, Tensor]:
        """The probabilities of the rows in the order of the data (n, c), and how many rows each example has (e,).

        Examples that the training does not read have none.
        """
        rows, examples = [], []
        for batch in self.pool:
            assert batch.examples is not None
            logits = self.pool.task.select(model(**batch.views[PLAIN]).logits, batch.rows)
            said = logits.float().softmax(-1)
            rows.append((self.pool.task.legal(said, batch.examples) if self.legal else said).half().cpu())
            examples.append(batch.examples.cpu())
        of_row = torch.cat(examples)
        # The sort is stable, so that the rows of an example keep their order.
        in_order = torch.cat(rows)[of_row.argsort(stable=True)]
        return in_order, of_row.bincount(minlength=len(self.pool.dataset))

    def _data_digest(self) -> str:
        """A hash of the number of examples, of which are asked for, and of those that the first batch holds."""
        # To hash every example would mean to read and tokenise or decode all of them in each run.
        first = next(iter(self.pool))
        found = hashlib.sha256(str(len(self.pool.dataset)).encode())
        found.update(b"" if self.pool.only is None else self.pool.only.tobytes())
        for name, values in sorted(first.views[PLAIN].items()):
            found.update(name.encode())
            found.update(values.cpu().numpy().tobytes() if isinstance(values, Tensor) else b"")
        return found.hexdigest()


def weights_digest(folder: str) -> str:
    """A hash of all weights in a folder."""
    found = hashlib.sha256()
    for path in sorted(Path(folder).glob("*.safetensors")):
        with path.open("rb") as file:
            found.update(hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()
