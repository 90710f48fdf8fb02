"""The last hidden states of a model, taken from a pass as it runs."""

import torch
from torch import nn
from transformers import BertConfig, BertForSequenceClassification, BertModel

from hf_selftuning.modules.hidden_states import last_hidden_states

CONFIG = BertConfig(
    vocab_size=50, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=8, num_labels=3
)
INPUTS = {
    "input_ids": torch.tensor([[1, 7, 9, 2], [1, 8, 2, 0]]),
    "attention_mask": torch.tensor([[1] * 4, [1, 1, 1, 0]]),
}


def test_they_are_those_of_the_model_below_the_head() -> None:
    model = BertForSequenceClassification(CONFIG).eval()
    with last_hidden_states(model) as hidden:
        model(**INPUTS)
    model(**INPUTS)  # outside of the context nothing is collected
    assert len(hidden) == 1
    torch.testing.assert_close(hidden[0], model.bert(**INPUTS).last_hidden_state)


def test_a_model_without_a_head_and_a_plain_module_have_none() -> None:
    for model, inputs in ((BertModel(CONFIG), INPUTS), (nn.Linear(2, 2), {"input": torch.ones(1, 2)})):
        with last_hidden_states(model) as hidden:
            model(**inputs)
        assert not hidden
