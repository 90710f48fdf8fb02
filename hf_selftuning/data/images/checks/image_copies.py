"""The same picture in several parts of the data: counted, refused, or left out."""

from datasets import Dataset

from ...classes.class_parts import SCORED, ClassParts
from ...copies import NO_HOLDER, counted_holders, holders, joined
from ...rows.plain_text import counted, listed
from ..readings.image_readings import ImageReading


def check_copies(parts: ClassParts[ImageReading], *, allow_duplicates: bool) -> str | None:
    """Count the images that several parts hold.

    Args:
        parts: with the digests of their images; doubts are added to them.
        allow_duplicates: the test part may hold training images.

    Returns:
        the sentence that refuses the data, if the test part holds training images; else None.
    """
    error, train = None, parts.of_labeled("train")
    for part in parts.scored:
        reading = parts.readings[part]
        again = reading.labeled[parts.of_labeled(part).are_in(train)].tolist()
        if again:
            found, verb = counted(len(again), "image"), "is" if len(again) == 1 else "are"
            parts.doubt(part, f"{found} {verb} in the training part, too; take them out of one of the parts")
        if again and part == "test" and not allow_duplicates:
            error = (
                f"{reading.source}: {found} of the test part {verb} in the training part, too "
                f"({listed([reading.place(index) for index in again])}), so that the score would be too good; take "
                "them out, or keep them by --allow_duplicates True."
            )
    return error


def unlabeled_pool(parts: ClassParts[ImageReading], *, allow_duplicates: bool) -> Dataset | None:
    """The unlabelled images of all parts. Copies of images that train with a label or are scored are left out.

    Args:
        parts: with the digests of their images; a doubt with the count of copies is added to them.
        allow_duplicates: keep the copies.
    """
    labeled = {part: parts.of_labeled(part) for part in ("train", *SCORED)}
    pools = []
    for part in (part for part in ("train", "unlabeled") if part in parts.readings):
        reading = parts.readings[part]
        rows = reading.unlabeled
        found = holders(reading.contents.take(rows), labeled)
        told = counted_holders(found, [*labeled])
        if told:
            done = "kept" if allow_duplicates else "left out"
            parts.doubt(part, f"unlabelled copies of other images {done}: {told}")
        kept = rows if allow_duplicates else rows[found == NO_HOLDER]
        if len(kept):
            pools.append(reading.images if len(kept) == len(reading.images) else reading.images.select(kept))
    return joined(pools)
