"""A run that stopped goes on to the bit: model, methods' state, optimizer and log."""

import os
import subprocess
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import tiny
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import BertForTokenClassification, PretrainedConfig, PreTrainedModel, ViTForImageClassification
from transformers.modeling_outputs import SequenceClassifierOutput

from hf_selftuning import SelfTuning, SelfTuningTrainer, TextClassification
from hf_selftuning.training.saved_weights import reload_weights

MIDDLE = 5
slow = pytest.mark.slow


def assert_resumes(kind: tiny.Kind, folder: Path, *, step: int = MIDDLE, **given: Any) -> None:
    # Gradients of convolutions are not the same twice on a GPU.
    on_cpu = kind is tiny.TIMM_IMAGES or tiny.ON_CPU
    args = tiny.arguments(folder, use_cpu=on_cpu, **{"save_strategy": "steps", "save_steps": step, **given})
    whole = tiny.trained(kind, args)
    again = tiny.resumed(kind, args, step)
    tiny.assert_same(tiny.everything(again), tiny.everything(whole))
    assert len(tiny.lines(whole, step)) > 0
    assert tiny.lines(again, step) == tiny.lines(whole, step)


class Bag(nn.Module):
    """A classifier of texts that is no PreTrainedModel."""

    def __init__(self) -> None:
        super().__init__()
        self.config = PretrainedConfig(num_labels=3)
        self.pieces, self.classifier = nn.Embedding(50, 8), nn.Linear(8, 3)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, labels: Any = None) -> SequenceClassifierOutput:
        logits = self.classifier((self.pieces(input_ids) * attention_mask[..., None]).mean(1))
        return SequenceClassifierOutput(None if labels is None else F.cross_entropy(logits, labels), logits)


def bag() -> Bag:
    torch.manual_seed(0)
    return Bag()


def test_a_module_that_is_not_of_transformers_goes_on_and_gets_its_best_weights(tmp_path: Path) -> None:
    def run(folder: Path, **given: Any) -> SelfTuningTrainer:
        often = {"save_strategy": "steps", "save_steps": 2, "eval_strategy": "steps", "eval_steps": 2}
        args = tiny.arguments(folder, load_best_model_at_end=True, **often, learning_rate=0.1)
        trainer = tiny.trainer(
            tiny.TEXTS, args, model=bag(), methods="fixmatch:threshold=0.3", task=TextClassification()
        )
        trainer.train(**given)
        return trainer

    whole = run(tmp_path / "whole")
    again = run(tmp_path / "again", resume_from_checkpoint=str(tmp_path / "whole" / "checkpoint-4"))
    assert tiny.lines(again, 4) == tiny.lines(whole, 4)
    best = load_file(Path(whole.state.best_model_checkpoint) / "model.safetensors")
    tiny.assert_same(best, whole.model.state_dict())


QUICK = [("bert", 1, 0), ("vit", 2, 0), ("timm", 1, 0), ("vit", 1, 2)]
OTHER = sorted(set(product(["bert", "vit", "timm"], [1, 2], [0, 2])) - set(QUICK))


@pytest.mark.parametrize(
    ("kind", "accumulation", "workers"), [*QUICK, *(pytest.param(*case, marks=slow) for case in OTHER)]
)
def test_a_run_goes_on_in_the_middle_of_an_epoch(tmp_path: Path, kind: str, accumulation: int, workers: int) -> None:
    given = {"gradient_accumulation_steps": accumulation, "dataloader_num_workers": workers}
    assert_resumes(tiny.KINDS[kind], tmp_path, per_device_train_batch_size=4 // accumulation, **given)


@pytest.mark.parametrize("kind", ["bert", pytest.param("vit", marks=slow), pytest.param("timm", marks=slow)])
def test_a_run_goes_on_at_the_boundary_of_epochs(tmp_path: Path, kind: str) -> None:
    # 22 unlabelled examples in steps of four: an epoch ends after six steps.
    assert_resumes(tiny.KINDS[kind], tmp_path, step=6, max_steps=14)


@slow
def test_a_run_goes_on_in_a_later_epoch_with_workers(tmp_path: Path) -> None:
    assert_resumes(tiny.WORDS, tmp_path, step=8, max_steps=14, dataloader_num_workers=2)


@pytest.mark.parametrize("kind", ["vit", pytest.param("bert", marks=slow), pytest.param("timm", marks=slow)])
def test_a_run_goes_on_between_evaluations(tmp_path: Path, kind: str) -> None:
    assert_resumes(tiny.KINDS[kind], tmp_path, step=4, eval_strategy="steps", eval_steps=2)


@pytest.mark.parametrize(("sign", "best"), [(-1, 2), (1, 8)])
@pytest.mark.parametrize("kind", ["bert", pytest.param("vit", marks=slow), pytest.param("timm", marks=slow)])
def test_a_resumed_run_ends_with_the_same_best_model(tmp_path: Path, kind: str, sign: int, best: int) -> None:
    args = tiny.arguments(
        tmp_path, eval_strategy="steps", eval_steps=2, save_strategy="steps", save_steps=2,
        load_best_model_at_end=True, metric_for_best_model="quality",
    )  # fmt: skip

    def trained(checkpoint: str | None) -> SelfTuningTrainer:
        # Ever better or ever worse, so that the best step lies behind the checkpoint or before it.
        trainer = tiny.trainer(
            tiny.KINDS[kind], args, compute_metrics=lambda _: {"quality": sign * trainer.state.global_step}
        )
        trainer.train(resume_from_checkpoint=checkpoint)
        assert trainer.state.best_global_step == best
        return trainer

    whole = trained(None)
    again = trained(str(tmp_path / "checkpoint-4"))
    tiny.assert_same(tiny.everything(again), tiny.everything(whole))
    assert tiny.lines(again, 4) == tiny.lines(whole, 4)


@pytest.mark.parametrize("kind", ["bert", "vit"])
def test_without_dropout_an_evaluation_changes_nothing(tmp_path: Path, kind: str) -> None:
    # With dropout it does, as in every Trainer: a DataLoader draws a seed from the generator that dropout uses.
    model = tiny.KINDS[kind].model
    plain = tiny.trained(tiny.KINDS[kind], tiny.arguments(tmp_path / "plain"), model=model(dropout=0.0))
    args = tiny.arguments(tmp_path / "evaluated", eval_strategy="steps", eval_steps=3)
    evaluated = tiny.trained(tiny.KINDS[kind], args, model=model(dropout=0.0))
    tiny.assert_same(tiny.everything(evaluated), tiny.everything(plain))


@pytest.mark.parametrize("accumulation", [1, 2])
def test_a_line_of_the_log_that_the_checkpoint_cut_is_the_same_to_the_bit(tmp_path: Path, accumulation: int) -> None:
    given = {"logging_steps": 3, "audit_pseudo_labels": True, "gradient_accumulation_steps": accumulation}
    assert_resumes(tiny.WORDS, tmp_path, step=4, per_device_train_batch_size=4 // accumulation, **given)


@slow
def test_sentences_grouped_by_length_are_met_again_in_the_same_order(tmp_path: Path) -> None:
    assert_resumes(tiny.WORDS, tmp_path, train_sampling_strategy="group_by_length")


def test_the_published_order_of_queues_resumes_too(tmp_path: Path) -> None:
    args = tiny.arguments(tmp_path, save_strategy="steps", save_steps=MIDDLE)
    whole = tiny.trained(tiny.IMAGES, args, methods=[SelfTuning()])
    again = tiny.resumed(tiny.IMAGES, args, MIDDLE, methods=[SelfTuning()])
    tiny.assert_same(tiny.everything(again), tiny.everything(whole))


@slow
@pytest.mark.parametrize(
    "drawn",
    [
        [],
        ["--kind", "timm", "--workers", "2", "--best"],
        ["--ranks", "2", "--seed", "1"],
        ["--ranks", "2", "--sharded", "--kind", "bert"],
    ],
    ids=["as drawn", "with workers", "two ranks", "two ranks, sharded"],
)
def test_a_run_that_is_killed_ends_as_one_that_is_not(drawn: list[str]) -> None:
    root = Path(__file__).parents[2]
    paths = os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, str(root / "benchmarks" / "kill_and_resume.py"), "--times", "1", *drawn],
        env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.endswith("1 of 1 identical\n"), done.stdout + done.stderr[-7000:]


@pytest.mark.parametrize("kind", ["bert", "vit", "timm"])
def test_the_best_model_at_the_end_has_every_weight_of_its_step(tmp_path: Path, kind: str) -> None:
    def worse_and_worse(prediction: Any) -> dict[str, float]:
        trainer.evaluations.append(1)
        return {"quality": -len(trainer.evaluations)}

    args = tiny.arguments(
        tmp_path,
        eval_strategy="steps", eval_steps=4, save_strategy="steps", save_steps=4,
        load_best_model_at_end=True, metric_for_best_model="quality",
    )  # fmt: skip
    trainer = tiny.trainer(tiny.KINDS[kind], args, compute_metrics=worse_and_worse)
    trainer.evaluations = []
    kept: dict[int, dict[str, torch.Tensor]] = {}
    keep_weights(trainer, kept)
    trainer.train()
    assert trainer.state.best_global_step == 4
    changed = [name for name in kept[4] if not torch.equal(kept[4][name], kept[8][name])]
    assert len(changed) > 10
    tiny.assert_same(trainer.model.state_dict(), kept[4])


class Weighed(BertForTokenClassification):
    """The class of a script, which takes more than a config."""

    def __init__(self, config: Any, weights: Tensor) -> None:
        super().__init__(config)
        self.weights = weights


class WideForImageClassification(ViTForImageClassification):
    """The class of a script, whose head has another width than its config alone gives."""

    def __init__(self, config: Any, width: int = 8) -> None:
        super().__init__(config)
        self.classifier = nn.Sequential(nn.Linear(16, width), nn.ReLU(), nn.Linear(width, 3))


def weighed() -> PreTrainedModel:
    return seeded(lambda: Weighed(tiny.bert().config, torch.ones(3)))


def wide() -> PreTrainedModel:
    return seeded(lambda: WideForImageClassification(tiny.vit().config, 12))


def with_other_head() -> PreTrainedModel:
    model = tiny.vit()
    model.classifier = seeded(lambda: nn.Sequential(nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 3)))
    return model


def seeded(make: Callable[[], Any]) -> Any:
    torch.manual_seed(0)
    return make()


@pytest.mark.parametrize(
    ("kind", "model"), [(tiny.WORDS, weighed), (tiny.IMAGES, wide), (tiny.IMAGES, with_other_head)]
)
def test_a_model_that_its_config_alone_does_not_make_goes_on_and_gets_its_best_weights(
    tmp_path: Path, kind: tiny.Kind, model: Callable[[], PreTrainedModel]
) -> None:
    often = {"save_strategy": "steps", "save_steps": 3, "eval_strategy": "steps", "eval_steps": 3}
    args = tiny.arguments(tmp_path, max_steps=6, load_best_model_at_end=True, **often)
    whole = tiny.trained(kind, args, model=model())
    again = tiny.resumed(kind, args, 3, model=model())
    tiny.assert_same(tiny.everything(again), tiny.everything(whole))
    assert tiny.lines(again, 3) == tiny.lines(whole, 3)


def test_a_model_with_other_layers_than_the_saved_one_is_refused(tmp_path: Path) -> None:
    tiny.vit().save_pretrained(tmp_path)
    with pytest.raises(ValueError, match=r"lacks weights of ViTForImageClassification: classifier\.0.*made as"):
        reload_weights(with_other_head(), str(tmp_path))


def keep_weights(trainer: SelfTuningTrainer, kept: dict[int, dict[str, torch.Tensor]]) -> None:
    save = trainer.save_model

    def keep(*given: Any, **named: Any) -> None:
        kept[trainer.state.global_step] = {n: t.clone() for n, t in trainer.model.state_dict().items()}
        save(*given, **named)

    trainer.save_model = keep
