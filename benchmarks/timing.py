"""Timing of candidates in turn, so that other load on the machine slows all of them alike."""

import math
import statistics
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

Run = Callable[[], object]
Times = dict[str, list[float]]


def now() -> float:
    """Seconds of CPU time with one thread, which other processes do not lengthen; else of wall-clock time."""
    return time.process_time() if torch.get_num_threads() == 1 else time.perf_counter()


def seconds(run: Run, device: torch.device) -> float:
    """Time of one run: CUDA events on a GPU, `now` elsewhere."""
    if device.type == "cuda":
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        run()
        end.record()
        torch.cuda.synchronize()
        return start.elapsed_time(end) / 1000
    begin = now()
    run()
    return now() - begin


def interleaved(runs: Mapping[str, Run], *, repetitions: int, device: torch.device) -> Times:
    """Times of every candidate, one for each round, after a warm-up. Each round starts with another candidate."""
    names = list(runs)
    times: Times = {name: [] for name in names}
    for name in names:
        runs[name]()
    for number in range(repetitions):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            times[name].append(seconds(runs[name], device))
    return times


def ratio(times: Times, above: str, below: str) -> float:
    """Median, over the rounds, of the ratio of two candidates' times in the same round."""
    return statistics.median(a / b for a, b in zip(times[above], times[below], strict=True))


def median(times: Times, name: str) -> float:
    """Median time of a candidate, in seconds."""
    return statistics.median(times[name])


def log_log_slope(sizes: Sequence[int], times: Sequence[float]) -> float:
    """Exponent of the growth, by least squares on the logarithms; 1 is linear growth."""
    x, y = ([math.log(value) for value in values] for values in (sizes, times))
    x_mean, y_mean = statistics.mean(x), statistics.mean(y)
    above = sum((a - x_mean) * (b - y_mean) for a, b in zip(x, y, strict=True))
    return above / sum((a - x_mean) ** 2 for a in x)


class OperatorCalls(TorchDispatchMode):
    """Counts the calls of operators, also those of the backward pass, while the context lasts."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Count, and call."""
        self.count += 1
        return func(*args, **(kwargs or {}))


def operator_calls(run: Run) -> int:
    """How many operators a run calls. No other load moves this number; on a small step a GPU waits for these calls."""
    with OperatorCalls() as calls:
        run()
    return calls.count


def host_syncs(run: Run) -> int:
    """How often a run makes the host wait for the GPU, as PyTorch's sync debug mode counts it."""
    torch.cuda.set_sync_debug_mode("warn")
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            run()
    finally:
        torch.cuda.set_sync_debug_mode("default")
    return sum("called a synchronizing" in str(warning.message) for warning in caught)
