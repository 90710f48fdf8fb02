"""What mkdocs adds to a page: names of columns for narrow screens, and formulas that need no script."""

from html import unescape

import pytest

pytest.importorskip("latex2mathml", reason="the extra `docs` is not installed")
import page_hooks
from markdown import markdown

TABLE = "| method | `steps` | score |\n|---|---|---|\n| first | 10 | 0.5 |\n"


def test_each_cell_of_a_wide_table_has_the_name_of_its_column() -> None:
    html = markdown(TABLE, extensions=["tables", page_hooks.CellNames()])
    assert "<table data-wide" in html
    for name, value in (("method", "first"), ("steps", "10"), ("score", "0.5")):
        assert f'<td data-column="{name}">{value}</td>' in html


def test_a_table_of_two_columns_stays_one() -> None:
    html = markdown("| file | holds |\n|---|---|\n| a | b |\n", extensions=["tables", page_hooks.CellNames()])
    assert "data-wide" not in html
    assert '<td data-column="holds">b</td>' in html


@pytest.mark.parametrize(("marks", "display"), [(("\\(", "\\)"), "inline"), (("\\[", "\\]"), "block")])
def test_a_formula_becomes_mathml(marks: tuple[str, str], display: str) -> None:
    html = page_hooks.on_page_content(f'<span class="arithmatex">{marks[0]}a &lt; b^2{marks[1]}</span>')
    assert f'display="{display}"' in html
    assert "<msup><mi>b</mi><mn>2</mn></msup>" in html
    assert unescape("<mo>&#x0003C;</mo>") in unescape(html)
    assert "\\" not in html
