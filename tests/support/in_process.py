"""Runs a recipe's main() in this process, as its command line would."""

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import tiny
from matplotlib.figure import Figure

ROOT = Path(__file__).parents[2]
QUICK = {
    "max_steps": 1,
    "logging_steps": 1,
    "per_device_train_batch_size": 2,
    "use_cpu": tiny.ON_CPU,
    "disable_tqdm": True,
    "report": False,  # the tests of the page ask for it
    "forecast": False,  # likewise
}

Run = Callable[..., Path]


def recipe(name: str) -> ModuleType:
    """The module of a recipe, by its file's name."""
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, ROOT / "recipes" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def without_pictures(patch: pytest.MonkeyPatch) -> None:
    """Figures become empty files: drawing one takes longer than a step, and other tests look at the pictures."""

    def save(figure: Figure, to: Any, **_: Any) -> None:
        Path(to).touch() if isinstance(to, str | Path) else to.write("<svg></svg>")

    patch.setattr(Figure, "savefig", save)


def runner(module: ModuleType, patch: pytest.MonkeyPatch, out: Path, **usual: Any) -> Run:
    """A function that runs the recipe with flags, a list giving several values, and returns the run's folder."""
    without_pictures(patch)

    def run(**flags: Any) -> Path:
        given = {"output_dir": out, **QUICK, **usual, **flags}
        words = [
            word
            for name, value in given.items()
            if value is not None
            for word in (f"--{name}", *(map(str, value) if isinstance(value, list) else [str(value)]))
        ]
        patch.setattr(sys, "argv", ["recipe.py", *words])
        module.main()
        return Path(given["output_dir"])

    return run


def results(folder: Path) -> dict[str, Any]:
    """What the run wrote."""
    return json.loads((folder / "results.json").read_text())
