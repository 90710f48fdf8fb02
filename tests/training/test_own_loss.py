"""A supervised loss of the script's own trains beside the methods, as the term `supervised`."""

from pathlib import Path
from typing import Any

import pytest
import tiny
import torch
from test_plain_runs import WEIGHT, Weighted, weigh, weighted, weighted_bert
from torch import nn
from transformers import BertForTokenClassification, DataCollatorForTokenClassification, Trainer

from hf_selftuning import UDA, ImageClassification, SelfTuning, SelfTuningTrainer, TokenClassification
from hf_selftuning.training.own_loss import has_own_loss

ONE_STEP = {"max_steps": 1, "per_device_train_batch_size": 2, "gradient_accumulation_steps": 2}


def made(out: Path, base: type[Trainer] = SelfTuningTrainer, flags: Any = None, **given: Any) -> Any:
    """A trainer of a tagger without dropout, with Self-Tuning from the first step."""
    values = {
        "model": tiny.bert(dropout=0.0), "train_dataset": tiny.sentences(10, 0),
        "unlabeled_dataset": tiny.sentences(22, 1), "processing_class": tiny.tokenizer(),
        "methods": [SelfTuning.from_preset("words", warmup_ratio=0.0)],
    }  # fmt: skip
    return base(**{"args": tiny.arguments(out, **ONE_STEP, **(flags or {})), **values, **given})


def first_terms(trainer: Any) -> dict[str, float]:
    """The terms of the first step, from the log, and the passes of the student on the way."""
    passes: list[int] = []
    trainer.model.register_forward_hook(lambda *_: passes.append(1))
    trainer.train()
    return {**tiny.terms(tiny.lines(trainer)[0]), "passes": len(passes)}


def expected(trainer: Any) -> tuple[float, float]:
    """The weighted loss of the first step: the mean of the micro-batches, and the mean over all rows, unnormalised."""
    batches = [batch["labeled"] for batch, _ in zip(trainer.get_train_dataloader(), range(2), strict=False)]
    losses, sums, rows = [], 0.0, 0
    for batch in batches:
        logits = trainer.model(**batch["views"]["weak.0"]).logits.flatten(0, 1)[batch["rows"]]
        losses.append(nn.functional.cross_entropy(logits, batch["labels"], weight=WEIGHT).item())
        sums += nn.functional.cross_entropy(logits, batch["labels"], weight=WEIGHT, reduction="sum").item()
        rows += len(batch["labels"])
    return sum(losses) / 2, sums / rows


def test_a_loss_of_ones_own_is_the_supervised_term_and_the_methods_see_the_same_pass(tmp_path: Path) -> None:
    mean, whole = expected(made(tmp_path))
    usual = first_terms(made(tmp_path))
    own_model = {"model": weighted_bert()}
    own_model["model"].load_state_dict(tiny.bert(dropout=0.0).state_dict())
    for module in own_model["model"].modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    for trainer, loss in (
        (made(tmp_path, **own_model), mean),
        (made(tmp_path, weighted(SelfTuningTrainer)), mean),
        (made(tmp_path, compute_loss_func=weigh), whole),
    ):
        terms = first_terms(trainer)
        assert terms.pop("loss_supervised") == pytest.approx(loss, rel=1e-5)
        assert terms.pop("passes") <= usual["passes"] + 1  # one more to find the model's own loss
        for name, value in terms.items():
            assert value == pytest.approx(usual[name], rel=1e-5)
        assert len(terms) == 2


class Scaled(SelfTuningTrainer):
    """A loss that is already a share of the mean over the optimizer step."""

    loss_is_scaled_for_ga = True

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        output = model(**{name: value for name, value in inputs.items() if name != "labels"})
        loss = weigh(output, inputs["labels"], num_items_in_batch)
        return (loss, output) if return_outputs else loss


def test_an_override_that_divides_by_the_rows_of_the_step_gets_their_number(tmp_path: Path) -> None:
    _, whole = expected(made(tmp_path))
    assert first_terms(made(tmp_path, Scaled))["loss_supervised"] == pytest.approx(whole, rel=1e-5)


class Regular(Trainer):
    """A penalty on what `super().compute_loss` gives."""

    def compute_loss(self, model: Any, inputs: Any, *given: Any, **named: Any) -> Any:
        assert "input_ids" in inputs
        return super().compute_loss(model, inputs, *given, **named) + 1.0


class RegularTrainer(Regular, SelfTuningTrainer):
    """The override is in a class beside ours."""


def test_a_penalty_on_the_usual_loss_and_a_weight_of_the_term(tmp_path: Path) -> None:
    usual, own = (first_terms(made(tmp_path, base)) for base in (SelfTuningTrainer, RegularTrainer))
    assert own["loss_supervised"] > usual["loss_supervised"] + 0.5
    half = first_terms(made(tmp_path, RegularTrainer, {"supervised_weight": 0.5}))
    assert half["loss_supervised"] == pytest.approx(0.5 * own["loss_supervised"], rel=1e-5)


def test_a_method_with_a_supervised_loss_is_refused_beside_ones_own(tmp_path: Path) -> None:
    trainer = made(tmp_path, weighted(SelfTuningTrainer), methods=[UDA(annealing="linear")])
    with pytest.raises(ValueError, match=r"UDA brings a supervised loss of its own, and so does .* leave one of them"):
        trainer.train()


def test_label_smoothing_replaces_a_models_loss_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    trainer = made(tmp_path, flags={"label_smoothing_factor": 0.1}, model=weighted_bert())
    trainer.train()
    assert not trainer.uses_own_loss
    assert "label_smoothing_factor=0.1 replaces the loss of Weighted by the smoothed cross-entropy" in caplog.text


# ---- which model has a loss of its own ----


class Loss(BertForTokenClassification):
    """A tagger with any loss."""

    def loss(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())

    def forward(self, input_ids: Any = None, attention_mask: Any = None, labels: Any = None, **named: Any) -> Any:
        output = super().forward(input_ids=input_ids, attention_mask=attention_mask, **named)
        if labels is not None:
            output["loss"] = self.loss(output.logits, labels)
        return output


class Focal(Loss):
    def loss(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        likely = -nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none")
        return (-((1 - likely.exp()) ** 2) * likely)[labels.flatten() != -100].mean()


class Penalty(Loss):
    def loss(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return super().loss(logits, labels) + (0.1 * logits.square().mean() if self.training else 0)


class OneRareClass(Loss):
    def loss(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        weight = torch.tensor([1.0, 1.0, 1.5])
        return nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), weight=weight)


@pytest.mark.parametrize(
    ("kind", "own"), [(BertForTokenClassification, False), (Loss, False), (Focal, True), (Penalty, True),
                      (OneRareClass, True), (Weighted, True)],
)  # fmt: skip
def test_a_models_own_loss_is_found_by_its_value(kind: type, own: bool) -> None:
    torch.manual_seed(0)
    model = kind(tiny.bert().config)
    rows = tiny.sentences(4, 0)
    rows = [{**row, "labels": [-100 if label == -100 else 1 for label in row["labels"]]} for row in rows]
    batch = DataCollatorForTokenClassification(tiny.tokenizer())(rows)
    before, random = {n: t.clone() for n, t in model.state_dict().items()}, torch.get_rng_state()
    single = [{name: value[row : row + 1] for name, value in batch.items()} for row in range(len(rows))]
    assert has_own_loss(model, [batch], TokenClassification()) is own
    assert has_own_loss(model, single, TokenClassification()) is own
    tiny.assert_same(before, dict(model.state_dict()))
    assert torch.equal(random, torch.get_rng_state())


def test_the_statistics_of_norms_stay_as_they_were() -> None:
    model, task = tiny.resnet(), ImageClassification()
    batch = {"pixel_values": torch.randn(4, 3, 32, 32), "labels": torch.tensor([0, 1, 2, 0])}
    before = {n: t.clone() for n, t in model.state_dict().items()}
    assert not has_own_loss(model.eval(), [batch], task)
    tiny.assert_same(before, dict(model.state_dict()))
    assert not model.training


class Full(BertForTokenClassification):
    """A tagger whose device is full with more than two sentences in training."""

    def forward(self, input_ids: Any = None, attention_mask: Any = None, labels: Any = None, **named: Any) -> Any:
        if self.training and len(input_ids) > 2:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
        return super().forward(input_ids=input_ids, attention_mask=attention_mask, labels=labels, **named)


def test_a_search_for_the_batch_size_ends_at_the_one_that_fits(tmp_path: Path) -> None:
    args = tiny.arguments(tmp_path, auto_find_batch_size=True, per_device_train_batch_size=3, max_steps=1)
    trainer = SelfTuningTrainer(
        Full(tiny.bert().config), args, train_dataset=tiny.sentences(8, 0), unlabeled_dataset=tiny.sentences(8, 1),
        processing_class=tiny.tokenizer(),
    )  # fmt: skip
    trainer.train()
    assert trainer._train_batch_size == 2
