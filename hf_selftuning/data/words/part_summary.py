"""What was read of each part, in one line, and what looks odd about the parts together."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..label_names import alike_names
from ..rows.plain_text import counted, listed, shown_counts
from .word_records import Reading

SHOWN_TYPES = 12
SECOND_MARK = re.compile(r"(\w+)([BIES])-\w.*", re.DOTALL)


@dataclass(frozen=True)
class PartSummary:
    """What was read of a part.

    Args:
        part: "train", "validation", "test" or "unlabeled".
        source: the file, or the dataset and its part.
        scheme: how the tags are written in the source; "" where there are none.
        types: how many entities of each type.
        untagged: sentences that have no tags.
        layout: where words and tags were found.
        passed_over: how much of what was not read as words.
        doubts: what looks odd.
    """

    part: str
    source: str
    sentences: int
    words: int
    scheme: str = ""
    types: Mapping[str, int] = field(default_factory=dict)
    untagged: int = 0
    layout: str = ""
    passed_over: Mapping[str, int] = field(default_factory=dict)
    doubts: Sequence[str] = ()

    @property
    def line(self) -> str:
        """All of it but the doubts, in one line."""
        facts = [counted(self.sentences, "sentence"), counted(self.words, "word")]
        if self.scheme:
            each = f" ({shown_counts(sorted(self.types.items()), SHOWN_TYPES)})" if self.types else ""
            facts.append(f"tags {self.scheme}, {counted(len(self.types), 'type')}{each}")
        elif self.part != "unlabeled":
            facts.append("no tags")
        if self.untagged and self.scheme:
            facts.append(f"{counted(self.untagged, 'more sentence')} without tags")
        told = [", ".join(facts), self.layout]
        if self.passed_over:
            told.append(f"passed over: {shown_counts(sorted(self.passed_over.items()))}")
        return f"{Path(self.source).name}: {'; '.join(filter(None, told))}"


def summarise(
    part: str, reading: Reading, scheme: str = "", rows: Sequence[Sequence[str | None]] | None = None
) -> PartSummary:
    """The summary of a reading.

    Args:
        part: which one.
        reading: of it.
        scheme: how its tags are written.
        rows: its tags as IOB2, of the sentences that have some; None where there are none.
    """
    types = Counter(tag[2:] for row in rows or () for tag in row if tag is not None and tag.startswith("B-"))
    tagged = len(reading.sentences) if rows is None else len(rows)
    untagged = len(reading.sentences) - tagged
    words = reading.words if rows is None else sum(map(len, rows))
    return PartSummary(
        part=part,
        source=reading.source,
        sentences=tagged,
        words=words,
        scheme=scheme,
        types=dict(sorted(types.items())),
        untagged=untagged,
        layout=reading.layout,
        passed_over=dict(reading.passed_over),
        doubts=tuple(reading.doubts),
    )


def _double_marks(types: Sequence[str]) -> list[str]:
    """Types such as NPI-LOC, if others such as VPO or NPB-PER show that NP, I and LOC are what ran together."""
    found = {kind: (one[1], one[2]) for kind in types if (one := SECOND_MARK.fullmatch(kind))}
    outside = any(kind.endswith("O") and kind not in found for kind in types)
    bases = Counter(base for base, _ in found.values())
    return [kind for kind, (base, _) in found.items() if outside or bases[base] > 1]


def part_doubts(summary: PartSummary, train: PartSummary, scheme: str) -> list[str]:
    """What looks odd about the tags of a part.

    Args:
        summary: of the part.
        train: of the training part, or of the part itself.
        scheme: of all parts.
    """
    doubts = []
    if scheme == "one class a word" and summary.part == "train":
        doubts.append(
            "no tag is O, so that each word is taken to have a class of its own, as parts of speech are; write O for "
            "words outside of entities if the tags are of entities, or name another column by --label_column_name"
        )
    alike = alike_names(summary.types)
    if alike:
        doubts.append(
            f"the types {listed(alike)} differ only in case, or in signs that are not seen; write them alike"
        )
    if not summary.types:
        doubts.append("no word is in an entity: all tags are O; --label_column_name names another column of tags")
    if summary.untagged and summary.part != "train":
        doubts.append(
            f"{summary.untagged:,} sentences without tags are left out, as nothing can be scored on them; "
            "tag them, or give them by --unlabeled_file"
        )
    new = {kind: count for kind, count in summary.types.items() if kind not in train.types}
    if new:
        told = ", ".join(f"{kind} {count:,}" for kind, count in new.items())
        doubts.append(
            f"entities of types that the training part lacks cannot be found: {told}; add sentences with them to the "
            "training part, or name the types alike"
        )
    double = _double_marks(list(summary.types))
    if double:
        doubts.append(
            f"the types {listed(double)} hold a second mark, as if two columns of tags had run together; put a blank "
            "or a tab between the columns"
        )
    return doubts
