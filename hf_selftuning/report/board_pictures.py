"""The pictures that TensorBoard and W&B get: a confusion matrix of few classes, and a gallery of pseudo-labels."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from jaxtyping import Int, UInt8
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from ..monitoring.label_changes import LabelChanges
from .page.page_figures import FEW, confusion_matrix

SHELVES, ROOM = 6, 5
"""Classes of the gallery, and its images of a class."""
PIXELS = 96
"""Longer side of an image of the gallery."""


def confusion_picture(counts: Int[np.ndarray, "c c"], names: Sequence[str]) -> UInt8[np.ndarray, "h w 3"]:
    """The confusion matrix; of many classes only those with most wrong answers, so that their names can be read.

    Args:
        counts: by true class and predicted class.
        names: of the classes.
    """
    wrong = counts.sum(0) + counts.sum(1) - 2 * counts.diagonal()
    shown = np.sort(np.argsort(-wrong, kind="stable")[:FEW])
    inside = counts[np.ix_(shown, shown)]
    cells = [(int(row), int(column), int(inside[row, column])) for row, column in np.argwhere(inside)]
    figure = confusion_matrix(cells, [names[number] for number in shown])
    if len(shown) < len(counts):
        figure.suptitle(f"{len(shown)} of {len(counts)} classes, those with most wrong answers", fontsize=9)
    return _pixels(figure)


def gallery_picture(
    changes: LabelChanges, image_of: Callable[[int], Image.Image | None], names: Sequence[str]
) -> UInt8[np.ndarray, "h w 3"] | None:
    """Images of the classes with most pseudo-labels; None where examples are no images.

    Args:
        changes: the record of the pseudo-labels.
        image_of: returns the image of an example, or None.
        names: of the classes.
    """
    shelves = list(_shelves(changes))
    if not shelves or image_of(shelves[0][1][0]) is None:
        return None
    figure = Figure(figsize=(1.5 * ROOM, 1.9 * len(shelves)), layout="constrained")
    grid = figure.subplots(len(shelves), ROOM, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for row, (label, places) in zip(grid, shelves, strict=True):
        for axes, place in zip(row, places, strict=False):
            image = image_of(place)
            assert image is not None
            axes.imshow(_thumbnail(image))
            axes.set_title(f"{_short(names[label])}{_was(changes, place, names)}", fontsize=7)
    return _pixels(figure)


def _shelves(changes: LabelChanges) -> Iterator[tuple[int, list[int]]]:
    """The classes with most pseudo-labels, each with the examples whose class changed last, and then others."""
    newest, steps = changes.newest.numpy(), changes.steps.numpy()
    counts = np.bincount(newest[newest >= 0])
    for label in np.argsort(-counts, kind="stable")[:SHELVES]:
        if counts[label]:
            members = np.flatnonzero(newest == label)
            yield int(label), members[np.argsort(-steps[members], kind="stable")][:ROOM].tolist()


def _was(changes: LabelChanges, place: int, names: Sequence[str]) -> str:
    step = int(changes.steps[place])
    return f"\nwas {_short(names[int(changes.before[place])])}, step {step}" if step else ""


def _short(name: str) -> str:
    """A name that fits above a small image."""
    return name if len(name) <= 18 else f"{name[:17]}…"


def _thumbnail(image: Image.Image) -> UInt8[np.ndarray, "h w 3"]:
    small = image.convert("RGB")
    small.thumbnail((PIXELS, PIXELS))
    return np.asarray(small)


def _pixels(figure: Figure) -> UInt8[np.ndarray, "h w 3"]:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
