"""The same text in several parts of the data: counted, or left out of the unlabelled texts."""

from datasets import Dataset

from ..classes.class_parts import SCORED, ClassParts
from ..copies import NO_HOLDER, counted_holders, holders, joined
from ..rows.plain_text import counted
from .text_data import texts_dataset, with_wordings
from .text_encoding import AUGMENTED
from .text_readings import TextReading


def count_copies(parts: ClassParts[TextReading]) -> None:
    """Say how many scored texts are training texts too. Short texts repeat in most data, so they are kept."""
    train = parts.of_labeled("train")
    for part in parts.scored:
        again = int(parts.of_labeled(part).are_in(train).sum())
        if again:
            found = counted(again, "text is", "texts are")
            parts.doubt(
                part, f"{found} in the training part, too; take them out of one part, or the score is too good"
            )


def unlabeled_pool(parts: ClassParts[TextReading]) -> Dataset | None:
    """The unlabelled texts of all parts. Copies of texts that train with a label or are scored are left out."""
    labeled = {part: parts.of_labeled(part) for part in ("train", *SCORED)}
    pools = []
    for part in (part for part in ("train", "unlabeled") if part in parts.readings):
        reading = parts.readings[part]
        rows = reading.unlabeled
        found = holders(reading.contents.take(rows), labeled)
        told = counted_holders(found, [*labeled])
        if told:
            parts.doubt(part, f"unlabelled copies of other texts left out: {told}")
        kept = rows[found == NO_HOLDER]
        if len(kept):
            pools.append(texts_dataset(reading, kept))
    if len({AUGMENTED in pool.column_names for pool in pools}) > 1:
        pools = [with_wordings(pool) for pool in pools]
    return joined(pools)
