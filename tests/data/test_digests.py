"""Digests in an array say what a list of texts would say, also where their last bytes are zero."""

import numpy as np

from hf_selftuning.data.copies import counted_holders, holders, repeated
from hf_selftuning.data.digests import Digests, labeled_digests, no_digests

BYTES = [b"\x01\x00", b"\x00\x00", b"\x00\x01", b"\x01\x00", b"\xff\x00"]
TEXTS = ["0100", "0000", "0001", "0100", "ff00"]


def test_digests_are_texts() -> None:
    digests = Digests.of(BYTES, 2)
    assert [*digests] == [digests[row] for row in range(5)] == TEXTS
    assert digests[-1] == "ff00"
    assert [*digests[1:3]] == TEXTS[1:3]
    assert [*digests.take([4, 0])] == ["ff00", "0100"]
    assert [*digests.take(np.argsort(digests.values, kind="stable"))] == sorted(TEXTS)
    assert [*no_digests()] == []


def test_the_first_row_of_each_digest() -> None:
    assert Digests.of(BYTES, 2).first_rows().tolist() == [0, 1, 2, 0, 4]
    assert Digests.of(BYTES[:3], 2).first_rows().tolist() == [0, 1, 2]
    assert repeated(Digests.of(BYTES, 2), np.arange(10, 15)) == [(10, 13)]


def test_the_first_part_that_holds_a_copy_is_counted() -> None:
    pool = Digests.of(BYTES, 2)
    labeled = {"train": Digests.of(BYTES[:1], 2), "validation": no_digests(), "test": Digests.of(BYTES[:2], 2)}
    found = holders(pool, labeled)
    assert found.tolist() == [0, 2, -1, 0, -1]
    assert counted_holders(found, [*labeled]) == "2 of the train part, 1 of the test part"
    assert counted_holders(holders(pool, {"train": no_digests()}), ["train"]) == ""


def test_an_example_of_another_class_has_another_digest() -> None:
    digests = labeled_digests(Digests.of(BYTES[:1] * 3, 2), [0, 1, 0], ["cat", "dog"])
    assert digests[0] == digests[2] != digests[1]
    assert len(labeled_digests(no_digests(), [0, 1], ["cat", "dog"])) == 0
