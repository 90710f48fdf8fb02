"""What every reader of texts gives: texts of a part, their classes, and what was passed over or looked odd."""

import hashlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import ClassVar

from ..classes.class_reading import ClassReading
from ..digests import Digests
from ..rows.packed_texts import PackedTuples

DIGEST = 16


@dataclass
class TextReading(ClassReading):
    """One part of the texts as it was read.

    Args:
        texts: each of one text, or of the two texts of a pair.
        numbers: the row or line of each text, from 1; empty where texts are files of their own.
        files: the path of each text, where texts are files of their own.
        wordings: other wordings of the texts that have some, by index.
        joined: where the texts of each source begin, if there are several.
        unit: what a number counts, `row` or `line`.
    """

    one: ClassVar[str] = "text"

    texts: PackedTuples = field(default_factory=PackedTuples)
    numbers: "array[int]" = field(default_factory=lambda: array("Q"))
    files: list[str] = field(default_factory=list)
    wordings: dict[int, list[str]] = field(default_factory=dict)
    joined: list[tuple[int, str]] = field(default_factory=list)
    unit: str = "row"

    def __len__(self) -> int:
        return len(self.texts)

    def add(self, text: tuple[str, ...], name: str | None, place: int | str, wordings: Sequence[str] = ()) -> None:
        """Add a text.

        Args:
            text: of one text, or of the two texts of a pair.
            name: of its class; None for a text without one.
            place: its row or line, or its own file.
            wordings: other wordings of it.
        """
        if wordings:
            self.wordings[len(self.texts)] = [*wordings]
        self.texts.append(text)
        self.classes.append(name if name is None else intern(name))
        if isinstance(place, str):
            self.files.append(place)
        else:
            self.numbers.append(place)

    def place(self, index: int) -> str:
        """File and row of a text, or its own file."""
        if self.files:
            return self.files[index]
        source = next((name for start, name in reversed(self.joined) if start <= index), self.source)
        return f"{source}, {self.unit} {self.numbers[index]}"

    def join(self, other: "TextReading") -> None:
        """Add the texts of another file of the same part."""
        self.joined = self.joined or [(0, self.source)]
        self.joined += [(len(self.texts) + start, name) for start, name in other.joined or [(0, other.source)]]
        self.wordings |= {len(self.texts) + index: found for index, found in other.wordings.items()}
        self.texts.extend(other.texts)
        self.classes += other.classes
        self.numbers += other.numbers
        self.files += other.files
        self.passed_over += other.passed_over
        for doubt in other.doubts:
            self.doubt(doubt)


def digests(texts: Iterable[Sequence[str]]) -> Digests:
    """For each text a digest that is equal for equal texts, whatever blanks stand between their words."""
    plain = ("\0".join([" ".join(part.split()) for part in text]) for text in texts)
    return Digests.of((hashlib.blake2b(text.encode(), digest_size=DIGEST).digest() for text in plain), DIGEST)
