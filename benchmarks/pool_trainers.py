"""Trainers of tiny networks on pools of any size."""

from pathlib import Path
from typing import Any

import torch
from transformers import BertConfig, BertForTokenClassification, ViTConfig, ViTForImageClassification

from hf_selftuning import SelfTuningConfig, SelfTuningTrainer
from hf_selftuning.data.images.pixels.image_input import ImageInput
from hf_selftuning.data.images.pixels.image_transforms import strong_view, weak_view
from hf_selftuning.data.images.sources.load_images import ImageData, open_image
from hf_selftuning.tasks.image_classification import ImageClassification

from .pool_data import CLASSES, SIDE, VOCABULARY, sentence_file, sentences

BATCH, LABELED = 8, 240
NETWORK: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "num_labels": CLASSES,
}


def sentence_trainer(file: Path, folder: Path, **settings: Any) -> SelfTuningTrainer:
    """A tiny BERT, 240 labelled sentences, and the pool in a file; batches are grouped by length."""
    torch.manual_seed(0)
    model = BertForTokenClassification(BertConfig(vocab_size=VOCABULARY, **NETWORK))
    return SelfTuningTrainer(
        model,
        _arguments(folder, train_sampling_strategy="group_by_length", **settings),
        _padded,
        sentences(sentence_file(folder / "labeled.arrow", LABELED, hidden=False)),
        unlabeled_dataset=sentences(file),
    )


def _padded(examples: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
    """A batch without a tokenizer: each column is padded at the end."""
    padding = {"input_ids": 0, "attention_mask": 0, "labels": -100}
    return {
        name: torch.nn.utils.rnn.pad_sequence(
            [torch.as_tensor(example[name], dtype=torch.long) for example in examples], True, value
        )
        for name, value in padding.items()
    }


def image_trainer(data: ImageData, folder: Path, **settings: Any) -> SelfTuningTrainer:
    """A tiny ViT on images that are opened when their step comes."""
    config = ViTConfig(image_size=SIDE, patch_size=4, **NETWORK)
    view = ImageInput.of(config, SIDE)
    return SelfTuningTrainer(
        ViTForImageClassification(config),
        _arguments(folder, **settings),
        None,
        data.train,
        unlabeled_dataset=data.unlabeled,
        task=ImageClassification(weak_view(view), strong_view(view), open_image=open_image),
    )


def _arguments(folder: Path, **settings: Any) -> SelfTuningConfig:
    given = {"save_strategy": "steps", "save_steps": 10**9, **settings}
    return SelfTuningConfig(
        str(folder), per_device_train_batch_size=BATCH, use_cpu=True, report_to=[], disable_tqdm=True,
        logging_strategy="no", **given,
    )  # fmt: skip
