"""Flags from other scripts, and flags that would have no effect: obeyed, or a sentence says what to type."""

import re
from pathlib import Path

import pytest

from hf_selftuning import FlagParser, ImageSetup, WordSetup
from hf_selftuning.cli.main import main
from hf_selftuning.experiment.command.foreign_flags import INSTEAD, SAME


def parse(words: str, kind: type = WordSetup):
    return FlagParser(*kind.flags, description="").parse(words.split())


def config(words: str, kind: type = WordSetup):
    return parse(words, kind)[-1]


def test_flags_of_other_scripts_are_obeyed_under_their_name_here(tmp_path: Path) -> None:
    _, source, budget, args = parse("--max_seq_length 64 --evaluation_strategy=no --train-val-split 0.1 --no_cuda")
    assert (source.max_length, args.eval_strategy, budget.validation_share, args.use_cpu) == (64, "no", 0.1, True)
    (tmp_path / "flags.yaml").write_text("max_seq_length: 32\n")
    assert parse(f"--config {tmp_path / 'flags.yaml'}")[1].max_length == 32
    assert parse("--train_dir birds", ImageSetup)[1].data_dir == "birds"


def test_a_flag_of_the_command_line_replaces_its_alternative_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "flags.yaml"
    file.write_text("stages: [fine_tuning, generation]\nmax_steps: 800\n")
    _, _, budget, args = parse(f"--config {file} --methods fixmatch --num_train_epochs 3")
    assert (budget.stages, budget.methods, args.max_steps, args.num_train_epochs) == (None, ["fixmatch"], -1, 3)
    assert parse(f"--config {file}")[2].stages == ["fine_tuning", "generation"]
    with pytest.raises(ValueError, match="--methods has no effect beside --stages"):
        parse(f"--config {file} --methods fixmatch --stages tapt fixmatch")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("max_steps: many", "sets max_steps to 'many'; give a whole number."),
        ("max_steps: 1.5", "sets max_steps to 1.5; give a whole number."),
        ("max_steps: [1, 2]", "sets max_steps to the list [1, 2], and it takes one value; give one."),
        ("label_ratio: 15%", "sets label_ratio to '15%'; give a number."),
        ("bf16: maybe", "sets bf16 to 'maybe'; give true or false."),
        ("decoding: viterbi", "sets decoding to 'viterbi'; give argmax or legal."),
        ("tag_names: [O, B-PER]", "sets tag_names to the list ['O', 'B-PER'], and it takes one value; give one."),
    ],
)
def test_a_value_in_a_file_is_of_the_kind_that_its_flag_takes(line: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "flags.yaml").write_text(line)
    with pytest.raises(ValueError, match=re.escape(f"flags.yaml {words}")):
        parse(f"--config {tmp_path / 'flags.yaml'}")


def test_values_in_a_file_are_read_as_on_a_command_line(tmp_path: Path) -> None:
    lines = "learning_rate: 3e-4", "label_column_name: 2", "eval_strategy: no", "methods: fixmatch", "bf16: no"
    (tmp_path / "flags.yaml").write_text("\n".join([*lines, "train_file:", "stages:", "report_to: [none]"]))
    _, source, budget, args = parse(f"--config {tmp_path / 'flags.yaml'}")
    assert (args.learning_rate, args.eval_strategy, args.bf16, args.report_to) == (3e-4, "no", False, [])
    assert (source.label_column_name, source.train_file) == ("2", None)
    assert (budget.methods, budget.stages) == (["fixmatch"], None)


def test_a_wrong_flag_of_a_recipe_is_one_line(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit, match="2"):
        parse("--label_ratio 15%")
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("name", sorted(INSTEAD))
def test_a_flag_without_a_counterpart_says_what_to_do(name: str, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["train", "images", f"--{name}", "1"])
    assert f"--{name} is a flag of transformers' scripts; " in capsys.readouterr().err


def test_every_other_name_is_a_flag() -> None:
    known = {
        action.dest for kind in (WordSetup, ImageSetup) for action in FlagParser(*kind.flags, description="")._actions
    }
    assert set(SAME.values()) <= known
    assert not set(SAME) & known


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ("--num_train_epochs 3", "max_steps", -1),
        ("", "max_steps", 1000),
        ("--num_train_epochs 3 --max_steps -1", "num_train_epochs", 3),
        ("--save_steps 10", "save_strategy", "steps"),
        ("--save_total_limit 2", "save_strategy", "steps"),
        ("--save_strategy epoch --save_total_limit 2", "save_strategy", "epoch"),
        ("--load_best_model_at_end True --metric_for_best_model f1", "save_strategy", "steps"),
        ("--load_best_model_at_end True --eval_strategy epoch", "save_strategy", "epoch"),
        ("--load_best_model_at_end False", "save_strategy", "no"),
        ("--do_train", "do_eval", False),
        ("--lr_scheduler_type reduce_lr_on_plateau --metric_for_best_model f1", "metric_for_best_model", "f1"),
    ],
)
def test_a_given_flag_is_not_silenced_by_the_default_of_another(words: str, name: str, value: object) -> None:
    assert getattr(config(words), name) == value


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--max_steps 9 --num_train_epochs 3", "--num_train_epochs has no effect beside --max_steps; give one"),
        ("--methods fixmatch --stages tapt fixmatch", "--methods has no effect beside --stages"),
        ("--split_file a.json --split_seed 3", "--split_seed has no effect beside --split_file"),
        ("--train_file a.conll --dataset_revision x", "--dataset_revision has no effect beside --train_file"),
        ("--save_strategy epoch --save_steps 9", "--save_steps has no effect beside --save_strategy epoch"),
        ("--eval_strategy no --eval_steps 9", "--eval_steps has no effect beside --eval_strategy no"),
        (
            "--logging_strategy epoch --logging_steps 9",
            "--logging_steps has no effect beside --logging_strategy epoch",
        ),
        ("--metric_for_best_model f1", "--metric_for_best_model has no effect without --load_best_model_at_end"),
        ("--safety_margin 3", "--safety_margin has no effect without --safety_gate; give that too"),
        ("--hub_model_id me/tagger", "--hub_model_id has no effect without --push_to_hub"),
        ("--save_strategy no --save_total_limit 1", "--save_total_limit has no effect without --save_strategy"),
    ],
)
def test_a_flag_that_has_no_effect_is_refused(words: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(words)
