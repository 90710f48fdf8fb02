"""SelfTuningTrainer as a Hugging Face Trainer: streams, scaling, evaluation, optimizer, and what it logs."""

import copy
import math
from pathlib import Path
from typing import Any

import pytest
import tiny
import torch
import torch.nn.functional as F
from torch import nn
from transformers import EarlyStoppingCallback, Trainer, TrainingArguments

from hf_selftuning import METHODS, SelfTuning, SelfTuningConfig, SelfTuningTrainer

BOTH = pytest.mark.parametrize("kind", ["bert", "vit"])


def preset_of(kind: str, **settings: Any) -> SelfTuning:
    return SelfTuning.from_preset("words" if kind == "bert" else "images", **settings)


# ---- accumulation ----


@BOTH
def test_a_step_in_four_micro_batches_is_a_step(tmp_path: Path, kind: str) -> None:
    def run(batch: int, accumulation: int) -> SelfTuningTrainer:
        args = tiny.arguments(
            tmp_path,
            per_device_train_batch_size=batch,
            gradient_accumulation_steps=accumulation,
            max_steps=6,
            learning_rate=1e-2,
            optim="sgd",
        )
        data = {"train_dataset": tiny.KINDS[kind].data(16, 0), "unlabeled_dataset": tiny.KINDS[kind].data(24, 1)}
        if kind == "vit":
            data = {name: tiny.Images(images.labels, noise=0.1) for name, images in data.items()}
        model = tiny.KINDS[kind].model(dropout=0.0)
        return tiny.trained(tiny.KINDS[kind], args, model=model, methods=[preset_of(kind, warmup_ratio=0.0)], **data)

    whole, cut = run(8, 1), run(2, 4)
    for one, other in zip(tiny.lines(whole), tiny.lines(cut), strict=True):
        assert tiny.terms(one) == pytest.approx(tiny.terms(other), rel=1e-4, abs=1e-5)
        assert one["loss"] == pytest.approx(other["loss"], rel=1e-4)
        assert one["grad_norm"] == pytest.approx(other["grad_norm"], rel=1e-3)
    tiny.assert_near(whole.training_module.state_dict(), cut.training_module.state_dict())


def test_the_terms_sum_to_the_loss_over_several_steps_and_micro_batches(tmp_path: Path) -> None:
    # The warm-up ends after step 5, inside a line of the log, and the second run begins inside another.
    method = preset_of("bert", warmup_ratio=0.5)
    args = tiny.arguments(
        tmp_path, max_steps=10, logging_steps=3, gradient_accumulation_steps=2, save_strategy="steps", save_steps=4
    )
    for trainer in (
        tiny.trained(tiny.WORDS, args, methods=[method]),
        tiny.resumed(tiny.WORDS, args, 4, methods=[preset_of("bert", warmup_ratio=0.5)]),
    ):
        assert [line["step"] for line in tiny.lines(trainer)] == [3, 6, 9]
        for line in tiny.lines(trainer):
            assert sum(tiny.terms(line).values()) == pytest.approx(line["loss"], rel=1e-5)


def test_an_epoch_sees_every_unlabelled_example(tmp_path: Path) -> None:
    trainer = tiny.trained(tiny.WORDS, tiny.arguments(tmp_path, max_steps=-1, num_train_epochs=2))
    assert trainer.state.global_step == 2 * math.ceil(22 / 4)
    assert trainer.state.epoch == 2


def test_accumulation_does_not_scale_the_loss_of_a_model_that_takes_kwargs(tmp_path: Path) -> None:
    args = tiny.arguments(tmp_path, gradient_accumulation_steps=4, per_device_train_batch_size=1, max_steps=1)
    trainer = tiny.trained(tiny.WORDS, args, methods=[])
    assert tiny.lines(trainer)[0]["loss"] == pytest.approx(math.log(3), abs=0.1)


# ---- fine-tuning ----


def labelled_batches(trainer: SelfTuningTrainer) -> list[torch.Tensor]:
    seen: list[torch.Tensor] = []
    compute = trainer.compute_loss

    def keep(model: nn.Module, inputs: Any, *given: Any, **named: Any) -> Any:
        if "labeled" in inputs:
            views = inputs["labeled"]["views"]["weak.0"]
            seen.append(views["input_ids" if "input_ids" in views else "pixel_values"].clone())
        return compute(model, inputs, *given, **named)

    trainer.compute_loss = keep
    trainer.train()
    return seen


@BOTH
def test_fine_tuning_sees_the_same_labelled_batches_as_self_tuning(tmp_path: Path, kind: str) -> None:
    given = [{"methods": []}, {"methods": [], "unlabeled_dataset": None}, {}]
    alone, without, beside = (
        labelled_batches(tiny.trainer(tiny.KINDS[kind], tiny.arguments(tmp_path), **each)) for each in given
    )
    assert len(alone) == len(without) == len(beside) == 8
    for one, second, third in zip(alone, without, beside, strict=True):
        assert torch.equal(one, second)
        assert torch.equal(one, third)


@BOTH
def test_a_step_of_fine_tuning_is_a_step_of_supervised_training(tmp_path: Path, kind: str) -> None:
    model = tiny.KINDS[kind].model(dropout=0.0)
    start = copy.deepcopy(model)
    args = tiny.arguments(
        tmp_path, use_cpu=True, max_steps=1, optim="sgd", learning_rate=0.1, head_lr_ratio=1, max_grad_norm=0
    )
    data = tiny.KINDS[kind].data(4, 0)
    if kind == "vit":
        data.noise = 0.0
    trainer = tiny.trained(tiny.KINDS[kind], args, model=model, methods=[], train_dataset=data, unlabeled_dataset=None)
    batch = trainer.data_collator([data[i] for i in range(4)])
    labels = batch.pop("labels").flatten()
    loss = F.cross_entropy(start(**batch).logits.reshape(-1, 3), labels, ignore_index=-100)
    loss.backward()
    assert tiny.lines(trainer)[0]["loss"] == pytest.approx(loss.item(), rel=1e-6)
    for name, weight in start.named_parameters():
        moved = weight - 0.1 * (weight.grad if weight.grad is not None else 0)
        torch.testing.assert_close(model.get_parameter(name), moved, atol=1e-6, rtol=1e-4)


def test_fine_tuning_learns_as_the_stock_trainer_does(tmp_path: Path) -> None:
    ours = tiny.trained(tiny.WORDS, tiny.arguments(tmp_path, max_steps=60, learning_rate=5e-3), methods=[])
    stock = Trainer(
        tiny.bert(), tiny.arguments(tmp_path, max_steps=60, learning_rate=5e-3), train_dataset=tiny.sentences(10, 0),
        eval_dataset=tiny.sentences(6, 2), data_collator=ours.data_collator,
    )  # fmt: skip
    stock.train()
    assert ours.evaluate()["eval_loss"] == pytest.approx(stock.evaluate()["eval_loss"], abs=0.3)
    assert tiny.lines(ours)[-1]["loss"] < 0.5 * tiny.lines(ours)[0]["loss"]


# ---- unlabelled labels ----


def relabeled(kind: str) -> tuple[Any, Any]:
    data = tiny.KINDS[kind].data(22, 1)
    if kind == "vit":
        other = tiny.Images(data.labels)
        # The picture stays that of the old label; only what is said of it changes.
        draw = data.__getitem__
        other = Relabeled(draw, [(label + 1) % 3 for label in data.labels])
        return data, other
    return data, data.map(lambda row: {"labels": [t if t == -100 else (t + 1) % 3 for t in row["labels"]]})


class Relabeled(torch.utils.data.Dataset):
    def __init__(self, draw: Any, labels: list[int]) -> None:
        self.draw, self.labels = draw, labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {**self.draw(index), "labels": self.labels[index]}


@pytest.mark.parametrize("audit", [False, True])
@BOTH
def test_false_labels_of_the_unlabelled_set_change_no_loss(tmp_path: Path, kind: str, audit: bool) -> None:
    args = tiny.arguments(tmp_path, audit_pseudo_labels=audit)
    true, false = (
        tiny.trained(tiny.KINDS[kind], args, unlabeled_dataset=data, methods=[preset_of(kind, warmup_ratio=0.0)])
        for data in relabeled(kind)
    )
    tiny.assert_same(tiny.everything(true), tiny.everything(false))
    assert [tiny.terms(line) for line in tiny.lines(true)] == [tiny.terms(line) for line in tiny.lines(false)]
    if audit:
        accuracy = "pseudo_label_accuracy"
        assert [line[accuracy] for line in tiny.lines(true)] != [line[accuracy] for line in tiny.lines(false)]


def test_pseudo_labels_are_judged_over_all_words_and_over_entity_words(tmp_path: Path) -> None:
    args = tiny.arguments(tmp_path, audit_pseudo_labels=True, max_steps=2)
    trainer = tiny.trainer(tiny.WORDS, args, methods=[preset_of("bert", warmup_ratio=0.0)])
    with torch.no_grad():  # a model that says B-PER of every word
        trainer.model.classifier.weight.zero_()
        trainer.model.classifier.bias.copy_(torch.tensor([0.0, 9.0, 0.0]))
    words = [tag for row in trainer.unlabeled_dataset["labels"] for tag in row if tag != -100]
    trainer.train()
    line = tiny.lines(trainer)[0]
    assert line["pseudo_label_coverage"] == 1
    assert line["pseudo_label_accuracy"] == pytest.approx(words.count(1) / len(words), abs=0.2)
    assert line["pseudo_label_accuracy_entities"] > line["pseudo_label_accuracy"]


def test_coverage_is_the_share_of_pseudo_labels_above_the_threshold(tmp_path: Path) -> None:
    trainer = tiny.trained(
        tiny.IMAGES, tiny.arguments(tmp_path), methods=[preset_of("vit", threshold=0.99, warmup_ratio=0.0)]
    )
    assert tiny.lines(trainer)[0]["pseudo_label_coverage"] == 0
    assert "pseudo_label_accuracy" not in tiny.lines(trainer)[0]


# ---- evaluation ----


@pytest.mark.parametrize("bf16", [False, True])
@pytest.mark.parametrize("kind", ["bert", "vit", "timm"])
def test_evaluate_and_predict_are_the_stock_trainers(tmp_path: Path, kind: str, bf16: bool) -> None:
    args = tiny.arguments(tmp_path, bf16=bf16)
    data = tiny.KINDS[kind].data(7, 3)
    if kind != "bert":
        data.noise = 0.0
    ours = tiny.trained(tiny.KINDS[kind], args, eval_dataset=data)
    stock = Trainer(ours.model, args, eval_dataset=data, data_collator=ours.data_collator)
    mine, theirs = ours.predict(data), stock.predict(data)
    assert (mine.predictions == theirs.predictions).all()
    assert (mine.label_ids == theirs.label_ids).all()
    assert ours.evaluate()["eval_loss"] == stock.evaluate()["eval_loss"]


@BOTH
def test_an_evaluation_first_leaves_the_key_encoder_its_own_forward(tmp_path: Path, kind: str) -> None:
    args = tiny.arguments(tmp_path, use_cpu=True, bf16=True, learning_rate=1e-2)
    model = tiny.KINDS[kind].model(dropout=0.0)
    trainer = tiny.trainer(tiny.KINDS[kind], args, model=model, methods=[preset_of(kind, warmup_ratio=0.0)])
    trainer.evaluate()
    trainer.train()
    example = trainer.data_collator([tiny.KINDS[kind].data(1, 5)[0]])
    copied = trainer.methods[0].key_encoder
    student, keys = trainer.model.eval()(**example).logits, copied.eval()(**example).logits
    assert not torch.allclose(student.float(), keys.float(), atol=1e-3)
    # The copy with the student's weights is the student: nothing else distinguishes them.
    copied.restart()
    torch.testing.assert_close(copied(**example).logits.float(), student.float(), atol=1e-2, rtol=1e-2)


def test_evaluating_first_trains_the_same(tmp_path: Path) -> None:
    plain = tiny.trained(tiny.WORDS, tiny.arguments(tmp_path, bf16=True), model=tiny.bert(dropout=0.0))
    trainer = tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path, bf16=True), model=tiny.bert(dropout=0.0))
    trainer.evaluate()
    trainer.train()
    tiny.assert_same(tiny.everything(trainer), tiny.everything(plain))


def test_training_stops_early(tmp_path: Path) -> None:
    args = tiny.arguments(
        tmp_path,
        eval_strategy="steps", eval_steps=1, save_strategy="steps", save_steps=1,
        load_best_model_at_end=True, metric_for_best_model="eval_quality",
    )  # fmt: skip
    trainer = tiny.trained(
        tiny.WORDS,
        args,
        compute_metrics=lambda _: {"quality": 1.0},
        callbacks=[EarlyStoppingCallback(early_stopping_patience=2)],
    )
    assert trainer.state.global_step == 3


def test_several_evaluation_sets_are_told_apart(tmp_path: Path) -> None:
    sets = {"near": tiny.sentences(4, 3), "far": tiny.sentences(5, 4)}
    args = tiny.arguments(tmp_path, eval_strategy="steps", eval_steps=8)
    trainer = tiny.trained(tiny.WORDS, args, eval_dataset=sets)
    names = {name for line in trainer.state.log_history for name in line}
    assert {"eval_near_loss", "eval_far_loss"} <= names


# ---- optimizer, arguments, data ----


def rates(optimizer: torch.optim.Optimizer) -> dict[torch.Tensor, tuple[float, float]]:
    return {p: (group["lr"], group["weight_decay"]) for group in optimizer.param_groups for p in group["params"]}


@pytest.mark.parametrize("kind", ["bert", "vit", "timm"])
def test_heads_learn_faster_and_biases_and_norms_do_not_decay(tmp_path: Path, kind: str) -> None:
    trainer = tiny.trainer(tiny.KINDS[kind], tiny.arguments(tmp_path, weight_decay=0.1, head_lr_ratio=5))
    found = rates(trainer.create_optimizer())
    module = trainer.training_module
    heads = module.head_parameters()
    assert len(heads) == 4  # weight and bias of classifier and projector
    trained = {name: p for name, p in module.named_parameters() if p.requires_grad}
    assert found.keys() == set(trained.values())
    norms = {p for m in module.modules() if "Norm" in type(m).__name__ for p in m.parameters()}
    for name, parameter in trained.items():
        rate, decay = found[parameter]
        assert rate == pytest.approx(5e-3 if parameter in heads else 1e-3), name
        assert decay == (0.0 if name.endswith("bias") or parameter in norms else 0.1), name


def test_a_given_optimizer_trains_the_projector_too(tmp_path: Path) -> None:
    model = tiny.bert()
    given = torch.optim.SGD(model.parameters(), lr=0.1)
    trainer = tiny.trainer(
        tiny.WORDS, tiny.arguments(tmp_path), model=model, optimizers=(given, None),
        methods=[preset_of("bert", warmup_ratio=0.0)],
    )  # fmt: skip
    before = trainer.training_module.methods[0].projector.weight.detach().clone()
    trainer.train()
    assert not torch.equal(before, trainer.training_module.methods[0].projector.weight)
    assert rates(given)[model.bert.embeddings.word_embeddings.weight][0] < 0.1  # the schedule is applied


def test_model_init_makes_the_model_and_the_objective_anew(tmp_path: Path) -> None:
    trainer = tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path), model_init=lambda: tiny.bert())
    trainer.train()
    first = tiny.everything(trainer)
    model = trainer.model
    trainer.train()
    assert trainer.model is not model
    assert trainer.training_module.student is trainer.model
    tiny.assert_same(tiny.everything(trainer), first)


def test_a_model_that_model_init_makes_has_the_memory_format_and_the_tags(tmp_path: Path) -> None:
    def made() -> tiny.PreTrainedModel:
        model = tiny.resnet()
        model.model_tags = None  # a list of the class would keep the tags of an earlier model
        return model

    args = tiny.arguments(tmp_path, max_steps=1, channels_last=True)
    trainer = tiny.trained(tiny.TIMM_IMAGES, args, model_init=made, methods=["fixmatch"])
    assert trainer.model.model_tags == ["semi-supervised", "fixmatch"]
    for module in (trainer.model, *trainer.training_module.methods):
        for weight in module.parameters():
            assert weight.ndim != 4 or weight.is_contiguous(memory_format=torch.channels_last)


def test_a_second_training_goes_on_with_the_same_objective(tmp_path: Path) -> None:
    trainer = tiny.trained(tiny.WORDS, tiny.arguments(tmp_path))
    module, before = trainer.training_module, tiny.everything(trainer)
    trainer.train()
    assert trainer.training_module is module
    assert not torch.equal(tiny.everything(trainer)["student.classifier.weight"], before["student.classifier.weight"])


def test_plain_training_arguments_are_taken_over(tmp_path: Path) -> None:
    plain = TrainingArguments(
        str(tmp_path), max_steps=2, per_device_train_batch_size=4, use_cpu=True, report_to=[], disable_tqdm=True
    )
    trainer = tiny.trained(tiny.WORDS, plain)
    assert isinstance(trainer.args, SelfTuningConfig)
    assert trainer.state.global_step == 2


def test_columns_that_a_transform_needs_are_left_alone(tmp_path: Path) -> None:
    data = tiny.sentences(22, 1).rename_columns({"input_ids": "ids", "labels": "tags"})

    def encode(rows: dict[str, list]) -> dict[str, list]:
        return {"input_ids": rows["ids"], "attention_mask": rows["attention_mask"], "labels": rows["tags"]}

    given = {name: data.with_transform(encode) for name in ("train_dataset", "unlabeled_dataset", "eval_dataset")}
    trainer = tiny.trained(tiny.WORDS, tiny.arguments(tmp_path, remove_unused_columns=True), **given)
    assert trainer.evaluate()["eval_loss"] > 0


def test_columns_the_model_does_not_know_are_no_hindrance(tmp_path: Path) -> None:
    def with_text(data: Any) -> Any:
        return data.add_column("text", ["words"] * len(data))

    data = {"train_dataset": tiny.sentences(10, 0), "unlabeled_dataset": tiny.sentences(22, 1)}
    trainer = tiny.trained(
        tiny.WORDS, tiny.arguments(tmp_path), **{name: with_text(each) for name, each in data.items()}
    )
    assert trainer.state.global_step == 8


def test_the_model_stays_the_users_own(tmp_path: Path) -> None:
    model = tiny.bert()
    names = list(model.state_dict())
    trainer = tiny.trained(tiny.WORDS, tiny.arguments(tmp_path), model=model)
    assert trainer.model is model
    assert list(model.state_dict()) == names


def test_frozen_norms_keep_their_statistics_in_student_and_key_encoder_and_still_learn(tmp_path: Path) -> None:
    method = SelfTuning(queue_size=4, projector_dim=8)
    args = tiny.arguments(tmp_path, max_steps=2, freeze_norms=True)
    trainer = tiny.trainer(tiny.TIMM_IMAGES, args, methods=[method])
    module = trainer.training_module
    before = {name: value.clone() for name, value in module.state_dict().items() if "running_" in name}
    weights = {name: value.clone() for name, value in trainer.model.named_parameters() if ".bn" in name}
    trainer.train()
    assert len(before) > 2
    assert weights
    state = module.state_dict()
    assert all(torch.equal(state[name], value) for name, value in before.items())
    assert any(not torch.equal(trainer.model.get_parameter(name), value) for name, value in weights.items())


def test_the_weight_of_the_labels_holds_for_a_term_in_their_place(tmp_path: Path) -> None:
    found = []
    for weight in (1.0, 0.25):
        args = tiny.arguments(tmp_path, supervised_weight=weight)
        trainer = tiny.trainer(tiny.IMAGES, args, model=tiny.vit(dropout=0.0), methods=[METHODS["mixmatch"]()])
        step = tiny.first_step(trainer)
        torch.manual_seed(0)
        found.append(trainer.training_module(step)[0]["supervised"].item())
    assert found[1] == pytest.approx(found[0] / 4)


def test_figures_are_of_the_first_method_and_those_of_queues_of_the_one_that_fills_them(tmp_path: Path) -> None:
    figures = {}
    for names in (["fixmatch"], ["self_tuning"], ["fixmatch", "self_tuning"]):
        methods = [tiny.preset(METHODS[name], "words", warmup_ratio=0.0, start="none") for name in names]
        args = tiny.arguments(tmp_path, audit_pseudo_labels=True)
        trainer = tiny.trainer(tiny.WORDS, args, model=tiny.bert(dropout=0.0), methods=methods)
        figures["+".join(names)] = trainer.training_module(tiny.first_step(trainer))[1]
    alone, queues, both = figures.values()
    assert alone.keys() | queues.keys() == both.keys()
    for name, (above, below) in both.items():
        expected = queues[name] if name.startswith("queue_") else alone[name]
        assert torch.equal(above, expected[0]), name
        assert torch.equal(below, expected[1]), name
