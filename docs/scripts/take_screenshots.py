"""Takes the pictures of a run's page and of a forecast that the documentation shows, in a browser without a window.

hf-selftuning train images --dataset_name digits --model_name_or_path embedded --image_size 64 --labels_per_class 5 \
  --methods self_tuning:preset=pool --max_steps 120 --output_dir runs/digits
hf-selftuning inspect digits --model_name_or_path embedded > forecast.txt
python docs/scripts/take_screenshots.py runs/digits forecast.txt
"""

import argparse
import io
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path

from check_pages import browser, show
from PIL import Image
from selenium import webdriver

FIGURES = Path(__file__).parents[1] / "figures"
WIDTH = 900
"""Pixels of the window; the documentation shows a picture a little smaller."""
MOST_BYTES = 150_000
OF_RUN = {"report-gallery": "#gallery details:has(.cards ~ .cards ~ .cards)"}
"""Parts of a run's page by the name of their picture."""
LINES = 24
"""Lines of the forecast that its picture shows."""
AROUND = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>forecast</title><style>
body {{ background: #fff; margin: 0; width: {width}px }}
pre {{ background: #f4f6f8; color: #1f2328; font: 14px/1.45 monospace; margin: 0; padding: 16px }}
pre {{ white-space: pre-wrap }}
</style></head><body><pre>{text}</pre></body></html>"""


def forecast_page(output: str, folder: Path) -> Path:
    """The first lines of a forecast as a page.

    Args:
        output: what `inspect` printed.
        folder: for the page.

    Raises:
        ValueError: the output holds no forecast.
    """
    _, mark, said = output.partition("forecast: ")
    if not mark:
        raise ValueError("The file holds no forecast; write the output of `hf-selftuning inspect DATA`.")
    page = folder / "forecast.html"
    text = "\n".join(f"{mark}{said}".splitlines()[:LINES])
    page.write_text(AROUND.format(width=WIDTH, text=escape(text)), encoding="utf-8")
    return page


def part_of(driver: webdriver.Chrome, page: Path, selector: str) -> Image.Image:
    """The first part of a page that a CSS selector finds, in light colours and unfolded."""
    show(driver, page, WIDTH, "light")
    driver.execute_script("for (const part of document.querySelectorAll('details')) part.open = true")
    return Image.open(io.BytesIO(driver.find_element("css selector", selector).screenshot_as_png))


def pictures(report: Path, forecast: str) -> Iterator[tuple[str, Image.Image]]:
    """All pictures by name.

    Args:
        report: report.html of a run.
        forecast: output of `inspect`.
    """
    with tempfile.TemporaryDirectory() as folder, browser() as driver:
        for name, selector in OF_RUN.items():
            yield name, part_of(driver, report.resolve(), selector)
        yield "forecast-output", part_of(driver, forecast_page(forecast, Path(folder)), "pre")


def main() -> None:
    """Write the pictures as WebP files.

    Raises:
        ValueError: a picture is too large for a page.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of a run")
    parser.add_argument("forecast", type=Path, help="file with the output of inspect")
    given = parser.parse_args()
    for name, picture in pictures(given.run / "report.html", given.forecast.read_text(encoding="utf-8")):
        path = FIGURES / f"{name}.webp"
        picture.convert("RGB").save(path, "WEBP", quality=80, method=6)
        size = path.stat().st_size
        print(f"{path.name}: {picture.width} x {picture.height} pixels, {size:,} bytes")
        if size > MOST_BYTES:
            raise ValueError(f"{path.name} has {size:,} bytes, and a page should not load more than {MOST_BYTES:,}.")


if __name__ == "__main__":
    main()
