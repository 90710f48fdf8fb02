"""Doubtful rows against slow loops, and on rows whose place is known."""

import torch
from torch.nn.functional import normalize

from hf_selftuning.functional.doubtful_rows import confused_pairs, disputed_labels, distant_rows, near_pairs

GENERATOR = torch.Generator().manual_seed(0)
LABELS = torch.arange(40) % 4
PREDICTIONS = (3 * torch.randn(40, 4, generator=GENERATOR)).softmax(1)
ROWS = normalize(torch.randn(30, 5, generator=GENERATOR), dim=1)


def test_confusions_count_both_directions_and_the_most_frequent_pair_comes_first() -> None:
    predicted = torch.tensor([1, 0, 1, 2, 2, 2, 0])
    labels = torch.tensor([0, 1, 1, 0, 2, 1, 0])
    pairs, counts = confused_pairs(predicted, labels, 4)
    assert pairs.tolist() == [[0, 1], [0, 2], [1, 2]]
    assert counts.tolist() == [2, 1, 1]


def test_disputed_labels_are_those_of_confident_learning() -> None:
    thresholds = []
    for label in range(4):
        own = [float(row[label]) for row, given in zip(PREDICTIONS, LABELS, strict=True) if int(given) == label]
        thresholds.append(sum(own) / len(own))
    expected = []
    for number, (row, given) in enumerate(zip(PREDICTIONS.tolist(), LABELS.tolist(), strict=True)):
        best = max(range(4), key=lambda label, row=row: row[label])
        if best != given and row[best] >= thresholds[best]:
            expected.append((row[best] - row[given], number, best))
    rows, preferred = disputed_labels(PREDICTIONS, LABELS)
    assert expected
    assert list(zip(rows.tolist(), preferred.tolist(), strict=True)) == [
        (number, best) for _, number, best in sorted(expected, reverse=True)
    ]


def test_a_class_without_a_row_disputes_every_label_that_it_beats() -> None:
    rows, preferred = disputed_labels(torch.tensor([[0.9, 0.1, 0.0], [0.2, 0.3, 0.5]]), torch.tensor([0, 1]))
    assert (rows.tolist(), preferred.tolist()) == ([1], [2])


def test_near_pairs_are_the_nearest_row_of_each_if_it_is_near_enough() -> None:
    first, second = ROWS[:20], ROWS[20:]
    expected = []
    for place, row in enumerate(second):
        nearest = max(range(20), key=lambda other, row=row: float(row @ first[other]))
        if float(row @ first[nearest]) >= 0.7:
            expected.append((float(row @ first[nearest]), [nearest, place]))
    pairs, cosines = near_pairs(first, second, 0.7)
    assert 0 < len(expected) < 10
    assert pairs.tolist() == [pair for _, pair in sorted(expected, reverse=True)]
    assert cosines.tolist() == sorted(cosines.tolist(), reverse=True)


def test_a_row_away_from_the_crowd_is_distant_and_the_most_distant_comes_first() -> None:
    crowd = torch.tensor([1.0, 0, 0, 0, 0]) + 0.2 * ROWS
    away = torch.tensor([[1.0, 1, 0, 0, 0], [-1.0, 0.5, 0, 0, 0]])
    assert distant_rows(normalize(torch.cat([crowd, away]), dim=1), 5).tolist() == [31, 30]
    assert distant_rows(normalize(crowd, dim=1), 5).tolist() == []
