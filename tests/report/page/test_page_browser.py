"""The page of a run in a real browser: no error, nothing cut, alternative texts, keys that reach each section."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("selenium", reason="the extra `docs` is not installed, so no page is opened in a browser")
import check_pages
from pages_of_runs import facts, guesses, words_facts, write_run
from PIL import Image
from selenium.webdriver.common.keys import Keys

from hf_selftuning.experiment.images.image_view import small_picture
from hf_selftuning.report.page.gallery import SHOWN
from hf_selftuning.report.page.run_page import write_page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not any(map(shutil.which, check_pages.BROWSERS)) or not shutil.which("chromedriver"),
        reason="no Chromium with chromedriver is installed, so no page is opened in a browser",
    ),
]
RED = small_picture(Image.new("RGB", (8, 8), "red"))
SHOWS: dict[str, dict[str, Any]] = {
    "images": {part: lambda place: {"image": RED, "name": f"{place}.png"} for part in ("pool", "labeled")},
    "texts": {part: lambda place: {"text": "a text " * 9 + "x" * 90} for part in ("pool", "labeled")},
}


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    with check_pages.browser() as driver:
        driver.set_script_timeout(300)
        yield driver


def runs_of(kind: str, folder: Path) -> list[Path]:
    """The folders of the runs that a page shows."""
    if kind == "words":
        return [write_run(folder / "first", words_facts())]
    shown = "texts" if kind == "side by side" else kind
    known = {"kind": shown, "unit_name": shown, "shows": SHOWS[shown]}
    runs = [write_run(folder / "first", facts(**known))]
    if kind == "side by side":
        runs.append(write_run(folder / "second", facts(guesses(40, turned=True), **known)))
    return runs


@pytest.fixture(scope="module", params=["images", "texts", "words", "side by side"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    write_page(runs_of(request.param, folder), folder / "report.html")
    return folder / "report.html"


@pytest.mark.parametrize("scheme", check_pages.SCHEMES)
@pytest.mark.parametrize("width", check_pages.WIDTHS)
def test_nothing_is_cut_and_the_console_is_empty(driver: Any, page: Path, width: int, scheme: str) -> None:
    check_pages.show(driver, page, width, scheme)
    assert driver.execute_script(check_pages.CUT_PARTS) == []
    assert driver.get_log("browser") == []


def test_pictures_have_alternative_texts(driver: Any, page: Path) -> None:
    check_pages.show(driver, page, 1300, "light")
    bare = "img:not([alt]), img[alt=''], svg:not([aria-label]):not(.store), svg[aria-label='']"
    assert driver.find_elements("css selector", bare) == []


def test_keys_reach_every_section(driver: Any, page: Path) -> None:
    check_pages.show(driver, page, 1300, "light")
    ids = driver.execute_script("return [...document.querySelectorAll('section')].map(part => part.id)")
    reached: list[str] = []
    body = driver.find_element("tag name", "body")
    for _ in range(len(ids) + 1):  # the first stop is the link that skips to the results
        body.send_keys(Keys.TAB)
        reached.append(driver.execute_script("return document.activeElement.getAttribute('href')"))
    assert reached == ["#results", *(f"#{name}" for name in ids)]
    driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert driver.execute_script("return location.hash") == f"#{ids[-1]}"


@pytest.mark.parametrize("scheme", check_pages.SCHEMES)
def test_embedded_pictures_are_drawn(driver: Any, tmp_path: Path, scheme: str) -> None:
    write_page(runs_of("images", tmp_path), tmp_path / "report.html")
    check_pages.show(driver, tmp_path / "report.html", 1300, scheme)
    for place in (".first .picture", ".key .picture"):
        drawn = driver.find_element("css selector", f"#gallery {place}").screenshot_as_png
        red, green, blue = Image.open(io.BytesIO(drawn)).convert("RGB").resize((1, 1)).getpixel((0, 0))
        assert red > 240
        assert max(green, blue) < 30


@pytest.mark.parametrize("scheme", check_pages.SCHEMES)
def test_numbers_are_light_on_dark_cells_of_the_matrix_and_dark_on_light_ones(
    driver: Any, tmp_path: Path, scheme: str
) -> None:
    write_page(runs_of("texts", tmp_path), tmp_path / "report.html")
    check_pages.show(driver, tmp_path / "report.html", 1300, scheme)
    fills = "return [...document.querySelectorAll('#classes svg use')].map(one => getComputedStyle(one).fill)"
    of_labels = driver.execute_script("return getComputedStyle(document.body).color")
    assert {*driver.execute_script(fills)} >= {"rgb(254, 254, 254)", "rgb(1, 1, 1)", of_labels}


def test_a_page_of_words_marks_entities_and_scores_their_types(driver: Any, tmp_path: Path) -> None:
    write_page(runs_of("words", tmp_path), tmp_path / "report.html")
    check_pages.show(driver, tmp_path / "report.html", 1300, "light")
    assert len(driver.find_elements("css selector", "#gallery .first mark")) == 2 * 2 * SHOWN
    table = driver.find_element("css selector", "#classes table").text
    assert "type precision (%) recall (%) F1 (%) entities" in table
    assert "PER 80.00 66.67 72.73 60" in table


def test_axe_finds_nothing_serious(driver: Any, page: Path) -> None:
    package = pytest.importorskip("axe_selenium_python", reason="the extra `docs` is not installed")
    rules = next(Path(package.__file__).parent.rglob("axe.min.js")).read_text()
    # Colours depend on the scheme and boxes on the width, so two of the four pairs are enough; axe takes long.
    for width, scheme in zip(check_pages.WIDTHS, check_pages.SCHEMES, strict=True):
        check_pages.show(driver, page, width, scheme)
        driver.execute_script(rules)
        run = "axe.run({resultTypes: ['violations']}).then(found => arguments[0](found.violations))"
        found = driver.execute_async_script(run)
        assert [rule["id"] for rule in found if rule["impact"] in ("serious", "critical")] == []
