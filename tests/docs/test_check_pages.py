"""The check of the pages finds what a reader would miss: a column that is cut, a picture that does not load."""

import shutil
from pathlib import Path

import pytest

pytest.importorskip("selenium", reason="the extra `docs` is not installed")
import check_pages

needs_browser = pytest.mark.skipif(
    not any(map(shutil.which, check_pages.BROWSERS)) or not shutil.which("chromedriver"), reason="there is no browser"
)
GOOD = "<table><tr><td>short</td></tr></table><pre style='overflow: auto'>{}</pre>".format("code " * 200)


def page(folder: Path, name: str, body: str) -> Path:
    path = folder / f"{name}.html"
    head = '<!doctype html><meta name="viewport" content="width=device-width">'
    path.write_text(f"{head}<article>{body}</article>")
    return path


@needs_browser
def test_only_what_is_cut_is_found(tmp_path: Path) -> None:
    wide = "<table><tr><td>{}</td></tr></table>".format("x" * 90)
    pages = {
        "good": GOOD,
        "wide": wide,
        "scrolled": f"<div style='overflow: auto'>{wide}</div>",
        "code": "<pre style='overflow: hidden'>{}</pre>".format("code " * 200),
        "picture": "<img src='missing.png' alt='a curve'>",
    }
    found = list(check_pages.cut_parts([page(tmp_path, name, body) for name, body in pages.items()]))
    names = {name: {line.split(" at ")[1].split(":")[0] for line in found if f"{name}.html" in line} for name in pages}
    narrow, all_sizes = {"400 pixels, light", "400 pixels, dark"}, {"1300 pixels, light", "1300 pixels, dark"}
    assert names["good"] == set()
    assert names["wide"] == names["scrolled"] == narrow
    assert names["code"] == names["picture"] == narrow | all_sizes
    assert any("the missing picture missing.png" in line for line in found)


def test_a_folder_without_pages_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no page; run `mkdocs build` first"):
        check_pages.pages_of(tmp_path)
