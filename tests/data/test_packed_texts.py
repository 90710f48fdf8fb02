"""Texts and sentences that are packed come out as they went in."""

import pytest

from hf_selftuning.data.rows.packed_texts import SIZE, PackedTexts, PackedTuples
from hf_selftuning.data.words.packed_sentences import PackedSentences, Sentence

MANY = 2 * SIZE + 3


def test_packed_texts_are_a_sequence_of_the_same_texts() -> None:
    texts = [f"{number} é 小 \ud800" for number in range(MANY)]
    packed = PackedTexts(texts)
    assert [*packed] == texts
    assert [packed[place] for place in range(MANY)] == texts
    assert (packed[-1], packed[SIZE - 1 : SIZE + 1], len(packed)) == (texts[-1], texts[SIZE - 1 : SIZE + 1], MANY)
    with pytest.raises(IndexError):
        packed[MANY]


def test_an_empty_text_is_kept_wherever_it_stands() -> None:
    texts = [*(["", "a", ""] * SIZE)][:MANY]
    assert [*PackedTexts(texts)] == texts


def test_packed_tuples_are_texts_and_pairs() -> None:
    pairs = [(f"{number}", "b" * (number % 3 + 1)) for number in range(MANY)]
    assert [*PackedTuples(pairs)] == pairs
    single = PackedTuples([("a",), ("b c",)])
    single.extend([("d",)])
    assert (single[1], single[1:], len(single)) == (("b c",), [("b c",), ("d",)], 3)


def test_what_few_sentences_have_is_kept_for_these() -> None:
    sentences = [Sentence("a\0b", None, number) for number in range(SIZE)]
    sentences += [
        Sentence("c", "B-X", 70),
        Sentence("d\0e", None, 71, [71, 75]),
        Sentence("f\0g", None, 80, None, "f  g"),
    ]
    sentences += [Sentence("h\0h", None, 81, None, "h h h", [0, 4]), Sentence("i\0j", (0, 1), 82)]
    packed = PackedSentences(sentences)
    for found, given in zip(packed, sentences, strict=True):
        assert (found.words, found.tags, found.place) == (given.words, given.tags, given.place)
        assert found.located() == given.located()
        assert list(found.lines or ()) == list(given.lines or ())
    assert [packed[place] for place in range(len(packed))] == [*packed] == packed[:]
