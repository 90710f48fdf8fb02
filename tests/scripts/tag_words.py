"""Fine-tune a tagger: a script as many have it, after the shape of the usual example for token classification."""

from dataclasses import dataclass, field

import seqeval.metrics
from datasets import load_dataset
from transformers import (
    AutoConfig,
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForTokenClassification,
    HfArgumentParser,
    Trainer,
    TrainingArguments,
)


@dataclass
class ModelArguments:
    model_name_or_path: str = field()


@dataclass
class DataTrainingArguments:
    train_file: str = field()
    validation_file: str = field()
    label_column_name: str = "ner_tags"
    max_seq_length: int = 16
    label_all_tokens: bool = False


def main():
    parser = HfArgumentParser((ModelArguments, DataTrainingArguments, TrainingArguments))
    model_args, data_args, training_args = parser.parse_args_into_dataclasses()

    files = {"train": data_args.train_file, "validation": data_args.validation_file}
    raw_datasets = load_dataset("json", data_files=files)
    label_column = data_args.label_column_name
    label_list = sorted({tag for tags in raw_datasets["train"][label_column] for tag in tags})
    label_to_id = {label: index for index, label in enumerate(label_list)}

    config = AutoConfig.from_pretrained(
        model_args.model_name_or_path,
        num_labels=len(label_list),
        label2id=label_to_id,
        id2label=dict(enumerate(label_list)),
    )
    tokenizer = AutoTokenizer.from_pretrained(model_args.model_name_or_path)
    model = AutoModelForTokenClassification.from_pretrained(
        model_args.model_name_or_path, config=config, ignore_mismatched_sizes=True
    )

    def tokenize_and_align_labels(examples):
        tokenized = tokenizer(
            examples["tokens"], truncation=True, max_length=data_args.max_seq_length, is_split_into_words=True
        )
        labels = []
        for index, tags in enumerate(examples[label_column]):
            previous, ids = None, []
            for word in tokenized.word_ids(batch_index=index):
                if word is None:
                    ids.append(-100)
                elif word != previous or data_args.label_all_tokens:
                    ids.append(label_to_id[tags[word]])
                else:
                    ids.append(-100)
                previous = word
            labels.append(ids)
        tokenized["labels"] = labels
        return tokenized

    # Each part exists only where it is asked for.
    if training_args.do_train:
        train_dataset = raw_datasets["train"].map(tokenize_and_align_labels, batched=True)
    if training_args.do_eval:
        eval_dataset = raw_datasets["validation"].map(tokenize_and_align_labels, batched=True)
    if training_args.do_predict:
        predict_dataset = raw_datasets["validation"].map(tokenize_and_align_labels, batched=True)
    data_collator = DataCollatorForTokenClassification(tokenizer, pad_to_multiple_of=8 if training_args.fp16 else None)

    def compute_metrics(p):
        predictions, labels = p
        best = predictions.argmax(axis=2)
        given = [[label_list[tag] for tag in row if tag != -100] for row in labels]
        found = [
            [label_list[tag] for tag, true in zip(row, truth, strict=True) if true != -100]
            for row, truth in zip(best, labels, strict=True)
        ]
        return {
            "precision": seqeval.metrics.precision_score(given, found, zero_division=0),
            "recall": seqeval.metrics.recall_score(given, found, zero_division=0),
            "f1": seqeval.metrics.f1_score(given, found, zero_division=0),
            "accuracy": seqeval.metrics.accuracy_score(given, found),
        }

    trainer = Trainer(
        model=model,
        args=training_args,
        train_dataset=train_dataset if training_args.do_train else None,
        eval_dataset=eval_dataset if training_args.do_eval else None,
        processing_class=tokenizer,
        data_collator=data_collator,
        compute_metrics=compute_metrics,
    )

    if training_args.do_train:
        result = trainer.train(resume_from_checkpoint=training_args.resume_from_checkpoint)
        metrics = {**result.metrics, "train_samples": len(train_dataset)}
        trainer.save_model()
        trainer.log_metrics("train", metrics)
        trainer.save_metrics("train", metrics)
        trainer.save_state()
    if training_args.do_eval:
        metrics = trainer.evaluate()
        trainer.log_metrics("eval", metrics)
        trainer.save_metrics("eval", metrics)
    if training_args.do_predict:
        _, _, metrics = trainer.predict(predict_dataset, metric_key_prefix="predict")
        trainer.log_metrics("predict", metrics)
        trainer.save_metrics("predict", metrics)

    kwargs = {"finetuned_from": model_args.model_name_or_path, "tasks": "token-classification"}
    if training_args.push_to_hub:
        trainer.push_to_hub(**kwargs)
    else:
        trainer.create_model_card(**kwargs)


if __name__ == "__main__":
    main()
