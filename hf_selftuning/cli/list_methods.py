"""List the methods: their papers, settings and defaults."""

import argparse
import dataclasses

from tabulate import tabulate

from ..core.method import Method
from ..experiment.plan import TAPT
from ..methods import METHODS

TAPT_PAPER = "https://arxiv.org/abs/2004.10964"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """The names of single methods."""
    parser.add_argument("names", nargs="*", metavar="METHOD", help="only these; without a name, all")


def run(arguments: argparse.Namespace) -> int:
    """Print the table of methods, and the settings of each."""
    unknown = [name for name in arguments.names if name not in METHODS]
    if unknown:
        raise ValueError(f"There is no method {unknown[0]!r}; there are {', '.join(METHODS)}.")
    shown = {name: METHODS[name] for name in arguments.names or METHODS}
    print(overview(shown))
    for name, method in shown.items():
        print(f"\n{name}: {method.title}, {method.paper}\n\n{settings_of(method)}")
    print("\nOn the command line of a recipe: --methods NAME:setting=value,setting=value (preset=... among them).")
    print(
        "Runs one after another: --stages, which also knows two that are no methods: fine_tuning, on the labels "
        f"alone, and\n{TAPT}, task-adaptive pretraining on the words alone ({TAPT_PAPER})."
    )
    return 0


def overview(methods: dict[str, type[Method]]) -> str:
    """A line a method; papers in short, their links stand with the settings."""
    needs = {True: "yes", False: "no"}
    rows = [
        (name, method.title, _short(method.paper), ", ".join(method.presets), needs[method.needs_unlabeled])
        for name, method in methods.items()
    ]
    return tabulate(rows, headers=["method", "title", "paper", "presets", "needs unlabelled data"])


def _short(paper: str) -> str:
    """The number on arXiv, else the site."""
    address = paper.removeprefix("https://")
    site, _, rest = address.partition("/")
    return f"arXiv {rest.removeprefix('abs/')}" if site == "arxiv.org" else site


def settings_of(method: type[Method]) -> str:
    """A line a setting: its default, what each preset changes, and what it is."""
    presets = {name: values for name, values in method.presets.items() if values}
    rows = [
        (field.name, str(field.default), *(values.get(field.name, "") for values in presets.values()), _help(field))
        for field in dataclasses.fields(method)
        if field.name != "preset"
    ]
    return tabulate(rows, headers=["setting", "default", *presets, "what it is"], disable_numparse=True)


def _help(field: dataclasses.Field) -> str:
    return field.metadata.get("help", "")
