"""A run on words: its data, split and pretrained encoder, and the trainer of each row."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Self

from datasets import Dataset
from transformers import (
    AutoModelForMaskedLM,
    PreTrainedModel,
)

from ...config import SelfTuningConfig
from ...core.task import IGNORED
from ...data.words.load_words import WordData
from ...data.words.reading_record import ReadingRecord
from ...data.words.window_joining import first_sentences
from ...data.words.word_encoding import encode_words
from ...metrics import Counts, Scores, entity_counts, entity_scores, load_metrics
from ...training.trainer import SelfTuningTrainer
from ..command.flags import BudgetArguments, ModelArguments
from ..command.run_config import RunConfig
from ..pretrained.model_choice import hub_id
from ..pretrained.pretrained_models import with_own_head, word_model, word_tokenizer
from ..running.whole_run import run_from_flags
from ..setup.language_run import LanguageRun
from ..setup.parts import Parts
from ..stages.outcome import Outcome
from ..stages.plan import Stage
from ..stages.run_folder import claim_folder
from ..stages.stage_training import Start
from ..stages.usual import Usual
from .scored_words import tags_by_decoding, with_shown_words
from .word_examples import dataset_of, read_word_data, split_word_data
from .word_flags import WordConfig, WordDataArguments
from .word_view import WordView


class WordSetup(LanguageRun):
    """Data, split and model of a run on words; it builds every row's trainer from the same start.

    Args:
        model: flags of the pretrained encoder.
        source: flags of the data.
        config: training arguments. They are changed here: without a dev part, training runs no evaluation.
        data: what `read_word_data` returned.
        parts: what `split_word_data` returned.
    """

    flags: ClassVar[tuple[type, ...]] = (ModelArguments, WordDataArguments, BudgetArguments, WordConfig)
    usual: Usual = Usual(("words",))
    notes: tuple[str, ...] = ()
    metric: ClassVar[str] = "f1"
    unit_name: ClassVar[str] = "sentences"

    def __init__(
        self, model: ModelArguments, source: WordDataArguments, config: WordConfig, data: WordData, parts: Parts
    ) -> None:
        parts = parts.asked_by(config)
        self.config: RunConfig = config
        self.decoding = config.decoding
        self.data_flags = source
        self.folder = Path(str(config.output_dir))
        self.data, self.parts, self.dataset_id = data, parts, hub_id(dataset_of(source))
        self.class_names, self.metrics = data.tag_names, load_metrics(config.metric or ())
        self.published = parts.published({"dev": "validation", "test": "test"})
        curve = {} if parts.dev is None else {"dev_curve": f"first {source.curve_sentences} dev sentences"}
        self.choose_model(model)
        self.tokenizer = word_tokenizer(self.source, revision=self.pretrained.revision)
        self.max_length = self.length_of(source.max_length, WordDataArguments().max_length)
        self.facts = {"max_length": self.max_length, **curve}
        self.labeled = self.encode(parts.labeled, "labelled")
        self.unlabeled = None if parts.unlabeled is None else self.encode(parts.unlabeled, "unlabelled")
        self.scored = {name: self.encode(part, name) for name, part in parts.scored.items() if part is not None}
        dev = parts.dev
        self.curve = None if dev is None else dev.select(range(min(source.curve_sentences, len(dev))))
        parts.adapt(config)

    @classmethod
    def from_flags(
        cls, model: ModelArguments, source: WordDataArguments, budget: BudgetArguments, config: WordConfig
    ) -> Self:
        """Claim the run's folder, read the data, draw the split and load the tokenizer."""
        folder = claim_folder(config, overwrite=budget.overwrite_output_dir)
        data = read_word_data(source)
        return cls(model, source, config, data, split_word_data(data, budget, source, folder))

    def encode(self, dataset: Dataset, part: str) -> Dataset:
        """Word pieces of the sentences, with a label on the first piece of each word; long sentences as windows."""
        return encode_words(
            dataset,
            self.tokenizer,
            max_length=self.max_length,
            part=part,
            num_proc=self.data_flags.preprocessing_num_workers,
        )

    def make_model(self, source: str) -> PreTrainedModel:
        """A pretrained encoder with a new head for the tags."""
        model = word_model(source, self.data.tag_names, self.tokenizer, revision=self.revision_of(source))
        ReadingRecord(self.max_length, self.data.cutting).keep(model.config)
        return model

    def make_source(self, source: str) -> PreTrainedModel:
        """The encoder with its language head, for Co-Tuning."""
        way_out = (
            "put the stage tapt first, which trains such a head, or take a model with one, such as bert-base-cased"
        )
        return with_own_head(AutoModelForMaskedLM, source, revision=self.revision_of(source), way_out=way_out)

    def make_trainer(self, stage: Stage, config: SelfTuningConfig, start: Start) -> SelfTuningTrainer:
        """Model and trainer of a stage. The caller has set the seed, so that the new head is the same in every row."""
        curve = self.curve
        scores = None if curve is None else self.scores_of(curve)
        return SelfTuningTrainer(
            self.make_model(start.model_for(stage, self.pretrained.student) or self.source),
            config,
            train_dataset=self.labeled,
            unlabeled_dataset=self.unlabeled,
            eval_dataset=None if curve is None else first_sentences(self.scored["dev"], len(curve)),
            processing_class=self.tokenizer,
            compute_metrics=scores,
            source_model=lambda: self.make_source(start.model or self.source),
            methods=stage.methods,
        )

    def scores_of(self, part: Dataset) -> Scores:
        """The function that computes the metrics of a part from the logits of its sentences."""
        tags, decoding = self.data.tags_of(part), self.decoding
        return entity_scores(self.data.tag_names, tags, more=self.metrics, decoding=decoding)

    def predict(self, trainer: SelfTuningTrainer, part: Dataset) -> dict[str, list[list[str]]]:
        """The tags of each sentence's words, without hidden words, by every decoding; the run's own comes first."""
        shown = with_shown_words(part)
        encoded = self.encoded(part)
        encoded = encoded if shown is part else self.encode(shown, "scored")
        return tags_by_decoding(trainer, part, encoded, self.data, self.decoding)

    def expected(self, part: Dataset) -> list[list[str]]:
        """The true tags of each sentence's words, without hidden words."""
        return self.data.tags_of(part)

    def count(self, predicted: list[list[str]], part: Dataset) -> Counts:
        """The entity counts of each sentence."""
        return entity_counts(predicted, self.expected(part))

    def page_view(self) -> WordView:
        """Entities in their sentences."""
        return WordView(self.class_names)

    def answers(self, predicted: list[list[str]], part: Dataset) -> Iterator[dict[str, Any]]:
        """The words and the tags of each sentence, for the file of predictions; a hidden word has no tag."""
        for words, truth, found in zip(part["tokens"], part["ner_tags"], predicted, strict=True):
            left = iter(found)
            yield {"tokens": words, "tags": [None if tag == IGNORED else next(left) for tag in truth]}


def train_words(arguments: list[str] | None = None) -> list[Outcome]:
    """Named entities from few labels: fine-tune and train with methods from the same start, and report.

    Args:
        arguments: words of a command line, such as `["--label_ratio", "0.15"]`; None takes those of this process.

    Returns:
        one outcome for each row.

    Raises:
        ValueError: flags or data cannot be used.
    """
    description = "Named entities from few labels: fine-tuning and methods from the same start, on the same labels."
    return run_from_flags(WordSetup, arguments, description=description, prog="hf-selftuning train ner")
