"""The arguments: defaults, what is refused, and how plain TrainingArguments are taken over."""

import dataclasses
from pathlib import Path

import pytest
from transformers import HfArgumentParser, TrainingArguments

from hf_selftuning import SelfTuningConfig

OWN = {
    "head_lr_ratio": 10.0,
    "unlabeled_batch_ratio": 1,
    "labeled_view": "weak",
    "audit_pseudo_labels": False,
    "feature_module": None,
    "channels_last": False,
}


def own(config: SelfTuningConfig) -> dict[str, object]:
    return {name: getattr(config, name) for name in OWN}


def test_the_defaults_are_the_papers() -> None:
    assert own(SelfTuningConfig(use_cpu=True)) == OWN


def test_every_field_of_its_own_has_a_help_text() -> None:
    fields = {field.name: field for field in dataclasses.fields(SelfTuningConfig)}
    assert all(fields[name].metadata["help"].endswith(".") for name in OWN)


def test_a_command_line_sets_its_fields() -> None:
    line = "--head_lr_ratio 3 --unlabeled_batch_ratio 4 --labeled_view strong --audit_pseudo_labels --use_cpu"
    (config,) = HfArgumentParser(SelfTuningConfig).parse_args_into_dataclasses(line.split())
    changed = {"head_lr_ratio": 3.0, "unlabeled_batch_ratio": 4, "labeled_view": "strong", "audit_pseudo_labels": True}
    assert own(config) == {**OWN, **changed}


@pytest.mark.parametrize("ratio", [0.0, -1.0])
def test_a_head_that_would_not_train_is_refused(ratio: float) -> None:
    with pytest.raises(ValueError, match=f"head_lr_ratio={ratio} would not train the head; give 10, as in the paper"):
        SelfTuningConfig(head_lr_ratio=ratio, use_cpu=True)


@pytest.mark.parametrize("ratio", [0, -2])
def test_a_batch_without_unlabelled_examples_is_refused(ratio: int) -> None:
    with pytest.raises(ValueError, match=f"unlabeled_batch_ratio={ratio} takes .* leave unlabeled_dataset out"):
        SelfTuningConfig(unlabeled_batch_ratio=ratio, use_cpu=True)


def test_a_view_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="labeled_view='stong' is unknown; take weak or strong"):
        SelfTuningConfig(labeled_view="stong", use_cpu=True)


def test_a_loss_that_is_not_finite_is_not_filtered_away() -> None:
    assert SelfTuningConfig(use_cpu=True).logging_nan_inf_filter is False
    assert SelfTuningConfig.of(TrainingArguments(use_cpu=True)).logging_nan_inf_filter is False


def test_buffers_are_not_broadcast_unless_asked_for() -> None:
    assert SelfTuningConfig(use_cpu=True).ddp_broadcast_buffers is False
    assert SelfTuningConfig(use_cpu=True, ddp_broadcast_buffers=True).ddp_broadcast_buffers is True


def test_plain_training_arguments_are_taken_over(tmp_path: Path) -> None:
    plain = TrainingArguments(
        str(tmp_path),
        learning_rate=3e-4,
        max_steps=7,
        per_device_train_batch_size=3,
        lr_scheduler_type="cosine",
        lr_scheduler_kwargs={"num_cycles": 2},
        eval_strategy="steps",
        eval_steps=5,
        save_steps=5,
        load_best_model_at_end=True,
        report_to="none",
        seed=5,
        accelerator_config={"split_batches": False, "even_batches": False},
        gradient_checkpointing_kwargs={"use_reentrant": False},
        use_cpu=True,
    )
    config = SelfTuningConfig.of(plain)
    assert type(config) is SelfTuningConfig
    assert own(config) == OWN
    deliberate = {"logging_nan_inf_filter", "ddp_broadcast_buffers"}
    names = [f.name for f in dataclasses.fields(plain) if f.name not in deliberate]
    assert {n: getattr(config, n) for n in names} == {n: getattr(plain, n) for n in names}


def test_taking_over_leaves_the_plain_arguments_alone() -> None:
    plain = TrainingArguments(use_cpu=True)
    SelfTuningConfig.of(plain)
    assert plain.logging_nan_inf_filter is True
    assert plain.ddp_broadcast_buffers is None


def test_a_config_is_taken_as_it_is() -> None:
    config = SelfTuningConfig(head_lr_ratio=2.0, use_cpu=True)
    assert SelfTuningConfig.of(config) is config


def test_a_config_goes_through_a_dictionary_and_back() -> None:
    config = SelfTuningConfig(head_lr_ratio=2.0, unlabeled_batch_ratio=3, use_cpu=True)
    values = {field.name: config.to_dict()[field.name] for field in dataclasses.fields(config) if field.init}
    assert own(SelfTuningConfig(**values)) == own(config)


@dataclasses.dataclass
class Extended(TrainingArguments):
    """What a user's script may have."""

    task_name: str = "ner"


def test_what_a_users_own_arguments_add_is_kept() -> None:
    given = Extended(use_cpu=True, learning_rate=0.5, task_name="pos")
    given.note = "set later"
    config = SelfTuningConfig.of(given)
    assert (config.learning_rate, config.task_name, config.note) == (0.5, "pos", "set later")
    assert given.__dict__ is not config.__dict__
