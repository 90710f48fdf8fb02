"""p(source class | target class) from few rows: recovered where it is known."""

import numpy as np
import pytest

from hf_selftuning.functional.class_relationship import RELATIONSHIPS, by_bayes, calibration, direct

# Three target classes over five source classes.
KNOWN = np.array([[0.6, 0.3, 0.1, 0.0, 0.0], [0.0, 0.1, 0.8, 0.1, 0.0], [0.05, 0.05, 0.0, 0.4, 0.5]])


def rows(size: int, certainty: float = 0.98) -> tuple[np.ndarray, np.ndarray]:
    """Rows whose source class is drawn as KNOWN says, and is nearly certain."""
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 3, size)
    sources = np.array([generator.choice(5, p=KNOWN[label]) for label in labels])
    probabilities = np.full((size, 5), (1 - certainty) / 4)
    probabilities[np.arange(size), sources] = certainty
    return probabilities, labels


@pytest.mark.parametrize("name", RELATIONSHIPS)
def test_a_known_relationship_is_recovered(name: str) -> None:
    probabilities, labels = rows(1500)
    found = RELATIONSHIPS[name]([(probabilities[:700], labels[:700]), (probabilities[700:], labels[700:])], 3)
    np.testing.assert_allclose(found.sum(1), 1)
    assert (found >= 0).all()
    np.testing.assert_allclose(found, KNOWN, atol=0.05)


def test_the_direct_one_is_the_mean_of_each_class() -> None:
    probabilities, labels = rows(40)
    found = direct([(probabilities, labels)], 3)
    for label in range(3):
        np.testing.assert_allclose(found[label], probabilities[labels == label].mean(0))


@pytest.mark.parametrize("name", RELATIONSHIPS)
def test_a_class_without_rows_gets_the_mean_of_all(name: str) -> None:
    probabilities, labels = rows(60)
    found = RELATIONSHIPS[name]([(probabilities, labels)], 4)
    np.testing.assert_allclose(found[3], probabilities.mean(0))


@pytest.mark.parametrize("name", RELATIONSHIPS)
def test_two_classes_are_enough(name: str) -> None:
    probabilities, labels = rows(900)
    two = labels < 2
    found = RELATIONSHIPS[name]([(probabilities[two], labels[two])], 2)
    np.testing.assert_allclose(found, KNOWN[:2], atol=0.05)


def test_a_single_row_of_a_class_cannot_be_validated_on() -> None:
    probabilities, _ = rows(5)
    with pytest.raises(
        ValueError, match=r"have 2 classes, and the smallest class has 1 rows.* set relationship=direct"
    ):
        by_bayes([(probabilities, np.array([0, 0, 0, 0, 1]))], 2)


def test_calibration_finds_the_factor_that_logits_lack() -> None:
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(5000, 4))
    labels = (logits + generator.gumbel(size=logits.shape)).argmax(1)  # a draw from their softmax
    assert calibration(3 * logits, labels) == pytest.approx(1 / 3, rel=0.1)
