"""List the methods: their papers, settings and defaults."""

import argparse
from collections.abc import Mapping

from tabulate import tabulate

from .method_facts import MethodFacts, known_method, method_facts, stage_names

TAPT_PAPER = "https://arxiv.org/abs/2004.10964"
WIDTH = 42
"""Characters of the presets in a line of the overview."""


def run(given: argparse.Namespace) -> int:
    """Print the table of methods, and the settings of each."""
    shown = {name: known_method(name) for name in given.names or method_facts()}
    print(overview(shown))
    for name, method in shown.items():
        print(f"\n{name}: {method.title}, {method.paper}\n\n{settings_of(method)}")
    fine_tuning, tapt, *_ = stage_names()
    print("\nOn the command line: --methods NAME:setting=value,setting=value (preset=... is one of the settings).")
    print(
        f"Runs one after another: --stages. It also takes two names that are no methods: {fine_tuning} trains on the "
        f"labels alone,\n{tapt} is task-adaptive pretraining on the words alone ({TAPT_PAPER})."
    )
    return 0


def overview(methods: Mapping[str, MethodFacts]) -> str:
    """A table of the methods. Papers are shortened, because their links follow with the settings."""
    rows = [
        (
            name,
            method.title,
            _short(method.paper),
            " ".join(set_apart(method)),
            needs(method),
        )
        for name, method in methods.items()
    ]
    headers = ["method", "title", "paper", "presets beside paper", "needs"]
    return tabulate(rows, headers=headers, maxcolwidths=[None, None, None, WIDTH, None])


def set_apart(method: MethodFacts) -> list[str]:
    """Its presets beside `paper`, which every method has."""
    return [preset for preset in method.presets if preset != "paper"]


def needs(method: MethodFacts) -> str:
    """What a method needs besides the labels."""
    wanted = {"unlabelled data": method.needs_unlabeled, "pretrained head": method.needs_source}
    return ", ".join(what for what, is_needed in wanted.items() if is_needed)


def _short(paper: str) -> str:
    """The number on arXiv, else the domain of the site."""
    address = paper.removeprefix("https://")
    site, _, rest = address.partition("/")
    return f"arXiv {rest.removeprefix('abs/')}" if site == "arxiv.org" else ".".join(site.split(".")[-2:])


def settings_of(method: MethodFacts) -> str:
    """A table with one line for each setting: its default, what each preset changes, and what it is."""
    presets = {name: values for name, values in method.presets.items() if values}
    rows = [
        (name, str(setting.default), *(values.get(name, "") for values in presets.values()), setting.help)
        for name, setting in method.settings.items()
        if name != "preset"
    ]
    return tabulate(rows, headers=["setting", "default", *presets, "what it is"], disable_numparse=True)
