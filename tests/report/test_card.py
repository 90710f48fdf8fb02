"""The model card, filled from facts."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import tiny
from huggingface_hub import ModelCardData
from transformers import SchedulerType
from transformers.training_args import OptimizerNames

from hf_selftuning import SelfTuning
from hf_selftuning.methods.distillation import Distillation
from hf_selftuning.report.card import citation, model_card
from hf_selftuning.report.card_facts import About, Facts
from hf_selftuning.report.card_metadata import eval_results
from hf_selftuning.report.row import Row

HISTORY = [
    {"step": 50, "loss": 2.0, "pseudo_label_coverage": 0.5, "pseudo_label_accuracy": 0.75},
    {"step": 100, "loss": 1.0, "pseudo_label_coverage": 0.625, "pseudo_label_accuracy": 0.875},
    {"step": 100, "eval_loss": 0.25, "eval_accuracy": 0.9, "eval_runtime": 3.0},
    {"step": 100, "train_runtime": 120.0, "train_loss": 1.5},
]
BIRDS = Facts(
    name="birds", repository="me/birds", pipeline="image-classification", base_model="timm/resnet50.a1_in1k",
    classes=["robin", "wren"], labeled=20, unlabeled=500, methods=[SelfTuning.from_preset("images")], history=HISTORY,
    training={"learning_rate": 0.01}, device="1 x cuda", about=About(unit_name="images"),
)  # fmt: skip
FINE_TUNING = Row("fine_tuning", "", 20, 0, None, 0.5, 100, 0.1, 3, {})
SELF_TUNING = Row("self_tuning", "images", 20, 500, None, 0.4375, 100, 0.2, 3, {})


def birds(**changes: Any) -> Facts:
    return dataclasses.replace(BIRDS, **changes)


def body(facts: Facts) -> str:
    return model_card(facts, ModelCardData()).text


def sections(text: str) -> dict[str, str]:
    parts = text.split("\n## ")[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2].strip() for part in parts}


def test_the_first_sentence_says_what_was_made_of_what() -> None:
    assert (
        "This model is [timm/resnet50.a1_in1k](https://huggingface.co/timm/resnet50.a1_in1k), fine-tuned for image "
        "classification with Self-Tuning on 20 labelled and 500 unlabelled images."
    ) in body(BIRDS)


def test_without_rows_the_last_evaluation_is_the_score() -> None:
    scores = sections(body(BIRDS))["Scores"]
    assert scores == "- evaluation after step: 100\n- loss: 0.2500\n- accuracy: 0.9000"


def test_a_loss_against_fine_tuning_is_reported_like_a_gain() -> None:
    text = body(birds(about=About(metric="accuracy", unit_name="images", rows=[FINE_TUNING, SELF_TUNING])))
    assert "difference to fine-tuning is -6.25 points of test accuracy (fine-tuning: 50.00)" in text
    assert "with the same labels, the same number of steps and the same seed (3). One seed" in text


def test_a_row_of_more_steps_than_fine_tuning_is_not_said_to_take_as_many() -> None:
    staged = dataclasses.replace(SELF_TUNING, method="fine_tuning-self_tuning", steps=1200)
    text = body(birds(about=About(metric="accuracy", rows=[FINE_TUNING, staged])))
    assert "the same number of steps" not in text
    assert "with the same labels and the same seed (3), but with 1,200 steps where fine-tuning took 100." in text


def test_fine_tuning_with_another_seed_is_no_comparison() -> None:
    other = dataclasses.replace(FINE_TUNING, seed=4)
    assert "difference to fine-tuning is" not in body(birds(about=About(metric="accuracy", rows=[other, SELF_TUNING])))


def test_pseudo_labels_are_those_of_the_end_of_training() -> None:
    text = sections(body(BIRDS))["Pseudo-labels"]
    assert "- coverage: 62.50 %\n- accuracy: 87.50 %" in text
    assert "with true labels, which training does not use" in text


def test_an_accuracy_that_nobody_can_know_is_not_claimed() -> None:
    text = sections(body(birds(history=[{"step": 1, "pseudo_label_coverage": 1.0}])))["Pseudo-labels"]
    assert "the accuracy of the pseudo-labels is unknown" in text


def test_health_has_a_section_where_its_figures_were_logged() -> None:
    assert "Health" not in sections(body(BIRDS))
    line = {"step": 100, "eval_accuracy": 0.5, "eval_calibration_error": 0.125, "eval_queue_age": 7.5}
    earlier = {"step": 50, "eval_accuracy": 0.75, "eval_calibration_error": 0.5}
    facts = birds(history=[earlier, line], about=About(metric="accuracy"))
    text = sections(body(facts))["Health"]
    assert "- calibration error on dev (%): 12.50\n- key age (steps): 7.50" in text
    assert "- best dev score minus the last one (points): 25.00" in text
    assert "Health" not in sections(body(dataclasses.replace(facts, methods=[])))


def test_the_cost_of_a_resumed_run_is_that_of_its_steps_since() -> None:
    cost = sections(body(birds(resumed_at=60)))["Cost"]
    assert "- steps: 100\n- time: 2.0 minutes, 3.00 s per step, with evaluation, from step 60 on, where it was" in cost


def test_the_cost_is_time_steps_and_device() -> None:
    assert sections(body(BIRDS))["Cost"] == (
        "- steps: 100\n- time: 2.0 minutes, 1.20 s per step, with evaluation\n- device: 1 x cuda"
    )


def test_fine_tuning_has_a_card_too_without_what_it_has_not() -> None:
    text = body(birds(methods=[], unlabeled=0, base_model=None))
    assert "This model is fine-tuned for image classification on 20 labelled images." in text
    assert not {"Methods", "Pseudo-labels", "Citation"} & sections(text).keys()


def test_many_classes_are_not_all_listed() -> None:
    text = sections(body(birds(classes=[f"c{i}" for i in range(200)])))["Data and labels"]
    assert "c19 and 180 more" in text
    assert "c20" not in text


def test_figures_of_held_out_labels_are_no_scores() -> None:
    line = {"step": 100, "eval_loss": 0.25, "eval_accuracy": 0.5, "eval_row_accuracy": 0.5, "eval_queue_age": 7.5}
    assert sections(body(birds(history=[line])))["Scores"].endswith("- loss: 0.2500\n- accuracy: 0.5000")


def test_settings_are_words_and_no_paths_of_the_machine(tmp_path: Path) -> None:
    training = {"lr_scheduler_type": SchedulerType.LINEAR, "optim": OptimizerNames.ADAMW_TORCH, "bf16": False}
    (tmp_path / "stage_1").mkdir()
    methods = [Distillation(teacher=str(tmp_path / "stage_1"))]
    text = body(birds(training=training, methods=methods))
    assert sections(text)["Training"] == "- lr_scheduler_type: linear\n- optim: adamw_torch\n- bf16: False"
    assert "- `teacher`: stage_1\n" in text
    assert str(tmp_path) not in text


def test_the_card_is_one_document_without_gaps() -> None:
    about = About(metric="accuracy", unit_name="images", rows=[FINE_TUNING, SELF_TUNING])
    for facts in (BIRDS, birds(about=about), birds(methods=[], history=[], training={}, pipeline=None)):
        text = body(facts)
        assert text.startswith("\n# birds\n\nThis model is ")
        assert text.endswith("\n")
        assert "\n\n\n" not in text
        assert "{" not in text


def test_a_method_is_cited_by_the_first_line_of_its_file_or_by_title_and_link() -> None:
    assert citation(SelfTuning()).startswith("Self-Tuning for Data-Efficient Deep Learning (Wang et al., ICML 2021)")

    class Elsewhere(SelfTuning):
        title, paper = "Elsewhere", "https://example.org/paper"

    assert citation(Elsewhere()) == "Elsewhere, https://example.org/paper"


@pytest.mark.parametrize("dataset_id", [None, "someone/birds"])
def test_scores_are_indexed_only_for_data_of_the_hub(dataset_id: str | None) -> None:
    about = About(metric="accuracy", dataset_id=dataset_id, rows=[FINE_TUNING, SELF_TUNING])
    made = model_card(birds(about=about), ModelCardData(tags=["self-tuning"]))
    made.data.to_yaml()
    results = made.data.to_dict().get("model-index")
    if dataset_id is None:
        assert results is None
        assert "model_name" not in made.data.to_dict()
        return
    (entry,) = results[0]["results"]
    assert entry["dataset"]["type"] == "someone/birds"
    assert entry["metrics"][0]["value"] == 0.4375


@pytest.mark.parametrize(
    ("splits", "indexed"),
    [
        ({"dev": "validation", "test": "test"}, {"validation": 0.75, "test": 0.4375}),
        ({"test": "validation"}, {"validation": 0.4375}),
        ({}, {}),
    ],
)
def test_scores_on_parts_that_were_made_here_are_in_the_text_and_not_in_the_index(splits, indexed) -> None:
    row = dataclasses.replace(SELF_TUNING, dev=0.75)
    about = About(metric="accuracy", dataset_id="someone/birds", rows=[FINE_TUNING, row], splits=splits)
    found = eval_results(about, birds().pipeline)
    assert {result.dataset_split: result.metric_value for result in found} == indexed
    assert "75.00" in body(birds(about=about))


def test_a_score_that_only_some_evaluations_give_hinders_no_card(tmp_path: Path) -> None:
    trainer = tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path))
    lines = [
        {"eval_loss": 1.0, "step": 1, "epoch": 1.0},
        {"eval_loss": 0.5, "eval_extra": 2.0, "step": 2, "epoch": 2.0},
    ]
    trainer.state.log_history = [{"loss": 1.0, "step": 1, "epoch": 1.0}, *lines]
    trainer.create_model_card()
    assert (tmp_path / "README.md").is_file()
    assert trainer.state.log_history[1:] == lines
