"""Losses are what they were when they were recorded: a change of the code's places changes no figure."""

import json

import pytest
import tiny
import transformers
from packaging.version import Version
from pages import PAGES
from recorded_losses import RECORDED, STEPS, cases, losses

EXPECTED = json.loads(RECORDED.read_text(encoding="utf-8"))
# Recorded on x86-64 with torch 2.15 and AVX-512. Other instruction sets and versions sum in another order, which moves
# float32 losses by up to 1e-4 a step; a wrong view, weight or seed moves them by far more.
TOLERANCE = 3e-4
NOTHING = 1e-5
"""What a term is at most that vanishes, such as the distance to the weights that a run begins with."""
# Sum of the absolute position embeddings with which the images' model begins; transformers before 5.23 draws others.
START = 1.2632586
QUICK = ("fine_tuning", "self_tuning", "fixmatch")
CASES = [pytest.param(case, id=":".join(case), marks=[] if case[1] in QUICK else pytest.mark.slow) for case in cases()]


def test_every_preset_is_recorded() -> None:
    assert [":".join(case) for case in cases()] == list(EXPECTED)


def test_the_page_counts_them() -> None:
    assert f"| {len(EXPECTED)} runs, recorded in `tests/support/recorded_losses.json` |" in PAGES["reliability.md"]


@pytest.mark.parametrize("case", CASES)
def test_losses_are_those_recorded(case: tuple[str, str, str]) -> None:
    start = float(tiny.vit().vit.embeddings.position_embeddings.abs().sum())
    if case[0] == "images" and Version(transformers.__version__) < Version("5.23") and start != pytest.approx(START):
        pytest.skip("This release of transformers draws other starting weights than those of the recorded losses.")
    found = losses(*case, steps=STEPS)
    expected = EXPECTED[":".join(case)]
    assert len(found) == len(expected) == STEPS
    for mine, recorded in zip(found, expected, strict=True):
        assert mine == pytest.approx(recorded, rel=TOLERANCE, abs=NOTHING)
