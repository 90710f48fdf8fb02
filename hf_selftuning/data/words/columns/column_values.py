"""What the values of one column of a column file look like."""

import re
from collections.abc import Set
from dataclasses import dataclass, field

from ..tag_schemes import LOWER, MARK_FIRST, MARKS, OUTSIDE, is_hidden, looks_like_tag

NUMBER = re.compile(r"-?\d{1,9}(?:\.0)?")
PLACEHOLDERS = {"_", "-", "-X-", "*"}
MOST_VALUES = 5000
MANY_TAGS = 200
MANY_ROWS = 10
"""Rows from which on a column of numbers, or of one value, holds no words."""
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z-]+)?:")


@dataclass
class Column:
    """What was seen in a column over all lines."""

    rows: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    others: int = 0

    def add(self, value: str) -> None:
        """Count a value; of very many different ones, as words are, only the first are told apart."""
        self.rows += 1
        if value in self.counts:
            self.counts[value] += 1
        elif len(self.counts) < MOST_VALUES:
            self.counts[value] = 1
        else:
            self.others += 1

    @property
    def values(self) -> Set[str]:
        """The different values."""
        return self.counts.keys()

    @property
    def tags(self) -> int:
        """How many rows hold O, or a mark and a type."""
        return sum(count for value, count in self.counts.items() if looks_like_tag(value))

    @property
    def numbers(self) -> int:
        """How many rows hold whole numbers."""
        return sum(count for value, count in self.counts.items() if NUMBER.fullmatch(value))

    @property
    def types(self) -> set[str]:
        """The types of its tags."""
        return {found[2] for found in map(MARK_FIRST.fullmatch, self.values) if found}

    @property
    def all_tags(self) -> bool:
        """Whether all values are tags with a mark, or O, or bare marks such as B and I; -100 may hide words."""
        bare = self.values <= {*MARKS, OUTSIDE} and bool(self.values & {"B", "I"})
        hidden = sum(count for value, count in self.counts.items() if is_hidden(value))
        return self.rows > 0 and ((self.tags > 0 and self.tags + hidden == self.rows) or bare)

    @property
    def few_values(self) -> bool:
        """Whether it holds O beside few other values, or two or more values again and again, as classes do."""
        again = len(self.values) > 1 and 3 * len(self.values) <= self.rows
        few = len(self.values) <= MANY_TAGS and not self.empty
        return few and (OUTSIDE in self.values or again)

    @property
    def empty(self) -> bool:
        """Whether it holds placeholders alone, such as _."""
        return self.values <= PLACEHOLDERS

    @property
    def constant(self) -> bool:
        """Whether many rows hold one value, such as the name of a document."""
        return len(self.values) == 1 and self.rows >= MANY_ROWS

    @property
    def all_numbers(self) -> bool:
        """Whether it holds numbers alone."""
        return self.numbers == self.rows - self.others

    def would_do(self, *, named: bool) -> bool:
        """Whether it may hold tags: classes without marks, marks in lower case, or numbers that have names."""
        if self.all_numbers:
            return named or self.few_values
        return 2 * self.tags >= self.rows or self.few_values or all(map(LOWER.fullmatch, self.values))


def common_prefix(words: Set[str]) -> str:
    """The mark of a language before all words, such as `en:`; "" where one of them has none, or nothing after it."""
    found = LANGUAGE.match(next(iter(words), ""))
    prefix = found[0] if found else ""
    return prefix if len(words) > 1 and all(w.startswith(prefix) and len(w) > len(prefix) for w in words) else ""
