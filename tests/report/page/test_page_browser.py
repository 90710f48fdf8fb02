"""The page of a run in a real browser: no error, nothing cut, alternative texts, keys that reach each section."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("selenium", reason="the extra `docs` is not installed, so no page is opened in a browser")
import check_pages
from pages_of_runs import facts, guesses, write_run
from PIL import Image
from selenium.webdriver.common.keys import Keys

from hf_selftuning.experiment.images.image_view import small_picture
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


@pytest.fixture(scope="module", params=["images", "texts", "side by side"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    kind = "texts" if request.param == "side by side" else request.param
    known = {"kind": kind, "unit_name": kind, "shows": SHOWS[kind]}
    runs = [write_run(folder / "first", facts(**known))]
    if request.param == "side by side":
        runs.append(write_run(folder / "second", facts(guesses(40, turned=True), **known)))
    write_page(runs, folder / "report.html")
    return folder / "report.html"


@pytest.mark.parametrize("scheme", check_pages.SCHEMES)
@pytest.mark.parametrize("width", check_pages.WIDTHS)
def test_nothing_is_cut_and_the_console_is_empty(driver: Any, page: Path, width: int, scheme: str) -> None:
    check_pages.show(driver, page, width, scheme)
    assert driver.execute_script(check_pages.CUT_PARTS) == []
    assert driver.get_log("browser") == []


def test_pictures_have_alternative_texts(driver: Any, page: Path) -> None:
    check_pages.show(driver, page, 1300, "light")
    bare = "return document.querySelectorAll('img:not([alt]), img[alt=\"\"], svg:not([aria-label])').length"
    assert driver.execute_script(bare) == 0


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


def test_axe_finds_nothing_serious(driver: Any, page: Path) -> None:
    package = pytest.importorskip("axe_selenium_python", reason="axe-selenium-python is not installed")
    rules = next(Path(package.__file__).parent.rglob("axe.min.js")).read_text()
    for scheme in check_pages.SCHEMES:
        check_pages.show(driver, page, 1300, scheme)
        driver.execute_script(rules)
        run = "axe.run({exclude: [['svg *']]}).then(found => arguments[0](found.violations))"
        found = driver.execute_async_script(run)
        assert [rule["id"] for rule in found if rule["impact"] in ("serious", "critical")] == []
