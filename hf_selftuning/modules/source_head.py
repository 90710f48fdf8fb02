"""The head of a pretrained model, for ImageNet's classes or a vocabulary, applied to the student's features."""

import copy
from typing import Any

from torch import Tensor, nn
from transformers.modeling_outputs import BaseModelOutput

from .classifier import find_classifier, linear_weights


class GivenStates(nn.Module):
    """Replaces the encoder of a model, and returns the hidden states that were put in `states`."""

    def __init__(self) -> None:
        super().__init__()
        self.states: Tensor | None = None

    def forward(self, *args: Any, **kwargs: Any) -> BaseModelOutput:
        """The states, whatever the inputs are."""
        return BaseModelOutput(last_hidden_state=self.states)


class LanguageHead(nn.Module):
    """The head of a masked-language model of any architecture: a copy of the model without its encoder.

    Args:
        source: what `AutoModelForMaskedLM` loads.
    """

    def __init__(self, source: Any) -> None:
        super().__init__()
        encoder = getattr(source, source.base_model_prefix)
        # The decoder's weight is tied to the encoder's word embeddings; the copy has a separate weight. By its memo,
        # deepcopy puts GivenStates in the place of the encoder.
        self.model = copy.deepcopy(source, {id(encoder): GivenStates()})
        self.out_features, self.in_features = source.get_output_embeddings().weight.shape

    def forward(self, features: Tensor) -> Tensor:
        """Logits of the vocabulary (n, v) from encoder states (n, d)."""
        encoder = getattr(self.model, self.model.base_model_prefix)
        encoder.states = features[None]  # (1, n, d): the model sees the rows as one sentence
        try:
            return self.model(input_ids=None).logits[0]
        finally:
            encoder.states = None


def source_head(source: Any, feature_dim: int) -> LanguageHead | nn.Linear:
    """A copy of the pretrained head, which takes the features (n, d) that the student's classifier reads.

    Args:
        source: the pretrained model with its own head: a classifier, or a masked-language model.
        feature_dim: width of the student's features.

    Raises:
        ValueError: the head reads features of another width than the student has.
    """
    head = LanguageHead(source) if source.get_output_embeddings() is not None else _classifier(source)
    if head.in_features != feature_dim:
        raise ValueError(
            f"source_model is a {type(source).__name__} whose head reads {head.in_features} features, and the "
            f"student's reads {feature_dim}; load both from the same pretrained weights."
        )
    return head


def _classifier(source: Any) -> nn.Linear:
    classes = source.config.num_labels
    weight, bias = linear_weights(source.get_submodule(find_classifier(source, classes)[0]))
    head = nn.Linear(weight.shape[1], classes)
    head.load_state_dict({"weight": weight.detach(), "bias": bias.detach()})
    return head
