"""Measure what the size of the unlabelled pool costs: seconds until the first step, memory, and the time of a step.

python -m benchmarks.pool --quick                            # about a minute
python -m benchmarks.pool --folder DATA --json pool.json     # up to a million examples; --largest takes more
python -m benchmarks.pool --kinds step --folder DATA         # large and small pools in turn, for a fair comparison
python -m benchmarks.pool --quick --ranks 2                  # trainings under DDP, the memory of each rank
"""

import argparse
import json
import tempfile
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch
import transformers
from tabulate import tabulate

from .pool_data import features, image_folder, sentence_file, sentence_shards, text_table
from .pool_processes import in_processes
from .pool_runs import RUNS, TRAININGS, Figures
from .pool_steps import QUICK_ROUNDS, ROUNDS, steps_in_turn, table_of_steps
from .step import machine

SIZES, QUICK_SIZES = (10_000, 100_000, 1_000_000), (10_000, 100_000)
LARGEST_SIZE = 10_000_000
IMAGE_SIZES, QUICK_IMAGE_SIZES, LARGEST_IMAGE_SIZE = (10_000, 100_000), (1_000, 4_000), 1_000_000
STEP = "step"
"""The kind that compares pools in one process; the other kinds give each pool a process of its own."""
SOURCES = {
    "streamed": ("shards-{}", sentence_shards),
    "texts": ("texts-{}.parquet", text_table),
    "split": ("texts-{}.parquet", text_table),
    "images": ("images-{}", image_folder),
    "propagate": ("features-{}.npy", features),
}
"""Name and maker of the data of a kind of run; the others read sentences in a file."""


def measured(kind: str, size: int, data: Path, ranks: int = 1) -> Figures:
    """One row of a table."""
    name, made = SOURCES.get(kind, ("sentences-{}.arrow", sentence_file))
    source = made(data / name.format(size), size)
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        figures = in_processes(RUNS[kind], source, Path(folder), ranks)
    print(f"measured {kind} with {size:,} examples in {time.perf_counter() - begun:.0f} s", flush=True)
    return {"size": size, **figures}


def table(rows: list[Figures]) -> str:
    """Wall-clock seconds with processor seconds in brackets, of the first rank; memory of each rank.

    The memory of an example is that beyond the smallest pool, on the rank where it grew most.
    """
    first = rows[0]
    made: list[Mapping[str, str]] = []
    for row in rows:
        more = row["size"] - first["size"]
        seconds = {name: _seconds(each) for name, each in {**row["parts"], "together": row["total"]}.items()}
        step = {"a step, ms": _seconds([1000 * each for each in row["step"]])} if row["step"][0] else {}
        grown = max(mine - before for mine, before in zip(row["memory"], first["memory"], strict=True))
        memory = f"{grown / more:.0f}" if more else ""
        peak = " and ".join(f"{each / 2**20:,.0f}" for each in row["memory"])
        made.append({"examples": f"{row['size']:,}", **seconds, **step, "MiB": peak, "bytes an example": memory})
    return tabulate(made, headers="keys", tablefmt="pipe", disable_numparse=True, stralign="right")


def _seconds(both: Any) -> str:
    wall, processor = both
    return f"{wall:.2f} ({processor:.2f})"


def sizes_of(kind: str, args: argparse.Namespace) -> tuple[int, ...]:
    """The sizes to measure."""
    images = kind == "images"
    if args.quick:
        return QUICK_IMAGE_SIZES if images else QUICK_SIZES
    largest = LARGEST_IMAGE_SIZE if images else LARGEST_SIZE
    more = (largest,) if args.largest and kind not in ("texts", "split", "propagate", STEP) else ()
    return (IMAGE_SIZES if images else SIZES) + more


def compared(args: argparse.Namespace, data: Path) -> Figures:
    """The steps on pools of all sizes, in turn."""
    rounds = QUICK_ROUNDS if args.quick else ROUNDS
    run = partial(steps_in_turn, sizes=sizes_of(STEP, args), rounds=rounds)
    with tempfile.TemporaryDirectory() as folder:
        return in_processes(run, data, Path(folder))


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="measure small pools only")
    parser.add_argument(
        "--largest", action="store_true", help="also measure ten million sentences, and a million images"
    )
    parser.add_argument("--kinds", nargs="+", choices=[*RUNS, STEP], help="what to measure; default: all")
    parser.add_argument("--ranks", type=int, default=1, help="processes of a run, which share its steps under DDP")
    parser.add_argument("--folder", type=Path, help="where to keep the made data; default: a temporary folder")
    parser.add_argument("--json", type=Path, help="where to write all figures")
    args = parser.parse_args()
    args.kinds = args.kinds or ([*RUNS, STEP] if args.ranks == 1 else list(TRAININGS))
    if args.ranks > 1 and (alone := [kind for kind in args.kinds if kind not in TRAININGS]):
        parser.error(
            f"--ranks {args.ranks} runs {', '.join(TRAININGS)}, and not {', '.join(alone)}; leave --ranks out"
        )
    return args


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
            if kind == STEP:
                figures[kind] = compared(args, data)
                made_table = table_of_steps(figures[kind])
            else:
                figures[kind] = [measured(kind, size, data, args.ranks) for size in sizes_of(kind, args)]
                made_table = table(figures[kind])
            print(f"\n{kind}\n\n{made_table}\n", flush=True)
    if args.json:
        args.json.write_text(json.dumps({**figures, "end": machine(torch.device("cpu"))}, indent=2) + "\n")


if __name__ == "__main__":
    main()
