"""What a model says of sentences: a tag and a place for each word, and the entities that they make."""

from dataclasses import dataclass
from itertools import pairwise

from ...data.words.tag_schemes import OUTSIDE


@dataclass(frozen=True)
class WordAnswer:
    """A word and its tag.

    Args:
        text: the word.
        start: its first character in the text of the sentence.
        end: the first character behind it.
        tag: what the model says, such as "B-PER".
        score: the model's probability of the tag, in [0, 1].
    """

    text: str
    start: int
    end: int
    tag: str
    score: float


@dataclass(frozen=True)
class EntityAnswer:
    """An entity.

    Args:
        label: its type.
        start: its first character in the text of the sentence.
        end: the first character behind it.
        text: the characters between.
        score: mean of the scores of its words.
        first: number of its first word.
        last: number of its last word.
    """

    label: str
    start: int
    end: int
    text: str
    score: float
    first: int
    last: int


@dataclass(frozen=True)
class SentenceAnswer:
    """A sentence with an answer for each word.

    Args:
        source: `file:number`, with the number of the sentence in the file, from 1.
        row: the row of its table, or the line of its first word, from 1. It may be more than the number of the
            sentence, because rows without words have no answer.
        text: as the file holds it; where it holds words alone, these with a blank between.
        words: all words of the sentence.
        tags: the tags in IOB2, where each entity opens with B-. The words have them as the model gave them.
    """

    source: str
    row: int
    text: str
    words: list[WordAnswer]
    tags: list[str]

    @property
    def entities(self) -> list[EntityAnswer]:
        """The entities in the order of the text."""
        begins = [place for place, tag in enumerate(self.tags) if tag.startswith("B-")]
        return [self._entity(begin, following) for begin, following in pairwise([*begins, len(self.tags)])]

    def _entity(self, begin: int, following: int) -> EntityAnswer:
        end = next((place for place in range(begin + 1, following) if self.tags[place] == OUTSIDE), following)
        words = self.words[begin:end]
        start, stop = words[0].start, words[-1].end
        score = sum(word.score for word in words) / len(words)
        return EntityAnswer(self.tags[begin][2:], start, stop, self.text[start:stop], score, begin, end - 1)
