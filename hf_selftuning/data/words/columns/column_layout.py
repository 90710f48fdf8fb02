"""Which column of a column file holds the words, which the tags, and which only counts."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...rows.label_cells import NoLabelsError
from ..tables.table_columns import WordColumns
from .column_index import Index, skipped_index
from .column_text import ColumnText
from .column_values import MANY_ROWS, Column, common_prefix


@dataclass(frozen=True)
class Layout:
    """WordColumns by their places from 0.

    Args:
        tags: None where the file has none.
        index: what the first column numbers: "words", "sentences", or "" where it numbers nothing.
        parted: whether blank lines part sentences.
        prefix: what stands before every word and is left out, such as the `en:` of WikiANN.
    """

    words: int
    tags: int | None
    index: str
    parted: bool
    prefix: str = ""

    def __str__(self) -> str:
        numbers = f", {self.index} numbered in column 1" if self.index else ""
        tags = f", tags in column {self.tags + 1}" if self.tags is not None else ""
        prefix = f", {self.prefix!r} before each word left out" if self.prefix else ""
        return f"words in column {self.words + 1}{tags}{numbers}{prefix}"


def find_layout(text: ColumnText, columns: WordColumns, *, tagged: bool) -> Layout:
    """Find the columns over all lines.

    Raises:
        ValueError: no column holds tags, or several would do; the message holds the file and the flag.
    """
    seen, index, parted = survey(text)
    width = len(seen)
    if not seen or not seen[0].rows:
        raise ValueError(
            f"The file {text.path} holds no sentence, its {len(text.text)} characters are blank or comments; fill it."
        )
    counts = index.found if width > 1 and not (width == 2 and (tagged or seen[1].all_tags)) else ""
    free = [place for place in range(width) if not (counts and place == 0)]
    words, tags = (
        _numbered(name, width, text, flag)
        for name, flag in ((columns.text, "text_column_name"), (columns.labels, "label_column_name"))
    )
    if tags is None:
        tags = _tag_column(seen, [place for place in free if place != words], text, columns, tagged=tagged)
    if words is None:
        words = _word_column(seen, [place for place in free if place != tags], tags, text)
    return Layout(words, tags if tagged else None, counts, parted, common_prefix(seen[words].values))


def survey(text: ColumnText) -> tuple[list[Column], Index, bool]:
    """What the columns hold, what the first one numbers, and whether something parts sentences."""
    seen, index = [Column() for _ in range(text.width)], Index()
    parted, ended = False, False
    for _, columns in text.rows():
        if not columns:
            ended = bool(seen and seen[0].rows)
            index.add(None)
            continue
        parted = parted or ended
        index.add(columns[0])
        if index.words and text.width > 2 and skipped_index(columns[0]):
            continue  # a range of words has placeholders in its other columns
        for column, value in zip(seen, columns, strict=True):
            column.add(value)
    return seen, index, parted


def _numbered(name: str | None, width: int, text: ColumnText, flag: str) -> int | None:
    if name is None:
        return None
    if name.isdigit() and 1 <= int(name) <= width:
        return int(name) - 1
    raise ValueError(
        f"{text.path}: there is no column {name!r} in a file of {width} columns without names; give its number, from "
        f"1 to {width}, to --{flag}."
    )


def _tag_column(
    seen: Sequence[Column], free: Sequence[int], text: ColumnText, columns: WordColumns, *, tagged: bool
) -> int | None:
    if len(seen) == 1 or not free:
        if tagged:
            raise _no_tags(text, seen)
        return None
    fitting = [place for place in free if seen[place].all_tags]
    if fitting:
        if tagged:
            _refuse_several(seen, fitting, free[-1], text, named=bool(columns.tag_names))
        return fitting[-1]
    # Words repeat themselves, too, so that the first column counts only where tags must be there.
    for place in (free[-1], free[0]) if tagged else free[-1:]:
        fewest = len(seen[place].values) <= min(len(seen[other].values) for other in free)
        if seen[place].would_do(named=bool(columns.tag_names)) and fewest:
            return place
    if tagged:
        raise _no_tags(text, seen)
    return None


def _refuse_several(
    seen: Sequence[Column], fitting: Sequence[int], last: int, text: ColumnText, *, named: bool
) -> None:
    """Chunks and names have other types; nested names, and guesses beside the truth, have the same."""
    chosen = fitting[-1]
    alike = [place for place in fitting[:-1] if seen[place].types & seen[chosen].types or not seen[chosen].types]
    alike = [place for place in alike if seen[place].types]
    if last != chosen and seen[last].would_do(named=named):
        alike.append(last)
    if alike:
        raise ValueError(
            f"{text.path}: columns {_listed(sorted([*alike, chosen]))} all seem to hold tags; name the one to learn "
            f"by --label_column_name, such as --label_column_name {min(*alike, chosen) + 1}."
        )


def _no_tags(text: ColumnText, seen: Sequence[Column]) -> NoLabelsError:
    line, columns = next((line, columns) for line, columns in text.rows() if columns)
    alone = "the file has one column" if len(seen) == 1 else f"none of {len(seen)} columns holds tags alone"
    return NoLabelsError(
        f"{text.path}, line {line}: {columns[-1]!r} is in the place of the tag, and {alone}; one column must hold O, "
        "B-type or I-type, or be named by --label_column_name. Words without tags are for --unlabeled_file."
    )


def _word_column(seen: Sequence[Column], free: Sequence[int], tags: int | None, text: ColumnText) -> int:
    if not free:
        raise ValueError(f"{text.path}: no column is left for the words; name it by --text_column_name.")
    useful = [place for place in free if not seen[place].empty] or list(free)
    useful = [place for place in useful if not seen[place].constant] or useful
    if seen[useful[0]].rows >= MANY_ROWS and seen[useful[0]].all_numbers and len(useful) > 1:
        other = next((place for place in useful if not seen[place].all_numbers), useful[1])
        raise ValueError(
            f"{text.path}: column {useful[0] + 1} holds numbers alone, which count neither words nor sentences; name "
            f"the column of words, such as --text_column_name {other + 1}."
        )
    if tags is not None and tags < useful[0] and len(useful) > 1:
        raise ValueError(
            f"{text.path}: tags stand in column {tags + 1}, and columns {_listed(useful)} could all be the words; "
            "name one by --text_column_name."
        )
    return useful[0]


def _listed(places: Sequence[int]) -> str:
    return ", ".join(str(place + 1) for place in places)
