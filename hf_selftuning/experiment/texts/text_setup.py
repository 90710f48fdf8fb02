"""A run on texts: its data, split and pretrained model, and the trainer of each row."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from datasets import Dataset
from transformers import AutoModelForSequenceClassification, PreTrainedModel

from ...config import SelfTuningConfig
from ...data.piece_lengths import by_length
from ...data.texts.load_texts import TextData
from ...data.texts.pairs_record import keep_pairs
from ...data.texts.text_data import LABEL
from ...data.texts.text_encoding import AUGMENTED, check_length, encode_texts
from ...metrics import accuracy_scores, first_array, load_metrics
from ...tasks.text_classification import TextClassification
from ...training.trainer import SelfTuningTrainer
from ..command.flags import BudgetArguments, ModelArguments
from ..command.run_config import RunConfig
from ..pretrained.model_choice import hub_id
from ..pretrained.pretrained_models import text_model, text_tokenizer, with_own_head
from ..running.whole_run import run_from_flags
from ..setup.class_run import ClassRun
from ..setup.language_run import LanguageRun
from ..setup.parts import Parts
from ..stages.outcome import Outcome
from ..stages.plan import Stage
from ..stages.run_folder import claim_folder
from ..stages.stage_training import Start
from ..stages.usual import Usual
from .text_examples import read_text_data, split_text_data
from .text_flags import TextConfig, TextDataArguments
from .text_recipe import STANDARD, text_recipe
from .text_view import TextView


class TextSetup(LanguageRun, ClassRun):
    """Data, split and model of a run on texts; it builds every row's trainer from the same start.

    Args:
        model: flags of the pretrained model.
        source: flags of the data.
        config: training arguments. They are changed here: without a dev part, training runs no evaluation.
        data: what `read_text_data` returned.
        parts: what `split_text_data` returned.
    """

    flags: ClassVar[tuple[type, ...]] = (ModelArguments, TextDataArguments, BudgetArguments, TextConfig)
    usual: Usual = STANDARD
    notes: tuple[str, ...] = ()
    unit_name: ClassVar[str] = "texts"

    def __init__(
        self, model: ModelArguments, source: TextDataArguments, config: TextConfig, data: TextData, parts: Parts
    ) -> None:
        parts = parts.asked_by(config)
        self.config: RunConfig = config
        self.data_flags = source
        self.folder = Path(str(config.output_dir))
        self.data, self.parts, self.dataset_id = data, parts, hub_id(source.dataset_name)
        self.class_names, self.metrics = data.class_names, load_metrics(config.metric or ())
        self.published = parts.published(data.published)
        curve = {} if parts.dev is None else {"dev_curve": f"first {source.curve_texts} dev texts"}
        self.choose_model(model)
        self.tokenizer = text_tokenizer(self.source, revision=self.pretrained.revision)
        length = self.length_of(source.max_length, TextDataArguments().max_length)
        check_length(self.tokenizer, length)
        # The saved tokenizer then cuts texts where the scores did, also in a pipeline with truncation=True.
        self.tokenizer.model_max_length = self.max_length = length
        recipe, self.usual, self.notes = text_recipe(
            config.recipe,
            labeled=len(parts.labeled),
            class_names=self.class_names,
            pairs=data.pairs,
        )
        self.facts = {"max_length": length, **curve, "recipe": recipe}
        self.labeled = self.encode(parts.labeled, "labelled")
        self.unlabeled = None if parts.unlabeled is None else self.encode(parts.unlabeled, "unlabelled")
        self.scored = {name: self.encode(part, name) for name, part in parts.scored.items() if part is not None}
        dev = parts.dev
        self.curve = None if dev is None else self.scored["dev"].select(range(min(source.curve_texts, len(dev))))
        parts.adapt(config)

    @classmethod
    def from_flags(
        cls, model: ModelArguments, source: TextDataArguments, budget: BudgetArguments, config: TextConfig
    ) -> Self:
        """Claim the run's folder, read the data, draw the split and load the tokenizer."""
        folder = claim_folder(config, overwrite=budget.overwrite_output_dir)
        data = read_text_data(source)
        return cls(model, source, config, data, split_text_data(data, budget, source, folder))

    def encode(self, dataset: Dataset, part: str) -> Dataset:
        """Word pieces of the texts, with their classes; the ends of long texts are cut off."""
        return encode_texts(
            dataset,
            self.tokenizer,
            max_length=self.max_length,
            text_columns=self.data.text_columns,
            label=LABEL if LABEL in dataset.column_names else None,
            augmented_columns=(AUGMENTED,),
            part=part,
            num_proc=self.data_flags.preprocessing_num_workers,
        )

    def make_model(self, source: str) -> PreTrainedModel:
        """A pretrained model with a new head for the classes."""
        model = text_model(source, self.class_names, self.tokenizer, revision=self.revision_of(source))
        keep_pairs(model.config, self.data.pairs)
        return model

    def make_source(self, source: str) -> PreTrainedModel:
        """The pretrained model with its own classes, for Co-Tuning."""
        way_out = "take weights that were trained to classify texts, such as FacebookAI/roberta-large-mnli"
        return with_own_head(
            AutoModelForSequenceClassification, source, revision=self.revision_of(source), way_out=way_out
        )

    def make_trainer(self, stage: Stage, config: SelfTuningConfig, start: Start) -> SelfTuningTrainer:
        """Model and trainer of a stage. The caller has set the seed, so that the new head is the same in every row."""
        flags = self.data_flags
        return SelfTuningTrainer(
            self.make_model(start.model_for(stage, self.pretrained.student) or self.source),
            config,
            train_dataset=self.labeled,
            unlabeled_dataset=self.unlabeled,
            eval_dataset=self.curve,
            processing_class=self.tokenizer,
            compute_metrics=None if self.curve is None else accuracy_scores(more=self.metrics),
            source_model=lambda: self.make_source(start.model or self.source),
            methods=stage.methods,
            task=TextClassification(
                flags.mask_probability,
                flags.cut_probability,
                text_columns=self.data.text_columns,
                max_length=self.max_length,
            ),
        )

    def predict(self, trainer: SelfTuningTrainer, part: Dataset) -> dict[str, list[int]]:
        """The class of each text."""
        encoded = self.encoded(part)
        order = by_length(encoded)
        trainer.compute_metrics = None  # the counts are made here, and `predict` would score the same rows again
        logits = first_array(trainer.predict(encoded.select(order)).predictions)
        return {"argmax": logits.argmax(-1)[np.argsort(order)].tolist()}

    def page_view(self) -> TextView:
        """The beginnings of texts."""
        return TextView(self.class_names, self.data.text_columns)

    def answers(self, predicted: list[int], part: Dataset) -> Iterator[dict[str, Any]]:
        """Each text and its class, for the file of predictions."""
        for row, label in zip(part.select_columns(list(self.data.text_columns)), predicted, strict=True):
            yield {**row, "label": self.class_names[label]}


def train_texts(arguments: list[str] | None = None) -> list[Outcome]:
    """Texts from few labels: fine-tune and train with methods from the same start, and report.

    Args:
        arguments: words of a command line, such as `["--train_file", "mine.csv"]`; None takes those of this process.

    Returns:
        one outcome for each row.

    Raises:
        ValueError: flags or data cannot be used.
    """
    description = "Texts from few labels: fine-tuning and methods from the same start, on the same labels."
    return run_from_flags(TextSetup, arguments, description=description, prog="hf-selftuning train text")
