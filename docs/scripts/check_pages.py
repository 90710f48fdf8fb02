"""Check in a headless browser that no page of the built site, nor the README, cuts a table, a picture or a line.

    python docs/scripts/check_pages.py site

opens each page at two widths, in light and in dark. A page fails where it can be scrolled sideways, where something
hides a part of a table, or where a block of code is cut without a scroll bar. `mkdocs build` makes the site before.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import markdown
from selenium import webdriver

ROOT = Path(__file__).resolve().parents[2]
WIDTHS = (1300, 400)
SCHEMES = ("light", "dark")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip

# What may scroll, a block of code, is seen whole all the same; what else is wider than its box is cut.
CUT_PARTS = """
const wide = box => box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).display !== "inline";
const words = part => [...(part.innerText || part.alt || "").trim().replace(/\\s+/g, " ")];
const name = part => `${part.tagName.toLowerCase()} "${words(part).slice(0, 60).join("")}"`;
const scrolls = box => ["auto", "scroll"].includes(getComputedStyle(box).overflowX);
const main = document.querySelector("article") || document.body;
const edge = Math.min(main.getBoundingClientRect().right, document.documentElement.clientWidth) + 8;
const found = wide(document.documentElement) ? ["the page"] : [];
for (const table of main.querySelectorAll("table:not(.highlighttable)"))
  for (let box = table; box !== main; box = box.parentElement)
    if (wide(box)) { found.push(name(table)); break; }
const beyond = part => !part.closest(".highlight, pre") && part.getBoundingClientRect().right > edge;
for (const part of main.querySelectorAll("*"))
  if (beyond(part) && !beyond(part.parentElement)) found.push(name(part));
for (const block of main.querySelectorAll("pre"))
  if (wide(block) && ![block, ...block.querySelectorAll("code")].some(scrolls)) found.push(name(block));
for (const picture of main.querySelectorAll("img"))
  if (picture.offsetParent && !picture.naturalWidth) found.push(`the missing picture ${picture.getAttribute("src")}`);
return [...new Set(found)];
"""

# As a code host shows a README: tables scroll in a box of their own there, so that one which is too wide is found.
AROUND_README = """<!doctype html><html><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><base href="{base}/"><style>
:root {{ color-scheme: light dark }}
body {{ box-sizing: border-box; font: 16px/1.5 sans-serif; margin: 0 auto; max-width: 1012px; padding: 16px }}
img {{ box-sizing: content-box; max-width: 100% }}
pre {{ font-size: 13.6px; overflow: auto; padding: 16px }}
code {{ font-family: monospace; font-size: 85% }}
pre code {{ font-size: 100% }}
table {{ border-collapse: collapse; display: block; max-width: 100%; overflow: auto; width: max-content }}
td, th {{ border: 1px solid gray; padding: 6px 13px }}
</style></head><body>{body}</body></html>"""


def readme_page(folder: Path) -> Path:
    """README.md as a page, with its pictures beside it where they are in the repository."""
    body = markdown.markdown((ROOT / "README.md").read_text(), extensions=["tables", "fenced_code", "md_in_html"])
    page = folder / "README.html"
    page.write_text(AROUND_README.format(base=ROOT.as_uri(), body=body))
    return page


def pages_of(site: Path) -> list[Path]:
    """The pages of a built site."""
    pages = sorted(path for path in site.resolve().rglob("*.html") if path.name != "404.html")
    if not pages:
        raise FileNotFoundError(f"{site} holds no page; run `mkdocs build` first.")
    return pages


@contextmanager
def browser() -> Iterator[webdriver.Chrome]:
    """The system's Chromium, without a window."""
    options = webdriver.ChromeOptions()
    options.binary_location = next(filter(None, map(shutil.which, BROWSERS)), "")
    for flag in FLAGS:
        options.add_argument(flag)
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()


def show(driver: webdriver.Chrome, page: Path, width: int, scheme: str) -> None:
    """Open a page as a screen of this width shows it to a reader who prefers this scheme."""
    size = {"width": width, "height": 1200, "deviceScaleFactor": 1, "mobile": width < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    # A page of the site keeps the scheme of its first visit, so that the other one would never be shown.
    driver.execute_script("try { localStorage.clear() } catch (error) {}")
    driver.get(page.as_uri())


def cut_parts(pages: list[Path]) -> Iterator[str]:
    """A sentence for each part of a page that is cut."""
    with browser() as driver:
        for page in pages:
            for width in WIDTHS:
                for scheme in SCHEMES:
                    show(driver, page, width, scheme)
                    for part in driver.execute_script(CUT_PARTS):
                        yield f"{page} at {width} pixels, {scheme}: {part} is cut."


def main() -> None:
    """Check all pages, and end with 1 where one is cut."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site", type=Path, help="folder of the built site")
    site = parser.parse_args().site
    if not any(map(shutil.which, BROWSERS)) or not shutil.which("chromedriver"):
        print("Skipped: no chromium with chromedriver is installed, so no page was opened.")
        return
    with tempfile.TemporaryDirectory() as folder:
        pages = [*pages_of(site), readme_page(Path(folder))]
        found = list(cut_parts(pages))
    print("\n".join(found) or f"{len(pages)} pages fit, at {WIDTHS} pixels, in {' and '.join(SCHEMES)}.")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
