"""The bytes and the text of a file of words: unpacked, decoded, or refused in a sentence."""

import codecs
import gzip
import zlib
from pathlib import Path

GZIP = b"\x1f\x8b"
PARQUET = b"PAR1"
REFUSED = {
    b"PK\x03\x04": "a zip archive or a spreadsheet (.xlsx); unpack it, or export it as CSV",
    b"\xd0\xcf\x11\xe0": "an old Office file; export it as CSV",
    b"%PDF": "a PDF; export its text",
    b"BZh": "packed by bzip2; unpack it, or pack it by gzip",
    b"\xfd7zXZ": "packed by xz; unpack it, or pack it by gzip",
    b"\x28\xb5\x2f\xfd": "packed by zstd; unpack it, or pack it by gzip",
    b"7z\xbc\xaf": "a 7z archive; unpack it",
    b"SQLite format 3": "a database; export a table as CSV",
    b"ARROW1": "an Arrow file; give the folder of the dataset, or save it as Parquet",
    b"\x80\x02": "a Python pickle, which is never opened; save the data as JSON lines",
    b"\x80\x03": "a Python pickle, which is never opened; save the data as JSON lines",
    b"\x80\x04": "a Python pickle, which is never opened; save the data as JSON lines",
    b"\x80\x05": "a Python pickle, which is never opened; save the data as JSON lines",
}
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
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
    if not path.is_file():
        raise ValueError(f"The file {path} does not exist; check the path.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ValueError(f"The file {path} cannot be read ({error.strerror}); check its permissions.") from error
    if data.startswith(GZIP):
        data = _unpacked(path, len(data))
    if data[TAR_MARK].startswith(b"ustar"):
        raise ValueError(f"The file {path} is a tar archive; unpack it.")
    for start, what in REFUSED.items():
        if data.startswith(start):
            raise ValueError(f"The file {path} is {what}.")
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
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        wanted = "UTF-8" if encoding.startswith("utf-8") else encoding.upper()
        raise ValueError(
            f"The file {path} is not {wanted} ({error.reason} in line {line}); convert it, for instance by iconv."
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ValueError(
            f"The file {path} holds a zero byte in line {line}, so it is no text, or UTF-16 without a byte order "
            "mark; save it as UTF-8."
        )
    if text[:200].lstrip().lower().startswith(("<!doctype", "<html", "<?xml")):
        raise ValueError(f"The file {path} is a page of HTML or XML, not data; download or export the data itself.")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


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
