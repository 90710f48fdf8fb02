"""Learning curves: panels, lines, legends and labels."""

import math
from pathlib import Path

import matplotlib
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hf_selftuning.report.curves import curves_figure, draw_curves

FINE_TUNING = [
    {"step": 10, "loss": 2.0, "loss_supervised": 2.0},
    {"step": 20, "loss": 1.0, "loss_supervised": 1.0},
    {"step": 20, "eval_f1": 0.5, "eval_loss": 0.7},
    {"step": 20, "train_loss": 1.5},
]
SELF_TUNING = [
    {"step": 10, "loss": 9.0, "loss_supervised": 2.0, "loss_pgc_labeled": 3.0, "loss_pgc_unlabeled": 4.0},
    {"step": 20, "loss": 5.0, "loss_supervised": 1.0, "loss_pgc_labeled": 2.0, "loss_pgc_unlabeled": 2.0},
    {"step": 20, "pseudo_label_coverage": 0.9, "pseudo_label_accuracy": 0.8},
    {"step": 20, "eval_dev_f1": 0.625},
]
BOTH = {"fine-tuning": FINE_TUNING, "Self-Tuning (words)": SELF_TUNING}


def panels(figure: Figure) -> dict[str, Axes]:
    return {axes.get_ylabel(): axes for axes in figure.axes}


def legend(axes: Axes) -> list[str]:
    key = axes.get_legend()
    assert key is not None
    return [text.get_text() for text in key.get_texts()]


def test_two_runs_give_three_panels_over_one_step_axis() -> None:
    figure = curves_figure(BOTH, metric="f1")
    assert list(panels(figure)) == ["training loss", "dev F1 (%)", "pseudo-labels (%)"]
    assert [axes.get_xlabel() for axes in figure.axes] == ["", "", "optimizer step"]
    assert len({axes.get_xlim() for axes in figure.axes}) == 1


def test_dev_scores_are_percent_and_the_last_one_is_written_beside_its_point() -> None:
    scores = panels(curves_figure(BOTH, metric="f1"))["dev F1 (%)"]
    assert [list(line.get_ydata()) for line in scores.get_lines()] == [[50.0], [62.5]]
    assert [text.get_text() for text in scores.texts] == ["50.00", "62.50"]
    assert legend(scores) == ["fine-tuning", "Self-Tuning (words)"]


def test_a_panel_without_data_is_left_out() -> None:
    assert list(panels(curves_figure({"fine-tuning": FINE_TUNING[:2]}, metric="f1"))) == ["training loss"]
    assert list(panels(curves_figure({"fine-tuning": FINE_TUNING[2:]}, metric="f1"))) == ["dev F1 (%)"]


def test_the_score_of_another_metric_is_not_drawn() -> None:
    history = [{"step": 1, "eval_accuracy": 0.5, "eval_f1": 0.25}]
    scores = panels(curves_figure({"run": history}, metric="accuracy"))["dev accuracy (%)"]
    assert list(scores.get_lines()[0].get_ydata()) == [50.0]


def test_a_colour_is_a_loss_term_and_a_line_style_is_a_run() -> None:
    losses = panels(curves_figure(BOTH, metric="f1"))["training loss"]
    terms = ["total", "supervised", "pgc labeled", "pgc unlabeled"]
    assert legend(losses) == [*terms, "fine-tuning", "Self-Tuning (words)"]
    lines = losses.get_lines()
    assert len({line.get_color() for line in lines}) == 4
    assert len({line.get_linestyle() for line in lines}) == 2


def test_a_total_that_repeats_its_only_term_is_not_drawn() -> None:
    losses = panels(curves_figure({"fine-tuning": FINE_TUNING}, metric="f1"))["training loss"]
    assert legend(losses) == ["supervised"]


def test_a_loss_without_terms_is_drawn_as_the_total() -> None:
    losses = panels(curves_figure({"run": [{"step": 1, "loss": 3.0}]}, metric="f1"))["training loss"]
    assert legend(losses) == ["total"]


def test_values_that_are_not_finite_leave_no_point() -> None:
    history = [{"step": 1, "loss": math.nan}, {"step": 2, "loss": 4.0}, {"step": 3, "loss": None}]
    losses = panels(curves_figure({"run": history}, metric="f1"))["training loss"]
    assert list(losses.get_lines()[0].get_xdata()) == [2]


def test_of_two_scores_at_one_step_the_later_is_drawn() -> None:
    history = [{"step": 5, "eval_f1": 0.1}, {"step": 5, "eval_f1": 0.2}]
    scores = panels(curves_figure({"run": history}, metric="f1"))["dev F1 (%)"]
    assert list(scores.get_lines()[0].get_ydata()) == [20.0]


@pytest.mark.parametrize(("last_loss", "scale"), [(0.05, "log"), (0.9, "linear"), (0.0, "linear")])
def test_losses_are_logarithmic_only_if_positive_and_tenfold_apart(last_loss: float, scale: str) -> None:
    history = [{"step": 1, "loss": 1.0}, {"step": 2, "loss": last_loss}]
    assert panels(curves_figure({"run": history}, metric="f1"))["training loss"].get_yscale() == scale


def test_final_scores_that_are_close_are_written_apart() -> None:
    histories = {name: [{"step": 9, "eval_f1": 0.80 + 0.0001 * index}] for index, name in enumerate("abc")}
    scores = panels(curves_figure(histories, metric="f1"))["dev F1 (%)"]
    heights = [text.xyann[1] for text in scores.texts]
    assert heights[1] - heights[0] > 9
    assert heights[2] - heights[1] > 9


def test_an_empty_history_says_what_to_do() -> None:
    figure = curves_figure({"run": []}, metric="f1")
    assert figure.axes == []
    assert "logging_steps" in figure.texts[0].get_text()


def test_drawing_writes_a_picture_and_keeps_the_backend(tmp_path: Path) -> None:
    backend = dict.__getitem__(matplotlib.rcParams, "backend")  # asked without choosing one
    draw_curves(BOTH, tmp_path / "curves.png", metric="f1")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert dict.__getitem__(matplotlib.rcParams, "backend") == backend
