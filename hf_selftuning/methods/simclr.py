"""SimCLR (Chen et al., ICML 2020), https://arxiv.org/abs/2002.05709, with SimCLRv2's deeper projector."""

import dataclasses
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from ..core.method import Method, choice, non_negative, positive, setting
from ..core.preparation import BuildContext
from ..core.step import VIEW_KINDS, Step, Views
from ..functional.losses import two_view_contrast
from ..modules.projector import projector


@dataclasses.dataclass(kw_only=True, eq=False)
class SimCLR(Method):
    """Pulls the two views of an unlabelled row together, and away from all other views of the batch.

    L = w mean_i -log(exp(z_i z_j / T) / sum_{k != i} exp(z_i z_k / T)), where z are the projections of both views of
    the batch, and j is the other view of i. As a stage it trains alone, without the supervised loss, and adapts the
    network to the user's images before they are classified. The batch is one micro-batch of one rank.
    """

    title: ClassVar[str] = "SimCLR"
    paper: ClassVar[str] = "https://arxiv.org/abs/2002.05709"
    pretrains: ClassVar[bool] = True

    weight: float = non_negative(1.0, "weight of the contrast")
    temperature: float = positive(0.1, "temperature of the contrast (tau)")
    projector_dim: int = positive(128, "width of the projection")
    projector_layers: int = setting(3, "linear layers of the projector; SimCLR had 2, SimCLRv2 has 3")
    view: str = choice("strong", VIEW_KINDS, "view of both draws: weak or strong")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.projector_layers < 2:
            raise ValueError(
                f"projector_layers={self.projector_layers} must be at least 2, so that it has a middle; the papers "
                "have 2 and 3."
            )

    def views(self) -> Views:
        """Two draws of the unlabelled examples."""
        return Views(unlabeled=(f"{self.view}.0", f"{self.view}.1"))

    def build(self, context: BuildContext) -> None:
        """The projector."""
        self.projector = projector(context.width, self.projector_dim, self.projector_layers)

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`simclr`."""
        first, second = (
            F.normalize(self.projector(step.student("unlabeled", f"{self.view}.{draw}").features).float(), dim=1)
            for draw in (0, 1)
        )
        losses = two_view_contrast(first, second, temperature=self.temperature)
        return {"simclr": self.weight * step.mean("unlabeled", losses)}
