"""Functions and files are as short as CONTRIBUTING.md says."""

import ast
import re
from collections.abc import Iterator

from pages import ROOT

CODE = sorted((ROOT / "hf_selftuning").rglob("*.py"))
PAGE = " ".join((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split())
LONGEST_FUNCTION, LONGEST_FILE = map(int, re.findall(r"none has more than (\d+)", PAGE))


def function_sizes() -> Iterator[tuple[str, int]]:
    """Lines of each function after signature and docstring."""
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) is not None else node.body
                if body:
                    yield f"{path.relative_to(ROOT)}: {node.name}", body[-1].end_lineno - body[0].lineno + 1


def test_no_function_is_longer_than_the_page_says() -> None:
    assert [(name, size) for name, size in function_sizes() if size > LONGEST_FUNCTION] == []


def test_no_file_is_longer_than_the_page_says() -> None:
    sizes = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in CODE}
    assert {name: size for name, size in sizes.items() if size > LONGEST_FILE} == {}
