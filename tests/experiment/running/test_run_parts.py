"""--do_train, --do_eval, --do_predict and --metric, as in the scripts of transformers."""

import json
from pathlib import Path

import pytest
from huggingface_hub import ModelCard
from in_process import Run, recipe, results, runner
from small_data import columns

from hf_selftuning import evaluate_model
from hf_selftuning.experiment.command.command_end import IncompleteRunError

OWN = """
import datasets
import evaluate

class Mine(evaluate.Metric):
    def _info(self):
        tags = datasets.List(datasets.Value("string"))
        return evaluate.MetricInfo(
            description="", citation="", inputs_description="",
            features=datasets.Features({"predictions": tags, "references": tags}),
        )

    def _compute(self, predictions, references):
        same = [p == r for a, b in zip(predictions, references) for p, r in zip(a, b)]
        return {"mine": sum(same) / len(same), "words": len(same), "note": "text", "of": {"PER": 0.5}}
"""


@pytest.fixture
def run(words_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    sizes = {"train": 20, "test": 9, "validation": 7}
    files = {f"{name}_file": columns(tmp_path / f"{name}.conll", size) for name, size in sizes.items()}
    usual = {"model_name_or_path": words_model, **files, "max_steps": 2, "learning_rate": 1e-2}
    return runner(recipe("run_ner"), monkeypatch, tmp_path / "run", **usual)


@pytest.mark.slow
def test_what_a_run_does_is_what_its_flags_ask_for(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    one = {"compare_fine_tuning": False}
    (row,) = results(run(do_train=True, output_dir=tmp_path / "train", **one))["rows"]
    assert (row["steps"], row["dev_f1"], row["test_f1"]) == (2, None, None)
    folder = run(do_train=True, do_eval=True, do_predict=True, output_dir=tmp_path / "all", **one)
    (row,) = results(folder)["rows"]
    answers = [json.loads(line) for line in (folder / "test_predictions.jsonl").read_text().splitlines()]
    assert len(answers) == 9
    assert all(len(answer["tokens"]) == len(answer["tags"]) for answer in answers)
    assert "predictions" in capsys.readouterr().out

    given = {"model_name_or_path": folder / "model", "output_dir": tmp_path / "given"}
    (alone,) = results(run(do_eval=True, **given))["rows"]
    assert (alone["method"], alone["steps"], alone["dev_f1"], alone["test_f1"]) == (
        "given_model",
        0,
        row["dev_f1"],
        None,
    )
    assert not (tmp_path / "given" / "model").exists()
    (alone,) = results(run(do_predict=True, overwrite_output_dir=True, **given))["rows"]
    assert (alone["dev_f1"], alone["test_f1"]) == (None, row["test_f1"])
    assert (tmp_path / "given" / "test_predictions.jsonl").read_text() == (
        folder / "test_predictions.jsonl"
    ).read_text()
    with pytest.raises(ValueError, match="has no head for the classes of the data"):
        run(do_eval=True, output_dir=tmp_path / "refused")
    with pytest.raises(ValueError, match="chooses by a score on dev, and no dev part is scored"):
        run(do_train=True, load_best_model_at_end=True, output_dir=tmp_path / "best", **one)


def test_a_metric_of_ones_own_is_in_log_results_and_card_and_chooses_the_checkpoint(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "mine.py").write_text(OWN)
    best = {"load_best_model_at_end": True, "metric_for_best_model": "mine", "eval_steps": 1}
    folder = run(metric=[tmp_path / "mine", "entity_f1"], compare_fine_tuning=False, **best)
    more = results(folder)["further_scores"]["self_tuning"]
    (row,) = results(folder)["rows"]
    assert more["test"].keys() == {"mine", "mine_words", "mine_of_PER"} | {
        f"entity_f1_{name}" for name in ("precision", "recall", "f1", "accuracy")
    }
    assert more["test"]["entity_f1_f1"] == pytest.approx(row["test_f1"])
    assert more["test"]["mine"] == pytest.approx(more["test"]["entity_f1_accuracy"])
    assert f"- test mine: {more['test']['mine']:.4f}" in ModelCard.load(folder / "model" / "README.md").text
    assert "- selection: the checkpoint with the best mine on dev" in (folder / "results.md").read_text()
    found = evaluate_model(folder, metric=[str(tmp_path / "mine" / "mine.py")], use_cpu=True)
    assert found[-1].scores["mine"] == more["test"]["mine"]
    (tmp_path / "other.py").write_text(OWN)
    evaluate_model(folder, metric=[str(tmp_path / "other.py")], use_cpu=True)
    joined = results(folder)["further_scores"]["self_tuning"]["test"]
    assert {**more["test"], "other_mine": more["test"]["mine"]}.items() <= joined.items()
    for name in ("mine", "other_mine"):
        assert f"- test {name}: {joined[name]:.4f}\n" in ModelCard.load(folder / "model" / "README.md").text
    assert f"other_mine {joined['other_mine']}" in (folder / "results.md").read_text()
    failing = tmp_path / "mine" / "mine.py"
    failing.write_text(OWN.replace("same = ", "raise KeyError(1) # "))
    with pytest.raises(IncompleteRunError, match=r"complete except that The metric mine failed \(KeyError: 1\)"):
        run(metric=[failing], compare_fine_tuning=False, output_dir=tmp_path / "failing")
    assert results(tmp_path / "failing")["rows"][0]["test_f1"] == row["test_f1"]
    with pytest.raises(ValueError, match=r"The metric nosuch cannot be loaded \("):
        run(metric=["nosuch"], output_dir=tmp_path / "refused")
