import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_selftuning.data.words.tag_schemes import UnknownTagError, boundary_scheme, recognise

TYPES = ["LOC", "PER"]
IOB2 = ["B-PER", "I-PER", "O", "B-LOC", "B-LOC", "O"]


def scheme_of(*sentences):
    return recognise(Counter(tag for sentence in sentences for tag in sentence if tag is not None))


@pytest.mark.parametrize(
    ("name", "tags", "expected"),
    [
        ("IOB2", IOB2, IOB2),
        ("IOB1", ["I-PER", "I-PER", "O", "I-LOC", "B-LOC", "O"], IOB2),
        ("IOBES", ["B-PER", "E-PER", "O", "S-LOC", "S-LOC", "O"], IOB2),
        ("BILOU", ["B-PER", "L-PER", "O", "U-LOC", "U-LOC", "O"], IOB2),
        ("BMES", ["B-PER", "M-PER", "E-PER", "S-LOC"], ["B-PER", "I-PER", "I-PER", "B-LOC"]),
        ("BMEWO", ["B-PER", "M-PER", "E-PER", "W-LOC"], ["B-PER", "I-PER", "I-PER", "B-LOC"]),
        ("IOB2", ["B_PER", "I_PER", "O", "B_LOC", "B_LOC", "O"], IOB2),
        ("IOB2", ["PER-B", "PER-I", "O", "LOC-B", "LOC-B", "O"], IOB2),
        ("IOB2", ["b-PER", "i-PER", "o", "b-LOC", "b-LOC", "o"], IOB2),
        ("without types", ["B", "I", "O", "B", "B", "O"], ["B-ENTITY", "I-ENTITY", "O", "B-ENTITY", "B-ENTITY", "O"]),
        ("BMES without types", list("BMES"), ["B-ENTITY", "I-ENTITY", "I-ENTITY", "B-ENTITY"]),
        ("without prefix", ["PER", "PER", "O", "LOC", "O", "LOC"], ["B-PER", "I-PER", "O", "B-LOC", "O", "B-LOC"]),
        ("one class a word", ["NOUN", "NOUN", "VERB"], ["B-NOUN", "B-NOUN", "B-VERB"]),
        ("IOB2", ["B-PER-NAME", "I-PER-NAME", "O"], ["B-PER-NAME", "I-PER-NAME", "O"]),
        ("without prefix", ["person-actor", "O"], ["B-person-actor", "O"]),
        ("IOB2", ["B- PER", "I-PER", "O"], ["B-PER", "I-PER", "O"]),
    ],
)
def test_each_scheme_is_recognised_and_rewritten(name, tags, expected):
    scheme = scheme_of(tags)
    assert boundary_scheme([tags], scheme) == name
    assert scheme.to_iob2(tags) == expected


def test_two_neighbours_of_one_type_stay_two():
    assert scheme_of(["U-LOC", "U-LOC"]).to_iob2(["U-LOC", "U-LOC"]) == ["B-LOC", "B-LOC"]
    assert scheme_of(["B-LOC", "L-LOC"]).to_iob2(["B-LOC", "L-LOC", "B-LOC"]) == ["B-LOC", "I-LOC", "B-LOC"]


def test_a_hidden_word_parts_entities():
    assert scheme_of(IOB2).to_iob2(["B-PER", None, "I-PER"]) == ["B-PER", None, "B-PER"]


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        (["(PER*", "*)", "*", "(LOC)", "*"], "'(PER*' is a bracket around an entity, as CoNLL-2012 writes it"),
        (["B/PER", "I/PER", "O"], "'B/PER' has another sign than - between its mark and its type"),
    ],
)
def test_entities_in_a_form_that_is_not_read_are_refused(tags, said):
    with pytest.raises(UnknownTagError, match=re.escape(said)):
        scheme_of(tags)


@pytest.mark.parametrize("odd", ["PER", "0", "B-", "OI-PER"])
def test_a_tag_that_does_not_fit_the_others_is_refused(odd):
    with pytest.raises(
        UnknownTagError, match=f"'{odd}' is in the place of the tag, and other tags are such as 'B-PER'"
    ):
        scheme_of([*IOB2, odd])


@pytest.mark.parametrize("glued", ["B-PER|I-PER", "B-PER|O", "I-PER,B-LOC", "B-PER O"])
def test_tags_that_are_glued_together_are_refused(glued):
    with pytest.raises(UnknownTagError, match="holds several tags, and a word has one"):
        scheme_of([*IOB2, glued])


def entities(tags):
    """Begin and type of each entity, read by the rules that IOB1 and IOB2 share."""
    before = ["O", *tags]
    return [
        (place, tag[2:])
        for place, (last, tag) in enumerate(zip(before, tags, strict=False))
        if tag != "O" and (tag[0] == "B" or last[1:] != tag[1:])
    ]


@given(st.lists(st.sampled_from(["O", *(f"{mark}-{kind}" for mark in "BI" for kind in TYPES)]), max_size=12))
def test_rewriting_keeps_the_entities_and_is_done_once(tags):
    scheme = scheme_of(tags)
    rewritten = scheme.to_iob2(tags)
    assert entities(rewritten) == entities(tags)
    assert scheme_of(rewritten).to_iob2(rewritten) == rewritten
    assert boundary_scheme([rewritten], scheme) == "IOB2"


@given(st.lists(st.sampled_from([*TYPES, "O"]), max_size=12), st.sampled_from(["IOBES", "BILOU", "BMES"]))
def test_spans_survive_every_scheme_with_ends(types, name):
    inside, end, single = {"IOBES": "IES", "BILOU": "ILU", "BMES": "MES"}[name]
    written, iob2 = [], []
    for place, kind in enumerate(types):
        if kind == "O":
            written.append("O")
            iob2.append("O")
            continue
        first = place == 0 or types[place - 1] != kind
        last = place == len(types) - 1 or types[place + 1] != kind
        mark = single if first and last else "B" if first else end if last else inside
        written.append(f"{mark}-{kind}")
        iob2.append(f"{'B' if first else 'I'}-{kind}")
    assert scheme_of(written).to_iob2(written) == iob2
