"""Files that look like something else than what they would be read as: read rightly, told, or refused."""

import json
from pathlib import Path

import pytest

from hf_selftuning.cli.main import main
from hf_selftuning.data.words.load_words import WordColumns, load_words, read_sentences, read_words


@pytest.fixture
def write(tmp_path: Path):
    def write_file(name, text):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write_file


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def read(path, *, tagged=False, **columns):
    return read_sentences(path, WordColumns(**columns), tagged=tagged)


def words_of(reading):
    return [sentence.words for sentence in reading.sentences]


def doubts(data):
    return " | ".join(doubt for summary in data.summaries for doubt in summary.doubts)


# ---- sentences without tags that are none ----

POS = "Anna NNP\nsaw VBD\nOslo NNP\n\nit PRP\nrained VBD\n. .\n"
GLUED = "AnnaB-PER\nsawO\nOsloB-LOC\n.O\n\nitO\nrainedO\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (POS, "most lines hold 2 words, such as 'Anna NNP', as if they were columns"),
        ("Anna NNP\nsaw VBD\n" * 5, "most lines hold 2 words, such as 'Anna NNP', as if they were columns"),
        ("Anna 1 NNP\nNew York 2 NNP\n\nsaw 3 VBD\nTor 4 NNP\n", "most lines hold 3 words"),
        (GLUED, "6 of 6 words end in a tag that has run together with them, such as 'AnnaB-PER'"),
        ("Anna/NNP saw/VBD\n", "2 of 2 words end in a tag behind a sign, such as 'Anna/NNP'"),
        ("Anna|NNP saw|VBD Ben|NNP ,|, then\n", "4 of 5 words end in a tag behind a sign, such as 'Anna|NNP'"),
    ],
)
def test_columns_and_tags_in_text_without_tags_are_told(write, text, told):
    found = " ".join(read(write("more.txt", text)).doubts)
    assert told in found
    assert "rename" in found or ".conll" in found or "column of its own" in found


@pytest.mark.parametrize(
    "text",
    [
        "He ran and/or walked at 5 km/h .\n\nThe AC/DC and TCP/IP plugs , HIV/AIDS too .\n",
        "Good morning .\n\nIs it you ?\n\nYes , it is .\n",
        "Mia saw Rome .\nTor slept .\n",
        "The cat sat down here .\nIt was tired .\n\nThe dog came in from the rain .\nIt was wet .\n",
        "Omar left .\n" * 20,
        "The cat sat .\nIt ran .\n\nThe dog ran .\nIt sat .\n",
        "Mia came.\nTor left.\n\nBen ran.\nHe sat.\n",
        "VIDEO ALSO TO GO\nPIANO SOLO\n",
        "Anna , text of a letter\nTor , tags on a coat\n",
        "Words, he said, and text.\nMore text, he wrote, and words.\n",
    ],
)
def test_ordinary_prose_is_not_doubted(write, text):
    reading = read(write("more.txt", text))
    assert reading.doubts == []
    assert words_of(reading) == [line.split() for line in text.splitlines() if line]


@pytest.mark.parametrize("sign", [",", "\t", ";"])
def test_a_table_whose_suffix_does_not_say_so_is_read_as_one(write, sign):
    text = "\n".join(map(sign.join, [["id", "text"], ["1", "Mia saw Rome ."], ["2", "Tor slept ."]]))
    reading = read(write("more.txt", text))
    assert words_of(reading) == [["Mia", "saw", "Rome", "."], ["Tor", "slept", "."]]
    assert reading.layout == "words 'text'"


def test_a_first_word_that_is_named_like_a_column_is_a_word(write):
    reading = read(write("more.conll", "Text\tNN\nof\tIN\nRome\tNN\n\nit\tPRP\n"))
    assert words_of(reading) == [["Text", "of", "Rome"], ["it"]]


def test_a_run_tells_the_doubts_of_its_unlabelled_file(write, caplog):
    train = write("train.conll", "Mia B-PER\nsaw O\n\nTor B-PER\nslept O\n")
    data = load_words(train_file=train, unlabeled_file=write("more.txt", POS))
    assert "as if they were columns" in doubts(data)
    assert "as if they were columns" in caplog.text


# ---- a word with its tag in each line ----


@pytest.mark.parametrize("sign", ["/", "|", "_"])
def test_a_word_with_its_tag_behind_a_sign_in_each_line_is_read(write, sign):
    text = f"-DOCSTART-\n\n# a comment\nAnna{sign}B-PER\nsaw{sign}O\nAC/DC{sign}B-ORG\n\nit{sign}O\nrained{sign}O\n"
    path = write("train.txt", text)
    data = read_words(path)
    assert data.train["tokens"][:] == [["Anna", "saw", "AC/DC"], ["it", "rained"]]
    assert data.tags_of(data.train) == [["B-PER", "O", "B-ORG"], ["O", "O"]]
    assert f"a word a line with its tag after {sign!r}" in data.summaries[0].line
    assert words_of(read(path)) == [["Anna", "saw", "AC/DC"], ["it", "rained"]]
    with pytest.raises(ValueError, match=rf"line 6: 'saw' has no tag after '{sign if sign != '|' else '.'}'"):
        read_words(write("bad.txt", "\n".join([f"Anna{sign}B-PER"] * 5) + "\nsaw\n" + f"ran{sign}O\n" * 30))


def test_a_word_with_its_tag_in_each_line_and_nothing_between_sentences_is_refused_as_other_columns_are(write):
    with pytest.raises(ValueError, match=r"no blank line parts the sentences.*--sentence_ends"):
        read_words(write("train.txt", "Anna/B-PER\nran/O\n./O\n" * 40))
    assert len(read_words(write("train.txt", "Anna/B-PER\nran/O\n./O\n" * 9)).train) == 1


# ---- nothing parts the sentences ----


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Anna B-PER\nran O\n. O\n" * 33, "so that 99 words with 32 ends of sentences inside are read as one"),
        ("Anna B-PER\nran O\n" * 1000, "so that 2,000 words are read as one"),
        ("Anna B-PER\n. O\nran O\n", "so that 3 words with 1 end of a sentence inside are read as one"),
    ],
)
def test_a_file_of_one_long_sentence_is_doubted(write, text, told):
    path = write("train.conll", text)
    found = doubts(read_words(path))
    assert told in found
    assert "--sentence_ends '. ! ?'" in found
    assert "no blank line" in " ".join(read(path).doubts)
    assert "no blank line" not in doubts(load_words(train_file=path, sentence_ends="none"))
    assert "no blank line" not in doubts(load_words(train_file=path, sentence_ends="."))


def test_one_ordinary_sentence_is_not_doubted(write):
    assert read(write("a.conll", "Anna B-PER\nran O\n. O\n"), tagged=True).doubts == []


# ---- tags ----


def test_types_that_hold_a_second_mark_are_told(write):
    found = doubts(read_words(write("train.conll", "Rome I-NPI-LOC\nsaw I-VPO\nhim I-NPO\n")))
    assert "the types NPI-LOC hold a second mark, as if two columns of tags had run together" in found
    assert "hold a second mark" in doubts(read_words(write("b.conll", "Rome I-NPB-LOC\nNew I-NPI-LOC\nhim O\n")))
    plain = doubts(read_words(write("c.conll", "Rome B-PRODUCTS-BRAND\nsaw O\nhim B-DISEASE-NAME\n")))
    assert "second mark" not in plain


@pytest.mark.parametrize("number", ["-100", "-1"])
def test_a_number_beside_tags_as_text_hides_its_word(write, number):
    data = read_words(write("train.conll", f"Anna B-PER\nBen {number}\nran O\n\nMia {number}\nslept O\n"))
    names = ["-" if tag == -100 else data.tag_names[tag] for row in data.train["ner_tags"] for tag in row]
    assert names == ["B-PER", "-", "O", "-", "O"]
    assert data.summaries[0].passed_over == {"words hidden by -100 or -1": 2}


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        ("BIOBO", "without types"),
        ("BMESO", "BMES without types"),
        ("BIESO", "IOBES without types"),
    ],
)
def test_bare_marks_are_named_by_their_scheme(write, tags, name):
    data = read_words(write("train.conll", "".join(f"w{place} {tag}\n" for place, tag in enumerate(tags))))
    assert data.summaries[0].scheme == name


# ---- tables ----


@pytest.mark.parametrize("column", ["word", "token", "form"])
@pytest.mark.parametrize("name", ["train.csv", "train.tsv"])
def test_a_word_a_row_is_no_sentence_in_a_small_table(write, column, name):
    text = f"{column},tag\nAnna,B-PER\nsaw,O\nOslo,B-LOC\n".replace(",", "\t" if name.endswith("tsv") else ",")
    for tagged in (True, False):
        with pytest.raises(ValueError, match=r"each row holds one word of .*nothing tells where a sentence ends"):
            read(write(name, text), tagged=tagged)
    parted = read(write(name, text.replace("saw", "\nsaw", 1)), tagged=True)
    assert words_of(parted) == [["Anna"], ["saw", "Oslo"]]


def test_a_second_column_of_words_or_tags_with_other_content_is_told(write):
    row = {"words": ["Anna", "ran"], "text": "Mia slept", "ner_tags": ["B-PER", "O"], "tags": ["O", "O"]}
    found = doubts(read_words(write("a.jsonl", lines([row, row]))))
    assert (
        "column 'text' fits as words, too, and holds others than 'words', which is read; --text_column_name" in found
    )
    assert "column 'tags' fits as tags, too, and holds others than 'ner_tags', which is read; --label_column_" in found
    given = {"text_column_name": "words", "label_column_name": "ner_tags"}
    assert "which is read" not in doubts(load_words(train_file=write("a.jsonl", lines([row])), **given))


@pytest.mark.parametrize(
    "more",
    [
        {"text": "Anna ran"},
        {"text": " Annaran "},
        {"tags": ["B-PER", "O"]},
        {"document": "a7"},
        {"pos_tags": ["NNP", "VBD"], "chunk_tags": ["B-NP", "B-VP"]},
        {"sentence": "Sentence of another length"},
    ],
)
def test_columns_that_stand_beside_words_and_tags_in_most_data_are_not_told(write, more):
    row = {"tokens": ["Anna", "ran"], "ner_tags": ["B-PER", "O"], **more}
    assert "which is read" not in doubts(read_words(write("a.jsonl", lines([row, row]))))


def test_the_text_of_a_tool_beside_its_words_is_no_other_column(write):
    words = [{"text": "Anna", "start": 0, "end": 4, "id": 0}, {"text": "ran", "start": 5, "end": 8, "id": 1}]
    assert read(write("a.jsonl", lines([{"text": "Anna ran", "tokens": words}]))).doubts == []


# ---- folders ----


def test_sentences_without_tags_in_a_folder_are_read_and_other_files_are_told(write, tmp_path, caplog):
    for part in ("train", "dev", "test"):
        write(f"data/{part}.conll", f"{part} B-PER\nran O\n\nit O\nrained O\n")
    write("data/unlabeled.conll", "Mia B-PER\nslept O\n")
    write("data/unlabeled.txt", "Tor saw Rome .\n")
    write("data/notes.conll", "a O\nb O\n")
    write("data/README.txt", "about\n")
    data = load_words(dataset_name=str(tmp_path / "data"))
    assert [len(part) for part in (data.train, data.validation, data.test, data.unlabeled)] == [2, 2, 2, 2]
    assert data.unlabeled["tokens"][:] == [["Mia", "slept"], ["Tor", "saw", "Rome", "."]]
    assert "1 data file of no part not read: notes.conll." in caplog.text


def test_sentences_without_tags_beside_one_data_file_are_no_training_part(write, tmp_path):
    write("data/mine.jsonl", lines([{"tokens": ["Mia", "ran"], "tags": ["B-PER", "O"]}]))
    write("data/unlabelled.jsonl", lines([{"tokens": ["Tor"]}]))
    data = load_words(dataset_name=str(tmp_path / "data"))
    assert (data.train["tokens"][:], data.unlabeled["tokens"][:]) == ([["Mia", "ran"]], [["Tor"]])


# ---- inspect ----

SPANS = {"text": "Anna saw Oslo", "label": [[0, 4, "PER"], [2, 8, "LOC"]]}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.jsonl", lines([SPANS]), "overlap"),
        ("a.jsonl", lines([{"text": "Anna", "label": [[0, 40, "PER"]]}]), "covers no word of a text"),
        ("a.jsonl", lines([{"tokens": ["Anna", "saw"], "tags": ["O"]}]), "2 words and 1 tags"),
        ("a.jsonl", lines([{"tokens": ["Anna", "saw"], "tags": [0, 9]}]), "beyond the 2 names"),
        ("a.conll", "Anna B-PER\nsaw PER\n", "is in the place of the tag"),
        ("a.txt", "Anna B-PER\nNew York B-LOC\n", "3 columns where"),
    ],
)
def test_inspect_refuses_a_file_whose_tags_are_wrong(write, capsys, name, text, told):
    assert main(["inspect", str(write(name, text)), "--task", "ner", "--tag_names", "O", "B-PER"]) == 2
    said = capsys.readouterr()
    assert told in said.err
    assert "no doubts" not in said.out


@pytest.mark.parametrize("flag", ["--unlabeled_file", "--validation_file"])
def test_inspect_refuses_another_part_that_is_wrong_and_names_its_file(write, capsys, flag):
    train = write("train.conll", "Mia B-PER\nran O\n\nTor B-PER\nran O\n")
    assert main(["inspect", str(train), flag, str(write("wrong.conll", "Mia O\nNew York O\nTor O\n"))]) == 2
    said = capsys.readouterr()
    assert "wrong.conll, line 2: 3 columns where" in said.err
    assert "As training data" not in said.out + said.err


def test_inspect_describes_an_export_without_any_annotation_as_unlabelled(write, capsys):
    tasks = [{"id": number, "data": {"text": f"Anna saw {number} ships"}, "annotations": []} for number in range(3)]
    words = [str(write("export.json", json.dumps(tasks))), "--task", "ner", "--forecast", "False"]
    assert main(["inspect", *words]) == 0
    said = capsys.readouterr().out
    assert "As training data: " in said
    assert "3 sentences" in said
