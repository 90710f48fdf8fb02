"""Reads a folder as a tree, without the files that tools leave in it, and follows links once."""

import os
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

from ..readings.image_formats import is_image
from .folder_tree import BESIDE_MASKS, Folder, natural

LITTER_FOLDERS = {
    *("@eadir", "__macosx", "$recycle.bin", "__pycache__", "lost+found", "system volume information"),
    *("#recycle", "@recycle", "@tmp", "#snapshot"),
}
LITTER_FILES = {"thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store", ".localized"}
# Trainer's names are written out: importing its constants would load Trainer, and with it torch, to read a folder.
RUN_FILES = {
    *("results.json", "split.json", "cell.json", "comparison.json", "trainer_state.json", "training_args.bin"),
    "model.safetensors",
}
"""A folder that holds one of these files is the output of a run, and its curves are no images of a class."""

MASKS = {
    *("mask", "masks", "segmentation", "segmentations", "ground_truth", "groundtruth", "trimap", "trimaps"),
    *("annotation", "annotations", "labels", "segmentationclass", "segmentationobject"),
}
TABLE_SUFFIXES = {".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet"}
RUN = "output of a run"
LINKS = "links to folders that were read before"
BROKEN_LINKS = "broken links"
NOT_UTF8 = "files whose names are not UTF-8"


def read_folder(path: str | Path, skip: Collection[Path] = ()) -> Folder:
    """Read a folder. A link to a folder is followed once, and never to a folder that it lies in.

    Args:
        path: of the folder.
        skip: folders in it that are other parts of the data.

    Raises:
        ValueError: there is no such folder, or one in it cannot be read.
    """
    path = Path(path)
    if not path.is_dir():
        found = "is a file" if path.exists() else "does not exist"
        raise ValueError(f"The folder {path} {found}; give one with a sub-folder for each class.")
    skipped = {_identity(os.stat(place)) for place in skip if Path(place).is_dir()}
    root = Folder(path, identity=_identity(os.stat(path)))
    waiting, linked = [root], skipped
    order = []
    while waiting:
        folder = waiting.pop()
        order.append(folder)
        _read(folder, linked, skipped)
        waiting += folder.folders
    for folder in reversed(order):
        folder.count += len(folder.images)
        if folder.above is not None:
            folder.above.count += folder.count
    return root


def _read(folder: Folder, linked: set[tuple[int, int]], skipped: Collection[tuple[int, int]]) -> None:
    entries = _entries(folder.path)
    if folder.above is not None and not RUN_FILES.isdisjoint(entry.name for entry in entries):
        folder.passed_over[RUN] = _count_files(folder.path)
        return
    masks = MASKS if BESIDE_MASKS & {entry.name.lower() for entry in entries} else set()
    for entry in entries:
        try:
            entry.name.encode()
        except UnicodeEncodeError:
            folder.passed_over[NOT_UTF8] += 1
            continue
        try:
            if entry.is_dir() and entry.name.lower() in masks:
                folder.passed_over[f"files in {entry.name} beside images"] += _count_files(entry.path)
                folder.outlines[entry.name] = _count_images(entry.path)
            elif entry.is_dir():
                _add_folder(folder, entry, linked, skipped)
            elif entry.is_file():
                _add_file(folder, entry)
            else:
                folder.passed_over[BROKEN_LINKS if entry.is_symlink() else "special files"] += 1
        except OSError:  # such as a link that leads to itself
            folder.passed_over[BROKEN_LINKS] += 1
    folder.folders.sort(key=lambda inner: natural(inner.name))


def _add_folder(
    folder: Folder, entry: os.DirEntry[str], linked: set[tuple[int, int]], skipped: Collection[tuple[int, int]]
) -> None:
    identity = _identity(entry.stat())
    if entry.name.startswith(".") or entry.name.lower() in LITTER_FOLDERS:
        folder.passed_over += Counter({entry.name: _count_files(entry.path)})
        return
    if entry.is_symlink():
        if identity in linked or identity in _identities_above(folder):
            folder.passed_over[LINKS] += identity not in skipped
            return
        linked.add(identity)
    elif identity in skipped:
        return
    folder.folders.append(Folder(Path(entry.path), above=folder, identity=identity))


def _add_file(folder: Folder, entry: os.DirEntry[str]) -> None:
    name, suffix = entry.name.lower(), Path(entry.name).suffix.lower()
    if name in LITTER_FILES:
        folder.passed_over[entry.name] += 1
    elif name.startswith("."):
        folder.passed_over["._ files" if name.startswith("._") else "hidden files"] += 1
    elif is_image(entry.path):
        folder.images.append(entry.path)
    else:
        if suffix in TABLE_SUFFIXES or Path(name.removesuffix(".gz")).suffix in TABLE_SUFFIXES:
            folder.tables.append(entry.path)
        folder.passed_over[suffix or "no suffix"] += 1


def _count_files(path: str | Path) -> int:
    return sum(len(files) for _, _, files in os.walk(path))


def _count_images(path: str) -> int:
    return sum(is_image(os.path.join(above, name)) for above, _, names in os.walk(path) for name in names)


def _identities_above(folder: Folder | None) -> Iterator[tuple[int, int]]:
    while folder is not None:
        yield folder.identity
        folder = folder.above


def _entries(path: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(path) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise ValueError(f"The folder {path} cannot be read ({error.strerror}); check its permissions.") from error


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
