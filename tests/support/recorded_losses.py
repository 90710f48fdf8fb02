"""Presets of every method, a few steps on tiny models: what a change of the code's places may not change.

    python tests/support/recorded_losses.py --steps 30 --out losses.json

writes the loss terms of every step. The JSON file beside this one holds them for a run of a few steps, and a test
compares. With --keep the runs that the file already has stay as they are, and only the others are recorded.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import tiny
import torch

from hf_selftuning import METHODS

RECORDED = Path(__file__).with_suffix(".json")
STEPS = 6
PRESETS = {
    "words": ("paper", "words"),
    "texts": ("paper", "texts", "few_texts"),
    "images": ("paper", "images", "photos", "pool"),
}
"""Presets for each kind of data. `generation` needs teachers; tests/training/test_teachers.py trains it."""
KINDS = {"words": tiny.WORDS, "texts": tiny.TEXTS, "images": tiny.IMAGES}

Lines = list[dict[str, float]]


def cases() -> Iterator[tuple[str, str, str]]:
    """Kind of data, method and preset of every run; fine-tuning, which is no method, is `fine_tuning`."""
    for kind, presets in PRESETS.items():
        yield kind, "fine_tuning", "paper"
        for name, method in METHODS.items():
            if kind not in method.without_meaning:
                yield from ((kind, name, preset) for preset in presets if preset in method.presets)


def losses(kind: str, name: str, preset: str, *, steps: int) -> Lines:
    """The loss terms of a run of so many steps, a dictionary a step; a warm-up of half of them has ended then."""
    torch.set_num_threads(1)
    methods = [] if name == "fine_tuning" else [tiny.preset(METHODS[name], preset)]
    with tempfile.TemporaryDirectory() as folder:
        args = tiny.arguments(Path(folder), max_steps=steps, use_cpu=True)
        trainer = tiny.trained(KINDS[kind], args, methods=methods)
    return [{"loss": line["loss"], **tiny.terms(line)} for line in tiny.lines(trainer)]


def main() -> None:
    """Write the losses of every case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--out", type=Path, default=RECORDED)
    parser.add_argument("--keep", action="store_true", help="record only the runs that the file does not have")
    asked = parser.parse_args()
    known = json.loads(asked.out.read_text(encoding="utf-8")) if asked.keep else {}
    found = {
        name: known.get(name) or losses(*case, steps=asked.steps) for case in cases() for name in [":".join(case)]
    }
    rows = ",\n".join(f"{json.dumps(case)}: {json.dumps(lines)}" for case, lines in found.items())
    asked.out.write_text("{\n" + rows + "\n}\n")


if __name__ == "__main__":
    main()
