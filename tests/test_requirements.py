"""The versions that pyproject.toml promises are those that `make test-lowest` installs."""

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = ("faiss", "peft", "test")
"""Extras that the tests use; `docs` and `dev` are installed by other targets."""


def pinned() -> dict[str, Version]:
    """The lowest versions by the name of the package."""
    lines = (ROOT / "requirements" / "lowest.txt").read_text(encoding="utf-8").splitlines()
    found = [line.split("==") for line in lines if "==" in line]
    return {canonicalize_name(name): Version(version) for name, version in found}


def bounds() -> dict[str, Version]:
    """The lower bounds of the declared dependencies, where they have one."""
    declared = [
        *PROJECT["dependencies"],
        *(line for extra in EXTRAS for line in PROJECT["optional-dependencies"][extra]),
    ]
    return {
        line: Version(bound.version)
        for line in declared
        for bound in Requirement(line).specifier
        if bound.operator == ">="
    }


@pytest.mark.parametrize(("line", "bound"), bounds().items(), ids=lambda value: str(value))
def test_a_lower_bound_is_the_version_that_is_tested(line: str, bound: Version) -> None:
    tested = pinned().get(canonicalize_name(Requirement(line).name))
    assert tested == bound, f"requirements/lowest.txt has {tested}; run `make lowest`, or raise the bound."
