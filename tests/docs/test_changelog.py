"""The changelog leads from each old name to one that exists."""

import re
from pathlib import Path

from pages import ROOT

CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
MOVED = re.findall(r"^\| `([\w.]+)` \| `([\w.]+)` \|$", CHANGELOG, flags=re.MULTILINE)


def module(name: str) -> Path:
    root = ROOT if name.startswith("benchmarks.") else ROOT / "hf_selftuning"
    return root / f"{name.replace('.', '/')}.py"


def test_each_new_name_is_a_module() -> None:
    assert len(MOVED) > 70
    assert [new for _, new in MOVED if not (module(new).is_file() or module(f"{new}.__init__").is_file())] == []


def test_each_old_name_is_gone() -> None:
    assert [old for old, _ in MOVED if module(old).is_file()] == []


def test_the_newest_section_is_the_version_of_the_package() -> None:
    newest = re.findall(r"^## (\S+)$", CHANGELOG, flags=re.MULTILINE)[0]
    assert f'version = "{newest}"' in (ROOT / "pyproject.toml").read_text()
