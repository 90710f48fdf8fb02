"""Measure what the size of the unlabelled pool costs: seconds until the first step, memory, and the time of a step.

python -m benchmarks.pool --quick                            # about a minute
python -m benchmarks.pool --folder DATA --json pool.json     # up to a million examples; --largest takes more
"""

import argparse
import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
import transformers
from tabulate import tabulate

from .pool_data import features, image_folder, sentence_file, sentence_shards, text_table
from .pool_runs import RUNS, Figures
from .step import machine

SIZES, QUICK_SIZES = (10_000, 100_000, 1_000_000), (10_000, 100_000)
LARGEST_SIZE = 10_000_000
IMAGE_SIZES, QUICK_IMAGE_SIZES = (10_000, 100_000), (1_000, 4_000)
PERIOD = 0.01
SOURCES = {
    "streamed": ("shards-{}", sentence_shards),
    "split": ("texts-{}.parquet", text_table),
    "images": ("images-{}", image_folder),
    "propagate": ("features-{}.npy", features),
}
"""Name and maker of the data of a kind of run; the others read sentences in a file."""


def own_memory(process: int) -> int:
    """Bytes of memory of a process that no file is mapped to; 0 where the system does not tell them, or it ended."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    sizes = (line.split()[1] for line in status.splitlines() if line.startswith("RssAnon"))
    return int(next(sizes, 0)) * 1024


def in_a_process(run: Callable[[Path, Path], Figures], data: Path, folder: Path) -> Figures:
    """The figures of a run in a process of its own, with the peak of its memory beyond mapped files."""
    # A forked process has imported everything already, and imports are no part of a figure.
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=lambda: sender.send(run(data, folder)))
    child.start()
    sender.close()
    peak = 0
    # A thread of the child would wait whenever numpy holds the interpreter, and miss the peak there.
    while not receiver.poll(PERIOD) and child.is_alive():
        peak = max(peak, own_memory(child.pid or 0))
    figures = receiver.recv()
    child.join()
    return {**figures, "memory": peak}


def measured(kind: str, size: int, data: Path) -> Figures:
    """One row of a table."""
    name, made = SOURCES.get(kind, ("sentences-{}.arrow", sentence_file))
    source = made(data / name.format(size), size)
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        figures = in_a_process(RUNS[kind], source, Path(folder))
    print(f"measured {kind} with {size:,} examples in {time.perf_counter() - begun:.0f} s", flush=True)
    return {"size": size, **figures}


def table(rows: list[Figures]) -> str:
    """Wall-clock seconds with processor seconds in brackets; memory of an example is that beyond the smallest pool."""
    first = rows[0]
    made: list[Mapping[str, str]] = []
    for row in rows:
        more = row["size"] - first["size"]
        seconds = {name: _seconds(each) for name, each in {**row["parts"], "together": row["total"]}.items()}
        step = {"a step, ms": _seconds([1000 * each for each in row["step"]])} if row["step"][0] else {}
        memory = f"{(row['memory'] - first['memory']) / more:.0f}" if more else ""
        peak = f"{row['memory'] / 2**20:,.0f}"
        made.append({"examples": f"{row['size']:,}", **seconds, **step, "MiB": peak, "bytes an example": memory})
    return tabulate(made, headers="keys", tablefmt="pipe", disable_numparse=True, stralign="right")


def _seconds(both: Any) -> str:
    wall, processor = both
    return f"{wall:.2f} ({processor:.2f})"


def sizes_of(kind: str, args: argparse.Namespace) -> tuple[int, ...]:
    """The sizes to measure."""
    if kind == "images":
        return QUICK_IMAGE_SIZES if args.quick else IMAGE_SIZES
    more = (LARGEST_SIZE,) if args.largest and kind not in ("split", "propagate") else ()
    return QUICK_SIZES if args.quick else SIZES + more


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="measure small pools only")
    parser.add_argument("--largest", action="store_true", help="measure ten million sentences, too")
    parser.add_argument("--kinds", nargs="+", choices=RUNS, default=list(RUNS), help="what to measure; default: all")
    parser.add_argument("--folder", type=Path, help="where to keep the made data; default: a temporary folder")
    parser.add_argument("--json", type=Path, help="where to write all figures")
    return parser.parse_args()


def main() -> None:
    """Measure, print the tables and write the figures."""
    args = arguments()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    figures: dict[str, Any] = {"start": machine(torch.device("cpu"))}
    with tempfile.TemporaryDirectory() as made:
        data = args.folder or Path(made)
        data.mkdir(parents=True, exist_ok=True)
        for kind in args.kinds:
            figures[kind] = [measured(kind, size, data) for size in sizes_of(kind, args)]
            print(f"\n{kind}\n\n{table(figures[kind])}\n", flush=True)
    if args.json:
        args.json.write_text(json.dumps({**figures, "end": machine(torch.device("cpu"))}, indent=2) + "\n")


if __name__ == "__main__":
    main()
