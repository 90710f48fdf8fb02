"""Measure what a step of Self-Tuning costs, as ratios within one run.

python -m benchmarks.step --quick                            # about a minute
python -m benchmarks.step --json step.json --picture docs/performance.png
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


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="measure few rounds, two shapes, and no trainers")
    parser.add_argument(
        "--shapes", nargs="+", choices=SHAPES, help="shapes to measure; default: all, or cub and conll8 with --quick"
    )
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
    shapes: dict[str, dict[str, Any]] = {}
    for name in args.shapes or (QUICK_SHAPES if args.quick else SHAPES):
        shapes[name] = measure(SHAPES[name], device, quick=args.quick)
        print(f"measured {name}", flush=True)
    grown = growth(QUICK_BASE if args.quick else BASE, device, repetitions=3 if args.quick else 7)
    print(f"\n{table_of_shapes(shapes)}\n\n{table_of_growth(grown)}")
    figures = {"start": start, "end": machine(device), "shapes": shapes, "growth": grown}
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + "\n")
    if args.picture:
        draw(figures, args.picture)


if __name__ == "__main__":
    main()
