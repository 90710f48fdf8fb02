"""Kinds of files that hold no text or table that is read, told by their first bytes or by their name."""

PICKLE = "a Python pickle, which is never opened, because that can run any code; save the data as JSON lines"
TORCH = "a file of PyTorch, which is a pickle and never opened; save the data as JSON lines, and images as PNG files"
ARRAYS = "an array of numbers; save texts as JSON lines, and images as PNG files in a folder for each class"
STATISTICS = "a file of a statistics program; export it as CSV"
IMAGE = "an image; give the folder that holds the images"
SUBTITLES = "a file of subtitles; save their sentences as plain text, one on each line"
LFS = b"version https://git-lfs.github.com/spec/"
"""How the small file begins that Git LFS leaves in the place of one it has not fetched."""

FIRST_BYTES = {
    b"PK\x03\x04": "a zip archive or a spreadsheet (.xlsx); unpack it, or export it as CSV",
    b"\xd0\xcf\x11\xe0": "an old Office file; export it as CSV",
    b"%PDF": "a PDF; export its text",
    b"{\\rtf": "a document in RTF; save it as plain text",
    b"BZh": "packed by bzip2; unpack it, or pack it by gzip",
    b"\xfd7zXZ": "packed by xz; unpack it, or pack it by gzip",
    b"\x28\xb5\x2f\xfd": "packed by zstd; unpack it, or pack it by gzip",
    b"7z\xbc\xaf": "a 7z archive; unpack it",
    b"Rar!\x1a": "a RAR archive; unpack it",
    b"SQLite format 3": "a database; export a table as CSV",
    b"ARROW1\0": "an Arrow or Feather file; give the folder of the dataset, or save it as Parquet",
    b"\xff\xff\xff\xff": "an Arrow file; give the folder of the dataset, or save it as Parquet",
    b"FEA1\0": "an old Feather file; save it as Parquet",
    b"Obj\x01": "an Avro file; save it as Parquet",
    b"\x93NUMPY": ARRAYS,
    b"\x89HDF": "an HDF5 file; save texts as JSON lines, and images as PNG files in a folder for each class",
    b"$FL2@(#)": STATISTICS,
    b"\xff\xd8\xff": IMAGE,
    b"\x89PNG": IMAGE,
    b"GIF87a": IMAGE,
    b"GIF89a": IMAGE,
    b"\x1f\x8b": "packed by gzip twice; unpack it once",
    LFS: "a pointer of Git LFS, and the data are elsewhere; fetch them by `git lfs pull`",
    **{b"\x80" + bytes([protocol]): PICKLE for protocol in range(2, 6)},
}
"""What a file is, and the way out, by how it begins after its gzip is unpacked."""
SUFFIXES = {
    **dict.fromkeys((".pkl", ".pickle", ".joblib"), PICKLE),
    **dict.fromkeys((".pt", ".pth", ".ckpt"), TORCH),
    **dict.fromkeys((".npz", ".npy"), ARRAYS),
    **dict.fromkeys((".rds", ".rda", ".rdata", ".sav", ".dta", ".sas7bdat"), STATISTICS),
    ".tfrecord": "a record of TensorFlow; save it as JSON lines or Parquet, and images as PNG files",
    ".tfrecords": "a record of TensorFlow; save it as JSON lines or Parquet, and images as PNG files",
    ".mat": "a file of MATLAB; save texts as JSON lines, and images as PNG files in a folder for each class",
    ".orc": "an ORC file; save it as Parquet",
    ".safetensors": "the weights of a model; give the data",
    ".msgpack": "a MessagePack file; save it as JSON lines",
    ".docx": "a document of Word; save it as plain text, or its table as CSV",
    ".odt": "a document of an office program; save it as plain text, or its table as CSV",
    ".ods": "a spreadsheet; export it as CSV",
    ".py": "Python code; write its data as JSON lines (json.dumps of each row)",
    ".ipynb": "a notebook; write its data as CSV or JSON lines",
    ".yml": "YAML; write its data as CSV or JSON lines",
    ".yaml": "YAML; write its data as CSV or JSON lines",
    ".xml": "XML; write its data as CSV or JSON lines",
    ".html": "a page of HTML; export its data as CSV or JSON lines",
    ".toml": "TOML; write its data as CSV or JSON lines",
    ".sql": "a dump of a database; export its table as CSV",
    ".srt": SUBTITLES,
    ".vtt": SUBTITLES,
    ".ann": "annotations of brat; write each text and its spans as a row of JSON lines",
    ".arff": "a table of Weka; save it as CSV",
    ".svm": "a table of numbers without words; give the text that they were counted in",
    ".vw": "a file of Vowpal Wabbit; write each text and its class as a row of a CSV file",
    ".libsvm": "a table of numbers without words; give the text that they were counted in",
    ".spacy": "spaCy's binary form; write each document as JSON lines with its text and the spans of doc.ents",
}
"""The same by the suffix, for kinds that their first bytes do not tell."""


def kind_of_name(suffix: str) -> str | None:
    """What a file with a suffix is, and the way out; None where the suffix may be that of data.

    Args:
        suffix: in lower case; of a piece such as `x.tfrecord-00000-of-00010` the number does not count.
    """
    return SUFFIXES.get(suffix.partition("-")[0])


def kind_of_bytes(data: bytes) -> str | None:
    """What a file is by its first bytes, and the way out; None where they may be those of data."""
    return next((kind for start, kind in FIRST_BYTES.items() if data.startswith(start)), None)
