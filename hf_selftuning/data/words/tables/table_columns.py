"""Which column of a table holds the words, and which the tags: named, known by name, or the only one that fits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...rows.label_cells import NoLabelsError
from ...rows.named_files import told_files
from ...rows.plain_text import shown_names
from ...rows.present_columns import column_named, present_columns
from ..tag_schemes import looks_like_tag
from ..word_records import Reading
from .column_fit import TEXTS, Record, all_tags, are_spans, fits, several, texts

WORDS = (("tokens", "words"), ("token", "word", "form"), TEXTS)
LABEL_COLUMNS = ("ner_tags", "tags")
"""Names of the column of tags, of which the first one counts that is there; other names must be the only one."""
LABELS = (
    *((name,) for name in LABEL_COLUMNS),
    (
        "labels",
        "label",
        "ner",
        "ner_labels",
        "named_entities",
        "entities",
        "spans",
        "ents",
        "tag",
        "ner_tag",
        "target",
    ),
    ("pos_tags", "pos", "upos", "xpos"),
)
KNOWN = tuple(name for group in (*WORDS, *LABELS) for name in group)


@dataclass(frozen=True)
class WordColumns:
    """Where a source keeps its words and tags.

    Args:
        text: the column of words, by name or by number from 1; None finds it.
        labels: the column of tags, likewise.
        tag_names: the names behind tags that are integers.
        sentence_ends: words after which a sentence ends, in a column file that does not part its sentences;
            "none" keeps such a file as one sentence.
    """

    text: str | None = None
    labels: str | None = None
    tag_names: Sequence[str] | None = None
    sentence_ends: str | None = None


def as_before(columns: WordColumns, before: Reading | None, present: Sequence[str]) -> WordColumns:
    """The columns of the part that was read before, where this part has the same columns and none is named."""
    if before is None or list(before.columns) != list(present):
        return columns
    return replace(columns, text=columns.text or before.text_column, labels=columns.labels or before.label_column)


@dataclass(frozen=True)
class Found:
    """The columns of a table.

    Args:
        labels: None where the table has no tags.
        spans: tags are labelled stretches of characters.
        others: further columns that would do as tags.
    """

    text: str
    labels: str | None
    spans: bool
    others: Sequence[str] = ()


def find_columns(rows: Sequence[Record], columns: WordColumns, source: str, *, tagged: bool) -> Found:
    """The columns of words and tags, by the first rows of a table.

    Raises:
        ValueError: a named column is missing, or none or several would do.
    """
    present = present_columns(rows)
    if columns.text is None:
        text = _find_text(rows, present, columns, source)
    else:
        text = column_named(columns.text, present, source, "text_column_name")
    rest = [name for name in present if name != text]
    if columns.labels is None:
        labels, others = _find_labels(rows, rest, text, source, asked=tagged)
    else:
        labels, others = column_named(columns.labels, present, source, "label_column_name"), []
    if labels is None and tagged:
        raise NoLabelsError(
            f"{source}: there is no column of tags among {shown_names(present)}; name it by --label_column_name, or "
            "give the file as --unlabeled_file."
        )
    return Found(text, labels, labels is not None and are_spans(rows, text, labels), others)


def _find_text(rows: Sequence[Record], present: Sequence[str], columns: WordColumns, source: str) -> str:
    for group in WORDS:
        found = [name for name in present if name.lower() in group and name != columns.labels and texts(rows, name)]
        if len(found) == 1:
            return found[0]
        if found:
            raise ValueError(f"{source}: {found} could all be the words; name one by --text_column_name.")
    # A name with a blank is rather a sentence in the place of the header.
    unknown = [name for name in present if name.lower() not in KNOWN and name != columns.labels and " " not in name]
    found = [name for name in unknown if texts(rows, name) and several(rows, name) and not all_tags(rows, name)]
    if len(found) == 1:
        return found[0]
    raise ValueError(
        f"{source}: there is no column of words among {shown_names(present)} (a file's first line names its columns); "
        f"name it by --text_column_name.{told_files(rows) or _told_header(present)}"
    )


def _told_header(present: Sequence[str]) -> str:
    """What is added where a word and its tag stand in the place of the names of columns."""
    if len(present) < 2 or not looks_like_tag(present[-1]):
        return ""
    return f" {','.join(present)} looks like a word and its tag; write the line word,tag above it."


def _find_labels(
    rows: Sequence[Record], rest: Sequence[str], text: str, source: str, *, asked: bool
) -> tuple[str | None, list[str]]:
    words = [name for group in WORDS for name in group]
    fitting = [name for name in rest if name.lower() not in words and fits(rows, text, name)]
    for group in LABELS:
        known = [name for name in rest if name.lower() in group]
        found = [name for name in known if name in fitting]
        if len(found) > 1 and asked:
            raise ValueError(f"{source}: {found} could all be the tags; name one by --label_column_name.")
        if found or len(known) == 1:
            chosen = (found or known)[0]
            return chosen, [name for name in fitting if name != chosen]
    unknown = [name for name in fitting if name.lower() not in KNOWN and all_tags(rows, name)]
    if len(unknown) > 1 and asked:
        raise ValueError(f"{source}: {unknown} could all be the tags; name one by --label_column_name.")
    return (unknown[0] if len(unknown) == 1 else None), unknown[1:]
