import gzip
import tarfile

import pytest

from hf_selftuning.data.rows.file_text import read_bytes, read_text, suffix_of


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
        ("Köln\nMüller".encode("latin-1"), r"is not UTF-8 \(.* in line 1\); convert it"),
        (b"\xff\xfea", "is not UTF-16"),
        ("ab".encode("utf-16-le"), "holds a zero byte in line 1.*UTF-16 without a byte order mark"),
        (b"PK\x03\x04rest", r"is a zip archive or a spreadsheet \(\.xlsx\); unpack it"),
        (b"%PDF-1.7", "is a PDF"),
        (b"\x80\x04\x95", "is a Python pickle, which is never opened"),
        (b"BZh91AY", "packed by bzip2"),
        (b"\n<!DOCTYPE html>\n<html>", "is a page of HTML"),
    ],
)
def test_what_is_no_text_is_refused_by_its_name(file, data, message):
    with pytest.raises(ValueError, match=message):
        read_text(file(data))


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
