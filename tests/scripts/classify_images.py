"""Fine-tune an image classifier: a script as many have it, after the shape of the usual example."""

from dataclasses import dataclass, field

import numpy as np
import torch
from datasets import load_dataset
from torchvision.transforms import CenterCrop, Compose, Normalize, RandomHorizontalFlip, RandomResizedCrop, Resize
from torchvision.transforms import ToTensor as AsTensor
from transformers import (
    AutoConfig,
    AutoImageProcessor,
    AutoModelForImageClassification,
    HfArgumentParser,
    Trainer,
    TrainingArguments,
)


@dataclass
class ModelArguments:
    model_name_or_path: str = field()


@dataclass
class DataTrainingArguments:
    train_dir: str = field()
    validation_dir: str = field()
    label_column_name: str = "label"


def compute_metrics(p):
    return {"accuracy": float(np.mean(np.argmax(p.predictions, axis=1) == p.label_ids))}


def main():
    parser = HfArgumentParser((ModelArguments, DataTrainingArguments, TrainingArguments))
    model_args, data_args, training_args = parser.parse_args_into_dataclasses()

    files = {"train": f"{data_args.train_dir}/**", "validation": f"{data_args.validation_dir}/**"}
    dataset = load_dataset("imagefolder", data_files=files)
    label_column = data_args.label_column_name
    labels = dataset["train"].features[label_column].names

    def collate_fn(examples):
        pixel_values = torch.stack([example["pixel_values"] for example in examples])
        return {"pixel_values": pixel_values, "labels": torch.tensor([example[label_column] for example in examples])}

    config = AutoConfig.from_pretrained(
        model_args.model_name_or_path,
        num_labels=len(labels),
        label2id={label: index for index, label in enumerate(labels)},
        id2label=dict(enumerate(labels)),
    )
    model = AutoModelForImageClassification.from_pretrained(
        model_args.model_name_or_path, config=config, ignore_mismatched_sizes=True
    )
    image_processor = AutoImageProcessor.from_pretrained(model_args.model_name_or_path)
    size = (image_processor.size["height"], image_processor.size["width"])
    normalize = Normalize(image_processor.image_mean, image_processor.image_std)
    _train_transforms = Compose([RandomResizedCrop(size), RandomHorizontalFlip(), AsTensor(), normalize])
    _val_transforms = Compose([Resize(size), CenterCrop(size), AsTensor(), normalize])

    def train_transforms(batch):
        batch["pixel_values"] = [_train_transforms(image.convert("RGB")) for image in batch["image"]]
        return batch

    def val_transforms(batch):
        batch["pixel_values"] = [_val_transforms(image.convert("RGB")) for image in batch["image"]]
        return batch

    if training_args.do_train:
        dataset["train"].set_transform(train_transforms)
    if training_args.do_eval:
        dataset["validation"].set_transform(val_transforms)

    trainer = Trainer(
        model=model,
        args=training_args,
        train_dataset=dataset["train"] if training_args.do_train else None,
        eval_dataset=dataset["validation"] if training_args.do_eval else None,
        compute_metrics=compute_metrics,
        processing_class=image_processor,
        data_collator=collate_fn,
    )

    if training_args.do_train:
        result = trainer.train(resume_from_checkpoint=training_args.resume_from_checkpoint)
        trainer.save_model()
        trainer.log_metrics("train", result.metrics)
        trainer.save_metrics("train", result.metrics)
        trainer.save_state()
    if training_args.do_eval:
        metrics = trainer.evaluate()
        trainer.log_metrics("eval", metrics)
        trainer.save_metrics("eval", metrics)

    kwargs = {
        "finetuned_from": model_args.model_name_or_path,
        "tasks": "image-classification",
        "tags": ["image-classification", "vision"],
    }
    if training_args.push_to_hub:
        trainer.push_to_hub(**kwargs)
    else:
        trainer.create_model_card(**kwargs)


if __name__ == "__main__":
    main()
