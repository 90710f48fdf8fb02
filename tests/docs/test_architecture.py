"""The page of the architecture shows the code as it is: its picture is fresh, and each file that it names exists."""

import re
from collections import Counter

import draw_method
import pytest
from pages import PAGES, ROOT

pytest.importorskip("grimp", reason="import-linter, which brings grimp, is not installed")
import draw_rooms

PAGE = PAGES["architecture.md"]


@pytest.mark.parametrize("path", draw_rooms.files(), ids=lambda path: path.name)
def test_the_picture_of_the_rooms_is_fresh(path) -> None:
    drawn = draw_rooms.files()[path]
    assert path.read_text() == drawn, f"{path.name} is older than the code; run: python docs/scripts/draw_rooms.py"


@pytest.mark.parametrize("path", draw_method.files(), ids=lambda path: path.name)
def test_the_figure_of_the_method_is_what_its_script_draws(path) -> None:
    drawn = draw_method.files()[path]
    assert path.read_text() == drawn, f"{path.name} is stale; run: python docs/scripts/draw_method.py"


def test_every_module_is_in_a_room_of_the_picture() -> None:
    rooms = {name for layer in draw_rooms.layers() for name in layer}
    package = ROOT / "hf_selftuning"
    found = {path.stem for path in package.glob("*.py")} | {path.parent.name for path in package.glob("*/__init__.py")}
    assert found - {"__init__"} == rooms


def test_no_two_modules_have_one_name() -> None:
    names = Counter(path.name for path in (ROOT / "hf_selftuning").rglob("*.py"))
    assert [name for name, count in names.items() if count > 1] == ["__init__.py"]


def test_imports_run_from_a_layer_to_one_below_it() -> None:
    floor = {name: place for place, names in enumerate(draw_rooms.layers()) for name in names}
    imports = draw_rooms.imports_between_rooms()
    assert imports["methods", "core"] > 0
    assert [pair for pair in imports if floor[pair[0]] >= floor[pair[1]] and pair not in excepted()] == []


def excepted() -> set[tuple[str, str]]:
    """Imports that the contract names as exceptions, by their rooms."""
    text = (ROOT / "pyproject.toml").read_text()
    return set(re.findall(r'"hf_selftuning\.(\w+)[.\w]* -> hf_selftuning\.(\w+)', text))


def test_a_batch_lives_ten_lines_each_with_its_file() -> None:
    steps = re.findall(r"^\d+\. `([^`]+)`", PAGE, flags=re.MULTILINE)
    assert len(steps) == 10
    assert [name for name in steps if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("page", ["architecture.md", "design.md"])
def test_every_file_that_the_page_names_exists(page: str) -> None:
    named = re.findall(r"`((?:hf_selftuning|docs|tests|recipes|benchmarks)/[\w/.]*)`", PAGES[page])
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("drawings", [draw_rooms.files(), draw_method.files()], ids=["rooms", "method"])
def test_a_drawing_says_in_words_what_it_shows(drawings) -> None:
    for drawn in drawings.values():
        assert re.search('role="img" aria-labelledby="title description"', drawn)
        assert re.search('<title id="title">.+</title><desc id="description">.{100,}</desc>', drawn.replace("\n", ""))
