"""Co-Tuning: the pretrained head on the student's features, and the mean over the rows that take part."""

from pathlib import Path

import pytest
import tiny
import torch
from transformers import AutoModelForMaskedLM, DistilBertConfig, ModernBertConfig, RobertaConfig

from hf_selftuning import SelfTuning
from hf_selftuning.methods import CoTuning
from hf_selftuning.modules.source_head import source_head

SIZES = {
    "vocab_size": 50,
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 16,
}
LANGUAGE_MODELS = {
    "bert": tiny.bert().config,
    "roberta": RobertaConfig(**SIZES, pad_token_id=0),
    "distilbert": DistilBertConfig(vocab_size=50, dim=16, n_layers=1, n_heads=2, hidden_dim=16),
    "modernbert": ModernBertConfig(**SIZES, pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1),
}


@pytest.mark.parametrize("name", LANGUAGE_MODELS)
def test_the_head_of_a_language_model_works_without_its_encoder(name: str) -> None:
    source = AutoModelForMaskedLM.from_config(LANGUAGE_MODELS[name]).eval()
    words = torch.randint(5, 50, (2, 7))
    head = source_head(source, 16).eval()
    with torch.no_grad():
        states = getattr(source, source.base_model_prefix)(words)[0]
        torch.testing.assert_close(head(states.flatten(0, 1)), source(words).logits.flatten(0, 1))
    assert head.out_features == 50


@pytest.mark.parametrize("kind", ["vit", "timm"])
def test_the_head_of_a_classifier_is_its_last_layer(kind: str) -> None:
    source = tiny.KINDS[kind].source()
    head = source_head(source, 16 if kind == "vit" else 96)
    assert head.out_features == 5


def test_a_source_of_another_width_is_refused() -> None:
    with pytest.raises(
        ValueError, match="ViTForImageClassification whose head reads 16 features, and the student's reads 8"
    ):
        source_head(tiny.vit_source(), 8)


def test_a_class_that_is_not_there_and_so_cannot_be_left_out_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name, said in (("O", False), ("Other", True)):
        method = CoTuning(relationship="direct", without=name)
        tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path), methods=[method]).training_module  # noqa: B018
        assert (
            "leaves out the class Other, and the model has none of that name (it has O, B-PER" in caplog.text
        ) == said


def test_without_a_source_the_way_out_is_said(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"CoTuning learns from the pretrained model's own head, .* pass source_model="
    ):
        tiny.trainer(tiny.IMAGES, tiny.arguments(tmp_path), methods=[CoTuning()], source_model=None)


def test_the_term_is_the_mean_over_the_rows_that_take_part(tmp_path: Path) -> None:
    method = CoTuning(relationship="direct", weight=0.7, without="O")
    args = tiny.arguments(tmp_path, per_device_train_batch_size=10, use_cpu=True)
    trainer = tiny.trainer(tiny.WORDS, args, model=tiny.bert(dropout=0.0), methods=[method])
    trainer.prepare_methods()
    batch = tiny.first_step(trainer)
    module, part = trainer.training_module, batch["labeled"]
    rows = module.read(trainer.model, part["views"]["weak.0"], part["rows"])
    expected = []
    for feature, label in zip(rows.features, part["labels"].tolist(), strict=True):
        if label != 0:  # O
            q = method.source_head(feature[None])[0].log_softmax(0)
            expected.append(-sum((method.relation[label, s] * q[s]).item() for s in range(50)))
    # The batch is the whole labelled set, so that its share of words in entities is the share that was learned.
    found = module(batch)[0]["source"].item()
    assert found == pytest.approx(0.7 * sum(expected) / len(expected), rel=1e-4)
    torch.testing.assert_close(method.relation.sum(1), torch.ones(3))


def test_the_relationship_is_learned_in_eval_mode_and_twice_the_same(tmp_path: Path) -> None:
    method = CoTuning(relationship="direct")
    trainer = tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path), methods=[method])
    trainer.prepare_methods()
    first = method.relation.clone()
    trainer.prepare_methods()
    assert torch.equal(method.relation, first)


def test_the_pretrained_head_learns_at_the_rate_of_the_network(tmp_path: Path) -> None:
    trainer = tiny.trainer(tiny.IMAGES, tiny.arguments(tmp_path), methods=[CoTuning()])
    rates = {p: group["lr"] for group in trainer.create_optimizer().param_groups for p in group["params"]}
    assert rates[trainer.methods[0].source_head.weight] == 1e-3
    assert rates[trainer.model.classifier.weight] == 1e-2


def test_only_outside_words_leave_nothing_to_learn(tmp_path: Path) -> None:
    data = tiny.sentences(8, 0)
    outside = [[min(tag, 0) for tag in tags] for tags in data["labels"]]
    data = data.remove_columns("labels").add_column("labels", outside)
    method = CoTuning(relationship="direct", without="O")
    trainer = tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path), methods=[method], train_dataset=data)
    with pytest.raises(ValueError, match="Every labelled row is of the class 'O', which takes no part; label others"):
        trainer.prepare_methods()


def test_an_unknown_relationship_is_refused() -> None:
    with pytest.raises(ValueError, match="relationship='x', which is unknown; take bayes or direct"):
        CoTuning(relationship="x")


def test_it_shares_the_students_pass_with_self_tuning(tmp_path: Path) -> None:
    passes = []
    model = tiny.vit()
    model.register_forward_hook(lambda *_: passes.append(1))
    methods = [CoTuning(), SelfTuning.from_preset("images", warmup_ratio=0.0)]
    trainer = tiny.trainer(tiny.IMAGES, tiny.arguments(tmp_path), model=model, methods=methods)
    batch = tiny.first_step(trainer)
    module = trainer.training_module
    passes.clear()
    terms = module(batch)[0]
    assert terms.keys() == {"supervised", "source", "pgc_labeled", "pgc_unlabeled"}
    key_encoder = 2  # copied with its hook
    assert len(passes) == 2 + key_encoder
