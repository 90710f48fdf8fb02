"""Read classes and constants from the source of a module, without importing the module."""

import ast
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .literals import Unread, assignments, evaluate, is_class_variable

PACKAGE = __name__.partition(".")[0]
READABLE = {PACKAGE, "transformers"}
"""Packages whose source is read; a name from any other package stays unread."""
HOMES = {("transformers", "TrainingArguments"): "transformers.training_args"}
"""Names that a package exports lazily, and the modules that define them, which its `__init__` does not show."""


@dataclass(frozen=True)
class FieldSource:
    """One definition of a dataclass field.

    Args:
        owner: the class whose body holds this definition.
        value: the expression after `=`, if there is one.
    """

    name: str
    annotation: ast.expr
    value: ast.expr | None
    owner: "ClassSource"


class ModuleSource:
    """The classes, constants and imports in the source of a module.

    Args:
        name: dotted name of the module, such as `hf_selftuning.config`.
    """

    def __init__(self, name: str) -> None:
        path = path_of(name)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        self.name = name
        self.package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        self.classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        self.constants = dict(assignments(tree.body))
        self._imports = {
            alias.asname or alias.name: (node, alias.name)
            for node in tree.body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }

    def find_class(self, name: str) -> "ClassSource | None":
        """The class of that name, defined here or imported; None if its source is not read."""
        if name in self.classes:
            return ClassSource(self, self.classes[name])
        found = self._imported(name)
        return None if found is None else found[0].find_class(found[1])

    def constant(self, name: str) -> Any:
        """The value of a module-level name, defined here or imported; `Unread` if it cannot be read."""
        if name in self.constants:
            return evaluate(self.constants[name], self.constant)
        found = self._imported(name)
        return Unread(name) if found is None else found[0].constant(found[1])

    def _imported(self, name: str) -> "tuple[ModuleSource, str] | None":
        if name not in self._imports:
            return None
        node, original = self._imports[name]
        module = node.module or ""
        if node.level:
            package = self.package.split(".")
            module = ".".join([*package[: len(package) - node.level + 1], *filter(None, [module])])
        if module.partition(".")[0] not in READABLE:
            return None
        return read_module(HOMES.get((module, original), module)), original


class ClassSource:
    """A class as its source defines it, with what it inherits from classes whose source is read."""

    def __init__(self, module: ModuleSource, node: ast.ClassDef) -> None:
        self.name, self.module = node.name, module
        self.base_names = [base.id for base in node.bases if isinstance(base, ast.Name)]
        self.constants = dict(assignments(node.body))
        self._body = node.body

    def line(self) -> "list[ClassSource]":
        """The class itself, then its base classes, nearest first."""
        bases = [self.module.find_class(name) for name in self.base_names]
        return [self, *(ancestor for base in bases if base is not None for ancestor in base.line())]

    def constant(self, name: str) -> Any:
        """The value of a name in the body of the class, else of its module."""
        return self.evaluate(self.constants[name]) if name in self.constants else self.module.constant(name)

    def evaluate(self, node: ast.expr) -> Any:
        """The value of an expression in the body of the class."""
        return evaluate(node, self.constant)

    def variable(self, name: str) -> Any:
        """The value of a class variable, its own or inherited; None if no class sets it."""
        return next((one.constant(name) for one in self.line() if name in one.constants), None)

    def fields(self) -> dict[str, list[FieldSource]]:
        """The fields of a dataclass in order, each with its definitions, the one in force first."""
        found: dict[str, list[FieldSource]] = {}
        for owner in reversed(self.line()):
            for node in owner._body:
                if (
                    isinstance(node, ast.AnnAssign)
                    and isinstance(node.target, ast.Name)
                    and not is_class_variable(node)
                ):
                    field = FieldSource(node.target.id, node.annotation, node.value, owner)
                    found.setdefault(field.name, []).insert(0, field)
        return found


@cache
def read_module(name: str) -> ModuleSource:
    """The source of a module, parsed once in a process."""
    return ModuleSource(name)


def path_of(name: str) -> Path:
    """The file of a module, found without importing it.

    Raises:
        ValueError: there is no such file.
    """
    package, *rest = name.split(".")
    spec = find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        place = Path(folder).joinpath(*rest)
        for path in (place / "__init__.py", place.with_suffix(".py")):
            if path.is_file():
                return path
    raise ValueError(f"The source of {name} was not found; install {package} from a wheel, with its .py files.")
