"""Text files whose sentences carry their labels: marks around words, tags beside a sentence, PubTator."""

import pytest

from hf_selftuning.data.words.tables.table_columns import WordColumns
from hf_selftuning.data.words.word_files import read_sentences

WORDS = ["Anna", "Berg", "left", "Oslo", "."]
TAGS = ["B-PER", "I-PER", "O", "B-LOC", "O"]
PUBTATOR = "7|t|Anna Berg left\n7|a|Oslo.\n7\t0\t9\tAnna Berg\tPER\tD1\n7\t15\t19\tOslo\tLOC\t-\n7\tCID\tD1\tD2\n\n"
FILES = {
    "[words](label)": "[Anna Berg](PER) left [Oslo](LOC).\n",
    "rasa": "## intent:travel\n- [Anna Berg](PER:she) left [Oslo](LOC).\n\n## synonym:oslo\n- Kristiania\n",
    '{"entity": "label"}': '- [Anna Berg]{"entity": "PER", "value": "x"} left [Oslo]{"entity": "LOC"}.\n',
    "<label>words</label>": "<PER>Anna Berg</PER> left <LOC>Oslo</LOC>.\n",
    'type="label"': '<ENAMEX TYPE="PER">Anna Berg</ENAMEX> left <ne id="2" type="LOC">Oslo</ne>.\n',
    "<START:label>": "<START:PER> Anna Berg <END> left <START:LOC> Oslo <END> .\n",
    "PubTator": PUBTATOR,
    "words in cell 1, tags in cell 2": "Anna Berg left Oslo .\tB-PER I-PER O B-LOC O\n",
    "names in line 1": "text\tslots\nAnna Berg left Oslo .\tB-PER I-PER O B-LOC O\n",
    "words in cell 3, tags in cell 2": "1\tB-PER I-PER O B-LOC O\tAnna Berg left Oslo .\n",
    "tags in the line below": "Anna Berg left Oslo .\nB-PER I-PER O B-LOC O\n\n",
}


def read(folder, text, **options):
    path = folder / "more.txt"
    path.write_text(text, encoding="utf-8")
    return read_sentences(path, WordColumns(), **options)


@pytest.mark.parametrize("kind", FILES)
def test_labels_in_a_text_become_tags(tmp_path, kind):
    reading = read(tmp_path, FILES[kind])
    assert [(sentence.words, sentence.tags) for sentence in reading.sentences] == [(WORDS, TAGS)]
    assert kind in reading.layout or kind == "rasa"
    unlabelled = read(tmp_path, FILES[kind], tagged=False).sentences
    assert ["".join(sentence.words) for sentence in unlabelled] == ["AnnaBergleftOslo."]


def test_lines_that_are_no_sentences_are_counted(tmp_path):
    counts = {"headings": 2, "lines of synonyms, patterns and tables": 1}
    assert read(tmp_path, FILES["rasa"]).passed_over == counts
    assert read(tmp_path, PUBTATOR).passed_over == {"relations": 1}


def test_a_line_above_the_sentences_may_have_fewer_cells(tmp_path):
    reading = read(tmp_path, "Ada\nB-PER O\tAda slept\n")
    assert [(sentence.words, sentence.tags) for sentence in reading.sentences] == [(["Ada", "slept"], ["B-PER", "O"])]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<PER>A <LOC>B</LOC></PER>\n", "line 1: '<PER>A B</PER>' holds a mark that lies in another one"),
        ("[A](PER) b\n[B](LOC c\n", "line 2: .* is not closed"),
        (PUBTATOR.replace("Anna Berg\tPER", "Anna Bert\tPER"), "row 1, span 1: it says that it covers 'Anna Bert'"),
        ("7|t|Anna\n7|a|\nwhat\n", "line 3: 'what' is neither a title, an abstract nor a span"),
        (f"{' '.join(WORDS)}\t{' '.join(TAGS)}\n" * 5 + "a b\tO\n", "row 6: 2 words and 1 tags"),
    ],
)  # fmt: skip
def test_a_label_that_does_not_fit_is_named_with_its_line(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        read(tmp_path, text)


def test_text_with_links_and_tags_of_html_has_no_labels(tmp_path):
    text = "see [here](https://a.org/b) and <b>there</b>\nand [more](c.md)\n"
    assert read(tmp_path, text, tagged=False).layout == "a sentence a line"
