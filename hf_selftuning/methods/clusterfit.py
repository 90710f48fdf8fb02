"""ClusterFit (Yan et al., CVPR 2020), https://arxiv.org/abs/1912.03330."""

import dataclasses
from typing import ClassVar

import torch
import torch.nn.functional as F
from sklearn.cluster import MiniBatchKMeans
from torch import Tensor, nn

from ..core.method import Method, choice, non_negative, positive
from ..core.preparation import BuildContext, Preparation
from ..core.step import VIEW_KINDS, Step, Views
from ..distributed import told_by_first

IMAGES_OF_A_CLUSTER = 62
"""Mean number of images in a cluster, as published: 16,000 clusters for a million images."""


@dataclasses.dataclass(kw_only=True, eq=False)
class ClusterFit(Method):
    """The network learns the clusters of its own pretrained features, which keeps what many images have in common.

    L = w mean_n CE(cluster of u_n, head(f(u_n))). Before training, k-means (scikit-learn's, in mini-batches) clusters
    the features of all unlabelled images, scaled to length 1. As a stage it trains alone, without the supervised loss.
    The paper trains a new network on the clusters of a pretrained one; a stage begins from the pretrained weights,
    because the images of one user are too few to begin anew.
    """

    title: ClassVar[str] = "ClusterFit"
    paper: ClassVar[str] = "https://arxiv.org/abs/1912.03330"
    pretrains: ClassVar[bool] = True
    reads_pool: ClassVar[bool] = True
    without_meaning: ClassVar = {
        "words": "it keeps one cluster for each example, and a sentence has several words; take the stage tapt"
    }

    clusters: int | None = positive(
        None, "number of clusters (K); None takes one for every 62 images, as the paper's 16,000 for a million"
    )
    weight: float = non_negative(1.0, "weight of the cross-entropy")
    view: str = choice("weak", VIEW_KINDS, "view that is trained on: weak or strong")

    def views(self) -> Views:
        """One draw of the unlabelled examples."""
        return Views(unlabeled=(f"{self.view}.0",))

    def build(self, context: BuildContext) -> None:
        """A head for the clusters, and the cluster of each image."""
        self.count = self.clusters or max(2, context.unlabeled // IMAGES_OF_A_CLUSTER)
        if context.unlabeled < self.count:
            raise ValueError(
                f"ClusterFit makes {self.count} clusters of the unlabelled images, and knows of {context.unlabeled}; "
                "give fewer clusters, or a dataset with a length."
            )
        self.head = nn.Linear(context.width, self.count)
        self.register_buffer("cluster", torch.zeros(context.unlabeled, dtype=torch.long))

    def prepare(self, preparation: Preparation) -> None:
        """Cluster the images' features before training."""
        features, examples = F.normalize(preparation.pool_rows.features.float(), dim=1), preparation.pool_rows.examples
        found = told_by_first(lambda: clusters_of(features, self.count))
        self.get_buffer("cluster")[examples] = found.to(examples)

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`clusterfit`."""
        logits = self.head(step.student("unlabeled", f"{self.view}.0").features).float()
        clusters = self.get_buffer("cluster")[step.examples("unlabeled")]
        losses = F.cross_entropy(logits, clusters, reduction="none")
        return {"clusterfit": self.weight * step.mean("unlabeled", losses)}


def clusters_of(features: Tensor, count: int) -> Tensor:
    """The cluster (n,) of each row (n, d) by k-means, the same in every run."""
    kmeans = MiniBatchKMeans(count, random_state=0, n_init=3, batch_size=4096)
    return torch.as_tensor(kmeans.fit_predict(features.cpu().numpy())).long()
