"""Measure what a step of Self-Tuning costs, as ratios within one run.

python -m benchmarks.step --quick                            # about a minute
python -m benchmarks.step --json step.json --picture docs/performance.png
python -m benchmarks.step --profile                          # counts instead of times
"""

import argparse
import json
import os
import platform
from pathlib import Path
from typing import Any

import torch
import transformers

from .growth import BASE, QUICK_BASE, growth
from .measure import measure
from .profiling import profile_of, table_of_profile
from .report import draw, table_of_growth, table_of_shapes
from .shapes import SHAPES

QUICK_SHAPES = ("cub", "conll8")


def machine(device: torch.device) -> dict[str, Any]:
    """The machine that the times were taken on, and its load."""
    return {
        "device": torch.cuda.get_device_name() if device.type == "cuda" else platform.processor() or "cpu",
        "threads": torch.get_num_threads(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "torch": torch.__version__,
    }


def shapes_of(args: argparse.Namespace) -> list[str]:
    """The names of the shapes to measure; large ones only on a GPU, or where they are named."""
    if args.shapes:
        return args.shapes
    large = [name for name, shape in SHAPES.items() if shape.for_gpu]
    small = QUICK_SHAPES if args.quick or args.profile else [name for name in SHAPES if name not in large]
    return [*small, *(large if torch.device(args.device).type == "cuda" else [])]


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="measure few rounds, two shapes, and no trainers")
    parser.add_argument(
        "--profile", action="store_true", help="count what a step calls by PyTorch's profiler, and measure no time"
    )
    parser.add_argument(
        "--shapes", nargs="+", choices=SHAPES,
        help="shapes to measure; default: cub and conll8 with --quick or --profile, else all; large ones on a GPU",
    )  # fmt: skip
    parser.add_argument("--json", type=Path, help="where to write all figures")
    parser.add_argument("--picture", type=Path, help="where to draw them")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args()


def main() -> None:
    """Measure, print the tables, and write figures and picture."""
    args = arguments()
    device = torch.device(args.device)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    start = machine(device)
    print(f"{start['device']}, {start['threads']} threads, load {start['load']:.1f} at the start", flush=True)
    figures: dict[str, Any] = {"start": start, **(counted(args, device) if args.profile else timed(args, device))}
    if args.json:
        args.json.write_text(json.dumps({**figures, "end": machine(device)}, indent=2) + "\n")
    if args.picture and not args.profile:
        draw(figures, args.picture)


def timed(args: argparse.Namespace, device: torch.device) -> dict[str, Any]:
    """Measure times, and print their tables."""
    shapes: dict[str, dict[str, Any]] = {}
    for name in shapes_of(args):
        shapes[name] = measure(SHAPES[name], device, quick=args.quick)
        print(f"measured {name}", flush=True)
    grown = growth(QUICK_BASE if args.quick else BASE, device, repetitions=3 if args.quick else 7)
    print(f"\n{table_of_shapes(shapes)}\n\n{table_of_growth(grown)}")
    return {"shapes": shapes, "growth": grown}


def counted(args: argparse.Namespace, device: torch.device) -> dict[str, Any]:
    """Count what a step calls, and print a table for each shape."""
    profiles: dict[str, dict[str, Any]] = {}
    for name in shapes_of(args):
        profiles[name] = profile_of(SHAPES[name], device)
        print(f"\n{table_of_profile(profiles[name])}", flush=True)
    return {"profiles": profiles}


if __name__ == "__main__":
    main()
