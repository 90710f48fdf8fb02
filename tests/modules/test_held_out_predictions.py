"""Labels that are hidden fold by fold, against the same regression and propagation called by hand."""

import torch
from sklearn.datasets import load_digits

from hf_selftuning.modules.head_start import cloud_choice, pool_predictions
from hf_selftuning.modules.held_out_predictions import held_out_predictions
from hf_selftuning.modules.linear_probe import linear_probe

DIGITS = load_digits()
ROWS, CLASSES = torch.tensor(DIGITS.data[:200], dtype=torch.float32), torch.tensor(DIGITS.target[:200])


def test_each_label_is_predicted_from_the_labels_of_the_other_folds() -> None:
    clouds = cloud_choice(ROWS[:100], CLASSES[:100], ROWS[100:], 10).used
    found = held_out_predictions(ROWS[:100], CLASSES[:100], ROWS[100:], 10, clouds=clouds)
    assert found is not None
    assert sorted(found.rows.tolist()) == list(range(100))
    assert found.folds.unique().tolist() == [0, 1, 2, 3, 4]
    hidden = found.rows[found.folds == 2]
    known = torch.tensor([row not in hidden.tolist() for row in range(100)])
    weight, bias = linear_probe(ROWS[:100][known], CLASSES[:100][known], 10)
    torch.testing.assert_close(found.probed[hidden], (ROWS[hidden] @ weight.T + bias).softmax(1))
    spread = pool_predictions(
        ROWS[:100][known], CLASSES[:100][known], torch.cat([ROWS[hidden], ROWS[100:]]), 10,
        clouds=clouds,
    )  # fmt: skip
    torch.testing.assert_close(found.spread[hidden], spread[: len(hidden)])


def test_the_only_row_of_a_class_is_never_hidden() -> None:
    labels = torch.tensor([0] * 6 + [1] * 6 + [2])
    found = held_out_predictions(ROWS[:13], labels, ROWS[:0], 3)
    assert found is not None
    assert found.rows.tolist() == list(range(12))
    assert not found.probed.isnan().any()


def test_one_label_a_class_gives_no_fold() -> None:
    assert held_out_predictions(ROWS[:3], torch.arange(3), ROWS[3:], 3) is None


def test_names_are_never_hidden_so_each_label_can_be() -> None:
    labels = torch.arange(10).repeat(2)
    rows = torch.stack([ROWS[label == CLASSES][place] for place in range(3) for label in range(10)])
    names = rows[20:], torch.arange(10)
    found = held_out_predictions(rows[:10], labels[:10], rows[:0], 10, clouds=False, names=names)
    assert found is not None
    assert sorted(found.rows.tolist()) == list(range(10))
    hidden = found.rows[found.folds == 1]
    known = torch.tensor([row not in hidden.tolist() for row in range(10)])
    learned = torch.cat([rows[:10][known], names[0]]), torch.cat([labels[:10][known], names[1]])
    weight, bias = linear_probe(*learned, 10)
    torch.testing.assert_close(found.probed[hidden], (rows[hidden] @ weight.T + bias).softmax(1))
    spread = pool_predictions(*learned, rows[hidden], 10, clouds=False)
    torch.testing.assert_close(found.spread[hidden], spread)
