"""Pretext-invariant representations, PIRL (Misra and van der Maaten, CVPR 2020), https://arxiv.org/abs/1912.01991."""

import dataclasses
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..core.method import Method, choice, non_negative, positive, share
from ..core.preparation import BuildContext
from ..core.step import VIEW_KINDS, Step, Views
from ..functional.mixing import only_images
from ..functional.noise_contrast import noise_contrast
from ..functional.patches import cut_patches, in_order
from ..modules.example_bank import ExampleBank
from ..modules.patch_head import PatchHead


@dataclasses.dataclass(kw_only=True, eq=False)
class PIRL(Method):
    """An image and its shuffled patches should both find the image's own representation among those of all images.

    L = w mean_n (share NCE(m_n, g(patches)) + (1 - share) NCE(m_n, f(u))). f is a projection of the image's features,
    and g one of the features of all its patches, which are cut as for a jigsaw puzzle and put in a random order. m_n
    is a moving average of f for each image; those of other images are the negatives. So the network learns what stays
    when the patches are shuffled, where jigsaw learns what changes. As a stage it trains alone.
    """

    title: ClassVar[str] = "PIRL"
    paper: ClassVar[str] = "https://arxiv.org/abs/1912.01991"
    pretrains: ClassVar[bool] = True
    without_meaning: ClassVar = {
        "words": "it cuts images into patches, not words; take the stage tapt",
        "texts": "it cuts images into patches, not texts; take the stage tapt",
    }

    weight: float = non_negative(1.0, "weight of the contrast")
    patch_share: float = share(0.5, "share of the patches' contrast; the image's own has the rest (lambda)")
    temperature: float = positive(0.07, "temperature of the contrast (tau)")
    momentum: float = share(0.5, "momentum of the representations in memory")
    negatives: int = positive(32000, "greatest number of other images that a step is contrasted with (N)")
    grid: int = positive(3, "rows and columns of patches")
    patch_size: int | None = positive(None, "side of a resized patch, such as 64; None takes the image's own size")
    projector_dim: int = positive(128, "width of a representation")
    view: str = choice("weak", VIEW_KINDS, "view of the image, which is also cut: weak or strong")

    def views(self) -> Views:
        """One draw of the unlabelled examples."""
        return Views(unlabeled=(f"{self.view}.0",))

    def build(self, context: BuildContext) -> None:
        """Both projections, and the memory of all images."""
        if not context.unlabeled:
            raise ValueError(
                "PIRL remembers each unlabelled image, and unlabeled_dataset is a stream without a length, or is "
                "missing; give a dataset with a length, or take the stage simclr."
            )
        self.image = nn.Linear(context.width, self.projector_dim)
        self.patches = PatchHead(context.width, self.grid**2, self.projector_dim, self.projector_dim)
        self.memory = ExampleBank(context.unlabeled, self.projector_dim, self.momentum)

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`pirl`."""
        examples = step.examples("unlabeled")
        image = F.normalize(self.image(step.student("unlabeled", f"{self.view}.0").features).float(), dim=1)
        own = self.memory.read(examples, image)
        memory, others = self.memory.others(examples, self.negatives)
        self.memory.observe(examples, image)
        of_image, of_patches = (
            noise_contrast(rows, own, memory, others, temperature=self.temperature)
            for rows in (image, self._of_patches(step))
        )
        losses = self.patch_share * of_patches + (1 - self.patch_share) * of_image
        return {"pirl": self.weight * step.mean("unlabeled", losses)}

    def _of_patches(self, step: Step) -> Tensor:
        """The representation of each image's patches in a random order (n, d)."""
        name, images = only_images(step.inputs("unlabeled", f"{self.view}.0"))
        height, width = self.patch_size or images.shape[2], self.patch_size or images.shape[3]
        orders = torch.rand(len(images), self.grid**2, device=images.device).argsort(1)
        patches = in_order(cut_patches(images, self.grid, (height, width)), orders)
        features = step.student_on({name: patches.flatten(0, 1)}).features
        return F.normalize(self.patches(features).float(), dim=1)
