"""Reads a folder as a tree, without the files that tools leave in it, and follows links once."""

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import chain
from pathlib import Path

from ...rows.plain_text import natural
from ..readings.image_formats import is_image
from .folder_tree import BESIDE_MASKS, Folder

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
LINKS = "linked folders that were read before"
LINKS_UP = "links to folders that hold them"
BROKEN_LINKS = "broken links"
NOT_UTF8 = "files whose names are not UTF-8"

Identity = tuple[int, int]


def read_folder(path: str | Path, skip: Collection[Path] = ()) -> Folder:
    """Read a folder. A link to a folder is followed once, and never to one that was read, or that holds the folder.

    Of each depth, folders are read before links, so that a folder is read under its own name.

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
    skipped = {identity_of(os.stat(place)) for place in skip if Path(place).is_dir()}
    root = Folder(path, identity=identity_of(os.stat(path)))
    known = _Known(skipped, {root.identity}, folders_around(path))
    order, level = [], [root]
    while level:
        order += level
        links = [(folder, entry) for folder in level for entry in _read(folder, known)]
        for folder, entry in links:
            _follow(folder, entry, known)
        for folder in level:
            folder.folders.sort(key=lambda inner: natural(inner.name))
        level = [inner for folder in level for inner in folder.folders]
    for folder in reversed(order):
        folder.count += len(folder.images)
        if folder.above is not None:
            folder.above.count += folder.count
    return root


@dataclass(frozen=True)
class _Known:
    """Folders by their identities.

    Args:
        skipped: other parts of the data.
        read: those that are read, in their own place or behind a link.
        around: those that hold the data.
    """

    skipped: set[Identity]
    read: set[Identity]
    around: set[Identity]


def _read(folder: Folder, known: _Known) -> list[os.DirEntry[str]]:
    """Fill a folder with what is in it; returns the links to folders."""
    (files, others), links = _entries(folder.path), []
    if folder.above is not None and not RUN_FILES.isdisjoint(chain(files, others)):
        folder.passed_over[RUN] = _count_files(folder.path)
        return []
    masks = MASKS if any(name.lower() in BESIDE_MASKS for name in chain(files, others)) else set()
    for name in merge(files, sorted(others)):
        try:
            name.encode()
        except UnicodeEncodeError:
            folder.passed_over[NOT_UTF8] += 1
            continue
        if name not in others:
            _add_file(folder, name)
            continue
        entry = others[name]
        try:
            if entry.is_dir() and entry.name.lower() in masks:
                folder.passed_over[f"files in {entry.name} beside images"] += _count_files(entry.path)
                folder.outlines[entry.name] = _count_images(entry.path)
            elif entry.is_dir() and _is_litter(entry.name):
                folder.passed_over[entry.name] += _count_files(entry.path)
            elif entry.is_dir() and entry.is_symlink():
                links.append(entry)
            elif entry.is_dir():
                _add_folder(folder, entry, known)
            elif entry.is_file():
                _add_file(folder, name)
            else:
                folder.passed_over[BROKEN_LINKS if entry.is_symlink() else "special files"] += 1
        except OSError:  # such as a link that leads to itself
            folder.passed_over[BROKEN_LINKS] += 1
    return links


def _is_litter(name: str) -> bool:
    return name.startswith(".") or name.lower() in LITTER_FOLDERS


def _add_folder(folder: Folder, entry: os.DirEntry[str], known: _Known) -> None:
    identity = identity_of(entry.stat())
    linked = folder.linked or entry.is_symlink()
    if linked and identity in known.read:
        folder.passed_over[LINKS] += 1
    elif identity not in known.skipped:
        known.read.add(identity)
        folder.folders.append(Folder(Path(entry.path), above=folder, identity=identity, linked=linked))


def _follow(folder: Folder, entry: os.DirEntry[str], known: _Known) -> None:
    """Add the folder that a link leads to. One that holds the data or the link is counted instead."""
    identity = identity_of(entry.stat())
    if identity in known.around or identity in _identities_above(folder) or identity in folders_around(folder.path):
        folder.passed_over[LINKS_UP] += 1
    else:
        _add_folder(folder, entry, known)


def _add_file(folder: Folder, name: str) -> None:
    path, lower, suffix = os.path.join(folder.path, name), name.lower(), Path(name).suffix.lower()
    if lower in LITTER_FILES:
        folder.passed_over[name] += 1
    elif name.startswith("."):
        folder.passed_over["._ files" if name.startswith("._") else "hidden files"] += 1
    elif is_image(path):
        folder.images.append(name)
    else:
        if suffix in TABLE_SUFFIXES or Path(lower.removesuffix(".gz")).suffix in TABLE_SUFFIXES:
            folder.tables.append(path)
        folder.passed_over[suffix or "no suffix"] += 1


def _count_files(path: str | Path) -> int:
    return sum(len(files) for _, _, files in os.walk(path))


def _count_images(path: str) -> int:
    return sum(is_image(os.path.join(above, name)) for above, _, names in os.walk(path) for name in names)


def _identities_above(folder: Folder | None) -> Iterator[Identity]:
    while folder is not None:
        yield folder.identity
        folder = folder.above


def folders_around(path: Path) -> set[Identity]:
    """The folders that hold a folder, by its path as it is given and by where it really is."""
    around = {*path.absolute().parents, *path.resolve().parents}
    return {identity_of(os.stat(place)) for place in around if place.is_dir()}


def _entries(path: Path) -> tuple[list[str], dict[str, os.DirEntry[str]]]:
    """The names of the files in a folder, sorted, and what else is in it; an entry takes more memory than its name."""
    files, others = [], {}
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    files.append(entry.name)
                else:
                    others[entry.name] = entry
    except OSError as error:
        raise ValueError(f"The folder {path} cannot be read ({error.strerror}); check its permissions.") from error
    return sorted(files), others


def identity_of(status: os.stat_result) -> Identity:
    """What is equal for two paths to one folder."""
    return status.st_dev, status.st_ino
