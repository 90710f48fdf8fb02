"""Which training settings a run on images takes where its flags name none.

Chosen on birds of 50 classes and on digits of other draws than those of the tables, see docs/lab_notes.md.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from datasets import Dataset, concatenate_datasets
from torch import nn
from torch.utils.data import DataLoader

from ...data.images.pixels.image_encoding import encode_images
from ...data.images.pixels.image_transforms import Transform
from ...data.sampling_order import evenly_spread
from ...modules.norm_shift import norm_shift
from ..stages.usual import Usual

FAMILIAR = 0.45
"""Greatest shift of norm statistics at which images count as familiar: birds have 0.2 to 0.3, digits 0.5 to 0.65."""
MOST_SPREAD = 20_000
"""Greatest pool whose labels are propagated again during training: the search for neighbours grows with the square."""
MEASURED = 128
"""Number of images on which the shift is measured."""
PHOTOS = {"learning_rate": 0.001, "freeze_norms": True, "crop_scale": 0.5, "weight_decay": 0.0, "max_steps": 300}
"""The flags of the recipe for photographs."""
STANDARD = Usual(("images",))


@dataclass(frozen=True)
class Recipe:
    """Settings, and why they were taken.

    Args:
        name: `photos` or `standard`.
        flags: flags and their values, for those that the user did not give.
        usual: what methods take.
        reasons: a sentence for each decision.
    """

    name: str
    flags: dict[str, Any] = field(default_factory=dict)
    usual: Usual = STANDARD
    reasons: tuple[str, ...] = ()

    def without(self, given: Collection[str]) -> "Recipe":
        """The recipe with the flags that the user did not give. Epochs and steps exclude one another."""
        given = {*given, "max_steps"} if "num_train_epochs" in given else given
        return replace(self, flags={name: value for name, value in self.flags.items() if name not in given})


def recipe_for(asked: str, shift: float | None, *, unlabeled: int) -> Recipe:
    """The recipe of a run, from what is known before it trains.

    Args:
        asked: `photos` or `standard`, or `auto` to decide by the shift.
        shift: of the images against those of the pretraining, see `norm_shift`; None if it could not be measured.
        unlabeled: number of unlabelled images.
    """
    reasons = []
    if asked == "auto":
        asked = "photos" if shift is not None and shift < FAMILIAR else "standard"
        reasons.append(_sentence(shift))
    if asked == "standard":
        return Recipe("standard", reasons=tuple(reasons))
    presets = ("pool",) if 0 < unlabeled <= MOST_SPREAD else ()
    usual = Usual((*presets, "photos", "images"), start="propagate" if unlabeled else "probe")
    seen = f"the {unlabeled:,} unlabelled images" if unlabeled else "the labelled images, because no other are there"
    reasons.append(f"Methods for unlabelled data begin with a classifier fitted on {seen} (start={usual.start}).")
    return Recipe("photos", dict(PHOTOS), usual, tuple(reasons))


def measured_shift(
    network: nn.Module, parts: Iterable[Dataset | None], view: Transform, open_with: Callable[[Any], Any]
) -> float | None:
    """The shift of some images against those of a network's pretraining, see `norm_shift`.

    Args:
        network: pretrained.
        parts: datasets with images; a sample evenly spread over them is measured.
        view: turns a PIL image into the network's input.
        open_with: makes a PIL image from a value of the column `image`.
    """
    pool = concatenate_datasets([part.select_columns("image") for part in parts if part is not None])
    some = pool.select(evenly_spread(len(pool), MEASURED))
    batches: Iterable[Any] = DataLoader(encode_images(some, view, open_with=open_with), batch_size=32)
    return norm_shift(network, (batch["pixel_values"] for batch in batches))


def _sentence(shift: float | None) -> str:
    if shift is None:
        return "The network has no BatchNorm layer that could tell whether it knows such images: the standard recipe."
    measured = f"The norm layers' inputs lie {shift:.2f} standard deviations from those of the pretraining"
    if shift < FAMILIAR:
        return (
            f"{measured}, less than {FAMILIAR}: the network knows such images. Its norms stay frozen, and it changes "
            "little."
        )
    return f"{measured}, at least {FAMILIAR}: such images are new to the network, and all of it is trained."
