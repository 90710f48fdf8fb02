"""Folders and pairs of files that people have and that are not read, each with the way out."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from .file_text import FilePath, suffix_of
from .part_names import part_of
from .plain_text import SHOWN, listed

PEEKED = 100_000
"""Bytes of a table in which names of files are looked for."""
PAIRED = ("seq.in", "seq.out")
"""Files with the words of each sentence, and with its tags. A third one, `label`, holds its class."""
OTHER_KINDS = (".json", ".xml", ".html", ".htm", ".pdf", ".doc", ".docx", ".odt", ".rtf", ".msg", ".wav", ".mp3",
               ".flac", ".ogg", ".mp4", ".avi", ".mov", ".npy", ".pkl", ".mat")  # fmt: skip


def check_paired(path: FilePath, *, labeled: bool = True) -> None:
    """Refuse a file whose tags or classes are in the file beside it, and a folder of such files.

    Args:
        path: of the file or the folder.
        labeled: tags or classes are wanted; without them, the file of words is read.

    Raises:
        ValueError: it is one.
    """
    path = Path(path)
    names = (*PAIRED, "label") if labeled else (PAIRED[1], "label")
    folders = [path, *_folders(path)] if path.is_dir() else [path.parent] * (path.name in names)
    within = [folder for folder in folders if all((folder / name).is_file() for name in PAIRED)]
    if within:
        raise ValueError(
            f"The folder {within[0]} holds words and tags in two files, seq.in and seq.out; join their lines by "
            "`paste seq.in seq.out > train.tsv`, or for classes of texts by `paste seq.in label > train.tsv`, and "
            "give that file as --train_file."
        )


def check_class_folders(folder: Path) -> None:
    """Refuse a folder whose folders, perhaps of classes, hold files of a kind that is neither text nor image.

    Raises:
        ValueError: it is one, or a table in it gives the classes of text files.
    """
    if _names_files(folder):
        return
    _check_listed(folder)
    _check_tables_of_classes(folder)
    inner = [one for one in _folders(folder) if not part_of(one.name)]
    kinds = {suffix_of(path) for one in inner for path in _entries(one)}
    if len(inner) > 1 and len(kinds) == 1 and kinds <= {*OTHER_KINDS}:
        raise ValueError(
            f"The folder {folder} holds folders of {kinds.pop()} files ({listed([one.name for one in inner])}), and "
            "classes are read from folders of text files (.txt, .md, .log, .eml) or of images; save the text of each "
            "file as .txt, or write one table with the columns text,label."
        )


def _names_files(folder: Path) -> bool:
    """Whether the folder's README.md says which files make which data, as those of the Hub do."""
    readme = folder / "README.md"
    return readme.is_file() and b"data_files:" in readme.read_bytes()[:PEEKED]


def _check_listed(folder: Path) -> None:
    """Refuse a folder with a table that names the text files beside it, or in a folder beside it."""
    texts = [path.name for one in (folder, *_folders(folder)) for path in _entries(one) if path.suffix == ".txt"]
    for table in _tables(folder, (".csv", ".tsv", ".json", ".jsonl")):
        with open(table, "rb") as file:
            start = file.read(PEEKED)
        if len(texts) > 1 and sum(name.encode() in start for name in texts[:SHOWN]) > 1:
            raise ValueError(
                f"The folder {folder} holds texts in files of their own ({listed(texts)}), and {table.name} names "
                "them; write the text of each file into a column `text` of the table, and give it by --train_file."
            )


def _check_tables_of_classes(folder: Path) -> None:
    """Refuse a folder of tables with one column each, whose names may be classes."""
    tables = [path for path in _tables(folder, (".csv", ".tsv")) if path.suffix != ".gz"]
    with ExitStack() as opened:
        heads = {opened.enter_context(open(path, "rb")).readline(PEEKED).strip() for path in tables}
    parts = any(part_of(path.stem) for path in tables)
    if len(tables) > 1 and len(heads) == 1 and not parts and not set(b",;\t|") & {*heads.pop()}:
        raise ValueError(
            f"The folder {folder} holds tables of one column ({listed([path.name for path in tables])}), as if each "
            "were a class; write one table with the columns text,label, and give it by --train_file."
        )


def _tables(folder: Path, suffixes: Sequence[str]) -> list[Path]:
    """The files with some suffixes; Spark writes a folder `train.csv` of such files."""
    return [path for path in _entries(folder) if suffix_of(path) in suffixes and path.is_file()]


def _folders(folder: Path) -> Sequence[Path]:
    return [path for path in _entries(folder) if path.is_dir()]


def _entries(folder: Path) -> list[Path]:
    """What is in a folder, without hidden files; nothing where it cannot be read."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        return []
