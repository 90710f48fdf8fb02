"""The bytes and the text of a file of words: unpacked, decoded, or refused in a sentence."""

import codecs
import gzip
import re
import zlib
from pathlib import Path

from .refused_kinds import kind_of_bytes, kind_of_name

GZIP = b"\x1f\x8b"
PARQUET = b"PAR1"
LITERAL = re.compile(r"""\s*(\w+\s*=\s*)?\[\s*(['"{]|[\[(]\s*['"\[({])""")
"""How a list of texts, lists, tuples or objects begins in Python or JSON, perhaps after a name."""
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
"""Marks of encodings whose characters are of several bytes; that of UTF-32-LE begins as one of UTF-16."""
SEPARATOR_LINE = re.compile(r"sep=[^\n]\n", re.IGNORECASE)
"""The first line of a CSV file that tells Excel its delimiter."""
LONE_TAG = re.compile(r"\s*<[A-Za-z][^<>\n]*>[ \t]*\n")
"""A first line that opens an element of XML and holds nothing else."""
WEBANNO = "#FORMAT=WebAnno TSV"
TAR_MARK = slice(257, 262)
UNPACKED_ALWAYS = 16 * 2**20
UNPACKED_RATIO = 100
CHUNK = 2**20

FilePath = str | Path


def suffix_of(path: FilePath) -> str:
    """The suffix in lower case; of `train.csv.gz` it is `.csv`."""
    path = Path(path)
    return Path(path.stem).suffix.lower() if path.suffix.lower() == ".gz" else path.suffix.lower()


def read_bytes(path: FilePath) -> bytes:
    """The bytes of a file; what gzip packed is unpacked, whatever the file is called.

    Raises:
        ValueError: there is no such file, it is of a kind that is not read, or its gzip is broken or a bomb.
    """
    path = Path(path)
    if path.is_dir():
        raise ValueError(f"{path} is a folder; give one file, or give the folder as a dataset by --dataset_name.")
    if path.exists() and not path.is_file():
        raise ValueError(f"{path} is a device or a pipe; write what it gives into a file, and give that one.")
    if not path.is_file():
        raise ValueError(f"The file {path} does not exist; check the path.")
    _refuse(path, kind_of_name(suffix_of(path)))
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ValueError(f"The file {path} cannot be read ({error.strerror}); check its permissions.") from error
    if data.startswith(GZIP):
        data = _unpacked(path, len(data))
    if data[TAR_MARK].startswith(b"ustar"):
        raise ValueError(f"The file {path} is a tar archive; unpack it.")
    _refuse(path, kind_of_bytes(data))
    return data


def read_text(path: FilePath) -> str:
    """The text of a file, with `\\n` at the end of lines.

    Raises:
        ValueError: as `read_bytes` does, or the text is neither UTF-8 nor UTF-16 or UTF-32 with a byte order mark.
    """
    return decode(read_bytes(path), path)


def decode(data: bytes, path: FilePath) -> str:
    """The text of the bytes of a file, see `read_text`."""
    encoding = next((name for mark, name in MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
        zero = text.find("\0")
        if zero >= 0:
            raise ValueError(_with_zeros(path, text.count("\n", 0, zero) + 1))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        if 4 * data[:1000].count(0) > len(data[:1000]):
            raise ValueError(_with_zeros(path, 1)) from error
        wanted = "UTF-8" if encoding.startswith("utf-8") else encoding.upper()
        way = (
            f"if it is text of Windows or Latin-1, convert it by `iconv -f WINDOWS-1252 -t UTF-8 {Path(path).name}`; "
            "Japanese text is often CP932 instead, Chinese GB18030, Korean CP949, Cyrillic WINDOWS-1251"
        )
        raise ValueError(f"The file {path} is not {wanted} ({error.reason} in line {line}); {way}.") from error
    if text[:200].lstrip().lower().startswith(("<!doctype", "<html", "<?xml", "<table")) or _is_element(text):
        raise ValueError(f"The file {path} is a page of HTML or XML, not data; download or export the data itself.")
    text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    hint = SEPARATOR_LINE.match(text)
    return text if hint is None else text[hint.end() - 1 :]  # an empty line is left, so that numbers of lines stay


def _with_zeros(path: FilePath, line: int) -> str:
    return (
        f"The file {path} holds a zero byte in line {line}, so it is no text, or UTF-16 without a byte order mark; "
        "save it as UTF-8."
    )


def _is_element(text: str) -> bool:
    """Whether a text is one element of XML: its first line opens it, and its end closes an element."""
    return LONE_TAG.match(text[:1000]) is not None and re.search(r"</[^<>]+>\s*\Z", text[-1000:]) is not None


def check_lines(text: str, path: FilePath) -> None:
    """Refuse a list in Python or JSON that would be read as lines of text, and the export of WebAnno.

    Raises:
        ValueError: the text begins and ends as such a list does, or begins as such an export.
    """
    if text.startswith(WEBANNO):
        raise ValueError(f"The file {path} is an export of WebAnno or INCEpTION (TSV 3); export it as CoNLL 2002.")
    if LITERAL.match(text[:200]) and text[-200:].rstrip(" \t\n;").endswith(("]", ")", "}")):
        raise ValueError(
            f"The file {path} holds a list in the form of Python or JSON ({text[:40].strip()!r}...), and would be "
            "read as lines of text; write it as JSON, with the suffix .json."
        )


def _refuse(path: Path, kind: str | None) -> None:
    if kind is not None:
        raise ValueError(f"The file {path} is {kind}.")


def _unpacked(path: Path, packed: int) -> bytes:
    most = max(UNPACKED_ALWAYS, UNPACKED_RATIO * packed)
    data = bytearray()
    try:
        with gzip.open(path) as file:
            while chunk := file.read(CHUNK):
                data += chunk
                if len(data) > most:
                    raise ValueError(
                        f"The file {path} unpacks to more than {most:,} bytes, {UNPACKED_RATIO} times its size; "
                        "unpack it yourself if it is sound."
                    )
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"The file {path} is a broken gzip file ({error}); pack or download it again.") from error
    return bytes(data)
