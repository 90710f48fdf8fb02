"""One way in: the names of the stub, of the module and of docs/api.md are the same, and examples use no others."""

import pickle
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

import hf_selftuning

ROOT = Path(__file__).parents[1]
STUB = (ROOT / "hf_selftuning" / "__init__.pyi").read_text()
LISTED = re.findall(r"^from \.\S+ import (\w+) as \1$", STUB, re.MULTILINE)
EXAMPLES = [
    path
    for folder, pattern in ((".", "README.md"), ("docs", "*.md"), ("recipes", "*.py"), ("tests/scripts", "*.py"))
    for path in sorted((ROOT / folder).glob(pattern))
]


def test_the_import_alone_loads_no_heavy_library() -> None:
    program = (
        "import sys, hf_selftuning; print(*sys.modules); assert dir(hf_selftuning) == sorted(hf_selftuning.__all__)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"torch", "transformers", "datasets", "numpy", "timm", "sklearn", "PIL"}
    assert [name for name in done.stdout.split() if name.startswith("hf_selftuning")] == ["hf_selftuning"]


def test_the_list_names_each_once_and_is_what_the_module_offers() -> None:
    assert sorted(LISTED) == sorted(set(LISTED)) == sorted(hf_selftuning.__all__) == dir(hf_selftuning)


@pytest.mark.parametrize("name", LISTED)
def test_a_public_name_is_there_documented_and_survives_pickling(name: str) -> None:
    thing = getattr(hf_selftuning, name)
    assert thing.__doc__
    assert isinstance(thing, Mapping) or pickle.loads(pickle.dumps(thing)) is thing


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="SelfTunning"):
        _ = hf_selftuning.SelfTunning  # type: ignore[attr-defined]


def test_every_method_is_public() -> None:
    assert {method.__name__ for method in hf_selftuning.METHODS.values()} <= set(LISTED)


def test_the_page_documents_each_public_name_once_and_nothing_else() -> None:
    documented = re.findall(r"^::: (\S+)$", (ROOT / "docs" / "api.md").read_text(), re.MULTILINE)
    assert sorted(documented) == sorted(f"hf_selftuning.{name}" for name in LISTED)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.relative_to(ROOT)))
def test_examples_import_from_the_top_alone(path: Path) -> None:
    inner = re.findall(r"^[+ -]*(?:from|import) hf_selftuning\.\S+", path.read_text(), re.MULTILINE)
    assert not inner, f"{path.name} imports {inner}; write `from hf_selftuning import ...`, and list a new name there"
