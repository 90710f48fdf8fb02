"""Train a tiny model for many steps with evaluations, checkpoints and logging, and watch what must not grow.

    python benchmarks/soak.py                               # 20,000 steps
    python benchmarks/soak.py --steps 500 --every 50

It runs on Linux. It prints resident memory, open files and the size of a checkpoint at equal distances, and how far
they rise after the first twentieth of the steps. The log that `transformers` keeps in each checkpoint grows by a line
for each time something is logged; its size is printed by itself. The exit status is 1 if anything else grows.
"""

import argparse
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
import tiny
from transformers import TrainerCallback
from transformers.trainer import TRAINER_STATE_NAME

WARMUP_SHARE = 0.05
"""Share of the steps before anything is compared: caches fill, and the method's warm-up ends after half of it."""
SELF = Path("/proc/self")
"""What Linux says of this process."""
GROWTH = {"resident": 0.02, "open_files": 0.0, "checkpoint": 0.001}
"""Greatest share by which each may rise afterwards; numbers in a checkpoint's small files are longer at times."""


@dataclass(frozen=True)
class Reading:
    """What a run holds after some steps: bytes of memory, open files, bytes of the newest checkpoint and its log."""

    step: int
    resident: int
    open_files: int
    checkpoint: int
    log: int


class Watch(TrainerCallback):
    """Takes a reading after each checkpoint."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Read memory, open files and sizes."""
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        sizes = {path.name: path.stat().st_size for path in folder.rglob("*") if path.is_file()}
        log = sizes.pop(TRAINER_STATE_NAME)
        resident = int(SELF.joinpath("statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        open_files = len(os.listdir(SELF / "fd"))
        self.readings.append(Reading(state.global_step, resident, open_files, sum(sizes.values()), log))


def soak(kind: str, folder: Path, steps: int, every: int) -> list[Reading]:
    """Train for so many steps, with an evaluation and a checkpoint after every so many, and read after each."""
    args = tiny.arguments(
        folder, max_steps=steps, logging_steps=10, audit_pseudo_labels=True,
        save_strategy="steps", save_steps=every, save_total_limit=2, eval_strategy="steps", eval_steps=every,
    )  # fmt: skip
    watch = Watch()
    trainer = tiny.trainer(tiny.KINDS[kind], args, methods=f"self_tuning:warmup_ratio={WARMUP_SHARE / 2}")
    trainer.add_callback(watch)
    trainer.train()
    return watch.readings


def growth(readings: list[Reading], what: str) -> float:
    """Largest share by which a value rises above its first one after the warm-up."""
    settled = [getattr(each, what) for each in readings if each.step >= WARMUP_SHARE * readings[-1].step]
    return max(settled) / settled[0] - 1


def table(readings: list[Reading]) -> str:
    """Ten readings at equal distances, the last one among them."""
    chosen = [readings[(i + 1) * len(readings) // 10 - 1] for i in range(10)] if len(readings) > 10 else readings
    lines = ["| step | resident (MiB) | open files | checkpoint (bytes) | its log (bytes) |", "|---|---|---|---|---|"]
    lines += [
        f"| {each.step:,} | {each.resident / 2**20:.1f} | {each.open_files} | {each.checkpoint:,} | {each.log:,} |"
        for each in chosen
    ]
    return "\n".join(lines)


def main() -> int:
    """Run, print the table and the growth, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", choices=tiny.KINDS, default="vit")
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--every", type=int, default=500, help="steps between checkpoints and evaluations")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        readings = soak(asked.kind, Path(folder), asked.steps, asked.every)
    grown = {what: growth(readings, what) for what in GROWTH}
    print(table(readings))
    print(", ".join(f"{what.replace('_', ' ')} {share:+.2%}" for what, share in grown.items()))
    return int(any(grown[what] > GROWTH[what] for what in GROWTH))


if __name__ == "__main__":
    sys.exit(main())
