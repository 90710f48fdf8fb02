"""For each kind of network: the features found are what its classifier turns into the logits."""

from typing import Any

import peft
import pytest
import torch
import transformers
from torch import Tensor, nn

from hf_selftuning.modules.classifier import feature_width, find_classifier, read_features

LABELS = 5
TEXT = {
    "vocab_size": 30,
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 12,
    "max_position_embeddings": 16,
    "num_labels": LABELS,
    "pad_token_id": 0,
}
VISION = {
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 12,
    "image_size": 16,
    "patch_size": 8,
    "num_labels": LABELS,
}
WORDS: dict[str, transformers.PreTrainedConfig] = {
    "bert": transformers.BertConfig(**TEXT),
    "roberta": transformers.RobertaConfig(**TEXT),
    "deberta-v2": transformers.DebertaV2Config(**TEXT, relative_attention=True, pos_att_type=["p2c", "c2p"]),
    "modernbert": transformers.ModernBertConfig(
        **TEXT, cls_token_id=1, sep_token_id=2, bos_token_id=1, eos_token_id=2
    ),
    "distilbert": transformers.DistilBertConfig(
        vocab_size=30, dim=8, n_layers=1, n_heads=2, hidden_dim=12, max_position_embeddings=16, num_labels=LABELS
    ),
    "electra": transformers.ElectraConfig(**TEXT, embedding_size=6),
}
IMAGES: dict[str, transformers.PreTrainedConfig] = {
    "vit": transformers.ViTConfig(**VISION),
    "deit": transformers.DeiTConfig(**VISION),
    "swin": transformers.SwinConfig(
        image_size=16, patch_size=4, embed_dim=8, depths=[1, 1], num_heads=[1, 2], window_size=2, num_labels=LABELS
    ),
    "convnext": transformers.ConvNextConfig(
        hidden_sizes=[4, 8], depths=[1, 1], num_stages=2, patch_size=4, num_labels=LABELS
    ),
    "resnet": transformers.ResNetConfig(
        embedding_size=4, hidden_sizes=[4, 8], depths=[1, 1], layer_type="basic", num_labels=LABELS
    ),
}
TIMM = {
    "resnet10t": {},
    "resnet18": {},
    "tf_efficientnet_lite0": {},
    "mobilenetv3_small_050": {},
    "resnetv2_50x1_bit": {},  # its classifier is a convolution
    "vit_tiny_patch16_224": {"img_size": 32, "depth": 1},
}
TWO_HEADS = {"deit_tiny_distilled_patch16_224": {"img_size": 32, "depth": 1}}


def timm_model(architecture: str, settings: dict[str, Any]) -> nn.Module:
    config = transformers.TimmWrapperConfig(architecture=architecture, model_args=settings, num_labels=LABELS)
    return transformers.AutoModelForImageClassification.from_config(config)


def spread(model: nn.Module) -> nn.Module:
    """The model in evaluation with every parameter drawn at random, so that no two places agree by chance."""
    torch.manual_seed(0)
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.3)
    return model.eval()


def sentences() -> dict[str, Tensor]:
    ids = torch.randint(3, 30, (3, 7), generator=torch.Generator().manual_seed(0))
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}


def images(side: int = 32) -> dict[str, Tensor]:
    return {"pixel_values": torch.randn(3, 3, side, side, generator=torch.Generator().manual_seed(0))}


def apply(layer: Any, features: Tensor) -> Tensor:
    """The classifier alone, a linear layer or a convolution of 1 x 1."""
    return features @ layer.weight.flatten(1).T + layer.bias


def check_that_features_make_the_logits(model: nn.Module, inputs: dict[str, Tensor], shape: tuple[int, ...]) -> None:
    paths = find_classifier(model, LABELS)
    assert len(paths) == 1
    with torch.no_grad():
        features, logits = read_features(model, paths, inputs)
        plain = model(**inputs).logits
    assert features.shape == (*shape, feature_width(model, paths))
    torch.testing.assert_close(logits, plain, rtol=0, atol=0)
    torch.testing.assert_close(apply(model.get_submodule(paths[0]), features), logits, rtol=1e-4, atol=1e-4)
    assert logits.flatten(0, -2).unique(dim=0).shape[0] > 1, "rows differ, or their order would not be tested"


@pytest.mark.parametrize("name", WORDS)
def test_features_make_the_logits_of_every_word(name: str) -> None:
    model = transformers.AutoModelForTokenClassification.from_config(WORDS[name])
    check_that_features_make_the_logits(spread(model), sentences(), (3, 7))


@pytest.mark.parametrize("name", IMAGES)
def test_features_make_the_logits_of_every_image(name: str) -> None:
    config = IMAGES[name]
    config.architectures = [type(config).__name__.replace("Config", "ForImageClassification")]
    model = transformers.AutoModelForImageClassification.from_config(config)
    check_that_features_make_the_logits(spread(model), images(getattr(config, "image_size", 32)), (3,))


@pytest.mark.parametrize("name", TIMM)
def test_features_make_the_logits_of_every_image_in_timm(name: str) -> None:
    check_that_features_make_the_logits(spread(timm_model(name, TIMM[name])), images(), (3,))


@pytest.mark.parametrize("name", TWO_HEADS)
def test_two_heads_give_the_mean_of_both_features(name: str) -> None:
    model = spread(timm_model(name, TWO_HEADS[name]))
    paths = find_classifier(model, LABELS)
    assert paths == ("timm_model.head", "timm_model.head_dist")
    with torch.no_grad():
        class_features, logits = read_features(model, paths[:1], images())
        distilled_features, _ = read_features(model, paths[1:], images())
        features, _ = read_features(model, paths, images())
    torch.testing.assert_close(features, (class_features + distilled_features) / 2)
    heads = [model.get_submodule(path) for path in paths]
    mean = (apply(heads[0], class_features) + apply(heads[1], distilled_features)) / 2
    torch.testing.assert_close(mean, logits)


def test_the_two_heads_of_a_distilled_deit_in_transformers_are_found() -> None:
    model = spread(transformers.DeiTForImageClassificationWithTeacher(IMAGES["deit"]))
    paths = find_classifier(model, LABELS)
    assert paths == ("cls_classifier", "distillation_classifier")
    with torch.no_grad():
        class_features, logits = read_features(model, paths[:1], images(16))
        distilled_features, _ = read_features(model, paths[1:], images(16))
    heads = [model.get_submodule(path) for path in paths]
    mean = (apply(heads[0], class_features) + apply(heads[1], distilled_features)) / 2
    torch.testing.assert_close(mean, logits)


def test_features_are_taken_behind_the_dropout_so_that_two_passes_are_two_views() -> None:
    config = transformers.BertConfig(
        **TEXT, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, classifier_dropout=0.5
    )
    model = transformers.BertForTokenClassification(config).train()
    paths = find_classifier(model, LABELS)
    first, second = (read_features(model, paths, sentences())[0] for _ in range(2))
    assert (first == 0).any()
    assert not torch.equal(first, second)


def test_no_hook_stays_on_the_model() -> None:
    model = transformers.BertForTokenClassification(WORDS["bert"])
    read_features(model, ("classifier",), sentences())
    with pytest.raises(ValueError, match="input_ids"):
        read_features(model, ("classifier",), {"nonsense": torch.zeros(1)})
    assert not model.classifier._forward_pre_hooks


def test_gradients_flow_into_the_features() -> None:
    model = transformers.BertForTokenClassification(WORDS["bert"])
    features, _ = read_features(model, find_classifier(model, LABELS), sentences())
    features.square().sum().backward()
    assert model.bert.embeddings.word_embeddings.weight.grad.abs().sum() > 0


def test_a_layer_of_the_same_width_elsewhere_is_not_taken_for_the_classifier() -> None:
    config = transformers.BertConfig(**{**TEXT, "hidden_size": LABELS * 2, "num_labels": LABELS * 2})
    model = transformers.BertForTokenClassification(config)
    assert find_classifier(model, LABELS * 2) == ("classifier",)


class Unusual(nn.Module):
    """A model whose logits come from a layer of a name of its own, with another linear layer behind it."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.verdict = nn.Linear(4, 6), nn.Linear(6, LABELS)


def test_a_classifier_of_an_unknown_name_is_the_last_layer_of_its_width() -> None:
    assert find_classifier(Unusual(), LABELS) == ("verdict",)


def test_a_model_without_a_classifier_is_told_what_to_name() -> None:
    with pytest.raises(ValueError, match=r'Linear has no linear layer with 7 outputs.*feature_module="path.to.layer"'):
        find_classifier(nn.Linear(4, 3), 7)


class Cosine(nn.Module):
    """A classifier that is no linear layer: cosines with a prototype of each class."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(LABELS, 6))


def test_a_layer_of_the_users_own_is_taken_where_it_is_named() -> None:
    model = nn.ModuleDict({"verdict": Cosine()})
    assert find_classifier(model, LABELS, feature_module="verdict") == ("verdict",)
    assert feature_width(model, ("verdict",)) == 6


def test_a_layer_under_lora_may_be_named_too() -> None:
    model = lora(
        transformers.BertForTokenClassification(WORDS["bert"]),
        target_modules=["query"],
        modules_to_save=["classifier"],
    )
    path = "base_model.model.classifier"
    assert find_classifier(model, LABELS, feature_module=path) == (path,)
    assert feature_width(model, (path,)) == 8


def test_a_name_that_is_no_module_is_refused() -> None:
    with pytest.raises(ValueError, match=r"feature_module='verdikt' is no module of Unusual; .*named_modules"):
        find_classifier(Unusual(), LABELS, feature_module="verdikt")


@pytest.mark.parametrize(
    "name", ["bert", "", "dropout", "bert.encoder.layer.0.output.LayerNorm", "bert.embeddings.word_embeddings"]
)
def test_a_module_that_makes_no_logits_is_refused(name: str) -> None:
    model = transformers.BertForTokenClassification(WORDS["bert"])
    with pytest.raises(ValueError, match=rf"feature_module='{name}' is a [A-Za-z]+ and makes no 5 logits"):
        find_classifier(model, LABELS, feature_module=name)


def lora(model: nn.Module, **settings: Any) -> nn.Module:
    return peft.get_peft_model(model, peft.LoraConfig(r=LABELS, lora_alpha=8, **settings))


def test_under_lora_the_trained_copy_of_the_classifier_is_found() -> None:
    model = lora(
        transformers.BertForTokenClassification(WORDS["bert"]),
        target_modules=["query", "value"],
        modules_to_save=["classifier"],
    )
    paths = find_classifier(model, LABELS)
    classifier = model.get_submodule(paths[0])
    assert isinstance(classifier, nn.Linear)
    assert classifier.weight.requires_grad
    check_that_features_make_the_logits(spread(model), sentences(), (3, 7))


def test_under_lora_a_classifier_of_timm_is_found() -> None:
    model = lora(timm_model("vit_tiny_patch16_224", TIMM["vit_tiny_patch16_224"]), target_modules=["qkv"],
                 modules_to_save=["head"])  # fmt: skip
    paths = find_classifier(model, LABELS)
    assert model.get_submodule(paths[0]).weight.requires_grad
    check_that_features_make_the_logits(spread(model), images(), (3,))


def test_a_classifier_that_itself_has_lora_gives_its_input() -> None:
    model = lora(transformers.BertForTokenClassification(WORDS["bert"]), target_modules=["query", "classifier"])
    paths = find_classifier(model, LABELS)
    with torch.no_grad():
        features, _ = read_features(spread(model), paths, sentences())
        expected, _ = read_features(model, ("base_model.model.classifier",), sentences())
    assert features.shape == (3, 7, 8)
    torch.testing.assert_close(features, expected, rtol=0, atol=0)
