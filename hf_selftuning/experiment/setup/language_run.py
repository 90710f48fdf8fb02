"""What runs on words and on texts share: the defaults of their training, and language modelling on their data."""

import logging
from dataclasses import dataclass
from typing import ClassVar

from datasets import Dataset
from transformers import PreTrainedTokenizerBase, Trainer

from ...config import SelfTuningConfig
from ...data.embedded import minilm_folder
from ..command.flags import ModelArguments
from ..command.run_config import RunConfig
from ..pretrained.language_modelling import language_trainer
from ..pretrained.model_choice import Pretrained
from .parts import Parts

logger = logging.getLogger(__name__)

DEFAULT_MODEL, EMBEDDED_ID = "google-bert/bert-base-cased", "sentence-transformers/all-MiniLM-L6-v2"


@dataclass(repr=False)
class LanguageConfig(RunConfig):
    """Training arguments, with the defaults of a run on words or texts."""

    integer_labels: ClassVar[str]
    """What integers stand for, and the flag that names them, for a message: such as `tags by --tag_names`."""

    per_device_eval_batch_size: int = 64
    learning_rate: float = 5e-5
    max_steps: int = 1000
    warmup_steps: float = 0.1
    weight_decay: float = 0.01
    logging_steps: float = 0.05
    eval_strategy: str = "steps"
    eval_steps: float | None = 0.2
    save_strategy: str = "no"
    report_to: None | str | list[str] = "none"  # noqa: RUF036  (HfArgumentParser needs this order)
    train_sampling_strategy: str = "group_by_length"

    def __post_init__(self) -> None:
        if self.label_names not in (None, ["labels"]):
            raise ValueError(
                f"--label_names {' '.join(self.label_names)} names the labels among the inputs of a model, as in "
                f"Trainer; give the names of integer {self.integer_labels}."
            )
        super().__post_init__()


def language_model(model: ModelArguments) -> tuple[Pretrained, str]:
    """The encoder that the flags name, or the default one, and where it is loaded from: a folder or a Hub id.

    Args:
        model: the flags.

    Raises:
        ValueError: the named model cannot be found; or no package holds the embedded one.
    """
    found = Pretrained.of(model, DEFAULT_MODEL, embedded="all-MiniLM-L6-v2", embedded_id=EMBEDDED_ID)
    return found, found.source or str(minilm_folder())


class LanguageRun:
    """Base of the setups for words and texts, which set these attributes in `__init__`."""

    pretrained: Pretrained
    source: str
    tokenizer: PreTrainedTokenizerBase
    parts: Parts
    labeled: Dataset
    unlabeled: Dataset | None
    scored: dict[str, Dataset]

    def length_of(self, given: int, usual: int) -> int:
        """The pieces that are read at once: those of `--max_length`; without it, no more than the model reads.

        Args:
            given: by the flag.
            usual: its default.
        """
        most = self.tokenizer.model_max_length
        if given != usual or most >= usual:
            return given
        logger.info("The model reads %s word pieces at once, so --max_length is %s instead of %s.", most, most, usual)
        return most

    def choose_model(self, model: ModelArguments) -> None:
        """Set `pretrained` and `source`: the encoder that the flags name, or the default one."""
        self.pretrained, self.source = language_model(model)

    def revision_of(self, source: str) -> str | None:
        """The flags' revision for the pretrained model; None for the folder of a stage, which has no revisions."""
        return self.pretrained.revision if source == self.source else None

    def make_language_trainer(self, config: SelfTuningConfig) -> Trainer:
        """Language modelling on all examples, without their labels."""
        examples = [part for part in (self.labeled, self.unlabeled) if part is not None]
        return language_trainer(self.source, self.tokenizer, examples, config, revision=self.pretrained.revision)

    def encoded(self, part: Dataset) -> Dataset:
        """The word pieces of a scored part."""
        return next(self.scored[name] for name, own in self.parts.scored.items() if own is part)
