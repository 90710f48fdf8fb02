"""Each row of the table in docs/your_words.md, in its order, is what happens."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiny
from page_rows import unchecked_rows

from hf_selftuning import encode_words, load_words, read_unlabeled_words
from hf_selftuning.data.words.word_data import WordData

WORDS, TAGS = ["Ada", "saw", "Oslo"], ["B-PER", "O", "B-LOC"]
GIVEN = [(WORDS, TAGS), (["Tor", "slept"], ["B-PER", "O"])]
CONLL = "Ada B-PER\nsaw O\nOslo B-LOC\n\nTor B-PER\nslept O\n"
SPANS = [[0, 3, "PER"], [8, 12, "LOC"]]
OBJECTS = [{"start": start, "end": end, "label": kind} for start, end, kind in SPANS]
ROWS_OF_JSON = [{"tokens": words, "ner_tags": tags} for words, tags in GIVEN]


class Files:
    """Writes files into a folder, and reads them as the flags say."""

    def __init__(self, root: Path, caplog: pytest.LogCaptureFixture) -> None:
        self.root, self.caplog = root, caplog

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def data(self, name: str, content: str | bytes, **flags: Any) -> WordData:
        return load_words(train_file=self.write(name, content), **flags)

    def read(self, name: str, content: str | bytes, **flags: Any) -> list[tuple[list[str], list[str]]]:
        data = self.data(name, content, **flags)
        return [*zip(data.train["tokens"], data.tags_of(data.train), strict=True)]

    def gives(self, name: str, content: str | bytes, **flags: Any) -> None:
        """A file gives the two sentences."""
        assert self.read(name, content, **flags) == GIVEN, name

    def first(self, name: str, content: str | bytes, **flags: Any) -> None:
        """A file gives the first sentence."""
        assert self.read(name, content, **flags) == GIVEN[:1], name

    def json(self, name: str, rows: Any, **flags: Any) -> None:
        """Rows as JSON give the first sentence."""
        self.first(name, json.dumps(rows), **flags)

    def refused(self, message: str, name: str, content: str | bytes, **flags: Any) -> None:
        with pytest.raises(ValueError, match=message):
            self.data(name, content, **flags)

    def line(self, name: str, content: str | bytes, **flags: Any) -> str:
        return self.data(name, content, **flags).summaries[0].line


def column_files(files: Files) -> None:
    files.gives("a.conll", "-DOCSTART- O\n\n# a comment\n" + CONLL)
    assert files.read("b.conll", "# O\nAda B-PER\n") == [(["#", "Ada"], ["O", "B-PER"])]


def numbered(files: Files) -> None:
    files.gives("a.tsv", "1\tAda\tB-PER\n2\tsaw\tO\n3\tOslo\tB-LOC\n\n1\tTor\tB-PER\n2\tslept\tO\n")
    files.gives("b.tsv", "0\tAda\tB-PER\n0\tsaw\tO\n0\tOslo\tB-LOC\n1\tTor\tB-PER\n1\tslept\tO\n")


def tag_first(files: Files) -> None:
    files.gives("a.conll", "B-PER Ada\nO saw\nB-LOC Oslo\n\nB-PER Tor\nO slept\n")
    files.gives("b.conll", CONLL.replace(" ", " -X- _ "))


def two_columns_of_tags(files: Files) -> None:
    text = "Ada B-PER O\nsaw O O\nOslo B-LOC B-PER\n\nTor B-PER O\nslept O O\n"
    files.refused("columns 2, 3 all seem to hold tags", "a.conll", text)
    assert files.read("a.conll", text, label_column_name="3")[0] == (WORDS, ["O", "O", "B-PER"])


def no_blank_lines(files: Files) -> None:
    text = "".join(f"w{number} B-PER\nsaw O\n. O\n" for number in range(40))
    files.refused("no blank line parts the sentences", "a.conll", text)
    assert len(files.read("a.conll", text, sentence_ends=". ! ?")) == 40


def words_with_spaces(files: Files) -> None:
    rows = files.read("a.tsv", "New York\tB-LOC\nis\tO\nfar\tO\n\nIt\tO\nis\tO\n")
    assert rows[0] == (["New York", "is", "far"], ["B-LOC", "O", "O"])
    assert "1 word holds blanks" in files.caplog.text


def characters(files: Files) -> None:
    tags = ["B-PER", "I-PER", "I-PER", "O", "O", "O", "O", "O", "B-LOC", "I-LOC", "I-LOC", "I-LOC"]
    files.first("a.conll", "".join(f"{sign}\t{tag}\n" for sign, tag in zip("Ada saw Oslo", tags, strict=True)))


def with_slashes(files: Files) -> None:
    for sign in "/|_":
        files.gives("a.txt", f"Ada{sign}B-PER saw{sign}O Oslo{sign}B-LOC\nTor{sign}B-PER slept{sign}O\n")


def beside_and_below(files: Files) -> None:
    files.gives("a.txt", "Ada saw Oslo\tB-PER O B-LOC\nTor slept\tB-PER O\n")
    files.gives("b.txt", "Ada saw Oslo\nB-PER O B-LOC\n\nTor slept\nB-PER O\n")


def marks(files: Files) -> None:
    for mark in ("[{}]({})", "<{1}>{0}</{1}>", '<ENAMEX TYPE="{1}">{0}</ENAMEX>', "<START:{1}> {0} <END>"):
        ada, oslo, tor = mark.format("Ada", "PER"), mark.format("Oslo", "LOC"), mark.format("Tor", "PER")
        files.gives("a.txt", f"{ada} saw {oslo}\n{tor} slept\n")
    files.refused("holds a mark that lies in another one", "b.txt", "<PER>Ada <LOC>Oslo</LOC></PER>\n")


def pubtator(files: Files) -> None:
    text = "7|t|Ada saw\n7|a|Oslo\n7\t0\t3\tAda\tPER\tD1\n7\t8\t12\tOslo\tLOC\t-\n7\tCID\tD1\tD2\n"
    files.first("a.pubtator", text)
    assert "passed over: relations 1" in files.line("a.pubtator", text)


def schemes(files: Files) -> None:
    wide = {"IOB1": "I I O", "IOB2": "B I O", "IOBES": "B E O", "BILOU": "B L O", "BMES": "B E O"}
    for name, signs in wide.items():
        end = {"IOBES": "S-LOC", "BILOU": "U-LOC", "BMES": "S-LOC", "IOB1": "I-LOC"}.get(name, "B-LOC")
        tags = [sign if sign == "O" else f"{sign}-PER" for sign in signs.split()]
        text = "".join(f"w {tag}\n" for tag in [*tags, end])
        assert files.read("a.conll", text)[0][1] == ["B-PER", "I-PER", "O", "B-LOC"], name
    assert files.read("b.conll", "a B\nb I\nc O\n")[0][1] == ["B-ENTITY", "I-ENTITY", "O"]
    assert files.read("c.conll", "a PER\nb PER\nc O\nd LOC\n" * 3)[0][1][:4] == ["B-PER", "I-PER", "O", "B-LOC"]


def parts_of_speech(files: Files) -> None:
    text = "the DET\ncat NOUN\nsleeps VERB\n\nthe DET\ndog NOUN\nruns VERB\n\n" * 3
    assert files.read("a.conll", text)[0][1] == ["B-DET", "B-NOUN", "B-VERB"]
    assert "no tag is O, so that each word is taken to have a class of its own" in files.caplog.text


def integers(files: Files) -> None:
    rows = json.dumps([{"tokens": WORDS, "ner_tags": [1, 0, 2]}])
    files.refused("give O, B-type or I-type, or the names of integer tags by --tag_names", "a.json", rows)
    names = files.write("id2label.json", json.dumps({"id2label": {"0": "O", "1": "B-PER", "2": "B-LOC"}}))
    files.refused(r"id2label\.json beside the data may hold the names", "a.json", rows)
    files.first("a.json", rows, label_names="O,B-PER,B-LOC")
    files.first("a.json", rows, label_names=str(names))


def hidden(files: Files) -> None:
    for sign in (-100, -1):
        rows = json.dumps([{"tokens": [*WORDS, "x"], "ner_tags": [1, 0, 2, sign]}])
        data = files.data("a.json", rows, label_names="O,B-PER,B-LOC")
        assert data.tags_of(data.train) == [TAGS]
        assert "words hidden by -100 or -1 1" in data.summaries[0].line


def csv_sentences(files: Files) -> None:
    for name, sign in (("a.csv", ","), ("b.csv", ";"), ("c.tsv", "\t")):
        rows = f"Ada saw Oslo{sign}B-PER O B-LOC\nTor slept{sign}B-PER O\n"
        files.gives(name, f"tokens{sign}tags\n{rows}")
    files.gives(
        "d.csv", "tokens,tags\n\"['Ada', 'saw', 'Oslo']\",\"['B-PER', 'O', 'B-LOC']\"\n\"Tor\nslept\",B-PER O\n"
    )


def csv_words(files: Files) -> None:
    for name in ("Sentence #", "sentence_id"):
        rows = "1,Ada,B-PER\n# note,,\n1,saw,O\n1,Oslo,B-LOC\n2,Tor,B-PER\n2,slept,O\n"
        files.gives("a.csv", f"{name},word,tag\n{rows}")
        assert "comment lines 1" in files.line("a.csv", f"{name},word,tag\n{rows}")
    files.refused("sentence", "b.csv", "sentence_id,word,tag\n1,Ada,B-PER\n2,Tor,B-PER\n1,saw,O\n2,slept,O\n")


def table_of_words(files: Files) -> None:
    rows = "Ada\tB-PER\nsaw\tO\nOslo\tB-LOC\n\nTor\tB-PER\nslept\tO\n\n"
    assert files.read("a.tsv", "word\ttag\n" + 5 * rows) == 5 * GIVEN
    plain = 5 * rows.replace("\n\n", "\n")
    files.refused("nothing tells where a sentence ends", "b.tsv", "word\ttag\n" + plain)


def language_marks(files: Files) -> None:
    text = "".join(f"en:{line}\n" if line else "\n" for line in CONLL.splitlines())
    files.gives("a.conll", text)
    assert "'en:' before each word left out" in files.line("a.conll", text)


def unquoted(files: Files) -> None:
    files.refused("a.csv, line 2: 3 cells where the header has 2", "a.csv", "tokens,tags\nAda , Oslo,B-PER O B-LOC\n")


def json_shapes(files: Files) -> None:
    files.gives("a.json", json.dumps(ROWS_OF_JSON))
    files.gives("a.jsonl", "\n".join(map(json.dumps, ROWS_OF_JSON)))
    files.gives("b.json", json.dumps({"data": ROWS_OF_JSON}))
    files.gives("c.json", json.dumps({"version": 1, "data": {"rows": ROWS_OF_JSON}}))
    columns = {"tokens": [words for words, _ in GIVEN], "ner_tags": [tags for _, tags in GIVEN]}
    files.gives("d.json", json.dumps(columns))
    files.gives("e.json", json.dumps({name: dict(enumerate(cells)) for name, cells in columns.items()}))
    files.gives("f.json", json.dumps({"columns": [*columns], "index": [0, 1], "data": GIVEN}))
    files.gives("g.json", json.dumps(dict(zip("01", ROWS_OF_JSON, strict=True))))
    load_words(train_file=files.root / "a.json").train.to_parquet(str(files.root / "a.parquet"))
    files.gives("b.parquet", (files.root / "a.parquet").read_bytes())


def own_names(files: Files) -> None:
    rows = json.dumps([{"sentence_words": words, "marks": tags, "notes": words} for words, tags in GIVEN])
    files.refused("sentence_words", "a.json", rows)
    files.gives("a.json", rows, text_column_name="sentence_words", label_column_name="marks")
    files.gives("b.json", json.dumps([{"sentence_words": words, "marks": tags} for words, tags in GIVEN]))


def tools(files: Files) -> None:
    text, studio = (
        "Ada saw Oslo",
        [{"value": {**span, "labels": [span["label"]]}, "type": "labels"} for span in OBJECTS],
    )
    files.json("doccano.json", [{"text": text, "label": SPANS}])
    files.json("studio.json", [{"data": {"text": text}, "annotations": [{"result": studio}]}])
    files.json("min.json", [{"text": text, "label": [one["value"] for one in studio], "annotator": 1}])
    files.json("prodigy.json", [{"text": text, "spans": OBJECTS, "answer": "accept"}])
    files.json("spacy.json", [[text, {"entities": SPANS}]])
    turks = [{"label": [kind], "points": [{"start": a, "end": b - 1, "text": text[a:b]}]} for a, b, kind in SPANS]
    files.json("turks.json", [{"content": text, "annotation": turks}])
    files.json("cluener.json", [{"text": text, "label": {"PER": {"Ada": [[0, 2]]}, "LOC": {"Oslo": [[8, 11]]}}}])
    files.json("argilla.json", [{"text": text, "annotation": [[kind, a, b] for a, b, kind in SPANS]}])
    files.json("plain.json", [{"text": text, "spans": OBJECTS}])
    files.refused("overlap", "over.json", json.dumps([{"text": text, "spans": [[0, 5, "PER"], [4, 9, "LOC"]]}]))
    wrong = [{**OBJECTS[0], "text": "Tor"}]
    files.refused("it says that it covers 'Tor'", "wrong.json", json.dumps([{"text": text, "spans": wrong}]))


def spans_of_words(files: Files) -> None:
    files.json("gliner.json", [{"tokenized_text": WORDS, "ner": [[0, 0, "PER"], [2, 2, "LOC"]]}])
    files.json("dygie.json", [{"doc_key": "a", "sentences": [WORDS], "ner": [[[0, 0, "PER"], [2, 2, "LOC"]]]}])
    spert = [{"type": kind, "start": start, "end": start + 1} for start, kind in ((0, "PER"), (2, "LOC"))]
    rows = [{"tokens": WORDS, "entities": spert, "relations": []}]
    files.json("spert.json", rows)
    files.json(
        "w2ner.json", [{"sentence": WORDS, "ner": [{"index": [0], "type": "PER"}, {"index": [2], "type": "LOC"}]}]
    )
    assert "spans count words, the end is" in files.line("a.json", json.dumps(rows))


def pairs(files: Files) -> None:
    files.gives("a.json", json.dumps([[*zip(words, tags, strict=True)] for words, tags in GIVEN]))
    objects = [[{"word": word, "tag": tag} for word, tag in zip(words, tags, strict=True)] for words, tags in GIVEN]
    files.gives("b.json", json.dumps(objects))


def by_characters(files: Files) -> None:
    rows = json.dumps([{"text": "小王去了奥斯陆", "label": [[0, 2, "PER"]]}])
    assert files.read("a.json", rows) == [([*"小王去了奥斯陆"], ["B-PER", "I-PER", *"OOOOO"])]
    assert "cut by characters" in files.line("a.json", rows)


def without_tags(files: Files) -> None:
    more = [{"text": "Ada saw Oslo", "spans": OBJECTS}, {"text": "It is late", "spans": None}]
    more.append({"text": "No", "spans": [], "answer": "reject"})
    cancelled = {"data": {"text": "Oh"}, "annotations": [{"result": [], "was_cancelled": True}]}
    data = files.data("a.json", json.dumps([*more, cancelled]))
    assert data.unlabeled is not None
    assert data.unlabeled["tokens"][:] == [["It", "is", "late"], ["No"], ["Oh"]]
    assert "3 more sentences without tags" in data.summaries[0].line


def encodings(files: Files) -> None:
    files.gives("a.conll.gz", gzip.compress(CONLL.encode()))
    files.gives("b.conll", CONLL.encode("utf-16"))
    files.gives("c.conll", CONLL.encode("utf-8-sig"))
    files.gives("d.conll", CONLL.replace("\n", "\r\n"))


def parts_in_one_file(files: Files) -> None:
    content = json.dumps({"train": ROWS_OF_JSON, "dev": ROWS_OF_JSON, "test": ROWS_OF_JSON})
    files.refused("holds a list of rows for each of the parts train, dev, test", "a.json", content)


def column_of_parts(files: Files) -> None:
    rows = [{**row, "split": part} for row, part in zip(ROWS_OF_JSON, ("train", "test"), strict=True)]
    files.refused(r"the column 'split' divides the rows into parts \(train 1, test 1\)", "a.json", json.dumps(rows))


def programs(files: Files) -> None:
    files.refused("a list in the form of Python", "a.txt", 'TRAIN_DATA = [("Ada saw", {"entities": []})]\n')
    files.refused("is Python code", "a.py", 'TRAIN_DATA = [("Ada saw", {"entities": []})]\n')
    files.refused("is a notebook", "a.ipynb", "{}")
    files.refused("is YAML", "a.yaml", "a: 1")
    files.write("brat/1.txt", "Ada saw")
    files.write("brat/1.ann", "T1\tPER 0 3\tAda")
    with pytest.raises(ValueError, match="holds annotations of brat"):
        load_words(dataset_name=str(files.root / "brat"))


def words_and_tags_apart(files: Files) -> None:
    files.write("seq.out", "B-PER O B-LOC\n")
    files.refused("`paste seq.in seq.out > train.tsv`", "seq.in", "Ada saw Oslo\n")


def other_programs(files: Files) -> None:
    """Some of them; `test_program_exports.py` has all."""
    labelbox = json.dumps([{"data_row": {"row_data": "Ada"}, "projects": {}}])
    files.refused("an export of Labelbox; write JSON lines instead", "a.json", labelbox)
    files.refused("a chat, and its classes are answers", "a.jsonl", '{"messages": [{"role": "user", "content": "x"}]}')


def other_kinds(files: Files) -> None:
    files.refused(r"a zip archive or a spreadsheet \(.xlsx\)", "a.zip", b"PK\3\4rest")
    files.refused("a Python pickle", "a.conll", b"\x80\x04rest")
    files.refused("is XML", "a.xml", "<a/>")
    files.refused("spaCy's binary form", "a.spacy", b"x")
    files.refused("an export of WebAnno", "a.tsv", "#FORMAT=WebAnno TSV 3.3\n")
    files.refused("iconv -f WINDOWS-1252", "a.conll", "é B-PER\n".encode("latin-1"))
    files.refused("git lfs pull", "a.conll", b"version https://git-lfs.github.com/spec/v1\n")


def long_documents(files: Files) -> None:
    files.caplog.set_level("INFO")
    words = [f"w{5 + number % 40}" for number in range(60)]
    data = files.data("a.json", json.dumps([{"tokens": words, "ner_tags": ["O"] * 59 + ["B-PER"]}]))
    encoded = encode_words(data.train, tiny.tokenizer(), max_length=16)
    assert len(encoded) > 60 / 14
    assert sum(label != -100 for row in encoded["labels"] for label in row) == 60
    assert "windows" in files.caplog.text


def folders(files: Files) -> None:
    files.write("data/train.conll", CONLL)
    files.write("data/dev.conll", CONLL)
    data = load_words(dataset_name=str(files.root / "data"))
    assert data.validation is not None
    assert (data.train["tokens"][:], len(data.validation)) == ([words for words, _ in GIVEN], 2)
    data.train.save_to_disk(files.root / "saved")
    assert load_words(dataset_name=str(files.root / "saved")).tag_names == data.tag_names


def unlabelled(files: Files) -> None:
    plain = [words for words, _ in GIVEN]
    contents = {"a.txt": "Ada saw Oslo\nTor slept\n", "a.conll": CONLL, "a.json": json.dumps(ROWS_OF_JSON)}
    contents["b.json"] = json.dumps([{"text": "Ada saw Oslo", "label": SPANS}, {"text": "Tor slept", "label": []}])
    for name, content in contents.items():
        assert read_unlabeled_words(files.write(name, content))["tokens"][:] == plain, name
        data = files.data("train.conll", CONLL, unlabeled_file=files.root / name)
        assert data.unlabeled is not None
        assert data.unlabeled["tokens"][:] == plain


ROWS: dict[str, Callable[[Files], None]] = {
    "one word on each line with its tag after it": column_files,
    "the same with the number of the word": numbered,
    "the tag before the word": tag_first,
    "two columns of tags": two_columns_of_tags,
    "no blank lines": no_blank_lines,
    "words that contain spaces": words_with_spaces,
    "one character on each line": characters,
    "`Oslo/B-LOC": with_slashes,
    "a sentence on each line, with its tags": beside_and_below,
    "`[Oslo](LOC)`": marks,
    "PubTator": pubtator,
    "tags in IOB1": schemes,
    "a class for each word": parts_of_speech,
    "integer tags": integers,
    "-100 or -1": hidden,
    "CSV or TSV": csv_sentences,
    "CSV with a word in each row": csv_words,
    "a table with a word in each row": table_of_words,
    "`en:`": language_marks,
    "a cell with a comma": unquoted,
    "JSON list": json_shapes,
    "columns with names of their own": own_names,
    "doccano": tools,
    "spans that count words": spans_of_words,
    "for each sentence a list of pairs": pairs,
    "Chinese": by_characters,
    "some rows without tags": without_tags,
    "any of these as `.gz`": encodings,
    "one JSON file with lists": parts_in_one_file,
    "a table with a column `split`": column_of_parts,
    "Python code": programs,
    "words and tags in two files": words_and_tags_apart,
    "Labelbox": other_programs,
    ".zip": other_kinds,
    "documents": long_documents,
    "a folder of data files": folders,
    "sentences without tags": unlabelled,
}


@pytest.mark.parametrize("begin", ROWS)
def test_a_row_says_what_happens(begin: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    ROWS[begin](Files(tmp_path, caplog))


def test_each_row_has_its_check() -> None:
    assert unchecked_rows("your_words.md", ROWS) == []
