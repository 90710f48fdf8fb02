"""Seconds until our recipe for images reaches the final accuracy of Self-Tuning as published.

    python -m benchmarks.time_to_score --data_dir birds --max_classes 50 --image_size 112 --labels_per_class 8

The published settings (`--recipe standard`, preset `paper`) and ours (what `train images` takes by itself) train on
the same half of the labels. The other half is the validation part, on which both are scored every few steps. Seconds
are those of the preparation before the first step and of the steps; evaluations are not counted. Test is not scored.
Every further flag is one of `hf-selftuning train images`.
"""

import argparse
import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hf_selftuning import train_images
from hf_selftuning.report.intervals import mean_and_std

PUBLISHED = ["--recipe", "standard", "--methods", "self_tuning:preset=paper"]
OURS = ["--methods", "self_tuning"]
SHARED = ["--do_train", "True", "--do_eval", "True", "--compare_fine_tuning", "False", "--validation_share", "0.5",
          "--save_strategy", "no", "--disable_tqdm", "True", "--report", "False"]  # fmt: skip


@dataclass(frozen=True)
class Curve:
    """Accuracy on the validation part at the end of so many seconds of training, in the order of the steps."""

    seconds: list[float]
    accuracies: list[float]

    def first_at(self, accuracy: float) -> float:
        """Seconds until this accuracy; infinite if it is never reached."""
        reached = zip(self.seconds, self.accuracies, strict=True)
        return next((second for second, mine in reached if mine >= accuracy), math.inf)


def curve(flags: Sequence[str], folder: Path, *, every: int, seed: int) -> Curve:
    """Train once, and score every few steps.

    Args:
        flags: of the run on images.
        folder: for its files.
        every: steps between two scores.
        seed: of split and training.
    """
    own = ["--output_dir", folder, "--eval_steps", every, "--seed", seed, "--split_seed", seed]
    (outcome,) = train_images([*map(str, own), *SHARED, *flags])
    points = [(line["step"], line["eval_accuracy"]) for line in outcome.history if "eval_accuracy" in line]
    row = outcome.row
    seconds = [row.seconds_before + step * row.seconds_per_step for step, _ in points]
    return Curve(seconds, [accuracy for _, accuracy in points])


def compared(flags: Sequence[str], *, every: int, seed: int) -> tuple[float, float, float]:
    """The published settings' final accuracy, and the seconds until they and ours first reach it."""
    with tempfile.TemporaryDirectory() as scratch:
        published = curve([*flags, *PUBLISHED], Path(scratch) / "published", every=every, seed=seed)
        ours = curve([*flags, *OURS], Path(scratch) / "ours", every=every, seed=seed)
    target = published.accuracies[-1]
    return target, published.first_at(target), ours.first_at(target)


def arguments() -> tuple[argparse.Namespace, list[str]]:
    """The flags of this benchmark, and those of the runs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4], help="of splits and trainings")
    parser.add_argument("--every", type=int, default=20, help="steps between two scores")
    return parser.parse_known_args()


def main() -> None:
    """Print accuracy and seconds of each seed, and the mean ratio of the seconds."""
    given, flags = arguments()
    ratios = []
    for seed in given.seeds:
        accuracy, published, ours = compared(flags, every=given.every, seed=seed)
        ratios.append(ours / published)
        print(
            f"seed {seed}: {100 * accuracy:.1f} % after {published:.0f} s as published, {ours:.0f} s ours", flush=True
        )
    mean, spread = mean_and_std(ratios)
    print(f"ours / published: {mean:.2f} +- {spread:.2f} ({len(ratios)} seeds)")


if __name__ == "__main__":
    main()
