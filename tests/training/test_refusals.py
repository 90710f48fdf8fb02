"""What the trainer refuses, each by its words."""

from pathlib import Path
from typing import Any

import pytest
import tiny
import torch
from accelerate.parallelism_config import ParallelismConfig
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import (
    BertConfig,
    BertForMultipleChoice,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)
from transformers.modeling_outputs import TokenClassifierOutput

from hf_selftuning import SelfTuning, SelfTuningConfig, SelfTuningTrainer
from hf_selftuning.modules.method_state import STATE_FILE
from hf_selftuning.monitoring.loss_log import Ledger
from hf_selftuning.training.sharding_checks import check_engines


class Stream(torch.utils.data.IterableDataset):
    def __iter__(self) -> Any:
        return iter([])


# ---- launches and arguments ----


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("deepspeed", {"zero_optimization": {"stage": 2}}),
        ("parallelism_config", ParallelismConfig(tp_size=2)),
    ],
)
def test_engines_that_cannot_shard_the_copies_are_refused(tmp_path: Path, name: str, value: Any) -> None:
    args = tiny.arguments(tmp_path)
    setattr(args, name, value)  # given in time, it would start the sharding of the whole test process
    with pytest.raises(ValueError, match=r"shards models by FSDP2 alone.*fsdp2.yaml, or with DDP"):
        tiny.trainer(tiny.WORDS, args)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"model": "bert-base-cased"}, r"model='bert-base-cased' is a name; load it first"),
        ({"task": "words"}, r"task='words' is no Task; leave it out"),
    ],
)
def test_a_name_in_place_of_an_object_is_refused(tmp_path: Path, given: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path), **given)


def test_an_engine_that_only_the_launcher_asked_for_is_refused() -> None:
    check_engines(False)
    with pytest.raises(ValueError, match="shards models by FSDP2 alone"):
        check_engines(True)


def test_dispatched_batches_are_refused(tmp_path: Path) -> None:
    args = tiny.arguments(tmp_path, accelerator_config={"dispatch_batches": True})
    with pytest.raises(ValueError, match="dispatch_batches=True would cut unlabelled batches short"):
        tiny.trainer(tiny.WORDS, args)


def test_an_order_for_one_stream_is_refused(tmp_path: Path) -> None:
    args = tiny.arguments(tmp_path, train_sampling_strategy="sequential")
    with pytest.raises(ValueError, match="'sequential' orders one stream, and there are two"):
        tiny.trainer(tiny.WORDS, args)


def test_one_process_with_several_gpus_is_told_to_use_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    args = tiny.arguments(tmp_path)
    monkeypatch.setattr(TrainingArguments, "n_gpu", property(lambda _: 2))
    tiny.trainer(tiny.WORDS, args)
    assert "One process sees 2 GPUs and uses the first" in caplog.text
    assert (args.n_gpu, args.train_batch_size) == (1, 4)


@pytest.mark.parametrize(("name", "value"), [("head_lr_ratio", 0), ("unlabeled_batch_ratio", 0)])
def test_settings_that_train_nothing_are_refused(tmp_path: Path, name: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"{name}=0"):
        tiny.arguments(tmp_path, **{name: value})


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16])
def test_half_precision_weights_are_refused_beside_methods_alone(tmp_path: Path, kind: torch.dtype) -> None:
    with pytest.raises(ValueError, match=rf"trains weights in {kind}, .* load it with dtype=torch.float32"):
        tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path), model=tiny.bert().to(kind))
    tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path), model=tiny.bert().to(kind), methods=[])
    frozen = tiny.bert().to(kind).requires_grad_(False)
    frozen.classifier.float().requires_grad_(True)
    tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path), model=frozen)


def test_an_evaluation_in_half_precision_before_the_training_is_told(tmp_path: Path) -> None:
    trainer = tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path, bf16_full_eval=True))
    trainer.evaluate()
    with pytest.raises(ValueError, match=r"evaluate before the training without bf16_full_eval or fp16_full_eval"):
        trainer.train()


# ---- data ----


@pytest.mark.parametrize("name", ["train_dataset", "unlabeled_dataset"])
def test_streamed_data_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is a stream without a length.*map-style dataset"):
        tiny.trained(tiny.WORDS, tiny.arguments(tmp_path), **{name: Stream()})


def test_a_stream_of_labelled_examples_is_refused(tmp_path: Path) -> None:
    streamed = tiny.sentences(10, 1).to_iterable_dataset()
    with pytest.raises(ValueError, match="train_dataset is a stream without a length"):
        tiny.trained(tiny.WORDS, tiny.arguments(tmp_path), train_dataset=streamed)


def test_an_empty_stream_is_refused(tmp_path: Path) -> None:
    streamed = tiny.sentences(22, 1).to_iterable_dataset().filter(lambda _: False)
    with pytest.raises(ValueError, match="unlabeled_dataset is a stream without a single example"):
        tiny.trained(tiny.WORDS, tiny.arguments(tmp_path), unlabeled_dataset=streamed)


def test_training_without_labelled_examples_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Training needs train_dataset="):
        tiny.trained(tiny.WORDS, tiny.arguments(tmp_path), train_dataset=None)


def test_an_empty_unlabelled_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unlabeled_dataset is empty; leave it out"):
        tiny.trained(tiny.WORDS, tiny.arguments(tmp_path), unlabeled_dataset=tiny.sentences(22, 1).select([]))


def test_an_unlabelled_set_smaller_than_a_step_is_refused(tmp_path: Path) -> None:
    args = tiny.arguments(tmp_path, gradient_accumulation_steps=2, unlabeled_batch_ratio=2)
    with pytest.raises(ValueError, match="unlabeled_dataset has 15 examples and a step takes 16; lower"):
        tiny.trained(tiny.WORDS, args, unlabeled_dataset=tiny.sentences(15, 1))


def test_labels_in_the_unlabelled_set_are_spoken_of_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    tiny.trained(tiny.WORDS, tiny.arguments(tmp_path))
    said = "The column 'labels' of the unlabelled set is hidden before any loss sees it: no label in it is read."
    assert [record.message for record in caplog.records].count(said) == 1


def test_audited_labels_are_not_spoken_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    tiny.trained(tiny.WORDS, tiny.arguments(tmp_path, audit_pseudo_labels=True))
    assert "is hidden" not in caplog.text


def test_unlabelled_words_without_their_positions_are_refused(tmp_path: Path) -> None:
    bare = tiny.sentences(22, 1).remove_columns("labels")
    with pytest.raises(ValueError, match=r"columns input_ids, attention_mask and no `labels`.*0 at the first piece"):
        tiny.trained(tiny.WORDS, tiny.arguments(tmp_path), unlabeled_dataset=bare)


def test_labels_beyond_the_model_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="A label is 7, and the model has num_labels=3"):
        tiny.trained(tiny.IMAGES, tiny.arguments(tmp_path), train_dataset=SevenFirst())


class SevenFirst(torch.utils.data.Dataset):
    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {"pixel_values": torch.zeros(3, 32, 32), "labels": 7}


@pytest.mark.parametrize("methods", [[], "fixmatch"])
def test_an_evaluated_label_that_is_no_class_is_refused(tmp_path: Path, methods: Any) -> None:
    hidden = tiny.texts(6, 2).map(lambda text, place: {"labels": -1 if place == 2 else 1}, with_indices=True)
    trainer = tiny.trainer(tiny.TEXTS, tiny.arguments(tmp_path), methods=methods)
    for scored in (trainer.evaluate, trainer.predict):
        with pytest.raises(ValueError, match=r"An evaluated label is -1, and the model has num_labels=3; leave"):
            scored(hidden)
    assert trainer.predict(hidden.remove_columns("labels")).metrics.keys().isdisjoint({"test_loss"})


# ---- models ----


def test_a_single_class_is_refused(tmp_path: Path) -> None:
    config = tiny.bert().config
    config.num_labels = 1
    with pytest.raises(ValueError, match="The model has num_labels=1, but a classifier needs two classes"):
        tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path), model=type(tiny.bert())(config))


def test_a_model_of_no_known_task_is_refused(tmp_path: Path) -> None:
    model = BertForMultipleChoice(
        BertConfig(vocab_size=50, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)
    )
    with pytest.raises(ValueError, match=r"BertForMultipleChoice is no .* say how it is read with task="):
        tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path), model=model)


def test_a_model_without_a_classifier_is_refused(tmp_path: Path) -> None:
    model = tiny.bert()
    model.classifier = nn.Sequential(nn.Bilinear(16, 16, 3))
    with pytest.raises(ValueError, match=r"has no linear layer with 3 outputs.*feature_module="):
        tiny.trained(tiny.WORDS, tiny.arguments(tmp_path), model=model)


def test_a_feature_module_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"feature_module='head\.last' is no module of BertForTokenClassification"):
        tiny.trained(tiny.WORDS, tiny.arguments(tmp_path, feature_module="head.last"))


# ---- checkpoints ----


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> SelfTuningConfig:
    args = tiny.arguments(tmp_path_factory.mktemp("run"), max_steps=4, save_strategy="steps", save_steps=2)
    tiny.trained(tiny.WORDS, args)
    return args


def test_a_checkpoint_with_other_settings_is_refused(run: SelfTuningConfig) -> None:
    wider = SelfTuning.from_preset("words", projector_dim=16)
    with pytest.raises(ValueError, match=r"was written with other methods or settings: .*projector.* differ; resume"):
        tiny.resumed(tiny.WORDS, run, 2, methods=[wider])


def test_a_checkpoint_of_other_methods_is_refused(run: SelfTuningConfig) -> None:
    with pytest.raises(ValueError, match="was written with other methods or settings"):
        tiny.resumed(tiny.WORDS, run, 2, methods=[])


def test_a_checkpoint_that_lacks_a_tensor_is_refused(run: SelfTuningConfig) -> None:
    path = Path(str(run.output_dir)) / "checkpoint-2" / STATE_FILE
    whole = load_file(path)
    save_file({name: tensor for name, tensor in whole.items() if "written" not in name}, path)
    with pytest.raises(ValueError, match=r"queues.labeled.written differ"):
        tiny.resumed(tiny.WORDS, run, 2)
    save_file(whole, path)


def test_a_checkpoint_without_the_methods_state_is_refused(run: SelfTuningConfig) -> None:
    (Path(str(run.output_dir)) / "checkpoint-4" / STATE_FILE).unlink()
    with pytest.raises(ValueError, match=f"has no {STATE_FILE}: it was not written by SelfTuningTrainer"):
        tiny.resumed(tiny.WORDS, run, 4)


# ---- losses that break ----


class BreaksAt(nn.Module):
    """A model whose logits are not numbers from a step on."""

    def __init__(self, trainer: SelfTuningTrainer, step: int) -> None:
        super().__init__()
        self.trainer, self.step = [trainer], step

    def forward(self, module: nn.Module, args: Any, output: TokenClassifierOutput) -> TokenClassifierOutput:
        if self.trainer[0].state.global_step + 1 >= self.step:
            output.logits = output.logits * torch.nan
        return output


def test_a_loss_that_is_not_finite_stops_the_training_and_is_named(tmp_path: Path) -> None:
    args = tiny.arguments(tmp_path, save_strategy="steps", save_steps=1, logging_steps=100)
    trainer = tiny.trainer(tiny.WORDS, args)
    trainer.model.register_forward_hook(BreaksAt(trainer, 3).forward)
    with pytest.raises(FloatingPointError, match=r"loss_supervised was not finite at step 3, so training stopped"):
        trainer.train()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-1", "checkpoint-2"]


class LateNews(TrainerCallback):
    """A device tells late that a term was broken: not before the next line of the log, or the next checkpoint."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if state.global_step == 2:
            self.ledger._bad["late"] = torch.tensor(2.0)


def test_no_checkpoint_holds_what_a_broken_loss_left(tmp_path: Path) -> None:
    trainer = tiny.trainer(
        tiny.WORDS, tiny.arguments(tmp_path, save_strategy="steps", save_steps=1, logging_steps=100)
    )
    trainer.add_callback(LateNews(trainer._ledger))
    with pytest.raises(FloatingPointError, match="loss_late was not finite at step 2"):
        trainer.train()
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-1"]


def test_the_filter_of_broken_losses_is_off(tmp_path: Path) -> None:
    plain = TrainingArguments(str(tmp_path), use_cpu=True, report_to=[])
    assert plain.logging_nan_inf_filter
    assert not SelfTuningConfig.of(plain).logging_nan_inf_filter
