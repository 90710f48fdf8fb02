"""From cells to lines, tables, figures and sentences."""

import json
import math
from dataclasses import replace
from pathlib import Path

import made
import numpy as np
import pandas as pd
import pytest

from hf_selftuning.comparison.comparison_tables import latex, markdown
from hf_selftuning.comparison.drawing import styles_of
from hf_selftuning.comparison.figures import cost_figure, gain_figure, labels_figure, steps_figure
from hf_selftuning.comparison.grid import Budget
from hf_selftuning.comparison.label_worth import findings
from hf_selftuning.comparison.learning_curve import Baseline
from hf_selftuning.comparison.over_steps import over_steps
from hf_selftuning.comparison.sentences import gated, selection_sentence, worth_sentences
from hf_selftuning.comparison.summary import Line, summarise
from hf_selftuning.comparison.table_files import write_comparison
from hf_selftuning.metrics import score_of

RESULTS = made.results(made.USUAL)
LINES = summarise(RESULTS)
WORDS = {"metric": "accuracy", "unit_name": "images"}


def line(lines: list[Line], method: str, labels: int) -> Line:
    return next(line for line in lines if (line.method, line.labels) == (method, labels))


def row(text: str, start: str, number: int = 0) -> list[str]:
    """Cells of the table row of that title, in the table of that number."""
    rows = [line for line in text.splitlines() if line.startswith("|") and f"| {start} " in line]
    return [cell.strip() for cell in rows[number].strip("|").split("|")]


def test_lines_are_means_over_seeds_with_the_paired_difference() -> None:
    lines = LINES
    assert [(x.family, x.method) for x in lines[::3]] == [
        ("TL", "fine_tuning"), ("SSL", "fixmatch"), ("ours", "self_tuning"),
    ]  # fmt: skip
    ours = [result for result in RESULTS if result.cell.method == "self_tuning" and result.labels == 40]
    theirs = [result for result in RESULTS if result.cell.method == "fine_tuning" and result.labels == 40]
    found = line(lines, "self_tuning", 40)
    assert found.mean == pytest.approx(np.mean([result.row.test for result in ours]))
    gaps = [float(score_of(a.counts) - score_of(b.counts)) for a, b in zip(ours, theirs, strict=True)]
    assert found.difference == pytest.approx(np.mean(gaps))
    assert found.low < found.difference < found.high
    assert found.is_clear
    assert not line(lines, "fixmatch", 10).is_clear
    assert math.isnan(line(lines, "fine_tuning", 10).difference)


def test_only_seeds_that_both_have_are_paired() -> None:
    some = [result for result in RESULTS if (result.cell.method, result.cell.seed) != ("fine_tuning", 2)]
    found = line(summarise(some), "self_tuning", 10)
    assert (found.seeds, found.pairs) == (3, 2)
    assert row(markdown(summarise(some), **WORDS), "Self Tuning", 1)[2].endswith("] (2)")
    pairs = [(made.result("self_tuning", 10, s, 0.6), made.result("fine_tuning", 10, s, 0.4)) for s in (0, 1)]
    assert found.difference == pytest.approx(np.mean([a.row.test - b.row.test for a, b in pairs]))


def test_without_a_test_part_there_are_dashes() -> None:
    blind = [replace(r, counts=None, row=replace(r.row, test=None)) for r in RESULTS]
    text = markdown(summarise(blind), **WORDS)
    assert row(text, "Self Tuning")[2:] == ["-", "-", "-"]


def test_the_table_has_types_bold_bests_and_marks_of_doubt() -> None:
    lines = LINES
    text = markdown(lines, **WORDS)
    assert row(text, "method") == ["type", "method", *(f"{n} a class ({n} images)" for n in (10, 40, 160))]
    best = line(lines, "self_tuning", 10)
    assert row(text, "Self Tuning")[:3] == [
        "ours", "Self Tuning", f"**{100 * best.mean:.2f} +- {100 * best.std:.2f} (3)**",
    ]  # fmt: skip
    assert text.count("**") == 2 * 3
    assert "°" in row(text, "Fixmatch", 1)[2]
    assert "°" not in row(text, "Self Tuning", 1)[2]
    assert row(text, "Fine Tuning", 1)[2:] == ["100 x 0.250"] * 3


def test_the_latex_tables_escape_and_hold_what_markdown_does() -> None:
    lines = [replace(x, budget=Budget("label_ratio", x.labels / 1000)) for x in LINES]
    text = latex(lines, **WORDS)
    assert r"1 \% (10 images)" in text
    assert text.count(r"\textbf") == 3
    markup = {r"$\pm$": "+-", r"\textbf{": "", "}": "", "$^\\circ$": "°", r"\\": ""}
    plain = text
    for sign, meaning in markup.items():
        plain = plain.replace(sign, meaning)
    for title in ("Fine Tuning", "Fixmatch", "Self Tuning"):
        theirs = [line.split("&")[1:] for line in plain.splitlines() if f"& {title} &" in line]
        ours = [row(markdown(lines, **WORDS).replace("**", ""), title, number)[1:] for number in (0, 1)]
        ours[1:] = [[title, "-", "-", "-"]] if title == "Fine Tuning" else ours[1:]
        assert [[cell.strip() for cell in cells] for cells in theirs] == ours


def test_health_on_dev_is_tabled_where_cells_logged_it() -> None:
    assert "Health on dev" not in markdown(LINES, **WORDS)
    logged = {"step": 100, "eval_pseudo_label_accuracy": 0.8, "eval_pseudo_label_coverage": 0.5,
              "eval_calibration_error": 0.125}  # fmt: skip
    some = [replace(r, history=[*r.history, logged]) if r.cell.method == "fixmatch" else r for r in RESULTS]
    text = markdown(summarise(some), **WORDS)
    table = text[text.index("Health on dev") :]
    assert row(table, "Fixmatch")[2:] == ["80.00 / 50.00 / 12.50"] * 3
    assert "Self Tuning" not in table


def test_what_unlabelled_data_was_worth_lies_on_the_curve() -> None:
    found = findings(RESULTS)
    assert found.labels == [10, 40, 160]
    first = next(worth for worth in found.worths if (worth.title, worth.labels) == ("Self Tuning", 10))
    assert 30 < first.low < first.equivalent < first.high < 70  # 0.6 is what fine-tuning has with 40
    last = next(worth for worth in found.worths if (worth.title, worth.labels) == ("Self Tuning", 160))
    assert last.equivalent == math.inf
    assert [(hint.labels, hint.extra) for hint in found.advice] == [(10, 10), (40, 40)]
    assert found.advice[0].low <= found.advice[0].gain <= found.advice[0].high
    assert 0.05 < found.advice[0].gain < 0.2
    said = worth_sentences(found, **WORDS)
    assert f"Self Tuning at 10 labels = fine-tuning at about {first.equivalent:,.0f} labels [" in said[1] + said[2]
    assert said[0].startswith("Read off the learning curve of fine-tuning, drawn so that it never falls")
    assert any("fine-tuning at more than 160 labels, the largest budget run" in sentence for sentence in said)
    assert any(sentence.startswith("Labelling 10 more images than 10 would give fine-tuning") for sentence in said)


def test_methods_without_unlabelled_data_are_worth_no_labels() -> None:
    several = [*RESULTS, *(replace(r, cell=replace(r.cell, method="l2_sp"), family="TL") for r in RESULTS[:9])]
    assert {worth.title for worth in findings(several).worths} == {"Fixmatch", "Self Tuning"}


def test_budgets_that_lie_less_than_a_label_apart_give_no_advice() -> None:
    near = [replace(r, labels=10.4) if r.cell.budget.value == 40 else r for r in RESULTS if r.labels < 160]
    found = findings(near)
    assert found.labels == [10, 10.4]
    assert found.advice == []


def test_a_budget_with_a_seed_of_its_own_is_left_out_of_the_curve() -> None:
    foreign = [replace(r, cell=replace(r.cell, seed=7)) for r in RESULTS if (r.labels, r.cell.seed) == (40, 0)]
    some = [r for r in RESULTS if r.labels != 40] + foreign
    baseline = Baseline(some)
    assert (baseline.labels, baseline.seeds) == ([10, 160], [0, 1, 2])
    assert findings(some).labels == [10, 160]


def test_json_says_on_which_side_of_the_budgets_a_worth_lies() -> None:
    worths = findings(RESULTS).in_words()["worths"]
    last = next(worth for worth in worths if (worth["title"], worth["labels"]) == ("Self Tuning", 160))
    assert (last["equivalent"], last["high"]) == ("above 160", "above 160")


def test_one_budget_is_no_learning_curve() -> None:
    found = findings([result for result in RESULTS if result.labels == 10])
    assert found.worths == []
    assert "Fine-tuning at two budgets or more" in worth_sentences(found, **WORDS)[0]


def test_what_was_held_out_and_selected_is_said() -> None:
    lines = LINES
    assert selection_sentence(lines, None) == (
        "No label was held out; the last step is scored. Test was scored once a cell, and nothing was selected on it."
    )
    held = [replace(x, held_out=2.0) if x.labels == 10 else x for x in lines]
    said = selection_sentence(held, "f1")
    assert "2 of 10 were held out of training at 10 a class; the checkpoint with the best f1 on them is scored" in said


def test_a_gate_that_steered_is_said() -> None:
    shares = {0: [1.0, 0.0], 1: [1.0, 1.0]}
    some = [
        replace(r, history=[{"step": 1, "unlabeled_share": share} for share in shares.get(r.cell.seed, [])])
        for r in RESULTS if r.cell.method == "fixmatch"
    ]  # fmt: skip
    assert gated(some) == (3, 6)
    said = selection_sentence(LINES, None, gated=gated(some))
    assert (
        "scored. The safety gate lowered the weight of unlabelled data in 3 of the 6 cells that had one. Test" in said
    )


def test_curves_over_steps_have_a_row_a_seed() -> None:
    curves = over_steps(RESULTS, Budget("labels_per_class", 40), "accuracy")
    steps, values = curves["accuracy"]["self_tuning"]
    assert steps.tolist() == [50, 100]
    np.testing.assert_allclose(values, [[55, 80]] * 3)
    assert "fine_tuning" not in curves["accuracy"]
    assert set(curves["score"]) == set(made.USUAL)


def test_figures_show_every_method_once_in_the_legend() -> None:
    lines = LINES
    for figure in (
        labels_figure(lines, **WORDS), cost_figure(lines, metric="accuracy"),
        steps_figure(lines, RESULTS, metric="accuracy"),
    ):  # fmt: skip
        assert figure is not None
        names = [text.get_text() for text in figure.legends[0].get_texts()]
        assert sorted(names) == ["Fine Tuning", "Fixmatch", "Self Tuning"]


def test_fifteen_methods_do_not_look_alike() -> None:
    lines = [replace(LINES[0], method=f"m{i}", family="SSL") for i in range(15)]
    styles = styles_of(lines).values()
    assert len({(style["color"], style["linestyle"]) for style in styles}) == 15


def test_long_titles_are_wrapped_and_figures_make_room_for_them() -> None:
    long = [replace(x, title="Self-Tuning (words, temperature 0.5, warmup_ratio 0.0)") for x in LINES]
    short, wide = labels_figure(LINES, **WORDS), labels_figure(long, **WORDS)
    assert short is not None
    assert wide is not None
    texts = [text.get_text() for text in wide.legends[0].get_texts()]
    assert all(max(map(len, text.split("\n"))) <= 34 for text in texts)
    assert wide.get_size_inches()[0] > short.get_size_inches()[0]


def test_the_dearest_marker_is_not_at_the_edge() -> None:
    figure = cost_figure(LINES, metric="accuracy")
    assert figure is not None
    assert figure.axes[0].get_xlim() == pytest.approx((0, 1.05 * 25))


def test_a_gain_in_doubt_is_hollow() -> None:
    figure = gain_figure(LINES)
    assert figure is not None
    first = figure.axes[0]
    assert [text.get_text() for text in first.get_yticklabels()] == ["Self Tuning", "Fixmatch"]
    points = {round(p.get_ydata()[0]): p.get_markerfacecolor() for p in first.lines if p.get_marker() == "o"}
    assert points[1] == "white"
    assert points[0] != "white"


def test_figures_without_data_are_left_out() -> None:
    lines = summarise([result for result in RESULTS if result.labels == 10])
    assert labels_figure(lines, **WORDS) is None
    assert gain_figure([x for x in lines if x.method == "fine_tuning"]) is None
    bare = [replace(result, history=[]) for result in RESULTS]
    assert steps_figure(summarise(bare), bare, metric="accuracy") is None


def test_all_files_are_written_and_hold_the_same_numbers(tmp_path: Path) -> None:
    text = write_comparison(tmp_path, RESULTS, context={"data": "made"}, failed=["x, seed 0: why"], **WORDS)
    names = {"table.md", "table.csv", "table.json", "table.tex"}
    names |= {"score_against_labels.png", "over_steps.png", "gain.png", "cost.png"}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert (tmp_path / "table.md").read_text().strip() == text.strip()
    assert "- failed: x, seed 0: why" in text
    table = json.loads((tmp_path / "table.json").read_text())
    frame = pd.read_csv(tmp_path / "table.csv")
    assert frame["mean"].tolist() == pytest.approx([entry["mean"] for entry in table["lines"]])
    assert table["lines"][0]["difference"] is None
    gap = table["lines"][-1]["difference"]
    latex_text = (tmp_path / "table.tex").read_text()
    for entry in table["lines"]:
        assert f"{100 * entry['mean']:.2f} +- {100 * entry['std']:.2f} ({entry['seeds']})" in text
        assert f"{100 * entry['mean']:.2f} $\\pm$ {100 * entry['std']:.2f} ({entry['seeds']})" in latex_text
    assert f"{100 * gap:+.2f} [" in text
    assert f"{100 * gap:+.2f} [" in latex_text
    assert all(f"]({name})" in text for name in names if name.endswith(".png"))
