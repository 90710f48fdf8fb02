"""Text files: sentences a line, words with their tags behind a slash, or columns after all."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from ...rows.file_text import FilePath
from ...rows.plain_text import BLANKS, lines_of, split_blanks
from ..tag_schemes import is_hidden, looks_like_tag
from ..text_cutting import AT_BLANKS, TextCutting, cut_words, split_text, written_without_blanks
from ..word_ends import LIKE_TRAINING
from ..word_records import SENTENCE_ENDS, Packer, Reading
from .column_layout import survey
from .column_text import DOCUMENT_START, column_text

SEPARATORS = "/|_"
PEEKED = 500
FEWEST = 10
"""Tags or lines below which repetition says nothing."""
MOST_COLUMNS = 4
"""Words of a line up to which it may be a row of columns rather than a sentence."""
ALIKE = 0.9
"""The share of lines with as many words, from which on blank lines between groups of them suffice for a doubt."""
WRITTEN_TAG = re.compile(r"[A-Z][A-Z0-9$*+-]*(-\w[\w-]*)?|[^\w\s]{1,3}|-100|-1")
"""How tags are written: in capital letters, perhaps with a type of any letters, or as the signs themselves."""
MOST_LENGTH = 20
"""Characters of a line, on average, up to which lines without a blank are words rather than sentences."""


def separator_of(text: str) -> str | None:
    """What parts each word from its tag in running text such as `Oslo/B-LOC is/O far/O`, or None."""
    lines = [split_blanks(line) for _, line in islice(lines_of(text), PEEKED)]
    words = [word for line in lines for word in line]
    if max(map(len, lines), default=0) < 2:
        return None
    for separator in SEPARATORS:
        tags = [word.rpartition(separator)[2] for word in words if word.rpartition(separator)[0]]
        if len(tags) < 0.95 * len(words) or not all(tags):
            continue
        if _are_tags(tags, separator):
            return separator
    return None


def _are_tags(tags: Sequence[str], separator: str) -> bool:
    """Whether nearly all are O, or a mark and a type, or they are few different ones."""
    marked = sum(looks_like_tag(tag) or is_hidden(tag) for tag in tags) >= 0.95 * len(tags)
    return marked or (separator != "_" and len(tags) >= FEWEST and 3 * len(set(tags)) <= len(tags))


def tags_parted(text: str, path: FilePath) -> tuple[str, str] | None:
    """Text of one word with its tag a line, such as `Oslo/B-LOC`, as columns with tabs between; None for other text.

    Returns:
        what parted the words from their tags, and the columns.

    Raises:
        ValueError: a word has no tag.
    """
    words = [line.strip(BLANKS) for _, line in islice(lines_of(text), PEEKED)]
    words = [word for word in words if word and not word.startswith(("# ", DOCUMENT_START))]
    if not words or any(len(split_blanks(word)) > 1 for word in words):
        return None
    for separator in SEPARATORS:
        tags = [word.rpartition(separator)[2] for word in words if word.rpartition(separator)[0]]
        names = all(map(WRITTEN_TAG.fullmatch, tags))
        if len(tags) >= 0.95 * len(words) and len(tags) > 1 and names and _are_tags(tags, separator):
            return separator, "\n".join(_columns(line, number, separator, path) for number, line in lines_of(text))
    return None


def _columns(line: str, number: int, separator: str, path: FilePath) -> str:
    content = line.strip(BLANKS)
    if not content or content.startswith(("# ", DOCUMENT_START)):
        return content
    word, _, tag = content.rpartition(separator)
    _check_pair(word, tag, f"{path}, line {number}", separator)
    return f"{word}\t{tag}"


def _check_pair(word: str, tag: str, place: str, separator: str) -> None:
    if not word or not tag:
        raise ValueError(f"{place}: {(word or tag)[:60]!r} has no tag after {separator!r}, as others have; write one.")


def read_tagged_text(text: str, separator: str, path: str, *, tagged: bool) -> Reading:
    """Sentences a line, whose words carry their tags.

    Raises:
        ValueError: a word has no tag.
    """
    reading = Reading(path, unit="line", layout=f"words with tags after {separator!r}")
    pack = Packer()
    for line, content in lines_of(text):
        pairs = [word.rpartition(separator) for word in split_blanks(content)]
        for word, _, tag in pairs:
            _check_pair(word, tag, f"{path}, line {line}", separator)
        if pairs:
            tags = [tag for *_, tag in pairs] if tagged else None
            reading.sentences.append(pack([word for word, *_ in pairs], tags, line))
    return reading


def read_lines(text: str, path: str, *, cutting: TextCutting = AT_BLANKS) -> Reading:
    """A sentence a line, without tags; words are apart by blanks.

    Args:
        text: of the file.
        path: for messages.
        cutting: how the training data's text was cut.
    """
    by_characters = cutting.by_characters
    if by_characters is None:
        by_characters = written_without_blanks(line for _, line in islice(lines_of(text), PEEKED))
    how = ", cut by characters: its script has no blanks between words" if by_characters else ""
    how = how or (LIKE_TRAINING if cutting.apart else "")
    reading = Reading(
        path, unit="line", layout="a sentence a line" + how, from_text=cutting.at_punctuation or by_characters
    )
    pack = Packer()
    for line, content in lines_of(text):
        if cutting.at_punctuation:
            words = [content[start:end] for start, end in cut_words(content, by_characters=by_characters)]
        else:
            words = split_text(content, by_characters=by_characters, apart=cutting.apart)
        if words:
            reading.sentences.append(pack.untagged(words, line, content))
    single = sum(sentence.size == 1 for sentence in reading.sentences)
    if len(reading.sentences) > 1 and single == len(reading.sentences):
        reading.doubt(
            "each line holds one word and is read as a sentence; for a word a line, put blank lines between sentences"
        )
    _doubt_columns(reading, text)
    return reading


def _doubt_columns(reading: Reading, text: str) -> None:
    """Say that lines of sentences may be rows of columns: most have as many words, and blank lines part groups."""
    lines = [split_blanks(line) for _, line in islice(lines_of(text), PEEKED)]
    filled = [words for words in lines if words]
    width, count = Counter(map(len, filled)).most_common(1)[0] if filled else (0, 0)
    if not 2 <= width <= MOST_COLUMNS or 2 * count <= len(filled):
        return
    last = [words[-1] for words in filled if len(words) == width]
    if 2 * sum(word[-1] in SENTENCE_ENDS for word in last) > count:
        return
    repeated, codes = 2 * len({*last}) <= count, sum(bool(WRITTEN_TAG.fullmatch(word)) for word in last)
    groups = sum(bool(words) and not before for before, words in zip([[], *lines], lines, strict=False))
    alike = count >= ALIKE * len(filled) or repeated or 2 * codes > count
    parted = groups > 1 and 3 * groups <= 2 * len(filled) and alike
    if parted or (groups == 1 and count == len(filled) >= FEWEST and repeated and len({*last}) > 1):
        reading.doubt(
            f"most lines hold {width} words, such as {' '.join(filled[0])[:60]!r}, as if they were columns, and each "
            "line is read as a sentence; if a line is a word, let the name of the file end in .conll"
        )


def looks_like_columns(text: str) -> bool:
    """Whether a text is a column file: lines alike, with a column of tags, of placeholders, or of numbers."""
    lines = column_text("\n".join(line for _, line in islice(lines_of(text), PEEKED)), "")
    if DOCUMENT_START in text[:1000]:
        return True
    if lines.width < 2:
        return lines.width == 1 and _words_a_line(text)
    try:
        seen, index, parted = survey(lines)
    except ValueError:
        return _ends_in_tags(text)
    apart = lines.tabs and seen[0].rows > 2
    marked = any(2 * column.tags >= column.rows or column.empty for column in seen)
    repeated = parted and 2 * len(seen[-1].values) <= len(seen[0].values)
    return apart or marked or repeated or (parted and index.found != "")


def _ends_in_tags(text: str) -> bool:
    """Whether most lines end in a tag, though they are not alike."""
    ends = [words[-1] for words in _peeked(text)]
    return 2 * sum(map(looks_like_tag, ends)) > len(ends)


def _words_a_line(text: str) -> bool:
    """Whether lines of one word stand in groups with blank lines between."""
    lines = [line.strip() for _, line in islice(lines_of(text), PEEKED)]
    words = [line for line in lines if line]
    groups = sum(bool(line) and not before for before, line in zip(["", *lines], lines, strict=False))
    short = sum(map(len, words)) <= MOST_LENGTH * len(words) and not written_without_blanks(words)
    return groups > 1 and len(words) >= 2 * groups and short and all(" " not in word for word in words)


def _peeked(text: str) -> Iterator[list[str]]:
    return (words for words in (split_blanks(line) for _, line in islice(lines_of(text), PEEKED)) if words)
