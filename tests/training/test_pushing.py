"""Pushing to the Hub by the real client, against a server on loopback that speaks what the client calls."""

import json
import logging
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import tiny
import torch
from hub_server import OWNER, TOKEN, Hub
from huggingface_hub import ModelCard, constants, snapshot_download
from PIL import Image
from transformers import TrainerCallback, ViTImageProcessor, default_data_collator, pipeline

from hf_selftuning import SelfTuningConfig, SelfTuningTrainer
from hf_selftuning.modules.method_state import STATE_FILE
from hf_selftuning.report.card_facts import About
from hf_selftuning.report.row import Row

GIVEN = "hf_" + "given" * 5
"""A token that is an argument, beside the one of the environment."""
ANSWERS = """
import json, sys
sys.modules["hf_selftuning"] = None  # an import of it raises
from transformers import pipeline
from PIL import Image
tagger = pipeline("token-classification", "someone/words", aggregation_strategy="first")
classifier = pipeline("image-classification", "someone/images")
print(json.dumps([repr(tagger("w7 w8 w9")), repr(classifier(Image.new("RGB", (40, 30))))]))
"""


def pushing(kind: tiny.Kind, folder: Path, **given: Any) -> SelfTuningTrainer:
    options = {"push_to_hub": True, "max_steps": 4, "hub_token": TOKEN, **given}
    return tiny.trainer(kind, tiny.arguments(folder, **options))


@pytest.mark.slow
def test_what_was_pushed_answers_in_a_fresh_process(hub: Hub, tmp_path: Path) -> None:
    words = pushing(tiny.WORDS, tmp_path / "words")
    images = tiny.trainer(
        tiny.IMAGES,
        tiny.arguments(tmp_path / "images", push_to_hub=True, max_steps=2),
        processing_class=ViTImageProcessor(size={"height": 32, "width": 32}),
        data_collator=default_data_collator,
    )
    for trainer in (words, images):
        trainer.train()
        trainer.push_to_hub()
    environment = {
        **os.environ, "HF_ENDPOINT": hub.url, "HF_HUB_OFFLINE": "0", "HF_HOME": str(tmp_path / "home"),
        "HF_TOKEN": TOKEN,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", ANSWERS], env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    tagger = pipeline("token-classification", str(tmp_path / "words"), aggregation_strategy="first")
    classifier = pipeline("image-classification", str(tmp_path / "images"))
    ours = [repr(tagger("w7 w8 w9")), repr(classifier(Image.new("RGB", (40, 30))))]
    assert json.loads(done.stdout.splitlines()[-1]) == ours
    assert "score" in ours[0]
    assert "LABEL_" in ours[1]


def test_model_tokenizer_and_card_are_pushed_and_no_state(hub: Hub, tmp_path: Path) -> None:
    trainer = pushing(tiny.WORDS, tmp_path / "tagger", save_strategy="steps", save_steps=2)
    trainer.train()
    trainer.push_to_hub()
    names = set(hub.files[f"{OWNER}/tagger"])
    assert {"config.json", "model.safetensors", "tokenizer.json", "README.md", "training_args.bin"} <= names
    assert not [name for name in names if STATE_FILE in name or "optimizer" in name or "checkpoint" in name]


def test_a_hub_that_keeps_no_large_files_and_the_newer_upload_do_as_well(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.stores_large_files = False
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", False)
    trainer = pushing(tiny.WORDS, tmp_path / "tagger", max_steps=1)
    trainer.train()
    trainer.push_to_hub()
    assert "model.safetensors" in hub.files[f"{OWNER}/tagger"]


@pytest.mark.parametrize(
    ("strategy", "messages"),
    [
        ("every_save", ["Training in progress, step 2", "Training in progress, step 4", "End of training"]),
        ("end", ["End of training"]),
    ],
)
def test_the_strategy_says_when_to_push(hub: Hub, tmp_path: Path, strategy: str, messages: list[str]) -> None:
    trainer = pushing(
        tiny.WORDS, tmp_path / "tagger", save_strategy="steps", save_steps=2, hub_strategy=strategy,
        hub_always_push=True, hub_private_repo=True,
    )  # fmt: skip
    trainer.train()
    trainer.push_to_hub()
    assert list(dict.fromkeys(hub.commits[f"{OWNER}/tagger"])) == messages
    assert hub.private[f"{OWNER}/tagger"]


def test_a_run_goes_on_from_the_last_checkpoint_on_the_hub(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"save_strategy": "steps", "save_steps": 5, "max_steps": 8}
    stopped = pushing(tiny.WORDS, tmp_path / "tagger", hub_push_training_state=True, **options)
    stopped.add_callback(StopAfter(5))
    stopped.train()
    monkeypatch.chdir(tmp_path)
    snapshot_download(
        f"{OWNER}/tagger", local_dir="here", allow_patterns="last-checkpoint/*", endpoint=hub.url, token=TOKEN
    )
    again = tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path / "again", **options))
    again.train(resume_from_checkpoint="here/last-checkpoint")
    assert [line["step"] for line in tiny.lines(again, 5)] == [6, 7, 8]
    whole = tiny.trained(tiny.WORDS, tiny.arguments(tmp_path / "whole"))
    tiny.assert_same(tiny.everything(again), tiny.everything(whole))


class StopAfter(TrainerCallback):
    """As an interruption would."""

    def __init__(self, step: int) -> None:
        self.step = step

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        control.should_training_stop = control.should_save = state.global_step == self.step


# ---- what may go wrong ----


def test_a_refused_token_is_said_before_training(hub: Hub, tmp_path: Path) -> None:
    hub.refused.add(TOKEN)
    with pytest.raises(OSError, match=r"refused the token for tagger \(401\); log in by `hf auth login`") as error:
        pushing(tiny.WORDS, tmp_path / "tagger")
    assert TOKEN not in str(error.value)


def test_a_token_that_is_refused_at_the_end_leaves_the_model(hub: Hub, tmp_path: Path) -> None:
    trainer = pushing(tiny.WORDS, tmp_path / "tagger")
    trainer.train()
    hub.refused.add(TOKEN)
    with pytest.raises(OSError, match=r"refused the token .* still in .*tagger: `hf upload someone/tagger"):
        trainer.push_to_hub()
    tiny.assert_same(tiny.WORDS.auto.from_pretrained(tmp_path / "tagger").state_dict(), trainer.model.state_dict())


@pytest.mark.parametrize("exists", [True, False])
def test_a_name_of_others_is_said_before_training(hub: Hub, tmp_path: Path, exists: bool) -> None:
    hub.foreign.add("others/tagger")
    if exists:
        hub.files["others/tagger"] = {"README.md": b"theirs"}
    with pytest.raises(OSError, match=r"others/tagger exists or belongs to others, .* give another hub_model_id"):
        pushing(tiny.WORDS, tmp_path / "tagger", hub_model_id="others/tagger")
    assert hub.files.get("others/tagger", {"README.md": b"theirs"}) == {"README.md": b"theirs"}


def test_a_name_of_ones_own_gets_another_commit(hub: Hub, tmp_path: Path) -> None:
    hub.files[f"{OWNER}/tagger"] = {"notes.txt": b"kept"}
    trainer = pushing(tiny.WORDS, tmp_path / "tagger", max_steps=1)
    trainer.train()
    trainer.push_to_hub()
    assert hub.files[f"{OWNER}/tagger"]["notes.txt"] == b"kept"
    assert "model.safetensors" in hub.files[f"{OWNER}/tagger"]


def test_a_network_that_breaks_in_an_upload_leaves_the_model(hub: Hub, tmp_path: Path) -> None:
    trainer = pushing(tiny.WORDS, tmp_path / "tagger")
    trainer.train()
    hub.cut = True
    with pytest.raises(OSError, match=r"connection to the Hub broke .* The model is still in"):
        trainer.push_to_hub()
    tiny.WORDS.auto.from_pretrained(tmp_path / "tagger")
    hub.cut = False
    trainer.push_to_hub()
    assert "model.safetensors" in hub.files[f"{OWNER}/tagger"]


def test_training_goes_on_where_a_push_in_between_fails_and_says_so(hub: Hub, tmp_path: Path, caplog) -> None:
    trainer = pushing(tiny.WORDS, tmp_path / "tagger", save_strategy="steps", save_steps=2)
    hub.cut = True
    with caplog.at_level(logging.WARNING, "hf_selftuning"):
        trainer.train()
    assert trainer.state.global_step == 4
    assert "A push during training failed: The connection to the Hub broke" in caplog.text


@pytest.mark.parametrize("strategy", ["checkpoint", "all_checkpoints"])
def test_queues_leave_the_machine_only_if_asked(hub: Hub, tmp_path: Path, strategy: str) -> None:
    with pytest.raises(ValueError, match=r"queues and key encoder, .* set hub_push_training_state=True"):
        pushing(tiny.WORDS, tmp_path / "tagger", hub_strategy=strategy)
    tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path, push_to_hub=True, hub_strategy=strategy), methods=[])


def test_a_state_that_no_push_would_carry_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="hub_strategy='end' pushes none; take hub_strategy='checkpoint'"):
        SelfTuningConfig(str(tmp_path), hub_push_training_state=True, hub_strategy="end")


# ---- the token ----


def test_the_token_is_in_no_file_and_no_line(hub: Hub, tmp_path: Path, caplog, capsys) -> None:
    trainer = pushing(
        tiny.WORDS, tmp_path / "tagger", save_strategy="steps", save_steps=2, report_to=["tensorboard"],
        hub_push_training_state=True, hub_always_push=True, hub_token=GIVEN,
    )  # fmt: skip
    with caplog.at_level(logging.DEBUG):
        trainer.train()
        trainer.push_to_hub()
        logging.getLogger("any").warning("%r %s %s", trainer.args, trainer.args, trainer.args.to_json_string())
    assert GIVEN in hub.tokens  # it was used
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name == "training_args.bin" for path in written)
    assert any("tfevents" in path.name for path in written)
    said = caplog.text + "".join(capsys.readouterr())
    for token in (GIVEN, TOKEN):
        secret = token.encode()
        assert not [path for path in written for content in contents(path) if secret in content]
        assert not [name for files in hub.files.values() for name, content in files.items() if secret in content]
        assert token not in said


def contents(path: Path) -> list[bytes]:
    """The file, and what is packed in it."""
    if not zipfile.is_zipfile(path):
        return [path.read_bytes()]
    with zipfile.ZipFile(path) as packed:
        return [packed.read(name) for name in packed.namelist()]


def test_arguments_read_back_are_the_same_but_for_the_token(tmp_path: Path) -> None:
    args = tiny.arguments(tmp_path, hub_token=TOKEN)
    torch.save(args, tmp_path / "training_args.bin")
    read = torch.load(tmp_path / "training_args.bin", weights_only=False)
    assert read.hub_token is None
    assert args.hub_token == TOKEN
    assert read.learning_rate == args.learning_rate


# ---- the card ----


def card(hub: Hub, name: str) -> ModelCard:
    return ModelCard(hub.files[f"{OWNER}/{name}"]["README.md"].decode())


def test_the_card_says_what_was_trained_on_what(hub: Hub, tmp_path: Path) -> None:
    trainer = pushing(tiny.WORDS, tmp_path / "tagger", audit_pseudo_labels=True, max_steps=8)
    trainer.train()
    trainer.evaluate()
    trainer.push_to_hub(tags=["mine"], language="en")
    pushed = card(hub, "tagger")
    data = pushed.data
    assert (data.library_name, data.pipeline_tag, data.language) == ("transformers", "token-classification", ["en"])
    assert {"mine", "semi-supervised", "self-tuning", "generated_from_trainer"} <= set(data.tags)
    assert data.eval_results is None  # the data has no name on the Hub
    text = pushed.text
    assert "on 10 labelled and 22 unlabelled examples" in text
    for section in ("Scores", "Use", "Data and labels", "Methods", "Pseudo-labels", "Cost", "Training", "Citation"):
        assert f"\n## {section}\n" in text
    assert "- `temperature`: 0.2" in text
    assert 'pipeline("token-classification", "someone/tagger"' in text
    assert "Self-Tuning for Data-Efficient Deep Learning (Wang et al., ICML 2021), https://arxiv.org" in text
    assert str(tmp_path) not in text


def test_scores_of_a_dataset_on_the_hub_are_in_the_index(hub: Hub, tmp_path: Path) -> None:
    trainer = pushing(tiny.WORDS, tmp_path / "tagger", max_steps=1)
    rows = [
        Row("fine_tuning", "", 10, 0, 0.7, 0.6, 1, 0.1, 0, {}),
        Row("self_tuning", "words", 10, 22, 0.8, 0.65, 1, 0.2, 0, {}),
    ]
    trainer.about = About(
        data="corpus", dataset_id="lhoestq/conll2003", budget="label_ratio 0.15, seed 0", split_hash="ab12",
        metric="f1", unit_name="sentences", rows=rows,
    )  # fmt: skip
    trainer.train()
    trainer.push_to_hub(finetuned_from="google-bert/bert-base-cased")
    data, text = card(hub, "tagger").data, card(hub, "tagger").text
    assert (data.base_model, data.datasets, data.metrics) == (
        "google-bert/bert-base-cased",
        ["lhoestq/conll2003"],
        ["f1"],
    )
    found = {result.dataset_split: result.metric_value for result in data.eval_results}
    assert found == {"validation": 0.8, "test": 0.65}
    assert "+5.00 points of test F1 (fine-tuning: 60.00)" in text
    assert "label_ratio 0.15, seed 0" in text
    assert "`ab12`" in text


@pytest.mark.parametrize(
    ("asked", "said", "ignored"), [(2, "max_steps: 2", "num_train"), (-1, "num_train", "max_steps")]
)
def test_the_card_names_the_length_that_counted(asked: int, said: str, ignored: str, tmp_path: Path) -> None:
    trainer = tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path, max_steps=asked, num_train_epochs=1))
    trainer.create_model_card()
    told = (tmp_path / "README.md").read_text().partition("## Training")[2]
    assert f"- {said}" in told
    assert ignored not in told


def test_the_card_of_a_resumed_run_counts_the_time_from_the_step_where_it_went_on(tmp_path: Path) -> None:
    args = tiny.arguments(tmp_path, save_strategy="steps", save_steps=6)
    for trainer, said in ((tiny.trained(tiny.WORDS, args), False), (tiny.resumed(tiny.WORDS, args, 6), True)):
        trainer.create_model_card()
        card = (tmp_path / "README.md").read_text()
        assert ("with evaluation, from step 6 on, where it was resumed" in card) == said
        assert "- steps: 8\n" in card
