import gzip
import os
import tarfile

import pytest

from hf_selftuning.data.rows.file_text import check_lines, read_bytes, read_text, suffix_of

# Without a time, so that all workers name the test alike.
TWICE = gzip.compress(gzip.compress(b"text,label", mtime=0), mtime=0)


@pytest.fixture
def file(tmp_path):
    def write(data, name="data.conll"):
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_text_with_a_byte_order_mark_is_decoded(file, encoding):
    assert read_text(file("Åsa B-PER\n".encode(encoding))) == "Åsa B-PER\n"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_the_ends_of_lines_are_alike(file, end):
    assert read_text(file(f"Åsa O{end}ran O{end}".encode())) == "Åsa O\nran O\n"


def test_gzip_is_told_by_its_content(file):
    packed = gzip.compress(b"Ada ") + gzip.compress(b"O\n")
    assert read_text(file(packed)) == read_text(file(packed, "data.conll.gz")) == "Ada O\n"
    assert suffix_of("a/train.JSONL.gz") == ".jsonl"
    assert suffix_of("train.gz") == ""


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-5], lambda data: data[:20] + b"xx" + data[22:], lambda _: b"\x1f\x8b"]
)
def test_broken_gzip_is_refused(file, damage):
    with pytest.raises(ValueError, match="is a broken gzip file"):
        read_bytes(file(damage(gzip.compress(b"Ada O\n" * 99))))


def test_a_bomb_is_refused_before_it_is_unpacked(file):
    with pytest.raises(ValueError, match="unpacks to more than 16,777,216 bytes"):
        read_bytes(file(gzip.compress(bytes(64 * 2**20))))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("到着,入金".encode("cp932"), r"is not UTF-8 .*Japanese text is often CP932 instead"),
        ("Köln\nMüller".encode("latin-1"), r"is not UTF-8 \(.* in line 1\);.* convert it by `iconv -f WINDOWS-1252"),
        (b"\xff\xfea", "is not UTF-16"),
        ("ab".encode("utf-16-le"), "holds a zero byte in line 1.*UTF-16 without a byte order mark"),
        ("abé".encode("utf-16-le"), "holds a zero byte in line 1.*UTF-16 without a byte order mark"),
        (b"PK\x03\x04rest", r"is a zip archive or a spreadsheet \(\.xlsx\); unpack it"),
        (b"%PDF-1.7", "is a PDF"),
        (b"\x80\x04\x95", "is a Python pickle, which is never opened"),
        (b"BZh91AY", "packed by bzip2"),
        (b"\n<!DOCTYPE html>\n<html>", "is a page of HTML"),
        (b"<data>\n<row>a</row>\n</data>\n", "is a page of HTML or XML"),
    ],
)
def test_what_is_no_text_is_refused_by_its_name(file, data, message):
    with pytest.raises(ValueError, match=message):
        read_text(file(data))


@pytest.mark.parametrize(
    ("name", "start", "message"),
    [
        ("a.pkl", b"(lp0\nVcat\n", "a Python pickle, which is never opened"),
        ("a.pt", b"PK\x03\x04", "a file of PyTorch, which is a pickle"),
        ("a.tfrecord-00000-of-00002", b"\x80", "a record of TensorFlow"),
        ("a.bin", b"\x89HDF\r\n", "an HDF5 file"),
        ("a.bin", b"\x93NUMPY", "an array of numbers"),
        ("a.arrow", b"\xff\xff\xff\xff\x10", "an Arrow file"),
        ("a.csv", b"\x89PNG\r\n", "an image; give the folder"),
        ("a.ods", b"PK\x03\x04", "a spreadsheet; export it as CSV"),
        ("a.doc", b"{\\rtf1 hello}", "a document in RTF"),
        ("a.csv", b"version https://git-lfs.github.com/spec/v1\noid", "a pointer of Git LFS.* by `git lfs pull`"),
        ("a.csv.gz", TWICE, "packed by gzip twice; unpack it once"),
        ("a.sql", b"INSERT INTO t VALUES ('a b', 'c');", "a dump of a database; export its table as CSV"),
        ("a.srt", b"1\n00:00:01,000 --> 00:00:02,000\nA b\n", "a file of subtitles; save their sentences"),
        ("a.ann", b"T1\tPER 0 4\tAnna\n", "annotations of brat; write each text and its spans"),
    ],
)
def test_files_of_other_programs_are_refused_with_the_way_out(file, name, start, message):
    with pytest.raises(ValueError, match=f"is {message}"):
        read_bytes(file(start, name))


def test_a_pipe_is_refused_unopened(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(ValueError, match=r"pipe\.csv is a device or a pipe; write what it gives into a file"):
        read_bytes(tmp_path / "pipe.csv")


@pytest.mark.parametrize("name", ["a.xml", "a.arff", "a.spacy"])
def test_kinds_that_are_not_read_are_refused_by_their_suffix(file, name):
    with pytest.raises(ValueError, match=r"is (XML|a table of Weka|spaCy's binary form); (write|save)"):
        read_bytes(file(b"x", name))


def test_the_line_that_tells_excel_the_delimiter_is_empty(file):
    assert read_text(file(b"sep=;\r\na;b\r\n")) == "\na;b\n"


def test_an_export_of_webanno_is_refused():
    with pytest.raises(ValueError, match=r"is an export of WebAnno or INCEpTION.*; export it as CoNLL 2002"):
        check_lines("#FORMAT=WebAnno TSV 3.3\n", "a.tsv")


def test_a_folder_and_a_missing_file_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"is a folder; .* --dataset_name"):
        read_bytes(tmp_path)
    with pytest.raises(ValueError, match="does not exist; check the path"):
        read_bytes(tmp_path / "none.csv")


def test_a_tar_archive_is_called_so(tmp_path):
    with tarfile.open(tmp_path / "train.tar.gz", "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("train.conll"))
    with pytest.raises(ValueError, match=r"train\.tar\.gz is a tar archive; unpack it"):
        read_text(tmp_path / "train.tar.gz")
