"""Means of terms and figures in the log, on numbers that can be added up by hand."""

import re

import pytest
import torch
from torch import Tensor

from hf_selftuning.monitoring.loss_log import Ledger


def scalar(value: float) -> Tensor:
    return torch.tensor(value)


def counts(numerator: int, denominator: int) -> tuple[Tensor, Tensor]:
    return torch.tensor(numerator), torch.tensor(denominator)


def test_a_term_is_averaged_over_micro_batches_and_steps() -> None:
    ledger = Ledger()
    for step, (first, second) in enumerate([(1.0, 3.0), (5.0, 7.0)], start=1):
        ledger.record({"supervised": scalar(first)}, {}, share=0.5, step=step)
        ledger.record({"supervised": scalar(second)}, {}, share=0.5, step=step)
    assert ledger.read(2) == {"loss_supervised": 4.0, "loss": 4.0}


def test_each_term_is_logged_under_its_name() -> None:
    ledger = Ledger()
    ledger.record({"supervised": scalar(1.0), "pgc_labeled": scalar(2.0)}, {}, share=1.0, step=1)
    assert ledger.read(1) == {"loss_supervised": 1.0, "loss_pgc_labeled": 2.0, "loss": 3.0}


def test_a_figure_is_the_ratio_of_sums_and_no_mean_of_ratios() -> None:
    ledger = Ledger()
    ledger.record({}, {"coverage": counts(1, 1)}, share=1.0, step=1)
    ledger.record({}, {"coverage": counts(0, 3)}, share=1.0, step=2)
    assert ledger.read(2) == {"coverage": 0.25}


def test_figures_keep_their_names_whatever_order_they_came_in() -> None:
    ledger = Ledger()
    ledger.record({"a": scalar(8.0)}, {"z": counts(1, 2), "b": counts(3, 4)}, share=1.0, step=1)
    assert ledger.read(1) == {"loss_a": 8.0, "loss": 8.0, "z": 0.5, "b": 0.75}


def test_a_figure_without_a_case_is_left_out() -> None:
    ledger = Ledger()
    ledger.record({}, {"accuracy": counts(0, 0), "coverage": counts(0, 2)}, share=1.0, step=1)
    assert ledger.read(1) == {"coverage": 0.0}


def test_a_reading_empties_the_sums() -> None:
    ledger = Ledger()
    ledger.record({"a": scalar(100.0)}, {"coverage": counts(1, 1)}, share=1.0, step=1)
    ledger.read(1)
    for step in (2, 3):
        ledger.record({"a": scalar(4.0)}, {"coverage": counts(0, 1)}, share=1.0, step=step)
    assert ledger.read(3) == {"loss_a": 4.0, "loss": 4.0, "coverage": 0.0}


def test_a_resumed_run_counts_from_the_step_of_the_checkpoint() -> None:
    ledger = Ledger()
    ledger.restart(10)
    for step in (11, 12):
        ledger.record({"a": scalar(3.0)}, {}, share=1.0, step=step)
    assert ledger.read(12) == {"loss_a": 3.0, "loss": 3.0}


def gathered(ledger: Ledger, first: int, last: int) -> Ledger:
    for step in range(first, last + 1):
        ledger.record({"a": scalar(0.1 * step)}, {"coverage": counts(step, 7 * step)}, share=1 / 3, step=step)
    return ledger


def test_a_line_that_spans_a_checkpoint_equals_the_line_of_a_whole_run() -> None:
    whole = gathered(Ledger(), 1, 6)
    resumed = Ledger()
    resumed.restart(4)
    resumed.load(gathered(Ledger(), 1, 4).state(), torch.device("cpu"))
    assert gathered(resumed, 5, 6).read(6) == whole.read(6)


def test_the_sums_of_a_checkpoint_with_another_number_of_ranks_are_ignored() -> None:
    state = {name: values.repeat(2) for name, values in gathered(Ledger(), 1, 4).state().items()}
    resumed = Ledger()
    resumed.restart(4)
    resumed.load(state, torch.device("cpu"))
    resumed.record({"a": scalar(3.0)}, {}, share=1.0, step=5)
    assert resumed.read(5) == {"loss_a": 3.0, "loss": 3.0}


def test_nothing_recorded_is_nothing_logged() -> None:
    assert Ledger().read(0) == {}


def test_terms_in_half_precision_are_summed_in_float32() -> None:
    ledger = Ledger()
    for step in range(1, 1025):
        ledger.record({"a": torch.tensor(1.0, dtype=torch.bfloat16)}, {}, share=1.0, step=step)
    assert ledger.read(1024) == {"loss_a": 1.0, "loss": 1.0}


def test_a_recorded_term_keeps_no_graph() -> None:
    weight = torch.ones((), requires_grad=True)
    ledger = Ledger()
    ledger.record({"a": 2 * weight}, {}, share=1.0, step=1)
    assert ledger.read(1) == {"loss_a": 2.0, "loss": 2.0}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_term_that_is_not_finite_is_named_with_its_step(value: float) -> None:
    ledger = Ledger()
    ledger.record({"supervised": scalar(1.0), "pgc_labeled": scalar(1.0)}, {}, share=1.0, step=6)
    words = "loss_pgc_labeled was not finite at step 7, so training stopped"
    with pytest.raises(FloatingPointError, match=re.escape(words)):
        ledger.record({"supervised": scalar(1.0), "pgc_labeled": scalar(value)}, {}, share=1.0, step=7)


def test_the_first_bad_step_is_named_even_if_the_check_comes_later() -> None:
    ledger = Ledger()
    for step, value in ((3, 1.0), (4, float("nan")), (5, 1.0), (6, float("nan"))):
        try:
            ledger.record({"a": scalar(value)}, {}, share=1.0, step=step)
        except FloatingPointError:
            continue
    with pytest.raises(FloatingPointError, match="loss_a was not finite at step 4,"):
        ledger.read(6)


def test_a_restart_forgets_a_bad_term() -> None:
    ledger = Ledger()
    with pytest.raises(FloatingPointError):
        ledger.record({"a": scalar(float("nan"))}, {}, share=1.0, step=1)
    ledger.restart(0)
    ledger.stop_if_not_finite()
