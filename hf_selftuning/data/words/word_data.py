"""The one form that tagged sentences take, and how readings of any source come into it."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from datasets import ClassLabel, Dataset, Features, List, Value, concatenate_datasets

from ...core.task import IGNORED
from ..mapped_rows import in_batches
from ..rows.label_cells import NoLabelsError
from .part_summary import PartSummary, part_doubts, summarise
from .tag_schemes import Scheme, boundary_scheme, mixes_schemes
from .tagging import Row, TaggedPart, class_names, iob2_rows, named_part, scheme_of
from .text_cutting import TextCutting, characters_are_words
from .word_ends import marks_apart
from .word_gate import pass_gate, repeated
from .word_records import Reading, Sentence

logger = logging.getLogger(__name__)

BATCH = 1000
MIXED = "tags have marks of IOBES (E, S) and of BILOU (L, U); write all of them in one scheme"
WORDS = {"tokens": List(Value("string"))}
MUCH_REPEATED = 0.2
"""The share of a part's sentences that may stand in the training part, too: short ones do in most texts."""


@dataclass(frozen=True)
class WordData:
    """Sentences in columns `tokens` and `ner_tags`, a dataset for each part.

    A word that is hidden from training and scoring has the tag -100.

    Args:
        name: of the data, for tables and cards.
        train: the training sentences.
        validation: the validation sentences, if there are any.
        test: the test sentences, if there are any.
        tag_names: IOB2 tags by index. Where the data has them as text, 'O' comes first and the others are sorted.
        unlabeled: sentences without tags, in a column `tokens`.
        summaries: what was read of each part.
        from_text: words were cut out of running text, at punctuation and at the edges of labelled spans.
        by_characters: the words in a script without blanks, such as Chinese, are its single characters.
        apart: marks such as full stops that are words of their own in training sentences that are cut at blanks.
    """

    name: str
    train: Dataset
    validation: Dataset | None
    test: Dataset | None
    tag_names: list[str]
    unlabeled: Dataset | None = None
    summaries: tuple[PartSummary, ...] = ()
    from_text: bool = False
    by_characters: bool = False
    apart: tuple[str, ...] = ()

    @property
    def cutting(self) -> TextCutting:
        """How further running text is cut into words, so that they are like these."""
        return TextCutting(self.from_text, self.by_characters or None, self.apart)

    def with_unlabeled(self, reading: Reading) -> "WordData":
        """The same data with more sentences that have no tags."""
        more = sentences_dataset(reading.sentences)
        both = more if self.unlabeled is None else concatenate_datasets([self.unlabeled, more])
        summary = summarise("unlabeled", reading)
        log_summary(summary)
        return replace(self, unlabeled=both, summaries=(*self.summaries, summary))

    def tags_of(self, part: Dataset) -> list[list[str]]:
        """The tags of some sentences by name, without those of hidden words."""
        return [[self.tag_names[tag] for tag in row if tag != IGNORED] for row in part["ner_tags"]]


def data_of(
    name: str, readings: Mapping[str, Reading], names: Sequence[str] | None = None, *, scored: bool = True
) -> WordData:
    """Data of readings under "train" and perhaps "validation" and "test"; all go through the same checks.

    Sentences of the training part that have no tags become unlabelled ones.

    Args:
        name: of the data.
        readings: of its parts.
        names: of tags that are integers.
        scored: whether a part other than the training part must have tags; else it is left out with a warning.

    Raises:
        ValueError: words or tags are none, or a part has no tags; the message holds file and place.
    """
    parts = {part: named_part(pass_gate(reading), names) for part, reading in readings.items()}
    parts = {part: found for part, found in parts.items() if _has_tags(part, found, needed=scored or part == "train")}
    scheme = scheme_of(list(parts.values()))
    rows = {part: iob2_rows(found, scheme) for part, found in parts.items()}
    given = names or readings["train"].tag_names
    tag_names = class_names({tag for part in rows.values() for row in part for tag in row if tag}, given, scheme)
    ready = {part: tagged_dataset(found, rows[part], tag_names) for part, found in parts.items()}
    untagged = parts["train"].others
    from_text, first = readings["train"].from_text, [found.words for found in readings["train"].sentences[:BATCH]]
    by_characters = characters_are_words(first)
    return WordData(
        name=name,
        train=ready["train"],
        validation=ready.get("validation"),
        test=ready.get("test"),
        tag_names=tag_names,
        unlabeled=sentences_dataset(untagged) if untagged else None,
        summaries=_summaries(parts, rows, scheme),
        from_text=from_text,
        by_characters=by_characters,
        apart=() if from_text or by_characters else marks_apart(first),
    )


def tagged_dataset(part: TaggedPart, rows: Sequence[Row], tag_names: Sequence[str]) -> Dataset:
    """Words and tag indices; a hidden word has -100, which class labels may hold and `from_dict` refuses."""
    features = Features({**WORDS, "ner_tags": List(ClassLabel(names=list(tag_names)))})
    index: dict[str | None, int] = {None: IGNORED} | {name: i for i, name in enumerate(tag_names)}
    pairs = zip(part.sentences, rows, strict=True)
    made = ({"tokens": sentence.words, "ner_tags": [index[tag] for tag in row]} for sentence, row in pairs)
    return in_batches(made, features)


def sentences_dataset(sentences: Iterable[Sentence]) -> Dataset:
    """Words of sentences whose tags do not count, in a column `tokens`."""
    return in_batches(({"tokens": sentence.words} for sentence in sentences), Features(WORDS))


def log_summary(summary: PartSummary) -> None:
    """Print the line of a part, and a warning for each doubt."""
    logger.info("%s", summary.line)
    for doubt in summary.doubts:
        logger.warning("%s: %s.", summary.source, doubt)


def _has_tags(part: str, found: TaggedPart, *, needed: bool) -> bool:
    if found.tags:
        return True
    source = found.reading.source
    if needed:
        raise NoLabelsError(
            f"{source}: no sentence of the {part} part has tags; name their column by --label_column_name, or give "
            "the file as --unlabeled_file."
        )
    logger.warning("%s: none of its %d sentences has tags, so it is not scored.", source, len(found.reading.sentences))
    return False


def _summaries(
    parts: Mapping[str, TaggedPart], rows: Mapping[str, Sequence[Row]], scheme: Scheme
) -> tuple[PartSummary, ...]:
    made: dict[str, PartSummary] = {}
    again = repeated([part.reading for part in parts.values()])
    of_train = set(parts["train"].counts)
    for name, part in parts.items():
        summary = summarise(name, part.reading, boundary_scheme(part.tags, scheme), rows[name])
        doubts = [*summary.doubts, *part_doubts(summary, made.get("train", summary), scheme.name)]
        own = set(part.counts)
        if mixes_schemes(own, scheme) or (
            mixes_schemes(own | of_train, scheme) and not mixes_schemes(of_train, scheme)
        ):
            doubts.append(MIXED)
        if again.get(part.reading.source, 0) > MUCH_REPEATED * summary.sentences:
            doubts.append(
                f"{again[part.reading.source]:,} sentences are in the training part, too; take them out of one part, "
                "or the score is too good"
            )
        made[name] = replace(summary, doubts=tuple(doubts))
        log_summary(made[name])
    return tuple(made.values())
