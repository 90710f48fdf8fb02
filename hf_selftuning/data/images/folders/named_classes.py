"""Classes in the names of files, as in `cat.0.jpg`, or in lists of images that are no tables. They are told, and not
read."""

import os
import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from ...rows.plain_text import listed

NAMED = re.compile(r"(?P<first>.*[^\W\d_])[\W_]*\d+[\W_]*|\d[\d\W_]*[\W_](?P<last>[^\W\d_].*)")
"""A name that a number follows, or one behind a number."""
CAMERAS = {"img", "image", "dsc", "dscn", "dscf", "photo", "pic", "picture", "frame", "scan", "screenshot", "p"}
"""Words that a camera or a program writes before numbers."""
LISTED = re.compile(r"\S[^\n]*?\.(jpe?g|png|gif|bmp|webp|tiff?|ppm)[ \t,;|]+\S[^\n]*", re.IGNORECASE)
"""A line that names an image and says something of it."""
PEEKED, LONGEST = 20, 1000


def classes_in_names(images: Sequence[str]) -> list[str]:
    """The words that look like the classes of images; none if not every name has one, or hardly any comes again."""
    found = [NAMED.fullmatch(os.path.splitext(os.path.basename(path))[0]) for path in images]
    names = Counter((match["first"] or match["last"]).lower() for match in found if match is not None)
    again = min(names.values(), default=0) > 1 and 2 * len(names) <= len(images)
    if len(names) < 2 or not again or None in found or CAMERAS & names.keys():
        return []
    return sorted({match["first"] or match["last"] for match in found if match is not None})


def told_classes(images: Sequence[str]) -> str:
    """What is said of such names, and the way out; nothing where there are none."""
    names = classes_in_names(images)
    if not names:
        return ""
    name = os.path.basename(images[0])
    own = next(one for one in names if one in name)
    return (
        f"the names of the files hold {listed(names)}, as if these were their classes, and classes are not read from "
        "names; move the images of each class into a folder of its own, or write a file labels.csv beside them, with "
        f"the line image,label and below it a line such as {name},{own} for each image"
    )


def lists_images(path: Path) -> bool:
    """Whether each of the first lines of a text file names an image and says something of it, such as its class."""
    if path.suffix.lower() not in (".txt", ".lst") or not path.is_file():
        return False
    lines = [line.strip() for line in _first_lines(path) if line.strip()]
    return bool(lines) and all(map(LISTED.fullmatch, lines))


def told_list(folder: Path) -> str:
    """What is said of such a file in a folder, and the way out; nothing where there is none."""
    found = next((path for path in sorted(folder.iterdir()) if lists_images(path)), None)
    return "" if found is None else list_sentence(found)


def list_sentence(path: Path) -> str:
    """What is said of a list of images and their classes."""
    line = next(line for line in _first_lines(path) if line.strip()).strip()
    return (
        f"{path.name} lists images and what may be their classes ({line[:60]}), and lists in {path.suffix} are not "
        f"read; write it as {path.stem}.csv, with the line image,label and then a path, a comma and a class in each"
    )


def _first_lines(path: Path) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return [line[:LONGEST] for line in islice(file, PEEKED)]
    except OSError:
        return []
