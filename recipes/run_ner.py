"""Named entities from few labels: fine-tuning and Self-Tuning from the same start, on the same labels.

    accelerate launch recipes/run_ner.py --label_ratio 0.15

trains bert-base-cased on CoNLL-2003 with labels on 15 % of the sentences; `make demo` does so with a small
encoder (`--model_name_or_path embedded`) in minutes on two CPU cores. Any encoder of the Hub, any dataset of `tokens`
and `ner_tags`, CoNLL column files, JSON and CSV will do; `--help` lists the flags, `--config file.yaml` holds them.

    accelerate launch recipes/run_ner.py --label_ratio 0.15 --stages tapt self_tuning

first adapts the encoder to all sentences by language modelling, then trains on the labels.
"""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import torch
from datasets import Dataset
from transformers import (
    AutoModelForMaskedLM,
    AutoModelForTokenClassification,
    EvalPrediction,
    PreTrainedModel,
    Trainer,
)

from hf_selftuning import SelfTuningConfig, SelfTuningTrainer
from hf_selftuning.data.embedded import minilm_folder
from hf_selftuning.data.word_encoding import by_length, encode_words
from hf_selftuning.data.words import WordData, load_words
from hf_selftuning.experiment.flags import BudgetArguments, ModelArguments, Parser
from hf_selftuning.experiment.labels import entity_types, hold_out, make_split, unlabeled_pool
from hf_selftuning.experiment.language_modelling import language_trainer
from hf_selftuning.experiment.plan import Stage, plans_of
from hf_selftuning.experiment.pretrained import hub_id, named_or_fallback, with_own_head, word_tokenizer
from hf_selftuning.experiment.run import compare
from hf_selftuning.experiment.run_folder import claim_folder
from hf_selftuning.experiment.stages import Start
from hf_selftuning.metrics import Counts, entity_counts, entity_scores, word_tags

DEFAULT_MODEL = "google-bert/bert-base-cased"
DEFAULT_DATASET = "lhoestq/conll2003"


@dataclass(frozen=True)
class DataArguments:
    """Where the sentences come from; without a flag, CoNLL-2003."""

    dataset_name: str | None = field(
        default=None,
        metadata={"help": "Hub id of a dataset of data files, or `embedded`: CoNLL-2003 of a package of the demo."},
    )
    dataset_config_name: str | None = field(default=None, metadata={"help": "Its configuration."})
    dataset_revision: str | None = field(default=None, metadata={"help": "Branch, tag or commit of it on the Hub."})
    train_file: str | None = field(default=None, metadata={"help": "CoNLL column file, JSON or CSV."})
    validation_file: str | None = field(default=None, metadata={"help": "Likewise, scored as dev."})
    test_file: str | None = field(default=None, metadata={"help": "Likewise, scored once at the end."})
    unlabeled_file: str | None = field(
        default=None,
        metadata={"help": "More sentences, without tags; beside --train_file, all labels of that are kept."},
    )
    max_length: int = field(default=128, metadata={"help": "Word pieces a sentence; words beyond count as O."})
    curve_sentences: int = field(
        default=500, metadata={"help": "Dev sentences behind the curve; all are scored at the end."}
    )


@dataclass(repr=False)
class NerConfig(SelfTuningConfig):
    """Training flags, with the defaults of this recipe."""

    output_dir: str | None = "runs/ner"
    per_device_train_batch_size: int = 8
    per_device_eval_batch_size: int = 64
    learning_rate: float = 5e-5
    max_steps: int = 1000
    warmup_steps: float = 0.1
    weight_decay: float = 0.01
    logging_steps: float = 0.05
    eval_strategy: str = "steps"
    eval_steps: float | None = 0.2
    save_strategy: str = "no"
    report_to: None | str | list[str] = "none"  # noqa: RUF036  (the parser wants this order)
    train_sampling_strategy: str = "group_by_length"


class Words:
    """Data, split and model of one run."""

    def __init__(self, model: ModelArguments, data: DataArguments, budget: BudgetArguments, config: NerConfig) -> None:
        if budget.is_open:
            budget.label_ratio = 1.0 if data.train_file and data.unlabeled_file else 0.15
        self.config: SelfTuningConfig = config
        self.student = model.student_name_or_path
        self.max_length = data.max_length
        self.folder = claim_folder(config, overwrite=budget.overwrite_output_dir)
        named = named_or_fallback(model.model_name_or_path, DEFAULT_MODEL, "model", "the embedded all-MiniLM-L6-v2")
        self.model_name = named or "all-MiniLM-L6-v2 (embedded)"
        self.base_model = hub_id(named or "sentence-transformers/all-MiniLM-L6-v2")
        self.source, self.revision = named or str(minilm_folder()), model.model_revision
        self.tokenizer = word_tokenizer(self.source, revision=model.model_revision)
        self.data, self.dataset_id = read_data(data)
        types = entity_types(self.data)
        self.split = make_split(budget, types, self.folder, dataset=self.data.name, class_names=())
        pool, config.audit_pseudo_labels = unlabeled_pool(self.data.train, self.split, self.data.unlabeled)
        labeled, held_out = hold_out(self.split, types, budget.validation_share)
        self.labeled = self.encode(self.data.train.select(labeled))
        self.unlabeled = None if pool is None else self.encode(pool)
        self.dev = self.data.train.select(held_out) if held_out else self.data.validation
        self.published = {"test": "test"} if held_out else {"dev": "validation", "test": "test"}
        self.curve = None if self.dev is None else self.dev.select(range(min(data.curve_sentences, len(self.dev))))
        if self.curve is None:
            config.eval_strategy = "no"

    def encode(self, dataset: Dataset) -> Dataset:
        """Word pieces and the labels of first pieces."""
        return encode_words(dataset, self.tokenizer, max_length=self.max_length)

    def make_model(self, source: str) -> PreTrainedModel:
        """The pretrained encoder with a new head for the tags."""
        names = self.data.tag_names
        model = AutoModelForTokenClassification.from_pretrained(
            source,
            revision=self.revision if source == self.source else None,
            dtype=torch.float32,
            num_labels=len(names),
            id2label=dict(enumerate(names)),
            label2id={name: i for i, name in enumerate(names)},
            ignore_mismatched_sizes=True,
        )
        if model.config.vocab_size < len(self.tokenizer):
            raise ValueError(
                f"{source} knows {model.config.vocab_size} word pieces and the tokenizer {len(self.tokenizer)}; give "
                "a student of the teacher's vocabulary."
            )
        return model

    def make_source(self, source: str) -> PreTrainedModel:
        """The encoder with its language head, for Co-Tuning."""
        way_out = "put the stage tapt before, which trains one, or take a model that has it, as bert-base-cased does"
        revision = self.revision if source == self.source else None
        return with_own_head(AutoModelForMaskedLM, source, revision=revision, way_out=way_out)

    def make_language_trainer(self, config: SelfTuningConfig) -> Trainer:
        """Language modelling on all sentences, without their tags."""
        sentences = [part for part in (self.labeled, self.unlabeled) if part is not None]
        return language_trainer(self.source, self.tokenizer, sentences, config, revision=self.revision)

    def make_trainer(self, stage: Stage, config: SelfTuningConfig, start: Start) -> SelfTuningTrainer:
        """Model and trainer of one run; the seed is set before, so that every head starts alike."""
        names = self.data.tag_names
        return SelfTuningTrainer(
            self.make_model(start.model_for(stage, self.student) or self.source),
            config,
            train_dataset=self.labeled,
            unlabeled_dataset=self.unlabeled,
            eval_dataset=None if self.curve is None else self.encode(self.curve),
            processing_class=self.tokenizer,
            compute_metrics=None if self.curve is None else entity_scores(names, tags_of(self.data, self.curve)),
            source_model=lambda: self.make_source(start.model or self.source),
            methods=stage.methods,
        )

    def counts(self, trainer: SelfTuningTrainer) -> dict[str, Counts | None]:
        """Entities of each sentence of dev and test, over every word, those cut off included."""
        parts = {"dev": self.dev, "test": self.data.test}
        return {name: None if part is None else self._counts(trainer, part) for name, part in parts.items()}

    def _counts(self, trainer: SelfTuningTrainer, part: Dataset) -> Counts:
        encoded = self.encode(part)
        order = by_length(encoded)
        trainer.compute_metrics = None
        found = trainer.predict(encoded.select(order))
        assert found.label_ids is not None
        evaluated = EvalPrediction(found.predictions, found.label_ids)
        tags = word_tags(evaluated, self.data.tag_names, tags_of(self.data, part.select(order)))
        return entity_counts(*tags)[np.argsort(order)]


@lru_cache(maxsize=1)
def read_data(data: DataArguments) -> tuple[WordData, str | None]:
    """The user's files or dataset, else CoNLL-2003 from the Hub, else the embedded copy; and its id on the Hub."""
    named = data.dataset_name
    if data.train_file is None:
        named = named_or_fallback(named, DEFAULT_DATASET, "dataset", "the embedded CoNLL-2003")
    loaded = load_words(
        dataset_name=named,
        dataset_config=data.dataset_config_name,
        revision=data.dataset_revision,
        train_file=data.train_file,
        validation_file=data.validation_file,
        test_file=data.test_file,
        unlabeled_file=data.unlabeled_file,
    )
    return loaded, hub_id(named)


def tags_of(data: WordData, part: Dataset) -> list[list[str]]:
    """The full tags of some sentences."""
    return [[data.tag_names[tag] for tag in tags] for tags in part["ner_tags"]]


def main() -> None:
    """Train, score, report."""
    parser = Parser(ModelArguments, DataArguments, BudgetArguments, NerConfig, description=__doc__)
    model, data, budget, config = parser.parse()
    plans = plans_of(budget, config, preset="words")
    words = Words(model, data, budget, config)
    more = {"max_length": data.max_length, "dev_curve": f"first {data.curve_sentences} dev sentences"}
    compare(words, plans, metric="f1", unit_name="sentences", more=more)


if __name__ == "__main__":
    main()
