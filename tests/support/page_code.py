"""The module that a page of the documentation shows, imported as a user's own file would be."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from pages import blocks


def module_of(page: str, folder: Path) -> ModuleType:
    """The only Python block of a page, written into a file of the folder and imported from there."""
    (code,) = [text for language, text in blocks(page) if language == "python"]
    path = folder / page.replace(".md", "_example.py")
    path.write_text(code)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # where dataclasses look for the class's annotations
    spec.loader.exec_module(module)
    return module
