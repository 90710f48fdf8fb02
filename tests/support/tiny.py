"""Tiny random models and made data that they can learn, for tests that need a whole trainer."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
import torch
from torch import Tensor
from transformers import (
    AutoModelForImageClassification,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    BertConfig,
    BertForMaskedLM,
    BertForSequenceClassification,
    BertForTokenClassification,
    BertTokenizerFast,
    PreTrainedModel,
    TimmWrapperConfig,
    TimmWrapperForImageClassification,
    ViTConfig,
    ViTForImageClassification,
)

from hf_selftuning import Method, SelfTuningConfig, SelfTuningTrainer
from hf_selftuning.core.settings import marked
from hf_selftuning.modules.slices import whole

SPECIAL = ["[PAD]", "[CLS]", "[SEP]", "[MASK]", "[UNK]"]
TAGS = ["O", "B-PER", "B-LOC"]
THRESHOLD = 0.3
"""Less than the confidence of anyone who tells three classes apart; tiny networks never reach a paper's."""
ON_CPU = "HF_SELFTUNING_TEST_GPU" not in os.environ
"""Where the tests train: with the variable set, on a GPU, but for those that compare with what a CPU computes."""


def tokenizer() -> BertTokenizerFast:
    """Words are w5 ... w49, their ids the number."""
    names = SPECIAL + [f"w{i}" for i in range(len(SPECIAL), 50)]
    return BertTokenizerFast(vocab={name: i for i, name in enumerate(names)})


def sentences(size: int, seed: int) -> datasets.Dataset:
    """Sentences of 3 to 9 words; a word's tag is its id modulo 3."""
    generator = torch.Generator().manual_seed(seed)
    rows = []
    for _ in range(size):
        length = int(torch.randint(3, 10, (1,), generator=generator))
        words = torch.randint(len(SPECIAL), 50, (length,), generator=generator).tolist()
        tags = [word % 3 for word in words]
        rows.append(
            {
                "input_ids": [1, *words, 2],
                "attention_mask": [1] * (length + 2),
                "labels": [-100, *tags, -100],
            }
        )
    return datasets.Dataset.from_list(rows)


def texts(size: int, seed: int) -> datasets.Dataset:
    """Texts of 3 to 8 words, tokenised; the class of a text is the number of its words modulo 3."""
    generator = torch.Generator().manual_seed(seed)
    rows = []
    for i in range(size):
        length = 3 + i % 3 + 3 * int(torch.randint(0, 2, (1,), generator=generator))
        words = torch.randint(len(SPECIAL), 50, (length,), generator=generator).tolist()
        rows.append({"input_ids": [1, *words, 2], "attention_mask": [1] * (length + 2), "labels": length % 3})
    return datasets.Dataset.from_list(rows)


class Images(torch.utils.data.Dataset):
    """Noisy squares whose colour is their class; each view draws the noise anew, as an augmentation would."""

    def __init__(self, labels: Sequence[int], noise: float = 0.5) -> None:
        self.labels, self.noise = list(labels), noise

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> dict[str, Any]:
        colour = torch.zeros(3, 32, 32)
        colour[self.labels[index]] = 1 + index / 100
        return {"pixel_values": colour + self.noise * torch.randn(3, 32, 32), "labels": self.labels[index]}


def images(size: int, seed: int, noise: float = 0.5) -> Images:
    """Images of three classes, drawn at random."""
    return Images(torch.randint(0, 3, (size,), generator=torch.Generator().manual_seed(seed)).tolist(), noise)


def bert(dropout: float = 0.1) -> PreTrainedModel:
    torch.manual_seed(0)
    return BertForTokenClassification(
        BertConfig(
            vocab_size=50,
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=16,
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=dropout,
            id2label=dict(enumerate(TAGS)),
            label2id={tag: i for i, tag in enumerate(TAGS)},
        )
    )


def text_bert(dropout: float = 0.1) -> PreTrainedModel:
    """An encoder that classifies texts; its classes have the names of the tags."""
    config = bert(dropout).config
    # With BERT's own 0.02, all texts look alike to a tiny encoder, and rounding decides which class is most probable.
    config.initializer_range = 0.2
    torch.manual_seed(0)
    return BertForSequenceClassification(config)


def vit(dropout: float = 0.1) -> PreTrainedModel:
    torch.manual_seed(0)
    return ViTForImageClassification(
        ViTConfig(
            image_size=32,
            patch_size=16,
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=dropout,
            num_labels=3,
        )
    )


def resnet(dropout: float = 0.0) -> PreTrainedModel:
    """A timm model with BatchNorm, through transformers' wrapper."""
    torch.manual_seed(0)
    return TimmWrapperForImageClassification(
        TimmWrapperConfig(architecture="test_resnet", num_labels=3, do_pooling=True)
    )


def bert_source() -> PreTrainedModel:
    """A language model on the encoder's architecture, for methods that learn from the pretrained head."""
    torch.manual_seed(0)
    return BertForMaskedLM(bert().config)


def text_bert_source() -> PreTrainedModel:
    """The encoder with the head of five other classes."""
    torch.manual_seed(0)
    config = bert().config
    config.num_labels = 5
    return BertForSequenceClassification(config)


def vit_source() -> PreTrainedModel:
    """The network with the head of five other classes."""
    torch.manual_seed(0)
    config = vit().config
    config.num_labels = 5
    return ViTForImageClassification(config)


def resnet_source() -> PreTrainedModel:
    """Likewise."""
    torch.manual_seed(0)
    return TimmWrapperForImageClassification(
        TimmWrapperConfig(architecture="test_resnet", num_labels=5, do_pooling=True)
    )


@dataclass(frozen=True)
class Kind:
    """A model, its pretrained form with another head, the data it learns from, and the class that reads it back."""

    model: Callable[..., PreTrainedModel]
    source: Callable[[], PreTrainedModel]
    data: Callable[[int, int], Any]
    auto: type
    processing_class: Callable[[], Any] = lambda: None


WORDS = Kind(bert, bert_source, sentences, AutoModelForTokenClassification, tokenizer)
TEXTS = Kind(text_bert, text_bert_source, texts, AutoModelForSequenceClassification, tokenizer)
IMAGES = Kind(vit, vit_source, images, AutoModelForImageClassification)
TIMM_IMAGES = Kind(resnet, resnet_source, images, AutoModelForImageClassification)
KINDS = {"bert": WORDS, "text": TEXTS, "vit": IMAGES, "timm": TIMM_IMAGES}
OF_TASK = {
    "ForTokenClassification": WORDS,
    "ForSequenceClassification": TEXTS,
    "ForImageClassification": IMAGES,
}


def arguments(out: Path, **given: Any) -> SelfTuningConfig:
    """Eight steps of four examples, a line of the log for each."""
    values = {
        "max_steps": 8,
        "per_device_train_batch_size": 4,
        "learning_rate": 1e-3,
        "logging_steps": 1,
        "save_strategy": "no",
        "report_to": [],
        "use_cpu": ON_CPU,
        "disable_tqdm": True,
        "seed": 1,
    }
    return SelfTuningConfig(str(out), **{**values, **given})


def trainer(kind: Kind, args: SelfTuningConfig, **given: Any) -> SelfTuningTrainer:
    """A trainer of 10 labelled and 22 unlabelled examples, so that neither stream is a whole number of batches."""
    values = {
        "train_dataset": kind.data(10, 0),
        "unlabeled_dataset": kind.data(22, 1),
        "eval_dataset": kind.data(6, 2),
        "processing_class": kind.processing_class(),
        "source_model": kind.source,
    }
    model = kind.model() if "model" not in given and "model_init" not in given else None
    return SelfTuningTrainer(**{"model": model, "args": args, **values, **given})


def trained(kind: Kind, args: SelfTuningConfig, **given: Any) -> SelfTuningTrainer:
    """The same, trained."""
    made = trainer(kind, args, **given)
    made.train()
    return made


def resumed(kind: Kind, args: SelfTuningConfig, step: int, **given: Any) -> SelfTuningTrainer:
    """A new trainer, as a new process would make it, that goes on from a checkpoint of the same run."""
    made = trainer(kind, args, **given)
    made.train(resume_from_checkpoint=str(Path(str(args.output_dir)) / f"checkpoint-{step}"))
    return made


def preset(method: type[Method], kind: str, **settings: Any) -> Method:
    """The method as recommended for the kind of data, or as its paper has it, with a threshold that is passed."""
    name = kind if kind in method.presets else "paper"
    if method.from_preset(name).threshold_value > THRESHOLD:
        settings = {**dict.fromkeys(marked(method, "is_threshold", True), THRESHOLD), **settings}
    return method.from_preset(name, **settings)


def whole_state(trainer: SelfTuningTrainer) -> dict[str, Tensor]:
    """Student and methods' state; of a sharded run, with the slices of all ranks."""
    trainer.training_module.reslice()
    return {name: whole(value).detach() for name, value in trainer.training_module.state_dict().items()}


def everything(trainer: SelfTuningTrainer) -> dict[str, Tensor]:
    """All that training changes: student, methods' state, optimizer's state."""
    state = whole_state(trainer)
    for index, values in trainer.optimizer.state_dict()["state"].items():
        state |= {f"optimizer.{index}.{name}": whole(torch.as_tensor(value)) for name, value in values.items()}
    return {name: value.detach().clone() for name, value in state.items()}


def lines(trainer: SelfTuningTrainer, first: int = 0) -> list[dict[str, float]]:
    """The lines of the log that hold the training loss, after a step."""
    return [line for line in trainer.state.log_history if "loss" in line and line["step"] > first]


def terms(line: dict[str, float]) -> dict[str, float]:
    """Its named loss terms."""
    return {name: value for name, value in line.items() if name.startswith("loss_")}


def assert_same(first: dict[str, Tensor], second: dict[str, Tensor]) -> None:
    """Equal to the bit."""
    assert first.keys() == second.keys()
    other = [name for name in first if not torch.equal(first[name].cpu(), second[name].cpu())]
    assert not other, f"{len(other)} of {len(first)} differ: {other[:5]}"


def assert_near(
    first: dict[str, Tensor], second: dict[str, Tensor], *, atol: float = 1e-5, rtol: float = 1e-4
) -> None:
    """Equal to rounding."""
    assert first.keys() == second.keys()
    for name in first:
        torch.testing.assert_close(
            first[name], second[name], atol=atol, rtol=rtol, msg=lambda text, name=name: f"{name}: {text}"
        )


def first_step(trainer: SelfTuningTrainer) -> Any:
    """The first batch of a training, as the objective takes it."""
    batches, _ = trainer.get_batch_samples(iter(trainer.get_train_dataloader()), 1, torch.device("cpu"))
    return batches[0]


def first_terms(trainer: SelfTuningTrainer) -> dict[str, Tensor]:
    """The loss terms of the first batch."""
    return trainer.training_module(first_step(trainer))[0]
