"""The classes of texts by a trained model, read as in training."""

import inspect
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from ...data.piece_lengths import by_length
from ...data.rows.plain_text import counted
from ...data.texts.load_texts import read_unlabeled
from ...data.texts.pairs_record import check_pairs
from ...data.texts.text_columns import TextColumns
from ...data.texts.text_data import PAIR, TEXT, texts_dataset
from ...data.texts.text_encoding import encode_texts
from ...data.texts.text_summary import TextSummary
from ...data.words.word_pieces import LONGEST, usable_positions
from ...tasks.text_classification import TextClassification
from ..pretrained.devices import device_of
from ..pretrained.pretrained_models import fitted

logger = logging.getLogger(__name__)

AT_ONCE = 512
"""Texts that are tokenised and sorted by length at a time."""


@dataclass(frozen=True)
class TextAnswer:
    """The classes of one text.

    Args:
        source: file and row, or the text's own file.
        row: the row of its table, or its line, from 1; None for a text that is a file of its own.
        text: the text; the two texts of a pair with ` | ` between.
        classes: the most probable classes and their probabilities, the most probable first.
    """

    source: str
    row: int | None
    text: str
    classes: tuple[tuple[str, float], ...]


class TextClassifier:
    """A trained model that classifies texts.

    Args:
        source: folder or Hub id of the model.
        batch_size: number of texts in a forward pass.
        device: such as `cpu` or `cuda:0`; None takes the first accelerator, else the CPU.
    """

    def __init__(self, source: str, *, batch_size: int = 16, device: str | int | None = None) -> None:
        self.model = AutoModelForSequenceClassification.from_pretrained(source, dtype=torch.float32).eval()
        self.model.to(device_of(device))
        self.tokenizer = fitted(AutoTokenizer.from_pretrained(source), usable_positions(self.model))
        self.batch_size = batch_size
        self.max_length = min(self.tokenizer.model_max_length, usable_positions(self.model) or LONGEST)
        names = self.model.config.id2label
        self.names = [str(names[index]) for index in sorted(names)]
        task = TextClassification()
        task.bind(self.model, self.tokenizer)
        self._collate: Any = task.collator(self.tokenizer)
        self._cut = 0  # texts of the file that is read that are longer than `max_length`
        self._known = set(inspect.signature(self.model.forward).parameters)

    def answers(
        self,
        path: str | Path,
        *,
        text_column_name: Sequence[str] | None = None,
        top: int = 1,
        broken: dict[str, str] | None = None,
    ) -> Iterator[TextAnswer]:
        """An answer for each text of a file or a folder, in its order.

        Args:
            path: of any kind that `read_unlabeled_texts` reads; classes in it are not read.
            text_column_name: the column of the texts, or the two columns of pairs; None finds it.
            top: number of classes for each text.
            broken: gets the files of a folder that cannot be read, with the reasons; without it, the first of them
                ends the answers.

        Raises:
            ValueError: the file cannot be read, or holds pairs where the model was trained on texts, or the reverse.
        """
        reading = read_unlabeled(path, TextColumns(text_column_name), broken)
        if not reading.texts:
            return  # each file of the folder is a broken one
        TextSummary.of("unlabeled", reading).log()
        check_pairs(self.model.config, len(reading.texts[0]) > 1, str(path))
        self._cut = 0
        for start in range(0, len(reading.texts), AT_ONCE):
            rows = range(start, min(start + AT_ONCE, len(reading.texts)))
            found = self.classes_of(texts_dataset(reading, rows), top)
            for row, classes in zip(rows, found, strict=True):
                number = reading.numbers[row] if reading.numbers else None
                yield TextAnswer(reading.place(row), number, " | ".join(reading.texts[row]), classes)
        if self._cut:
            logger.warning(
                "%s: %s longer than %s word pieces, which is all that this model reads, and the rest is left out.",
                path,
                counted(self._cut, "text is", "texts are"),
                f"{self.max_length:,}",
            )

    def classes_of(self, texts: Dataset, top: int) -> list[tuple[tuple[str, float], ...]]:
        """The most probable classes of each text, with their probabilities."""
        columns = [name for name in (TEXT, PAIR) if name in texts.column_names]
        encoded = encode_texts(
            texts,
            self.tokenizer,
            max_length=self.max_length,
            text_columns=columns,
            label=None,
            on_cut=self._count_cut,
        ).remove_columns("labels")
        order = by_length(encoded)
        scores = torch.cat(
            [self._scores(encoded, order[at : at + self.batch_size]) for at in range(0, len(order), self.batch_size)]
        )
        best = scores[torch.tensor(order).argsort()].topk(min(top, len(self.names)), dim=-1)
        return [
            tuple((self.names[label], score) for score, label in zip(row, labels, strict=True))
            for row, labels in zip(best.values.tolist(), best.indices.tolist(), strict=True)
        ]

    def _count_cut(self, cut: int) -> None:
        self._cut += cut

    @torch.inference_mode()
    def _scores(self, encoded: Dataset, rows: Sequence[int]) -> torch.Tensor:
        """The probabilities of the classes (n, c)."""
        wanted = [{name: values for name, values in encoded[row].items() if name in self._known} for row in rows]
        logits = self.model(**self._collate(wanted).to(self.model.device)).logits
        return logits.float().softmax(-1).cpu()
