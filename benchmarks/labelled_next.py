"""Does it help to label the suggested examples rather than random ones? On frozen features, without training.

    python -m benchmarks.labelled_next text features.safetensors --train_file train.csv --test_file test.csv
    python -m benchmarks.labelled_next images features.safetensors --data_dir birds --max_classes 50 --image_size 112

Each draw labels a few random examples a class, then more: those that are suggested, or as many random ones. The test
examples are then classified by the head that `start=propagate` makes, and by that of `start=probe`.
"""

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from scipy.stats import t as student
from torch import Tensor

from hf_selftuning.experiment.command.flags import FlagParser
from hf_selftuning.experiment.images.image_setup import ImageSetup
from hf_selftuning.experiment.outlook.frozen_parts import MOST, frozen_parts
from hf_selftuning.experiment.setup.run_setup import Setup
from hf_selftuning.experiment.texts.text_setup import TextSetup
from hf_selftuning.functional.label_propagation import centered
from hf_selftuning.modules.head_start import EXPONENT, certain_probe, pool_predictions
from hf_selftuning.modules.linear_probe import linear_probe

from .facility_location import suggested

SETUPS: dict[str, type[Setup]] = {"text": TextSetup, "images": ImageSetup}
COUNTS = (20, 50)
HEADS = ("propagate", "probe")


def main() -> None:
    """Print, for each number of further labels and each head, both accuracies and the interval of their difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=SETUPS)
    parser.add_argument("cache", type=Path, help="file for the features, which are computed once")
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--first_labels", type=int, default=1, help="random labels a class before the suggestions")
    parser.add_argument("--pool", type=int, default=2000, help="greatest number of unlabelled examples")
    given, flags = parser.parse_known_args()
    if not given.cache.exists():
        save_file(read_all(given.kind, flags), given.cache)
    known = Known(**load_file(given.cache))
    draws = []
    for seed in range(given.draws):
        draws.append(draw(known, seed, given.first_labels, given.pool))
        print(f"draw {seed}: {draws[-1]}", flush=True)
    print("\n".join(lines(torch.tensor(draws))))


def read_all(kind: str, flags: list[str]) -> dict[str, Tensor]:
    """The features and labels of all training and test examples, by the names in `Known`."""
    setup = SETUPS[kind]
    given = FlagParser(*setup.flags, description="").parse([*flags, "--label_ratio", "1"])
    frozen = frozen_parts(setup.from_flags(*given), most=dict.fromkeys(MOST, 10**9), seconds=math.inf)
    train, test = frozen.parts["labeled"], frozen.parts["test"]
    assert train.labels is not None
    assert test.labels is not None
    return {"rows": train.features, "labels": train.labels, "test": test.features, "truth": test.labels}


@dataclass(frozen=True)
class Known:
    """Features (n, d) and labels (n,) of all training examples, and of the test examples."""

    rows: Tensor
    labels: Tensor
    test: Tensor
    truth: Tensor

    def accuracies(self, labeled: Tensor, pool: Tensor) -> list[float]:
        """Test accuracy in % of both heads, in the order of `HEADS`."""
        rows, labels, others = self.rows[labeled], self.labels[labeled], self.rows[pool]
        probe = linear_probe(rows, labels, self.classes)
        spread = pool_predictions(rows, labels, others, self.classes, probe)
        heads = (certain_probe(rows, labels, others, spread), probe)
        return [self._right(weight, bias) for weight, bias in heads]

    @property
    def classes(self) -> int:
        """Number of classes."""
        return int(self.labels.max()) + 1

    def _right(self, weight: Tensor, bias: Tensor) -> float:
        return 100 * float(((self.test @ weight.T + bias).argmax(1) == self.truth).float().mean())


def draw(known: Known, seed: int, first: int, most: int) -> list[list[list[float]]]:
    """Accuracies of one draw: for each number of further labels, the suggested and the random ones, by both heads."""
    order = torch.randperm(len(known.labels), generator=torch.Generator().manual_seed(seed))
    places = [order[known.labels[order] == label][:first] for label in range(known.classes)]
    labeled = torch.cat(places)
    pool = order[~torch.isin(order, labeled)][:most]
    spread = pool_predictions(known.rows[labeled], known.labels[labeled], known.rows[pool], known.classes)
    unit = centered(known.rows[torch.cat([labeled, pool])])
    uncertainty = 1 - spread.amax(1)
    best = suggested(unit[: len(labeled)], unit[len(labeled) :], uncertainty, max(COUNTS), exponent=EXPONENT)
    ways = (best, torch.arange(max(COUNTS)))  # the pool is in random order
    return [[known.accuracies(*further(labeled, pool, way[:count])) for way in ways] for count in COUNTS]


def further(labeled: Tensor, pool: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor]:
    """The examples that are labelled after some of the pool were labelled, and the rest of the pool."""
    rest = torch.ones(len(pool), dtype=torch.bool)
    rest[chosen] = False
    return torch.cat([labeled, pool[chosen]]), pool[rest]


def lines(found: Tensor) -> Iterator[str]:
    """A line for each number of further labels and each head.

    Args:
        found: accuracies by draw, number, way and head.
    """
    for number, count in enumerate(COUNTS):
        for place, head in enumerate(HEADS):
            best, random = found[:, number, 0, place], found[:, number, 1, place]
            difference = best - random
            half = student.ppf(0.975, len(difference) - 1) * float(difference.std()) / math.sqrt(len(difference))
            yield (
                f"{count} more, {head}: suggested {best.mean():.1f}, random {random.mean():.1f}, "
                f"difference {difference.mean():+.1f} +- {half:.1f}"
            )


if __name__ == "__main__":
    main()
