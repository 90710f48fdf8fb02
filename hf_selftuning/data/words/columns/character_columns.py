"""Column files of one character a line, blanks included, as doccano once exported: joined to words again."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice

from ...rows.plain_text import BLANKS, lines_of
from ..packed_sentences import PackedSentences
from ..tag_schemes import looks_like_tag
from ..tagging import named_part, scheme_of
from ..text_cutting import Span, check_spans, cut_words, span_tags, written_without_blanks
from ..word_records import Packer, Reading, Sentence

PEEKED = 2000


def looks_like_characters(text: str) -> bool:
    """Whether nearly all lines are a character and a tag, and some of the characters are blanks."""
    found = [_character(line) for _, line in islice(lines_of(text), PEEKED) if line.strip()]
    single = [pair for pair in found if pair is not None]
    return len(single) > 0.95 * len(found) and any(letter == " " for letter, _ in single)


def character_sentences(text: str, reading: Reading) -> None:
    """Fill a reading with sentences whose words are cut out of the joined characters.

    Raises:
        ValueError: a line is no character with a tag, or a tag is none.
    """
    reading.sentences = letters = PackedSentences(_sentences(text, reading))
    # The scheme of all characters must be known before the spans can be.
    scheme = scheme_of([named_part(reading, None)])
    by_characters = written_without_blanks("".join(sentence.words) for sentence in letters)
    reading.from_text = True
    reading.layout = "characters joined to words" + (" of one character" if by_characters else "")
    pack, reading.sentences = Packer(), PackedSentences()
    for sentence in letters:
        whole = "".join(sentence.words)
        tags = [str(tag) for tag in scheme.to_iob2([str(tag) for tag in sentence.tags or ()])]
        spans = check_spans(whole, _spans(whole, tags), reading.source)
        edges = [edge for span in spans for edge in (span.start, span.end)]
        words = cut_words(whole, by_characters=by_characters, at=edges)
        lines = [sentence.place + start for start, _ in words]
        texts = [whole[start:end] for start, end in words]
        reading.sentences.append(pack(texts, span_tags(words, spans), sentence.place, lines))


def _character(line: str) -> tuple[str, str] | None:
    """A character and its tag; a blank may have been lost before the tag."""
    tag = line.strip(BLANKS).rpartition("\t")[2].rpartition(" ")[2]
    letter = line[: len(line.rstrip(BLANKS)) - len(tag)]
    if len(letter) == 2 and letter[1] in " \t":
        return (" " if letter[0].isspace() else letter[0]), tag
    return (" ", tag) if not letter.strip(BLANKS) and letter and looks_like_tag(tag) else None


def _sentences(text: str, reading: Reading) -> Iterator[Sentence]:
    """Sentences whose words are characters."""
    pack = Packer()
    letters: list[str] = []
    tags: list[str] = []
    for line, content in chain(lines_of(text), [(0, "")]):
        found = _character(content)
        if found is not None:
            letters.append(found[0])
            tags.append(found[1])
            last = line
        elif content.strip(BLANKS):
            raise ValueError(
                f"{reading.source}, line {line}: {content[:60]!r} is no character with a tag, as the other lines are."
            )
        else:
            if "".join(letters).strip():
                yield pack(letters, tags, last - len(letters) + 1)
            letters, tags = [], []


def _spans(text: str, tags: Sequence[str]) -> list[Span]:
    """Stretches of IOB2 tags of characters; a stretch of blanks is none."""
    spans: list[Span] = []
    for place, tag in enumerate(tags):
        if tag.startswith("B-"):
            spans.append(Span(place, place + 1, tag[2:]))
        elif tag != "O":
            spans[-1] = Span(spans[-1].start, place + 1, tag[2:])
    return [span for span in spans if text[span.start : span.end].strip()]
