"""The screenshots of the documentation are small, and the script that takes them refuses what is no forecast."""

from pathlib import Path

import pytest
from PIL import Image

pytest.importorskip("selenium", reason="the extra `docs` is not installed, so no page is opened in a browser")
pytest.importorskip("markdown", reason="the extra `docs` is not installed")
import take_screenshots as shots

NAMES = [*shots.OF_RUN, "forecast-output"]


@pytest.mark.parametrize("name", NAMES)
def test_a_screenshot_is_small(name: str) -> None:
    path = shots.FIGURES / f"{name}.webp"
    assert path.stat().st_size <= shots.MOST_BYTES
    assert 400 < Image.open(path).width <= shots.WIDTH


def test_the_first_lines_of_a_forecast_become_a_page(tmp_path: Path) -> None:
    output = "data: 3 texts\n\nforecast: <b>features</b>\n" + "line\n" * 40
    text = shots.forecast_page(output, tmp_path).read_text()
    assert "forecast: &lt;b&gt;features&lt;/b&gt;" in text
    assert text.count("line\n") + text.count("line<") == shots.LINES - 1
    with pytest.raises(ValueError, match="holds no forecast; write the output of"):
        shots.forecast_page("data: 3 texts", tmp_path)
