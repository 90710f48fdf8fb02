"""Jigsaw puzzles (Noroozi and Favaro, ECCV 2016), https://arxiv.org/abs/1603.09246."""

import dataclasses
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from ..core.method import Method, choice, non_negative, positive
from ..core.preparation import BuildContext
from ..core.step import VIEW_KINDS, Step, Views
from ..functional.mixing import only_images
from ..functional.patches import cut_patches, distant_orders, in_order
from ..modules.patch_head import PatchHead


@dataclasses.dataclass(kw_only=True, eq=False)
class Jigsaw(Method):
    """The network sees the patches of an unlabelled image in one of many orders, and tells which order it is.

    L = w mean_n CE(o, head([z_1 ... z_k])), where z_j is a projection of the features of the patch that order o puts
    at place j. A patch lies at a random place of its cell of a grid, and leaves a gap to the next. It is resized to
    the size that the network reads, unless `patch_size` is given; a step so costs k passes of whole images. The
    orders differ at as many places as possible. As a stage it trains alone, without the supervised loss.
    """

    title: ClassVar[str] = "Jigsaw"
    paper: ClassVar[str] = "https://arxiv.org/abs/1603.09246"
    pretrains: ClassVar[bool] = True
    without_meaning: ClassVar = {
        "words": "it cuts images into patches, not words; take the stage tapt",
        "texts": "it cuts images into patches, not texts; take the stage tapt",
    }

    weight: float = non_negative(1.0, "weight of the cross-entropy")
    grid: int = positive(3, "rows and columns of patches")
    orders: int = positive(1000, "orders that the network tells apart; 2 rows and columns have 24")
    patch_size: int | None = positive(None, "side of a resized patch, such as 64; None takes the image's own size")
    projector_dim: int = positive(128, "width of a patch's projection")
    view: str = choice("weak", VIEW_KINDS, "view that is cut: weak or strong")

    def views(self) -> Views:
        """One draw of the unlabelled examples."""
        return Views(unlabeled=(f"{self.view}.0",))

    def build(self, context: BuildContext) -> None:
        """The orders, and a head on the projections of all patches."""
        self.register_buffer("known_orders", distant_orders(self.grid**2, self.orders).clone())
        self.head = PatchHead(context.width, self.grid**2, self.projector_dim, self.orders)

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`jigsaw`."""
        name, images = only_images(step.inputs("unlabeled", f"{self.view}.0"))
        height, width = self.patch_size or images.shape[2], self.patch_size or images.shape[3]
        chosen = torch.randint(self.orders, (len(images),), device=images.device)
        patches = in_order(cut_patches(images, self.grid, (height, width)), self.get_buffer("known_orders")[chosen])
        features = step.student_on({name: patches.flatten(0, 1)}).features
        losses = F.cross_entropy(self.head(features).float(), chosen, reduction="none")
        return {"jigsaw": self.weight * step.mean("unlabeled", losses)}
