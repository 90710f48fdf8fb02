"""Column files in the CoNLL layout: a word a line, its tag last, a blank line between sentences."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

TAG = re.compile(r"O|[BI]-.+")
DOCUMENT_START = "-DOCSTART-"

Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Sentences:
    """Words and their IOB2 tags, a list a sentence.

    Args:
        scheme: how the file had written the tags, "IOB1" or "IOB2".
    """

    tokens: list[list[str]]
    tags: list[list[str]]
    scheme: str


def read_conll(path: str | Path) -> Sentences:
    """Read words from the first column and tags from the last, and rewrite IOB1 tags as IOB2.

    Raises:
        ValueError: the file is missing, empty or not UTF-8, a line has another number of columns than the
            first, or a tag is none; the message holds file and line.
    """
    sentences = list(_sentences(Path(path)))
    for line, columns in (row for sentence in sentences for row in sentence):
        if len(columns) < 2 or not TAG.fullmatch(columns[-1]):
            raise ValueError(
                f"{path}, line {line}: {columns[-1]!r} is in the place of the tag; the last column must hold "
                "O, B-type or I-type."
            )
    tags = [[columns[-1] for _, columns in sentence] for sentence in sentences]
    return Sentences(
        tokens=[[columns[0] for _, columns in sentence] for sentence in sentences],
        tags=[to_iob2(sentence) for sentence in tags],
        scheme=tagging_scheme(tags),
    )


def read_conll_words(path: str | Path) -> list[list[str]]:
    """Read the first column alone: a column file without tags, or with tags that are not wanted."""
    return [[columns[0] for _, columns in sentence] for sentence in _sentences(Path(path))]


def looks_like_conll(path: str | Path, *, lines: int = 50) -> bool:
    """Whether the first lines are columns that end in a tag, rather than sentences of running text."""
    with Path(path).open(encoding="utf-8-sig", errors="replace") as file:
        rows = [_columns(line) for line in islice(file, lines)]
    words = [columns for columns in rows if columns and columns[0] != DOCUMENT_START]
    return bool(words) and all(len(columns) == len(words[0]) > 1 and TAG.fullmatch(columns[-1]) for columns in words)


def tagging_scheme(tags: Sequence[Sequence[str]]) -> str:
    """Tell IOB1 and IOB2 apart: in IOB2 every entity opens with B-, in IOB1 only after one of its type."""
    opened = [tag[0] for sentence in tags for before, tag in pairwise(["O", *sentence]) if _opens(before, tag)]
    return "IOB1" if opened.count("I") > opened.count("B") else "IOB2"


def to_iob2(tags: Sequence[str]) -> list[str]:
    """Open every entity of a sentence with B-; IOB2 tags come back as they are."""
    return ["B" + tag[1:] if _opens(before, tag) else tag for before, tag in pairwise(["O", *tags])]


def _opens(before: str, tag: str) -> bool:
    """Whether an entity begins here because the word before is in none of the same type."""
    return tag != "O" and before[1:] != tag[1:]


def _sentences(path: Path) -> Iterator[list[Row]]:
    if not path.is_file():
        raise ValueError(f"The file {path} does not exist; give the path of a CoNLL column file.")
    sentence: list[Row] = []
    empty = True
    for row in _rows(path):
        if row[1]:
            sentence.append(row)
        elif sentence:
            yield sentence
            empty, sentence = False, []
    if sentence:
        yield sentence
    elif empty:
        raise ValueError(f"The file {path} holds no sentence, its {path.stat().st_size} bytes are blank; fill it.")


def _rows(path: Path) -> Iterator[Row]:
    """Line numbers and columns; blank lines and document starts have no columns."""
    width = 0
    try:
        with path.open(encoding="utf-8-sig") as file:
            for line, columns in enumerate(map(_columns, file), start=1):
                if columns and columns[0] == DOCUMENT_START:
                    columns = []
                width = width or len(columns)
                if columns and len(columns) != width:
                    raise ValueError(
                        f"{path}, line {line}: {len(columns)} columns where the first line has {width}; "
                        "give every word the same columns."
                    )
                yield line, columns
    except UnicodeDecodeError as error:
        raise ValueError(f"The file {path} is not UTF-8 ({error}); convert it, for instance by iconv.") from error


def _columns(line: str) -> list[str]:
    # A no-break space may be part of a word, so only blanks and tabs separate.
    return re.findall(r"[^ \t\r\n]+", line) if line.strip() else []
