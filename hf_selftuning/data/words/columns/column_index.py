"""The first column of a column file, where it numbers the words or the sentences."""

import re
from dataclasses import dataclass

WORD_NUMBER = re.compile(r"\d{1,9}")
RANGE = re.compile(r"\d{1,9}[-.]\d{1,9}")


@dataclass
class Index:
    """Whether the first column numbers the words of a sentence, all words, or the sentences.

    Args:
        words: numbers go on by one from 0 or 1 in each sentence, or through the file.
        sentences: a number stays through a sentence and grows after it.
        parted: blank lines part sentences.
    """

    words: bool = True
    sentences: bool = True
    parted: bool = False
    lines: int = 0
    last: int | None = None
    repeated: bool = False
    blank: bool = False

    def add(self, value: str | None) -> None:
        """See the next value; None for the end of a sentence."""
        if value is None:
            self.blank = self.lines > 0
            return
        if RANGE.fullmatch(value):
            return
        if not WORD_NUMBER.fullmatch(value):
            self.words = self.sentences = False
            return
        number, last = int(value), self.last
        self.parted = self.parted or self.blank
        if last is None:
            self.words = self.words and number <= 1
        elif self.blank:
            self.words = self.words and (number <= 1 or number == last + 1)
            self.sentences = self.sentences and number > last
        else:
            self.repeated = self.repeated or number == last
            self.words = self.words and (number == last + 1 or number <= 1)
            self.sentences = self.sentences and number >= last and (number == last or not self.parted)
        self.lines, self.last, self.blank = self.lines + 1, number, False

    @property
    def found(self) -> str:
        """What it numbers: "words", "sentences" or "" for nothing."""
        if self.lines < 2:
            return ""
        if self.sentences and self.repeated:
            return "sentences"
        return "words" if self.words and not self.repeated else ""


def index_breaks(index: str, value: str, last: str | None) -> bool:
    """Whether a sentence ends before a line, by the numbers of its words or of the sentences."""
    if last is None:
        return False
    return value != last if index == "sentences" else int(value) <= int(last)


def skipped_index(value: str) -> bool:
    """Whether a line is a range of words, such as 3-4 of CoNLL-U, or an empty word, such as 3.1."""
    return RANGE.fullmatch(value) is not None
