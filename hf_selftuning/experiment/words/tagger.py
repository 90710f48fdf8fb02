"""A saved model that answers for each word, read as in training: the same words, pieces and windows."""

import inspect
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForTokenClassification, AutoTokenizer

from ...core.task import IGNORED
from ...data.words.load_words import WordColumns, read_sentences
from ...data.words.part_summary import summarise
from ...data.words.reading_record import ReadingRecord
from ...data.words.tag_schemes import OUTSIDE, Scheme, recognise
from ...data.words.word_data import log_summary
from ...data.words.word_encoding import window_rows
from ...data.words.word_pieces import LONGEST, usable_positions
from ...data.words.word_records import Sentence
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
    """

    def __init__(self, source: str | Path, *, batch_size: int = 16, device: str | int | None = None) -> None:
        self.model = AutoModelForTokenClassification.from_pretrained(source, dtype=torch.float32).eval()
        self.model.to(device_of(device))
        positions = usable_positions(self.model)
        self.tokenizer = fitted(AutoTokenizer.from_pretrained(source), positions)
        self.batch_size = batch_size
        self.record = ReadingRecord.of(self.model.config)
        self.max_length = min(self.record.max_length or positions or LONGEST, self.tokenizer.model_max_length)
        names = self.model.config.id2label
        self.names = [str(names[index]) for index in sorted(names)]
        self.scheme = _scheme(self.names)
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
        found = [[(OUTSIDE, 0.0)] * len(words) for words in sentences]
        rows.sort(key=lambda row: -len(row["input_ids"]))
        for start in range(0, len(rows), self.batch_size):
            for row, best in zip(batch := rows[start : start + self.batch_size], self._best(batch), strict=True):
                for word, answer in best:
                    found[row["sentence"]][word] = answer
        return found

    @torch.inference_mode()
    def _best(self, rows: Sequence[dict[str, Any]]) -> list[list[tuple[int, tuple[str, float]]]]:
        """For each row the numbers of the words that it answers, and the answers."""
        wanted = [{name: row[name] for name in row if name in self._known | {"labels"}} for row in rows]
        inputs = self._collate(wanted)
        words = inputs.pop("labels")
        logits = self.model(**inputs.to(self.model.device)).logits
        scores, best = (part.cpu() for part in logits.float().softmax(-1).max(-1))
        found = []
        for numbers, tags, certain in zip(words, best, scores, strict=True):
            here = numbers != IGNORED
            names = [self.names[tag] for tag in tags[here].tolist()]
            found.append([*zip(numbers[here].tolist(), zip(names, certain[here].tolist(), strict=True), strict=True)])
        return found

    def _answer(self, source: str, sentence: Sentence, found: Sequence[tuple[str, float]]) -> SentenceAnswer:
        text, places = sentence.located()
        given = zip(sentence.words, places, found, strict=True)
        words = [WordAnswer(word, *place, tag, score) for word, place, (tag, score) in given]
        tags = self.scheme.to_iob2([word.tag for word in words])
        return SentenceAnswer(source, text, words, [tag or OUTSIDE for tag in tags])


def _scheme(names: Sequence[str]) -> Scheme:
    """The scheme of a model's classes; where they fit no scheme, each class is a type of its own."""
    try:
        return recognise(dict.fromkeys(names, 1))
    except ValueError:
        return Scheme("without prefix", lambda tag: ("I", tag))
