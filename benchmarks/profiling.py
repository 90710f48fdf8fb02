"""What a step calls, counted by PyTorch's profiler: kernels, operators, and what makes the host wait for a GPU."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import torch
from tabulate import tabulate
from torch.profiler import ProfilerActivity, profile

from .candidates import bare_passes, our_step
from .shapes import Shape
from .timing import Run

STEPS, MOST = 3, 10
OPERATOR, LAUNCH = "aten::", "LaunchKernel"
SYNC, READ = "cudaStreamSynchronize", "aten::_local_scalar_dense"
"""The host waits for the stream; or it reads a value, as `.item()` does, for which it waits on a GPU."""


def calls_of(run: Run, device: torch.device) -> Counter[str]:
    """How often a step calls each operator, and on a GPU each function of the driver, by name.

    Operators that others call count, too, so the sum is larger than that of `operator_calls`.
    """
    run()  # the first step copies the student into the key encoder
    on_gpu = device.type == "cuda"
    with profile(activities=[ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_gpu else [])]) as profiled:
        for _ in range(STEPS):
            run()
    counts = {event.key: event.count for event in profiled.key_averages()}
    return Counter({name: round(count / STEPS) for name, count in counts.items() if _is_call(name)})


def _is_call(name: str) -> bool:
    return name.startswith((OPERATOR, "cuda", "cuLaunch"))


def figures_of(calls: Mapping[str, int], device: torch.device) -> dict[str, int]:
    """The counts that a step on a GPU waits for, by name; without a GPU, operators stand for kernels."""
    wanted = (LAUNCH, "kernel launches") if device.type == "cuda" else (OPERATOR, "operator calls")
    return {
        wanted[1]: sum(count for name, count in calls.items() if wanted[0] in name),
        SYNC: calls.get(SYNC, 0),
        READ: calls.get(READ, 0),
    }


def profile_of(shape: Shape, device: torch.device) -> dict[str, Any]:
    """What a step at a shape calls, and what its bare passes call."""
    found = {"our step": our_step(shape, device), "bare passes": bare_passes(shape, device)}
    calls = {name: calls_of(run, device) for name, run in found.items()}
    figures = {name: figures_of(each, device) for name, each in calls.items()}
    most = calls["our step"].most_common(MOST)
    return {
        "title": shape.title,
        "figures": figures,
        "most": {name: [n, calls["bare passes"][name]] for name, n in most},
    }


def table_of_profile(profiled: Mapping[str, Any]) -> str:
    """The figures, and then the most frequent calls, in our step and in its bare passes."""
    ours, bare = (profiled["figures"][name] for name in ("our step", "bare passes"))
    lines = [[name, f"{ours[name]:,}", f"{bare[name]:,}"] for name in ours]
    lines += [[f"`{name}`", *(f"{count:,}" for count in counts)] for name, counts in profiled["most"].items()]
    headers = [profiled["title"], "our step", "bare passes"]
    return tabulate(lines, headers=headers, tablefmt="github", disable_numparse=True)
