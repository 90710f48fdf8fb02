"""The scores of a trained model on the parts of its run; one that fails costs no other."""

from dataclasses import replace

from datasets import Dataset
from transformers import AutoConfig

from ...data.class_names import model_class_names
from ...distributed import world_size
from ...metrics import try_scores
from ...training.trainer import SelfTuningTrainer
from ..command.command_end import IncompleteRunError, sentence_of
from ..command.terminal import say
from ..setup.run_record import RunRecord
from ..setup.run_setup import Setup
from ..stages.outcome import Outcome, PartScore


def score_row(setup: Setup, trained: Outcome, *, tolerant: bool) -> Outcome:
    """Score a row on dev and test.

    Args:
        setup: predicts and counts the items of a part.
        trained: the row, without scores.
        tolerant: keep and print the error of a part that cannot be scored, and go on.
    """
    found: dict[str, PartScore] = {}
    failed: dict[str, Exception] = {}
    for name, part in setup.parts.scored.items():
        try:
            if part is not None:
                found[name] = score_part(setup, trained.trainer, part)
        except Exception as error:
            if not tolerant:
                raise
            failed[name] = error
            note_failure(setup, f"{trained.plan.name} could not be scored on {name}: {sentence_of(error)}", error)
    scores = {name: part.score for name, part in found.items()}
    row = replace(trained.row, dev=scores.get("dev"), test=scores.get("test"))
    return replace(trained, row=row, parts=found, failed=failed)


def score_part(setup: Setup, trainer: SelfTuningTrainer, part: Dataset) -> PartScore:
    """Predict a part once, and score it by the run's own metric and by the further ones."""
    answers = setup.predict(trainer, part)
    counts = {decoding: setup.count(predicted, part) for decoding, predicted in answers.items()}
    chosen, predicted = next(iter(answers.items()))
    scores, unmeasured = try_scores(setup.metrics, predicted, setup.expected(part))
    return PartScore(counts[chosen], predicted, scores, unmeasured, counts if len(counts) > 1 else {})


def note_failure(setup: Setup, sentence: str, error: Exception) -> None:
    """Print that a part could not be scored.

    Raises:
        IncompleteRunError: several ranks score together, and the others may wait for this one.
    """
    say(f"\n*** {sentence} ***", loudly=True)
    if world_size() > 1:
        raise IncompleteRunError(f"{sentence} {RunRecord.way_on(setup.folder)}") from error


def require_own_head(setup: Setup) -> None:
    """Refuse to score a model whose head would be new."""
    source, names = setup.pretrained.source, setup.class_names
    known = None if source is None else model_class_names(AutoConfig.from_pretrained(source))
    if known is None or sorted(known) != sorted(names):
        raise ValueError(
            f"{setup.pretrained.title} has no head for the classes of the data ({', '.join(names)}), so its score "
            "would say nothing; add --do_train, or give a model that was trained on these classes."
        )
