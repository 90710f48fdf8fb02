"""What mkdocs does to each page beyond Markdown: table cells carry their column's name, formulas are MathML.

On a narrow screen the style sheet stacks the cells of a wide table, and shows the column's name before each. MathML
needs no script from elsewhere, so the site shows its formulas offline.
"""

import re
from html import unescape
from typing import Any
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert
from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor

WIDE = 3  # columns from which a table is stacked on a narrow screen


class NameCells(Treeprocessor):
    """Give each cell of a table the attribute `data-column`, and a table of many columns `data-wide`."""

    def run(self, root: Element) -> None:
        """Change the page's tree in place."""
        for table in root.iter("table"):
            names = ["".join(head.itertext()) for head in table.iter("th")]
            if len(names) >= WIDE:
                table.set("data-wide", "")
            for row in table.iterfind("tbody/tr"):
                for name, cell in zip(names, row, strict=True):
                    cell.set("data-column", name)


class CellNames(Extension):
    """The Markdown extension around `NameCells`."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  (Markdown's name)
        """Run after inline Markdown, so that a column's name is its text without backticks."""
        md.treeprocessors.register(NameCells(md), "cell_names", 5)


def mathml(match: re.Match[str]) -> str:
    """One formula that arithmatex has marked, as MathML."""
    display = "inline" if match["opening"] == "(" else "block"
    return convert(unescape(match["formula"]).strip(), display=display)


def on_config(config: Any) -> Any:
    """Add the extension to those of mkdocs.yml."""
    config.markdown_extensions.append(CellNames())
    return config


def on_page_content(html: str, **_: Any) -> str:
    """Turn the formulas of a page into MathML."""
    return re.sub(r"\\(?P<opening>[(\[])(?P<formula>.*?)\\[)\]](?=</(?:span|div)>)", mathml, html, flags=re.DOTALL)
