"""A saved model that answers for each word, read as in training: the same words, pieces and windows."""

import inspect
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForTokenClassification, AutoTokenizer

from ...core.task import IGNORED
from ...data.words.load_words import WordColumns, read_sentences
from ...data.words.part_summary import summarise
from ...data.words.reading_record import ReadingRecord
from ...data.words.tag_schemes import OUTSIDE, scheme_of_model
from ...data.words.word_data import log_summary
from ...data.words.word_encoding import window_rows
from ...data.words.word_pieces import LONGEST, usable_positions
from ...data.words.word_records import Sentence
from ...metrics import Decoding, decode_tags
from ...tasks.token_classification import TokenClassification
from ..pretrained.devices import device_of
from ..pretrained.pretrained_models import fitted
from .word_answers import SentenceAnswer, WordAnswer

AT_ONCE = 512
"""Sentences that are tokenised and sorted by length at a time."""


class Tagger:
    """A model for words with its tokenizer.

    Args:
        source: folder or Hub id of a saved model.
        batch_size: windows in a forward pass.
        device: such as `cpu` or `cuda:0`; None takes the first accelerator, else the CPU.
        decoding: `argmax`, the most probable tag of each word, or `legal`, the most probable sequence of tags that
            the scheme of the model's tags allows.
    """

    def __init__(
        self,
        source: str | Path,
        *,
        batch_size: int = 16,
        device: str | int | None = None,
        decoding: Decoding = "argmax",
    ) -> None:
        self.decoding = decoding
        self.model = AutoModelForTokenClassification.from_pretrained(source, dtype=torch.float32).eval()
        self.model.to(device_of(device))
        positions = usable_positions(self.model)
        self.tokenizer = fitted(AutoTokenizer.from_pretrained(source), positions)
        self.batch_size = batch_size
        self.record = ReadingRecord.of(self.model.config)
        self.max_length = min(self.record.max_length or positions or LONGEST, self.tokenizer.model_max_length)
        names = self.model.config.id2label
        self.names = [str(names[index]) for index in sorted(names)]
        self.scheme = scheme_of_model(self.names)
        task = TokenClassification()
        task.bind(self.model, self.tokenizer)
        self._collate: Any = task.collator(self.tokenizer)
        self._known = set(inspect.signature(self.model.forward).parameters)

    def answers(self, file: str | Path, columns: WordColumns | None = None) -> Iterator[SentenceAnswer]:
        """Answers for each sentence of a file, in its order.

        Args:
            file: of any kind that `read_unlabeled_words` reads; tags in it are not read.
            columns: where the words stand, as far as it is known.

        Raises:
            ValueError: the file cannot be read.
        """
        reading = read_sentences(file, columns or WordColumns(), tagged=False, cutting=self.record.cutting)
        log_summary(summarise("unlabeled", reading))
        number = 0
        for start in range(0, len(reading.sentences), AT_ONCE):
            some = reading.sentences[start : start + AT_ONCE]
            for sentence, found in zip(some, self.tags_of([one.words for one in some]), strict=True):
                number += 1
                yield self._answer(f"{file}:{number}", sentence, found)

    def tags_of(self, sentences: Sequence[Sequence[str]]) -> list[list[tuple[str, float]]]:
        """The tag of each word of sentences, and its probability."""
        numbers = range(len(sentences))
        marks = [range(len(words)) for words in sentences]  # the label of a word is its number
        rows = window_rows(sentences, marks, self.tokenizer, self.max_length, numbers)
        found: list[dict[int, np.ndarray]] = [{} for _ in sentences]
        rows.sort(key=lambda row: -len(row["input_ids"]))
        for start in range(0, len(rows), self.batch_size):
            batch = rows[start : start + self.batch_size]
            for row, (words, logits) in zip(batch, self._logits(batch), strict=True):
                found[row["sentence"]].update(zip(words, logits, strict=True))
        return self._decoded(found, [len(words) for words in sentences])

    def _decoded(self, found: Sequence[dict[int, np.ndarray]], sizes: Sequence[int]) -> list[list[tuple[str, float]]]:
        """The tags of sentences of these sizes, from the logits of each word by its number."""
        orders = [sorted(words) for words in found]
        pairs = zip(found, orders, strict=True)
        logits = [np.array([words[i] for i in order]).reshape(-1, len(self.names)) for words, order in pairs]
        answers = [[(OUTSIDE, 0.0)] * size for size in sizes]
        tags = decode_tags(logits, self.names, self.decoding)
        for answer, order, rows, best in zip(answers, orders, logits, tags, strict=True):
            scores = torch.as_tensor(rows).softmax(-1)
            for place, (word, tag) in enumerate(zip(order, best, strict=True)):
                answer[word] = self.names[tag], float(scores[place, tag])
        return answers

    @torch.inference_mode()
    def _logits(self, rows: Sequence[dict[str, Any]]) -> list[tuple[list[int], np.ndarray]]:
        """For each row the numbers of the words that it answers, and their logits."""
        wanted = [{name: row[name] for name in row if name in self._known | {"labels"}} for row in rows]
        inputs = self._collate(wanted)
        words = inputs.pop("labels")
        logits = self.model(**inputs.to(self.model.device)).logits
        pairs = zip(words, logits.float().cpu(), strict=True)
        return [(numbers[numbers != IGNORED].tolist(), row[numbers != IGNORED].numpy()) for numbers, row in pairs]

    def _answer(self, source: str, sentence: Sentence, found: Sequence[tuple[str, float]]) -> SentenceAnswer:
        text, places = sentence.located()
        given = zip(sentence.words, places, found, strict=True)
        words = [WordAnswer(word, *place, tag, score) for word, place, (tag, score) in given]
        tags = self.scheme.to_iob2([word.tag for word in words])
        return SentenceAnswer(source, sentence.place, text, words, [tag or OUTSIDE for tag in tags])
