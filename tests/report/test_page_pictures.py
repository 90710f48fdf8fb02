"""The pictures of a page: each is embedded once, and the page of one run or of four keeps below 2 MB of them."""

import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from pages_of_runs import facts, write_run
from PIL import Image

from hf_selftuning.experiment.images.image_view import SIDE, small_picture
from hf_selftuning.report.page.guesses import Guesses, Labelled
from hf_selftuning.report.page.page_pictures import MOST_BYTES, Pictures, fitted
from hf_selftuning.report.page.run_facts import RunFacts
from hf_selftuning.report.page.run_page import write_page

CLASSES = 90


def noise(*seed: int) -> str:
    """A picture that JPEG can hardly make smaller."""
    pixels = np.random.default_rng(seed).integers(256, size=(SIDE, SIDE, 3), dtype=np.uint8)
    return small_picture(Image.fromarray(pixels))


def noisy(run: int) -> RunFacts:
    """A run whose gallery shows as many pictures as one can, and none that another run shows."""
    draw = np.random.default_rng(run)
    found = Guesses(draw.dirichlet(np.ones(CLASSES), 900), draw.normal(size=(900, 8)), np.arange(900))
    labelled = Labelled(draw.normal(size=(900, 8)), np.arange(900) % CLASSES, np.arange(900))
    shows = {
        part: lambda place, number=number: {"image": noise(run, number, place), "name": ""}
        for number, part in enumerate(("pool", "labeled"))
    }
    names = [f"class {number}" for number in range(CLASSES)]
    return facts(found, names=names, shows=shows, labelled=labelled, kind="images", unit_name="images")


@pytest.mark.parametrize("runs", [1, 4])
def test_the_pictures_of_a_page_stay_below_2_mb(runs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Figure, "savefig", lambda figure, to, **_: to.write("<svg></svg>"))
    folders = [write_run(tmp_path / f"run{number}", noisy(number)) for number in range(runs)]
    write_page(folders, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    pictures = re.findall(r"data:image[^\"'\s)]*", page)
    assert len(pictures) == len({*pictures})
    assert 0.7 * MOST_BYTES < sum(map(len, pictures)) < 2_000_000
    used = re.findall(r'<use href="#(picture\d+)"', page)
    assert {*used} == {*re.findall(r'<image id="(picture\d+)"', page)}
    assert len(used) > len(pictures) - runs
    assert page.count("<summary><strong>class") >= runs
    assert page.count("pseudo-labels of other classes are not shown") == runs


def test_runs_on_the_same_images_embed_them_once() -> None:
    few = facts(shows={part: lambda place: {"image": f"data:{place}"} for part in ("pool", "labeled")})
    assert fitted([few, few, few]) == ([few] * 3, fitted([few])[1])


def test_side_by_side_each_run_shows_its_first_examples_and_its_largest_classes() -> None:
    whole = noisy(0)
    ours, theirs = fitted([whole, noisy(1)])[0]
    counts = sorted((entry["count"] for entry in whole.gallery), reverse=True)
    assert 0 < len(ours.gallery) < len(whole.gallery)
    assert ours.gallery == [entry for entry in whole.gallery if entry in ours.gallery]
    assert max(entry["count"] for entry in ours.gallery) == counts[0]
    assert ours.label_next == whole.label_next[: len(ours.label_next)]
    assert len(ours.gallery) == pytest.approx(len(theirs.gallery), rel=0.2)


def test_pictures_have_room_together_or_not_at_all() -> None:
    pictures = Pictures(left=10)
    assert pictures.take({"12345", "123"})
    assert not pictures.take({"1", "12"})
    assert pictures.take({"12345", "12"})
    assert (pictures.left, pictures.numbers) == (0, {"123": 0, "12345": 1, "12": 2})
