"""A harder copy of a data set: training examples of uneven classes, or some labels wrong.

    python -m benchmarks.harder_data table banking77/train.csv uneven.csv --uneven 10
    python -m benchmarks.harder_data table banking77/train.csv wrong.csv --wrong 0.1
    python -m benchmarks.harder_data cub cub100 uneven_birds --train_flag 0 --max_classes 50 --uneven 10

The largest class is as often there as the median class was, the smallest a tenth of that; sizes between fall by a
constant factor, in an order of classes that the seed draws. Test examples stay as they are.
"""

import argparse
import random
import shutil
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import pandas as pd

from hf_selftuning.data.images.sources.image_cub import cub_table


def main() -> None:
    """Write the copy that the flags describe."""
    args = arguments()
    if args.kind == "table":
        table = pd.read_csv(args.source, keep_default_na=False)
        labels = table[args.label_column_name]
        table[args.label_column_name] = wrong(list(labels), args.wrong, args.seed)
        table.iloc[uneven(list(labels), args.uneven, args.seed)].to_csv(args.target, index=False)
    else:
        cub(args.source, args.target, args.uneven, args.train_flag, args.max_classes, args.seed)


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["table", "cub"])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--uneven", type=float, default=1.0, help="size of the largest class over the smallest")
    parser.add_argument("--wrong", type=float, default=0.0, help="share of the labels of a table that are replaced")
    parser.add_argument("--label_column_name", default="category")
    parser.add_argument("--train_flag", default="1", help="the flag of training images in train_test_split.txt")
    parser.add_argument("--max_classes", type=int, help="keep this many of CUB's classes, the first ones")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    if args.kind == "cub" and args.wrong:
        parser.error("--wrong is for a table; leave it out for birds")
    return args


def uneven(labels: Sequence[str], ratio: float, seed: int) -> list[int]:
    """The positions of the examples that are kept, in their order.

    Args:
        labels: the class of each example.
        ratio: the size of the largest class over that of the smallest; 1 keeps all examples.
        seed: decides which class is how large, and which examples of it are kept.
    """
    if ratio == 1:
        return list(range(len(labels)))
    chance = random.Random(seed)
    members: dict[str, list[int]] = {}
    for position, label in enumerate(labels):
        members.setdefault(label, []).append(position)
    largest = median(len(positions) for positions in members.values())
    classes = chance.sample(sorted(members), len(members))
    kept: list[int] = []
    for rank, name in enumerate(classes):
        size = max(1, round(largest * ratio ** (-rank / max(1, len(classes) - 1))))
        kept += chance.sample(members[name], min(size, len(members[name])))
    return sorted(kept)


def wrong(labels: Sequence[str], share: float, seed: int) -> list[str]:
    """The labels, of which a share is replaced by another class, each other class as likely."""
    chance = random.Random(seed)
    classes = sorted(set(labels))
    replaced = set(chance.sample(range(len(labels)), round(share * len(labels))))
    return [
        chance.choice([name for name in classes if name != label]) if position in replaced else label
        for position, label in enumerate(labels)
    ]


def cub(source: Path, target: Path, ratio: float, train_flag: str, classes: int | None, seed: int) -> None:
    """Write the tables of CUB-200-2011 for uneven classes, and a link to the images."""
    of_class = cub_table(source / "image_class_labels.txt")
    flags = cub_table(source / "train_test_split.txt")
    first = sorted(cub_table(source / "classes.txt"), key=int)[:classes]
    images = [image for image in of_class if of_class[image] in first]
    training = [image for image in images if flags[image] == train_flag]
    kept = {training[position] for position in uneven([of_class[image] for image in training], ratio, seed)}
    kept.update(image for image in images if flags[image] != train_flag)
    target.mkdir(parents=True)
    (target / "images").symlink_to((source / "images").resolve())
    shutil.copy(source / "classes.txt", target)
    for name in ("images.txt", "image_class_labels.txt", "train_test_split.txt"):
        fields = cub_table(source / name)
        (target / name).write_text("".join(f"{image} {fields[image]}\n" for image in fields if image in kept))


if __name__ == "__main__":
    main()
