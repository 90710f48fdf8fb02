"""Sentences that are longer than the model reads: windows, and back to sentences."""

import random

import numpy as np
import pytest
import torch
from datasets import Dataset
from kinds_of_tokenizers import TOKENIZERS, tokenizer_of
from transformers import BertConfig, BertModel, IBertConfig, IBertModel, RobertaConfig, RobertaModel

from hf_selftuning import encode_words
from hf_selftuning.data.words.window_joining import WindowJoin, first_sentences, window_counts
from hf_selftuning.data.words.windows import windows
from hf_selftuning.data.words.word_pieces import NONE, pieces_of, usable_positions

WORDS = ["Anna", "saw", "U.S.", "AC/DC", "\u200b", "al-Rashid", "3.5", "Oslo", "\ufe0f", "."]


def test_a_sentence_that_fits_is_one_window() -> None:
    [window] = windows([1, 2, 3], 6)
    assert (window.start, window.stop, window.first, window.last) == (0, 3, 0, 3)


def test_each_word_is_answered_once_and_where_it_has_most_context() -> None:
    draw = random.Random(0)
    for _ in range(300):
        room = draw.choice([1, 2, 5, 9, 30])
        lengths = [draw.choice([1, 1, 1, 2, 4, room + 3]) for _ in range(draw.randint(1, 60))]
        sizes = [min(length, room) for length in lengths]
        made = windows(lengths, room)
        assert [word for window in made for word in range(window.first, window.last)] == list(range(len(lengths)))
        assert all(sum(sizes[window.start : window.stop]) <= room for window in made)

        def context(window, word, sizes=sizes) -> float:
            before = sum(sizes[window.start : word]) if window.start else np.inf
            after = sum(sizes[word + 1 : window.stop]) if window.stop < len(sizes) else np.inf
            return min(before, after)

        for window in made:
            for word in range(window.first, window.last):
                others = [other for other in made if other.start <= word < other.stop]
                assert context(window, word) == max(context(other, word) for other in others)


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_every_word_has_one_label_whatever_the_tokenizer(kind: str) -> None:
    tokenizer = tokenizer_of(kind)
    sentences = [WORDS * 20, ["Oslo"], [*WORDS, "x" * 100, *WORDS], ["\u200b"]]
    data = Dataset.from_dict({"tokens": sentences, "ner_tags": [list(range(len(words))) for words in sentences]})
    encoded = encode_words(data, tokenizer, max_length=40)
    assert max(len(ids) for ids in encoded["input_ids"]) <= 40
    for number, words in enumerate(sentences):
        rows = [row for row in encoded if row["sentence"] == number]
        labels = [label for row in rows for label in row["labels"] if label != -100]
        assert labels == list(range(len(words)))
        for row in rows:  # the label stands at the first piece of its word
            places = [place for place, label in enumerate(row["labels"]) if label != -100]
            assert [row["word_ids"][place] for place in places] == [row["labels"][place] for place in places]
            assert all(place == 0 or row["word_ids"][place - 1] != row["word_ids"][place] for place in places)
    whole = encode_words(data, tokenizer, max_length=2000)
    assert whole.column_names == [name for name in whole.column_names if name not in ("sentence", "word_ids")]
    assert whole["labels"][1] == encoded.filter(lambda row: row["sentence"] == 1)["labels"][0]


def test_pieces_are_those_of_the_tokenizer_itself() -> None:
    for kind in TOKENIZERS:
        tokenizer = tokenizer_of(kind)
        [sentence] = pieces_of([["Anna", "saw", "Oslo"]], tokenizer)
        if tokenizer.is_fast:
            assert (
                sentence.columns["input_ids"] == tokenizer(["Anna", "saw", "Oslo"], is_split_into_words=True).input_ids
            )
        else:  # with blanks between the words, as in text
            assert sentence.columns["input_ids"] == tokenizer("Anna saw Oslo")["input_ids"]
        assert {word for word in sentence.word_ids if word != NONE} == {0, 1, 2}


def test_a_window_without_a_label_is_left_out() -> None:
    tags = [-100] * 60 + [1]
    data = Dataset.from_dict({"tokens": [["Oslo"] * 61, ["Anna"]], "ner_tags": [tags, [-100]]})
    encoded = encode_words(data, tokenizer_of("WordPiece"), max_length=12)
    assert [sum(label != -100 for label in labels) for labels in encoded["labels"]] == [1, 0]


def test_several_processes_encode_what_one_encodes() -> None:
    data = Dataset.from_dict({"tokens": [WORDS * 20, ["Oslo"], WORDS], "ner_tags": [[0] * 200, [1], [2] * 10]})
    one, two = (encode_words(data, tokenizer_of("WordPiece"), max_length=40, num_proc=n) for n in (None, 2))
    assert one.to_dict() == two.to_dict()
    assert max(one["sentence"]) == 2


def test_windows_are_joined_in_any_order_of_rows() -> None:
    data = Dataset.from_dict({"tokens": [["Oslo"] * 30, ["Anna"] * 3], "ner_tags": [list(range(30)), [5, 6, 7]]})
    encoded = encode_words(data, tokenizer_of("WordPiece"), max_length=12)
    assert window_counts(encoded) == (1, len(encoded) - 1)
    assert len(first_sentences(encoded, 1)) == len(encoded) - 1
    turned = encoded.select(reversed(range(len(encoded))))
    width = max(map(len, turned["labels"]))
    labels = np.array([[*row, *[-100] * (width - len(row))] for row in turned["labels"]])
    join = WindowJoin.of(turned)
    assert join is not None
    for given in (labels, None):
        joined = join(labels, given)
        assert joined[0].tolist() == [5, 6, 7] + [-100] * 27
        assert joined[1].tolist() == list(range(30))


def test_positions_that_roberta_never_uses_are_not_counted() -> None:
    sizes = {
        "hidden_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 1,
        "intermediate_size": 8,
        "vocab_size": 9,
    }
    with torch.device("meta"):
        assert usable_positions(RobertaModel(RobertaConfig(**sizes, max_position_embeddings=514))) == 512
        assert usable_positions(IBertModel(IBertConfig(**sizes, max_position_embeddings=514))) == 512
        assert usable_positions(BertModel(BertConfig(**sizes, max_position_embeddings=512))) == 512
