"""Sentences of a file of any kind that is read, told by its suffix and its content."""

from ..rows.file_text import FilePath, check_lines, decode, read_bytes, suffix_of
from ..rows.label_cells import NoLabelsError
from ..rows.refused_folders import check_paired
from .columns.column_text import RaggedError
from .columns.conll import read_columns
from .columns.tagged_text import looks_like_columns, read_lines, read_tagged_text, separator_of, tags_parted
from .marked.marked_files import read_marked
from .tables.table_columns import WordColumns
from .tables.word_tables import has_named_columns, is_table, read_named_columns, read_table
from .text_cutting import AT_BLANKS, TextCutting
from .word_gate import pass_gate
from .word_records import Reading

COLUMN_SUFFIXES = (
    ".conll",
    ".conllu",
    ".conllup",
    ".bio",
    ".iob",
    ".iob2",
    ".iobes",
    ".bioes",
    ".tsv",
    ".ner",
    ".col",
)


def read_sentences(
    path: FilePath,
    columns: WordColumns,
    *,
    tagged: bool = True,
    cutting: TextCutting = AT_BLANKS,
    before: Reading | None = None,
) -> Reading:
    """The sentences of a file, by its suffix and its content, through the checks that all words pass.

    Args:
        path: of the file.
        columns: where words and tags stand, as far as it is known.
        tagged: whether tags are read, and must be there.
        cutting: how running text without tags is cut into words.
        before: the part of the data that was read before, whose columns count where this one has the same.

    Raises:
        ValueError: the file cannot be read rightly; the message holds file, line or row, and the way out.
        NoLabelsError: tags must be there, and the file has none.
    """
    check_paired(path, labeled=tagged)
    data = read_bytes(path)
    if is_table(path, data):
        return pass_gate(read_table(path, columns, tagged=tagged, cutting=cutting, data=data, before=before))
    text = decode(data, path)
    del data  # a large file is held once
    check_lines(text, path)
    marked = read_marked(text, path, tagged=tagged, cutting=cutting)
    if marked is not None:
        return pass_gate(marked)
    if has_named_columns(text):
        return pass_gate(read_named_columns(text, path, columns, tagged=tagged, cutting=cutting, before=before))
    separator = separator_of(text)
    if separator is not None:
        return pass_gate(read_tagged_text(text, separator, str(path), tagged=tagged))
    parted = tags_parted(text, path)
    if parted is not None:
        reading = read_columns(parted[1], path, columns, tagged=tagged, before=before)
        reading.layout = f"a word a line with its tag after {parted[0]!r}"
        return pass_gate(reading)
    running = suffix_of(path) not in COLUMN_SUFFIXES and not looks_like_columns(text)
    if running and not tagged:
        return pass_gate(read_lines(text, str(path), cutting=cutting))
    try:
        return pass_gate(read_columns(text, path, columns, tagged=tagged, before=before))
    except RaggedError as error:
        if running:
            raise NoLabelsError(str(error)) from error
        raise
