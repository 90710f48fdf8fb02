"""With `methods=[]` a script's run is Trainer's run, to the bit, whatever the script changes."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiny
import torch
from torch import nn
from torch.utils.data import DataLoader, SequentialSampler, WeightedRandomSampler
from transformers import (
    BertForSequenceClassification,
    BertForTokenClassification,
    DataCollatorForTokenClassification,
    DataCollatorWithPadding,
    PreTrainedModel,
    Trainer,
    TrainingArguments,
)

from hf_selftuning import SelfTuningTrainer

WEIGHT = torch.tensor([0.1, 30.0, 5.0])


class Weighted(BertForTokenClassification):
    """A tagger whose own loss weighs classes."""

    def forward(self, input_ids: Any = None, attention_mask: Any = None, labels: Any = None, **named: Any) -> Any:
        output = super().forward(input_ids=input_ids, attention_mask=attention_mask, **named)
        if labels is not None:
            output["loss"] = nn.functional.cross_entropy(output.logits.view(-1, 3), labels.view(-1), weight=WEIGHT)
        return output


def weighted_bert() -> PreTrainedModel:
    torch.manual_seed(0)
    return Weighted(tiny.bert().config)


def weigh(output: Any, labels: Any, num_items_in_batch: Any = None) -> torch.Tensor:
    """A `compute_loss_func` that uses the number of rows of the whole step."""
    losses = nn.functional.cross_entropy(output.logits.view(-1, 3), labels.view(-1), weight=WEIGHT, reduction="sum")
    return losses / num_items_in_batch


def weighted(base: type[Trainer]) -> type[Trainer]:
    class Weighted(base):  # type: ignore[misc, valid-type]
        def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False, **kwargs: Any) -> Any:
            labels = inputs.pop("labels")
            output = model(**inputs)
            loss = nn.functional.cross_entropy(output.logits.view(-1, 3), labels.view(-1), weight=WEIGHT)
            return (loss, output) if return_outputs else loss

    return Weighted


def sampled(base: type[Trainer]) -> type[Trainer]:
    class Sampled(base):  # type: ignore[misc, valid-type]
        def _get_train_sampler(self, train_dataset: Any = None) -> Any:
            return WeightedRandomSampler([1.0] * 9 + [9.0], 10)

    return Sampled


def loaded(base: type[Trainer]) -> type[Trainer]:
    class Loaded(base):  # type: ignore[misc, valid-type]
        def get_train_dataloader(self) -> DataLoader:
            data = self.train_dataset
            return self.accelerator.prepare(
                DataLoader(data, batch_size=4, collate_fn=self.data_collator, sampler=SequentialSampler(data))
            )

    return Loaded


def optimised(base: type[Trainer]) -> type[Trainer]:
    class Optimised(base):  # type: ignore[misc, valid-type]
        def create_optimizer(self, model: Any = None) -> Any:
            self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)
            return self.optimizer

    return Optimised


def stepped(base: type[Trainer]) -> type[Trainer]:
    class Stepped(base):  # type: ignore[misc, valid-type]
        def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> Any:
            loss = 2 * self.compute_loss(model, inputs)
            self.accelerator.backward(loss)
            return loss.detach()

    return Stepped


def unchanged(base: type[Trainer]) -> type[Trainer]:
    return base


def run(base: type[Trainer], out: Path, change: Callable[..., type[Trainer]], given: dict[str, Any]) -> Trainer:
    """A run of Trainer or of ours, on plain arguments."""
    flags = {name: value for name, value in given.items() if name in TrainingArguments.__dataclass_fields__}
    resume = given.get("resume")
    parts = {name: value for name, value in given.items() if name not in flags and name != "resume"}
    model = parts.pop("model", tiny.bert)()
    if "optimizers" in parts:
        parts["optimizers"] = parts["optimizers"](model)
    ours = {"methods": []} if base is SelfTuningTrainer else {}
    made = change(base)(
        model,
        TrainingArguments(
            str(out), per_device_train_batch_size=4, learning_rate=1e-2, logging_steps=1,
            report_to=[], use_cpu=True, disable_tqdm=True, **{"save_strategy": "no", "max_steps": 3, **flags},
        ),
        train_dataset=tiny.sentences(10, 0), eval_dataset=tiny.sentences(6, 2),
        data_collator=DataCollatorForTokenClassification(tiny.tokenizer()), **parts, **ours,
    )  # fmt: skip
    made.train(resume_from_checkpoint=resume and str(resume))
    return made


def own_optimizers(model: nn.Module) -> tuple[Any, Any]:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (1 + step))


Change = Callable[[type[Trainer]], type[Trainer]]
SCRIPTS: dict[str, tuple[Change, dict[str, Any]]] = {
    "a schedule, accumulation, tokens": (
        unchanged,
        {"weight_decay": 0.1, "warmup_steps": 2, "gradient_accumulation_steps": 2, "max_steps": -1,
         "num_train_epochs": 2, "lr_scheduler_type": "cosine", "include_num_input_tokens_seen": "all"},
    ),
    "a model's own loss, and an order of the script's own": (sampled, {"model": weighted_bert}),
    "compute_loss_func and optimizers": (
        unchanged, {"compute_loss_func": weigh, "gradient_accumulation_steps": 2, "optimizers": own_optimizers}
    ),
    "label_smoothing_factor and training_step, in order": (
        stepped, {"label_smoothing_factor": 0.1, "train_sampling_strategy": "sequential"}
    ),
    "compute_loss, in half precision, with evaluation": (weighted, {"eval_strategy": "steps", "eval_steps": 2,
                                                                    "bf16": True}),
    "get_train_dataloader": (loaded, {}),
    "create_optimizer, grouped by length": (optimised, {"train_sampling_strategy": "group_by_length"}),
}  # fmt: skip
SLOW = pytest.mark.slow
CLOCK = ("runtime", "per_second")


def results(trainer: Trainer) -> list[dict[str, float]]:
    """The log without times."""
    return [{n: v for n, v in line.items() if not n.endswith(CLOCK)} for line in trainer.state.log_history]


FAST = [name for name in SCRIPTS if "loss" in name or "loader" in name]


@pytest.mark.parametrize("name", [name if name in FAST else pytest.param(name, marks=SLOW) for name in SCRIPTS])
def test_a_run_without_methods_is_trainers_to_the_bit(tmp_path: Path, name: str) -> None:
    change, given = SCRIPTS[name]
    plain, ours = (run(base, tmp_path / base.__name__, change, given) for base in (Trainer, SelfTuningTrainer))
    assert results(ours) == results(plain)
    assert len(results(ours)) > 2
    tiny.assert_same(dict(ours.model.state_dict()), dict(plain.model.state_dict()))
    # Trainer shuffles an evaluation that it groups by length; ours does not, so the sum is rounded otherwise.
    assert ours.evaluate()["eval_loss"] == pytest.approx(plain.evaluate()["eval_loss"], rel=1e-6)


def test_a_regression_is_trainers_to_the_bit(tmp_path: Path) -> None:
    config = tiny.text_bert().config
    config.num_labels = 1
    texts = tiny.texts(10, 0)
    lengths = texts.remove_columns("labels").add_column("labels", [float(len(ids)) for ids in texts["input_ids"]])
    found = []
    for base in (Trainer, SelfTuningTrainer):
        torch.manual_seed(0)
        given = {"methods": []} if base is SelfTuningTrainer else {}
        args = TrainingArguments(
            str(tmp_path / base.__name__), max_steps=3, use_cpu=True, report_to="tensorboard", seed=1
        )
        trainer = base(
            BertForSequenceClassification(config), args, train_dataset=lengths, eval_dataset=lengths,
            data_collator=DataCollatorWithPadding(tiny.tokenizer()), **given,
        )  # fmt: skip
        trainer.train()
        found.append((trainer.evaluate()["eval_loss"], trainer.predict(lengths).predictions.tolist()))
        trainer.create_model_card()
    assert found[0] == found[1]


@dataclasses.dataclass
class OfAScript(TrainingArguments):
    """Arguments with a field of the script's own."""

    task_name: str = "pos"


@pytest.mark.parametrize("kind", [TrainingArguments, OfAScript])
def test_arguments_that_a_script_changes_later_count(tmp_path: Path, kind: type[TrainingArguments]) -> None:
    args = kind(str(tmp_path), max_steps=3, use_cpu=True, report_to=[])
    trainer = tiny.trainer(tiny.WORDS, args, methods=["fixmatch"])
    args.max_steps = 1
    trainer.train()
    assert trainer.state.global_step == 1
    assert vars(trainer.args) is vars(args)


def test_each_may_resume_the_checkpoint_of_the_other(tmp_path: Path) -> None:
    saving = {"save_strategy": "steps", "save_steps": 2, "max_steps": 4}
    whole = [run(base, tmp_path / base.__name__, unchanged, saving) for base in (Trainer, SelfTuningTrainer)]
    for base, other in ((SelfTuningTrainer, "Trainer"), (Trainer, "SelfTuningTrainer")):
        resumed = run(base, tmp_path / "resumed", unchanged, {**saving, "resume": tmp_path / other / "checkpoint-2"})
        assert results(resumed)[2:4] == results(whole[0])[2:4] == results(whole[1])[2:4]
        tiny.assert_same(dict(resumed.model.state_dict()), dict(whole[0].model.state_dict()))
