import pytest
from column_files import read_conll

from hf_selftuning import read_unlabeled_words
from hf_selftuning.data.words.columns.conll import read_columns, read_conll_words
from hf_selftuning.data.words.columns.tagged_text import looks_like_columns
from hf_selftuning.data.words.load_words import load_words
from hf_selftuning.data.words.tables.table_columns import WordColumns


def write(tmp_path, text):
    path = tmp_path / "file.conll"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def rows(text, columns=None, *, tagged=True):
    reading = read_columns(text, "file.conll", columns, tagged=tagged)
    return [(sentence.words, sentence.tags) for sentence in reading.sentences]


def test_words_come_from_the_first_column_and_tags_from_the_last(tmp_path):
    path = write(tmp_path, "-DOCSTART- -X- O\n\nAda NNP B-PER\nslept VB O\n\nParis NNP B-LOC\n")
    sentences = read_conll(path)
    assert sentences.tokens == [["Ada", "slept"], ["Paris"]]
    assert sentences.tags == [["B-PER", "O"], ["B-LOC"]]
    assert sentences.scheme == "IOB2"


def test_iob1_is_told_apart_and_rewritten(tmp_path):
    path = write(tmp_path, "New I-LOC\nYork I-LOC\nParis B-LOC\nAda I-PER\n. O\n")
    sentences = read_conll(path)
    assert sentences.scheme == "IOB1"
    assert sentences.tags == [["B-LOC", "I-LOC", "B-LOC", "B-PER", "O"]]


@pytest.mark.parametrize("blank", ["\n", "\t\n", "  \t \n", "\r\n", "\n\n\n"])
def test_any_line_of_white_space_ends_a_sentence(tmp_path, blank):
    sentences = read_conll(write(tmp_path, f"Ada\tB-PER\n{blank}Paris\tB-LOC"))
    assert sentences.tokens == [["Ada"], ["Paris"]]


def test_a_document_start_ends_a_sentence_whatever_its_columns(tmp_path):
    sentences = read_conll(write(tmp_path, "Ada B-PER\n-DOCSTART-\nParis B-LOC\n"))
    assert sentences.tokens == [["Ada"], ["Paris"]]


def test_a_byte_order_mark_and_a_no_break_space_are_no_trouble(tmp_path):
    sentences = read_conll(write(tmp_path, "\ufeff10\u00a0000 O\nAda B-PER\n"))
    assert sentences.tokens == [["10\u00a0000", "Ada"]]


def test_words_alone_need_no_tag(tmp_path):
    assert read_conll_words(write(tmp_path, "Ada\nslept\n\nParis\n")) == [["Ada", "slept"], ["Paris"]]


# ---- which column is which ----

ADA = (["Ada", "slept"], ["B-PER", "O"])
OSLO = (["Oslo", "won"], ["B-LOC", "O"])


@pytest.mark.parametrize(
    "text",
    [
        "1\tAda\tB-PER\n2\tslept\tO\n\n1\tOslo\tB-LOC\n2\twon\tO\n",
        "0 Ada NNP B-PER\n1 slept VB O\n\n0 Oslo NNP B-LOC\n1 won VB O\n",
        "1\tAda\tB-PER\n2\tslept\tO\n1\tOslo\tB-LOC\n2\twon\tO\n",
        "7\tAda\tB-PER\n7\tslept\tO\n8\tOslo\tB-LOC\n8\twon\tO\n",
        "7\tAda\tB-PER\n7\tslept\tO\n\n9\tOslo\tB-LOC\n9\twon\tO\n",
        "0 Ada B-PER\n1 slept O\n\n2 Oslo B-LOC\n3 won O\n",
        "1 Ada B-PER\n2-3 sleptwell O\n2 slept O\n\n1 Oslo B-LOC\n2 won O\n",
        "B-PER\tAda\nO\tslept\n\nB-LOC\tOslo\nO\twon\n",
        "Ada -X- _ B-PER\nslept -X- _ O\n\nOslo -X- _ B-LOC\nwon -X- _ O\n",
        "_ Ada B-PER\n_ slept O\n\n_ Oslo B-LOC\n_ won O\n",
    ],
    ids=["index", "from 0", "no blank lines", "sentences", "sentences parted", "whole file", "ranges", "tag first",
         "placeholders", "placeholder first"],
)  # fmt: skip
def test_the_columns_of_words_and_tags_are_found(text):
    assert rows(text) == [ADA, OSLO]


def test_an_index_in_front_of_words_without_tags_is_no_word():
    assert [words for words, _ in rows("1 Ada\n2 slept\n\n1 Oslo\n2 won\n", tagged=False)] == [ADA[0], OSLO[0]]


def test_numbers_that_are_words_stay_words():
    assert rows("1 B-NUM\n2 O\n", tagged=False) == [(["1", "2"], None)]


def test_columns_are_taken_by_number():
    text = "1 Ada B-PER O\n2 slept O O\n3 well O B-ADV\n"
    assert rows(text, WordColumns(labels="4")) == [(["Ada", "slept", "well"], ["O", "O", "B-ADV"])]
    assert rows(text, WordColumns(text="1", labels="3")) == [(["1", "2", "3"], ["B-PER", "O", "O"])]
    with pytest.raises(
        ValueError, match=r"no column '5' in a file of 4 columns .* from 1 to 4, to --text_column_name"
    ):
        rows(text, WordColumns(text="5"))


def test_two_columns_of_the_same_types_must_be_told_apart():
    with pytest.raises(ValueError, match=r"columns 2, 3 all seem to hold tags; .* --label_column_name 2"):
        rows("Ada B-PER B-PER\nOslo B-LOC O\n")
    assert rows("Ada B-NP B-PER\nOslo I-NP O\n") == [(["Ada", "Oslo"], ["B-PER", "O"])]


def test_a_damaged_tag_is_not_learned_from_the_column_before():
    with pytest.raises(ValueError, match="columns 3, 4 all seem to hold tags"):
        rows("Oslo NNP I-NP i-loc\nwon VB O o\n")


def test_a_column_of_numbers_that_count_nothing_is_asked_about():
    text = "".join(f"{7 * i % 5} word{i} O\n" for i in range(12))
    with pytest.raises(ValueError, match=r"column 1 holds numbers alone.*--text_column_name 2"):
        rows(text)


def test_words_behind_a_tag_in_several_columns_are_asked_about():
    with pytest.raises(ValueError, match=r"columns 2, 3 could all be the words"):
        rows("B-PER Ada ada\nO slept sleep\n")


# ---- comments and words that begin with # ----


def test_comments_are_passed_over_with_their_count():
    text = "# id 1\tdomain=x\nAda _ _ B-PER\nslept _ _ O\n\n# id 2\tdomain=x\nOslo _ _ B-LOC\nwon _ _ O\n"
    reading = read_columns(text, "file.conll")
    assert [(sentence.words, sentence.tags) for sentence in reading.sentences] == [ADA, OSLO]
    assert reading.passed_over == {"comment lines": 2}


def test_comments_in_a_file_without_tags_are_passed_over():
    text = "# id 1\tdomain=x\nAda _ _\nslept _ _\n\n# id 2\tdomain=x\nOslo _ _\n"
    assert [words for words, _ in rows(text, tagged=False)] == [["Ada", "slept"], ["Oslo"]]


def test_a_word_may_begin_with_a_hash():
    assert rows("# O\n#Oslo B-LOC\n\n#tag O\n") == [(["#", "#Oslo"], ["O", "B-LOC"]), (["#tag"], ["O"])]
    assert rows("#\nAda\n#tag\n", tagged=False) == [(["#", "Ada", "#tag"], None)]


# ---- tabs and blanks ----


def test_a_word_between_tabs_may_hold_a_blank():
    assert rows("Oslo\tB-LOC\nnew york\tB-LOC\n") == [(["Oslo", "new york"], ["B-LOC", "B-LOC"])]


def test_tabs_and_blanks_may_be_mixed():
    assert rows("Kari\tNNP  I-PER\nleft VB O \n") == [(["Kari", "left"], ["I-PER", "O"])]


def test_an_empty_word_is_named():
    with pytest.raises(ValueError, match=r"line 2: the word is empty"):
        rows("Oslo\tB-LOC\n\tO\nrocks\tO\n")


# ---- characters ----


def test_characters_a_line_are_joined_to_words():
    text = "".join(f"{letter}\t{tag}\n" for letter, tag in zip("Jo ran", ["B-PER", "I-PER", *"OOOO"], strict=True))
    reading = read_columns(text + "\nO\tB-LOC\nk\tI-LOC\n", "file.conll")
    assert [(s.words, s.tags) for s in reading.sentences] == [(["Jo", "ran"], ["B-PER", "O"]), (["Ok"], ["B-LOC"])]
    assert reading.from_text


def test_characters_of_a_script_without_blanks_are_words():
    assert rows("小 O\n王 B-PER\n\n去 O\n") == [(["小", "王"], ["O", "B-PER"]), (["去"], ["O"])]


# ---- what is refused ----


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"none\.txt does not exist"):
        read_conll(tmp_path / "none.txt")


@pytest.mark.parametrize("text", ["", "\n \t\n", "-DOCSTART- O\n\n"])
def test_a_file_without_a_sentence_is_refused(tmp_path, text):
    with pytest.raises(ValueError, match="holds no sentence"):
        read_conll(write(tmp_path, text))


def test_a_ragged_line_is_named():
    with pytest.raises(ValueError, match=r"file\.conll, line 3: 2 columns where the first line has 3"):
        rows("Ada NNP B-PER\n\nslept O\n")
    with pytest.raises(ValueError, match=r"line 1: 2 columns where most lines have 3.*'Oslo B-LOC'"):
        rows("Oslo B-LOC\nwon VB O\nKari NNP B-PER\n")


@pytest.mark.parametrize("tag", ["PER", "B-", "o", "0", "OI-MISC"])
def test_a_word_in_the_place_of_the_tag_is_named(tmp_path, tag):
    with pytest.raises(ValueError, match=f"line 2: '{tag}' is in the place of the tag"):
        read_conll(write(tmp_path, f"Ada B-PER\nslept {tag}\n"))


def test_a_file_of_words_alone_has_no_tags(tmp_path):
    with pytest.raises(ValueError, match="line 1: 'O' is in the place of the tag"):
        read_conll(write(tmp_path, "O\n"))


@pytest.mark.parametrize("text", ["Ada slept .\n" * 20, "the sea was cold\n" * 20])
def test_running_text_is_no_column_file_with_tags(text):
    with pytest.raises(ValueError, match="Words without tags are for --unlabeled_file"):
        rows(text)


def test_another_encoding_is_refused(tmp_path):
    with pytest.raises(ValueError, match="is not UTF-8"):
        read_conll(write(tmp_path, "Müller B-PER\n".encode("latin-1")))


def test_sentences_that_nothing_parts_are_refused_unless_their_ends_are_told():
    text = "Ada B-PER\nslept O\n. O\n" * 50
    with pytest.raises(
        ValueError, match=r"no blank line parts the sentences, so that 150 words .*--sentence_ends '. ! \?'"
    ):
        rows(text)
    assert rows(text, WordColumns(sentence_ends=". !")) == [(["Ada", "slept", "."], ["B-PER", "O", "O"])] * 50
    assert len(rows(text, WordColumns(sentence_ends="none"))) == 1


# ---- columns or running text ----


@pytest.mark.parametrize(
    "text",
    [
        "-DOCSTART- O\n\nAda NNP B-PER\nslept VB O\n",
        "Ada\tS-PER\nslept\tO\n",
        "Ada _ _\nslept _ _\n",
        "Ada\nslept\n\nParis\nwon\n",
        "Ada NN\nslept VB\n\nBen NN\nran VB\n",
        "CUP NNP I-NP O\n- : OI-MISC\nOslo NNP I-NP I-LOC\n",
    ],
)
def test_columns_are_told_from_running_text(text):
    assert looks_like_columns(text)


@pytest.mark.parametrize("text", ["Ada slept in Paris .\nShe woke up .\n", "Omar left .\n" * 9, "", "Ada\nBen\n"])
def test_running_text_is_told_from_columns(text):
    assert not looks_like_columns(text)


def test_a_range_of_words_in_the_first_line_is_passed_over():
    text = "1-2\tdo_it\t_\n1\tAda\tB-PER\n2\tslept\tO\n\n" * 3
    assert rows(text) == [(["Ada", "slept"], ["B-PER", "O"])] * 3
    assert rows(text, tagged=False)[0][0] == ["Ada", "slept"]


def test_the_mark_of_a_language_before_each_word_is_left_out_and_told():
    reading = read_columns("en:Ada\tB-PER\nen:slept\tO\nen::\tO\n", "file.conll")
    assert reading.sentences[0].words == ["Ada", "slept", ":"]
    assert "'en:' before each word left out" in reading.layout
    assert rows("en:Ada\tB-PER\nslept\tO\n")[0][0] == ["en:Ada", "slept"]


def test_the_name_of_a_document_is_no_word():
    text = "".join(f"bc/01 0 {i % 4} w{i} NN *\n" + "\n" * (i % 4 == 3) for i in range(12))
    with pytest.raises(ValueError, match=r"column 3 holds numbers alone.*--text_column_name 4"):
        rows(text, tagged=False)
    assert rows(text, WordColumns(text="4"), tagged=False)[0][0] == ["w0", "w1", "w2", "w3"]


@pytest.mark.parametrize("name", ["train.py", "train.txt"])
def test_data_in_python_is_no_text(tmp_path, name):
    (tmp_path / name).write_text("DATA = [('Ada slept', {'entities': [(0, 3, 'PER')]})]\n")
    with pytest.raises(ValueError, match=rf"{name} (is Python code|holds a list in the form of Python).*JSON"):
        read_unlabeled_words(tmp_path / name)


def test_links_of_a_wiki_are_text(tmp_path):
    (tmp_path / "a.txt").write_text("[[Ada Lovelace]] slept\n[[Category:People]]\n")
    assert len(read_unlabeled_words(tmp_path / "a.txt")) == 2


@pytest.mark.parametrize("suffix", ["conll", "conllu", "iob2", "bio", "txt", "tsv"])
def test_column_files_in_a_folder_are_its_parts(tmp_path, suffix):
    between = "\t" if suffix in ("conllu", "tsv") else " "
    for part, word in (("train", "Ada"), ("dev", "Ben"), ("test", "Eva")):
        (tmp_path / f"{part}.{suffix}").write_text(f"{word}{between}B-PER\nslept{between}O\n\n")
    data = load_words(dataset_name=str(tmp_path))
    assert [part["tokens"][0][0] for part in (data.train, data.validation, data.test)] == ["Ada", "Ben", "Eva"]


def test_annotations_of_brat_are_refused(tmp_path):
    (tmp_path / "1.txt").write_text("Ada slept")
    (tmp_path / "1.ann").write_text("T1\tPER 0 3\tAda\n")
    with pytest.raises(ValueError, match=r"holds annotations of brat \(\.ann\); write each text and its spans"):
        load_words(dataset_name=str(tmp_path))
