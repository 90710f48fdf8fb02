"""The examples of a run by part: those that train with labels, those that train without, and those that are scored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from datasets import Dataset, concatenate_datasets

from ...config import SelfTuningConfig
from ...data.classes.class_data import ClassData
from ...data.sampling_order import first_of_each_class, held_classes, sampling_order
from ...data.splits import Split
from ...data.words.word_data import WordData
from ..command.run_config import RunConfig


@dataclass(frozen=True)
class Parts:
    """The examples of a run.

    Args:
        split: says which training examples keep their labels.
        labeled: labelled examples that train.
        unlabeled: unlabelled examples that train; None where there are none.
        dev: scored during training and at the end; None where there are none.
        test: scored once at the end; None where there are none.
        audited: whether the true labels of all unlabelled examples are known. They only serve figures, never training.
        validation_share: share of the labelled examples that was held out as dev; 0 where dev is a part of the data.
    """

    split: Split
    labeled: Dataset
    unlabeled: Dataset | None
    dev: Dataset | None
    test: Dataset | None
    audited: bool
    validation_share: float

    @property
    def dev_is_held_out(self) -> bool:
        """Whether dev was held out of the labelled examples."""
        return self.validation_share > 0

    @property
    def scored(self) -> dict[str, Dataset | None]:
        """The parts that are scored, by name."""
        return {"dev": self.dev, "test": self.test}

    def published(self, names: Mapping[str, str]) -> dict[str, str]:
        """The data set's own names of dev and test, for the results on the Hub. A dev part held out here has none.

        Args:
            names: the data set's own names, by "dev" and "test".
        """
        return {part: name for part, name in names.items() if not (part == "dev" and self.dev_is_held_out)}

    def asked_by(self, config: RunConfig) -> "Parts":
        """Only those of the scored parts that the flags ask for, see `RunConfig.scores`.

        Raises:
            ValueError: a flag asks for a part that the data do not have.
        """
        if config.do_eval and self.dev is None:
            raise ValueError(
                "--do_eval scores dev, and the data have no dev part; give one (--validation_file, or "
                "--validation_share 0.2, which holds out labelled examples), or leave --do_eval out."
            )
        if config.do_predict and self.test is None:
            raise ValueError(
                "--do_predict scores test, and the data have no test part; give one (--test_file, --test_dir or "
                "--test_share), or leave --do_predict out."
            )
        dev, test = (part if config.scores(name) else None for name, part in self.scored.items())
        return replace(self, dev=dev, test=test)

    def adapt(self, config: SelfTuningConfig) -> None:
        """Audit pseudo-labels where their truth is known, and run no evaluation during training without a dev part.

        Raises:
            ValueError: the checkpoint with the best dev score is asked for, and there is no dev part.
        """
        config.audit_pseudo_labels = self.audited
        if self.dev is None and config.load_best_model_at_end:
            raise ValueError(
                "--load_best_model_at_end chooses by a score on dev, and no dev part is scored; give one "
                "(--validation_file, or --validation_share 0.2; beside --do_train also --do_eval), or leave the flag "
                "out."
            )
        if self.dev is None:
            config.eval_strategy = "no"


def divide(data: WordData | ClassData, split: Split, classes: Sequence[object], validation_share: float) -> Parts:
    """Divide the examples of a data set.

    Args:
        data: the training set, and perhaps validation, test and unlabelled parts.
        split: of the training set.
        classes: for each training example its class, or the classes it holds.
        validation_share: share of the labelled examples to hold out as dev; 0 takes the data's own validation part.

    Raises:
        ValueError: the share is not in [0, 1), or it leaves a class without an example to train on.
    """
    labeled, held_out = hold_out(split, classes, validation_share)
    unlabeled, audited = unlabeled_pool(data.train, split, data.unlabeled)
    return Parts(
        split=split,
        labeled=data.train.select(labeled),
        unlabeled=unlabeled,
        dev=data.train.select(held_out) if held_out else data.validation,
        test=data.test,
        audited=audited,
        validation_share=validation_share,
    )


def hold_out(split: Split, classes: Sequence[object], share: float) -> tuple[list[int], list[int]]:
    """Indices of the labelled examples that train, and of those held out; stratified, with the split's seed.

    Args:
        split: says which examples are labelled.
        classes: for each example of the data its class, or the classes it holds.
        share: of the labelled examples to hold out, rounded to at least one example; 0 holds out none.

    Raises:
        ValueError: the share is not in [0, 1), or it leaves a class without an example to train on.
    """
    if not 0 <= share < 1:
        raise ValueError(f"validation_share={share} is not a share; give 0 for none, or one below 1, such as 0.2.")
    if share == 0:
        return list(split.labeled), []
    held = [held_classes(classes[index]) for index in split.labeled]
    order = sampling_order(held, split.seed)
    kept = len(order) - max(round(share * len(order)), 1)
    needed = len(first_of_each_class(held, order))
    if kept < needed:
        raise ValueError(
            f"validation_share={share} leaves {kept} of {len(order)} labelled examples to train on, and {needed} are "
            "needed to have every class; lower it, or label more."
        )
    train, validation = (sorted(split.labeled[place] for place in part) for part in (order[:kept], order[kept:]))
    return train, validation


def unlabeled_pool(train: Dataset, split: Split, extra: Dataset | None) -> tuple[Dataset | None, bool]:
    """The unlabelled examples, and whether all their true labels are known.

    Args:
        train: the training set that was split.
        split: says which of its examples are unlabelled.
        extra: examples that never had labels.
    """
    rest = train.select(split.unlabeled) if split.unlabeled else None
    if extra is None:
        return rest, rest is not None
    if rest is None:
        return extra, False
    return concatenate_datasets([rest.select_columns(extra.column_names), extra]), False
