"""The head that a classifier begins with: logistic regression on pretrained features."""

from jaxtyping import Float
from torch import Tensor

from ..modules.head_start import certain_probe, cloud_choice, pool_predictions
from ..modules.linear_probe import PROBED, cross_validated, linear_probe
from ..modules.name_examples import name_choice
from .preparation import Preparation, SeenRows, Spread


def fitted_head(
    preparation: Preparation, start: str, classes: int
) -> tuple[tuple[Float[Tensor, "c d"], Float[Tensor, "c"]], Spread | None]:
    """Weights and bias of the regression, and what it knows of the pool.

    Args:
        preparation: the student, the labelled data, and perhaps the pool, of which each rank reads its own part.
        start: `probe`, or `propagate` to learn from the pool too, if there is one.
        classes: number of classes, c.
    """
    known = preparation.seen(preparation.batches.first(PROBED))
    if start != "propagate" or preparation.pool is None:
        return linear_probe(known.features, known.labels, classes), None
    # In the order of the dataset, so that a fit does not depend on the number of ranks.
    pool = preparation.pool_rows.at(preparation.pool_rows.examples.argsort(stable=True))
    names = None if preparation.names is None else preparation.seen(preparation.names)
    rows, spread = _spread(known, pool, classes, names)
    return certain_probe(rows.features, rows.labels, pool.features, spread.predictions), spread


def reads_embeddings(known: SeenRows) -> tuple[bool, str]:
    """Whether the embeddings tell the labelled rows' classes apart better than the features, and a text that says so.

    Args:
        known: the labelled rows.
    """
    if known.embeddings is None:
        return False, "the classifier's input"
    scores = [cross_validated(rows, known.labels) for rows in (known.features, known.embeddings)]
    if scores[0] is None or scores[1] is None:
        # Without cross-validation the mean is taken: it was better on both sets of intents that were tried, see
        # docs/lab_notes.md.
        return True, "the mean of the last hidden states (too few labels a class for cross-validation)"
    chosen = scores[1] >= scores[0]
    return chosen, (
        f"{'the mean of the last hidden states' if chosen else 'the input of the classifier'} (cross-validated "
        f"accuracy on the labels: input of the classifier {scores[0]:.1%}, mean of the last hidden states "
        f"{scores[1]:.1%})"
    )


def _spread(known: SeenRows, pool: SeenRows, classes: int, names: SeenRows | None) -> tuple[SeenRows, Spread]:
    """The rows with labels, perhaps with those of the names, and the pool's predictions.

    Rows are compared by whichever features tell the labelled rows' classes apart better.
    """
    chosen, source = reads_embeddings(known) if pool.embeddings is not None else (False, "the classifier's input")
    others, rows, clouds = pool.read(embeddings=chosen), known, False
    if names is not None:
        naming = name_choice(known.read(embeddings=chosen), known.labels, names.read(embeddings=chosen), names.labels)
        rows, source = known.beside(names) if naming.used else known, f"{source}; {naming}"
    if rows is known:
        # Not beside names. They are for texts, and there clouds made labels worse (docs/lab_notes.md).
        clouding = cloud_choice(known.read(embeddings=chosen), known.labels, others, classes)
        clouds, source = clouding.used, f"{source}; {clouding}"
    predictions = pool_predictions(rows.read(embeddings=chosen), rows.labels, others, classes, clouds=clouds)
    return rows, Spread(known, pool, predictions, source, clouds)
