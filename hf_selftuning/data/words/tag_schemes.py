"""The schemes in which tags of words are written, recognised over all of them and rewritten as IOB2."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

OUTSIDE = "O"
MARKS = "BIELSUMW"
BARE_TYPE = "ENTITY"
"""The type of entities whose tags are B and I alone."""

MARK_FIRST = re.compile(rf"([{MARKS}])[-_](.+)", re.DOTALL)
MARK_LAST = re.compile(rf"(.+)[-_]([{MARKS}])", re.DOTALL)
LOWER = re.compile(rf"[{MARKS.lower()}]-.+|o", re.DOTALL)
SEVERAL = re.compile(r".*[|;,\s](O|[BIESLU][-_][^|;,\s]+)", re.DOTALL)
"""Tags that are glued together, such as B-PER|O."""
BRACKET = re.compile(r"\*|\*\)|\(.+\*|\(.+\)", re.DOTALL)
"""Tags of CoNLL-2012, which open an entity at its first word and close it at its last one."""
OTHER_SIGN = re.compile(r"[BI][/:.](.+)", re.DOTALL)
"""A mark and a type with a sign between them that is not read, such as B/PER."""
HIDDEN_TAGS = (-100, -1)
"""Integers in the place of a tag that take the word out of training and scoring."""
BY_MARKS = {"IOB2": "BI", "IOBES": "BIES", "BILOU": "BILU", "BMES": "BMES", "BMEWO": "BMIEW"}
"""The marks of each scheme that has types."""

Split = Callable[[str], tuple[str, str] | None]


@dataclass(frozen=True)
class Scheme:
    """How tags are written.

    Args:
        name: "IOB1", "IOB2", "IOBES", "BILOU", "BMES", "BMEWO", "without types" (perhaps after one of these),
            "without prefix" or "one class a word".
        split: mark and type of a tag other than 'O'; None where it is no tag of the scheme.
    """

    name: str
    split: Split

    def to_iob2(self, tags: Sequence[str | None]) -> list[str | None]:
        """Open every entity of a sentence with B-; None, a hidden word, stays and parts entities."""
        return list(_to_iob2(tags, self.split))


WITHOUT_PREFIX = Scheme("without prefix", lambda tag: ("I", tag))


class UnknownTagError(ValueError):
    """A tag that the other tags' scheme does not know."""

    def __init__(self, tag: str, message: str) -> None:
        super().__init__(message)
        self.tag = tag


def recognise(counts: Mapping[str, int]) -> Scheme:
    """The scheme of all tags of a data set, by how often each occurs.

    Raises:
        UnknownTagError: a tag holds several, or is a bracket or otherwise of a form that is not read, or most tags
            have a prefix, and one has not.
    """
    tags = [tag for tag in counts if tag != OUTSIDE]
    glued = next((tag for tag in tags if SEVERAL.fullmatch(tag)), None)
    if glued is not None:
        raise UnknownTagError(glued, f"{glued[:60]!r} holds several tags, and a word has one")
    if not tags or all(MARK_FIRST.fullmatch(tag) for tag in tags):
        return Scheme(_by_marks({tag[0] for tag in tags}), _mark_first)
    if all(LOWER.fullmatch(tag) for tag in tags) and any(tag[0] in "bi" for tag in tags):
        return Scheme(_by_marks({tag[0].upper() for tag in tags if tag != "o"}), _lower)
    if set(tags) <= set(MARKS) and set(tags) & {"B", "I"}:
        return Scheme(_without_types(set(tags)), lambda tag: (tag, BARE_TYPE) if tag in MARKS else None)
    ends = [found[2] for found in map(MARK_LAST.fullmatch, tags) if found]
    if len(ends) == len(tags) and "B" in ends:
        return Scheme(_by_marks(set(ends)), _mark_last)
    _refuse_mixture(tags)
    _refuse_forms(tags)
    if OUTSIDE in counts:
        return WITHOUT_PREFIX
    return Scheme("one class a word", lambda tag: ("S", tag))


def scheme_of_model(names: Sequence[str]) -> Scheme:
    """The scheme of a model's classes; where they fit no scheme, each class is a type of its own."""
    try:
        return recognise(dict.fromkeys(names, 1))
    except UnknownTagError:
        return WITHOUT_PREFIX


def boundary_scheme(sentences: Iterable[Sequence[str | None]], scheme: Scheme) -> str:
    """The name of the scheme that some of the sentences are written in, by the marks that occur in them.

    IOB1 differs from IOB2: in IOB2 every entity opens with B-, in IOB1 only right after another one of its type.

    Args:
        sentences: tags of a part of the data.
        scheme: of all parts.
    """
    if scheme.name not in BY_MARKS:
        return scheme.name
    opened: Counter[str] = Counter()
    marks: set[str] = set()
    for sentence in sentences:
        found = [None if tag in (None, OUTSIDE) else scheme.split(tag) for tag in sentence]
        marks.update(mark for mark, _ in filter(None, found) if mark != OUTSIDE)
        for before, here in pairwise([None, *found]):
            if here is not None and (before is None or before[1] != here[1]):
                opened[here[0]] += 1
    if not marks <= set("BI"):
        return scheme.name if marks <= set(BY_MARKS[scheme.name]) else _by_marks(marks)
    return "IOB1" if opened["I"] > opened["B"] else "IOB2"


def mixes_schemes(tags: Iterable[str], scheme: Scheme) -> bool:
    """Whether marks of IOBES (E, S) and of BILOU (L, U) stand among the tags."""
    marks = {found[0] for tag in tags if tag != OUTSIDE and (found := scheme.split(tag))}
    return bool(marks & set("ES")) and bool(marks & set("LU"))


def is_hidden(tag: str) -> bool:
    """Whether the text of a tag takes its word out of training and scoring."""
    return tag in map(str, HIDDEN_TAGS)


def looks_like_tag(text: str) -> bool:
    """Whether it is O, or a mark and a type, such as B-PER."""
    return text == OUTSIDE or MARK_FIRST.fullmatch(text) is not None


def _to_iob2(tags: Sequence[str | None], split: Split) -> Iterable[str | None]:
    inside = ""  # the type of the entity that the word before leaves open
    for tag in tags:
        if tag is None or tag == OUTSIDE:
            inside = ""
            yield tag
            continue
        found = split(tag)
        if found is None:
            raise UnknownTagError(tag, f"{tag!r} is no tag")
        mark, kind = found
        if mark == OUTSIDE:
            inside = ""
            yield OUTSIDE
            continue
        yield f"{'B' if mark in 'BSUW' or kind != inside else 'I'}-{kind}"
        inside = "" if mark in "ELSUW" else kind


def _by_marks(marks: set[str]) -> str:
    return next((name for name, letters in BY_MARKS.items() if marks <= set(letters)), "IOBES")


def _without_types(marks: set[str]) -> str:
    return "without types" if marks <= set("BI") else f"{_by_marks(marks)} without types"


def _refuse_mixture(tags: Sequence[str]) -> None:
    prefixed = [tag for tag in tags if MARK_FIRST.fullmatch(tag)]
    if any(tag[0] in "BI" for tag in prefixed):
        odd = next(tag for tag in tags if not MARK_FIRST.fullmatch(tag))
        raise UnknownTagError(odd, f"{odd!r} is in the place of the tag, and other tags are such as {prefixed[0]!r}")


def _refuse_forms(tags: Sequence[str]) -> None:
    """Refuse tags of entities that would each be read as a class of its own."""
    if "*" in tags and all(map(BRACKET.fullmatch, tags)):
        odd = next((tag for tag in tags if tag != "*"), "*")
        raise UnknownTagError(odd, f"{odd[:60]!r} is a bracket around an entity, as CoNLL-2012 writes it, and no tag")
    if all(map(OTHER_SIGN.fullmatch, tags)) and any(f"I{tag[1:]}" in tags for tag in tags if tag[0] == "B"):
        raise UnknownTagError(tags[0], f"{tags[0][:60]!r} has another sign than - between its mark and its type")


def _mark_first(tag: str) -> tuple[str, str] | None:
    found = MARK_FIRST.fullmatch(tag)
    return (found[1], found[2].strip()) if found else None


def _mark_last(tag: str) -> tuple[str, str] | None:
    found = MARK_LAST.fullmatch(tag)
    return (found[2], found[1].strip()) if found else None


def _lower(tag: str) -> tuple[str, str] | None:
    return (OUTSIDE, "") if tag == "o" else (tag[0].upper(), tag[2:])
