"""What the frozen features of the pretrained model say of a run before it trains."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ...functional.doubtful_rows import confused_pairs, disputed_labels, distant_rows, near_pairs
from ...functional.label_propagation import centered
from ...modules.head_start import NEIGHBORS, cloud_choice, pool_predictions
from ...modules.held_out_predictions import Rows, held_out_predictions, with_names
from ...modules.linear_probe import linear_probe, probe_predictions
from ...modules.name_examples import name_choice
from .frozen_parts import FrozenPart, FrozenParts
from .word_scores import sentence_f1

TRAINED, SCORED = ("labeled", "unlabeled"), ("dev", "test")
Score = Callable[[Tensor, Tensor, Tensor], float]
COPY = 0.98
"""Least cosine of the centred features of near duplicates."""


@dataclass(frozen=True)
class Judged:
    """Predictions for n examples whose labels are known and were hidden.

    Args:
        probed: probabilities by logistic regression on other labels.
        spread: probabilities by propagation from other labels, see `pool_predictions`.
        labels: the labels.
        names: of the examples.
        folds: the fold in which the label of each was hidden.
        score: from predicted classes, labels and places of some of the n examples, a score as a fraction.
    """

    probed: Float[Tensor, "n c"]
    spread: Float[Tensor, "n c"]
    labels: Int[Tensor, "n"]
    names: list[str]
    folds: Int[Tensor, "n"]
    score: Score

    def scores(self, predictions: Tensor) -> list[float]:
        """The score of predictions in each fold."""
        places = [(self.folds == fold).nonzero()[:, 0] for fold in self.folds.unique()]
        return [self.score(predictions[rows].argmax(1), self.labels[rows], rows) for rows in places]


@dataclass(frozen=True)
class Outlook:
    """What is known before training. Examples and classes are given by their names.

    Args:
        held_out: predictions for the labelled examples, by cross-validation; None with too few labels.
        pool: predictions for the unlabelled examples; None if their classes are not known.
        confused: pairs of classes, and how many examples of one were predicted as the other; the most first.
        disputed: examples whose label is likely wrong, their class and the predicted class; the surest first.
        copies: near duplicates, an example that trains and one of dev or test, and their cosine.
        distant: examples that are far from all others, the most distant first.
        naming: a text that says whether the names of the classes count, and why; None if there are none to count.
    """

    held_out: Judged | None
    pool: Judged | None
    confused: list[tuple[str, str, int]]
    disputed: list[tuple[str, str, str]]
    copies: list[tuple[str, str, float]]
    distant: list[str]
    naming: str | None = None

    @property
    def judged(self) -> list[Judged]:
        """All predictions for examples whose labels are known."""
        return [found for found in (self.held_out, self.pool) if found is not None]


def outlook_of(frozen: FrozenParts, class_names: Sequence[str]) -> Outlook:
    """The forecast from frozen features.

    Args:
        frozen: samples of the parts of a run.
        class_names: by index.
    """
    known, pool = frozen.parts["labeled"], frozen.parts.get("unlabeled")
    classes = len(class_names)
    names, naming = _names(known, frozen.class_names)
    # As in a run, clouds are left out beside names; see `fitted_head`.
    clouds = names is None and _clouds(known, pool, classes)
    held_out = _held_out(known, pool, class_names, names, clouds=clouds)
    seen = None if pool is None or pool.labels is None else _pool(known, pool, class_names, names, clouds=clouds)
    judged = [found for found in (held_out, seen) if found is not None]
    # A word that stands in another sentence, too, is no copy, and a rare word is no odd example: sentences are.
    whole = {name: part.by_example for name, part in frozen.parts.items()}
    return Outlook(
        held_out=held_out,
        pool=seen,
        confused=_confused(judged, class_names),
        disputed=_disputed(judged, class_names),
        copies=_copies(whole),
        distant=_distant(whole),
        naming=naming,
    )


def _names(known: FrozenPart, names: Rows | None) -> tuple[Rows | None, str | None]:
    """The names of the classes if they count, and a text that says whether they do."""
    if names is None:
        return None, None
    assert known.labels is not None
    choice = name_choice(known.features, known.labels, *names)
    return names if choice.used else None, str(choice)


def _clouds(known: FrozenPart, pool: FrozenPart | None, classes: int) -> bool:
    """Whether clouds correct the labels that spread, decided once for both tables."""
    assert known.labels is not None
    return cloud_choice(known.features, known.labels, _others(known, pool), classes).used


def _others(known: FrozenPart, pool: FrozenPart | None) -> Tensor:
    return known.features[:0] if pool is None else pool.features


def _held_out(
    known: FrozenPart, pool: FrozenPart | None, class_names: Sequence[str], names: Rows | None, *, clouds: bool
) -> Judged | None:
    assert known.labels is not None
    others, classes = _others(known, pool), len(class_names)
    rows = known.features, known.labels, others, classes
    found = held_out_predictions(*rows, clouds=clouds, groups=known.sentences, names=names)
    if found is None:
        return None
    examples = [known.names[row] for row in found.rows.tolist()]
    score = _score(None if known.sentences is None else known.sentences[found.rows], class_names)
    return Judged(found.probed, found.spread, known.labels[found.rows], examples, found.folds, score)


def _score(sentences: Tensor | None, class_names: Sequence[str]) -> Score:
    """F1 of the entities if the rows are words of sentences, else accuracy."""
    if sentences is None:
        return lambda predicted, labels, _: float((predicted == labels).float().mean())
    return lambda predicted, labels, rows: sentence_f1(predicted, labels, sentences[rows], class_names)


def _pool(
    known: FrozenPart, pool: FrozenPart, class_names: Sequence[str], names: Rows | None, *, clouds: bool
) -> Judged:
    assert known.labels is not None
    assert pool.labels is not None
    classes = len(class_names)
    rows = with_names((known.features, known.labels), names)
    probe = linear_probe(*rows, classes)
    spread = pool_predictions(*rows, pool.features, classes, probe, clouds=clouds)
    probed = probe_predictions(pool.features, *probe)
    score = _score(pool.sentences, class_names)
    return Judged(probed, spread, pool.labels, pool.names, torch.zeros_like(pool.labels), score)


def _confused(judged: Sequence[Judged], class_names: Sequence[str]) -> list[tuple[str, str, int]]:
    if not judged:
        return []
    predicted = torch.cat([found.spread.argmax(1) for found in judged])
    pairs, counts = confused_pairs(predicted, torch.cat([found.labels for found in judged]), len(class_names))
    named = ((class_names[first], class_names[second]) for first, second in pairs.tolist())
    return [(*names, count) for names, count in zip(named, counts.tolist(), strict=True)]


def _disputed(judged: Sequence[Judged], class_names: Sequence[str]) -> list[tuple[str, str, str]]:
    if not judged:
        return []
    names, labels = list(chain(*(found.names for found in judged))), torch.cat([found.labels for found in judged])
    rows, preferred = disputed_labels(torch.cat([found.spread for found in judged]), labels)
    return [
        (names[row], class_names[int(labels[row])], class_names[other])
        for row, other in zip(rows.tolist(), preferred.tolist(), strict=True)
    ]


def _unit(parts: Mapping[str, FrozenPart]) -> dict[str, Tensor]:
    """The centred features of each part."""
    unit = centered(*(part.features for part in parts.values()))
    sizes = [len(part.features) for part in parts.values()]
    return dict(zip(parts, unit.split(sizes), strict=True))


def _copies(parts: Mapping[str, FrozenPart]) -> list[tuple[str, str, float]]:
    unit = _unit(parts)
    trained, scored = ([name for name in side if name in parts] for side in (TRAINED, SCORED))
    if not scored:
        return []
    first, second = (torch.cat([unit[name] for name in side]) for side in (trained, scored))
    pairs, cosines = near_pairs(first, second, COPY)
    mine, others = (list(chain(*(parts[name].names for name in side))) for side in (trained, scored))
    return [
        (mine[one], others[other], cosine)
        for (one, other), cosine in zip(pairs.tolist(), cosines.tolist(), strict=True)
    ]


def _distant(parts: Mapping[str, FrozenPart]) -> list[str]:
    names = list(chain(*(part.names for part in parts.values())))
    return [names[row] for row in distant_rows(torch.cat(list(_unit(parts).values())), NEIGHBORS).tolist()]
