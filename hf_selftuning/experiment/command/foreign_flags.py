"""Flags that people know from the scripts of transformers: the name that they have here, or what to do instead."""

from collections.abc import Collection, Sequence

SAME = {
    "max_seq_length": "max_length",
    "train_dir": "data_dir",
    "evaluation_strategy": "eval_strategy",
    "train_val_split": "validation_share",
    "no_cuda": "use_cpu",
    "per_gpu_train_batch_size": "per_device_train_batch_size",
    "per_gpu_eval_batch_size": "per_device_eval_batch_size",
    "tokens_column_name": "text_column_name",
    "dataset_config": "dataset_config_name",
}
"""Flags that have another name here, and are obeyed under it."""
CACHE = "leave it out: data that are encoded once are found again by the content of the files, so nothing is stale"
PADDING = "leave it out: every batch is padded to its own longest sentence"
OF_MODEL = "leave it out: --model_name_or_path names the folder or the Hub id of all parts of the model"
FEWER = "leave it out: --label_ratio or --labels_per_class keeps fewer labels, and a smaller file holds fewer examples"
ACCOUNT = "leave it out: log in by `hf auth login`, or set HF_TOKEN"
INSTEAD = {
    "overwrite_cache": CACHE,
    "preprocessing_num_workers": "give --dataloader_num_workers: images are opened while they are trained on",
    "pad_to_max_length": PADDING,
    "label_all_tokens": "leave it out: the first piece of each word has the label, in training and in scores",
    "return_entity_level_metrics": "leave it out: `--metric` adds any metric, and precision, recall and F1 are logged",
    "task_name": "leave it out: `train ner` finds every kind of tags, and `train text` every kind of classes",
    "validation_dir": "give --validation_share 0.2, or a folder `validation` beside `train` in --data_dir",
    "image_processor_name": OF_MODEL,
    "tokenizer_name": OF_MODEL,
    "config_name": OF_MODEL,
    "feature_extractor_name": OF_MODEL,
    "ignore_mismatched_sizes": "leave it out: a saved head of other classes is replaced, and a line says so",
    "cache_dir": "set the environment variable HF_HOME",
    "token": ACCOUNT,
    "use_auth_token": ACCOUNT,
    "trust_remote_code": "leave it out: code from the Hub is not run",
    "use_fast_tokenizer": "leave it out: the fast tokenizer is taken where there is one",
    "max_train_samples": FEWER,
    "max_eval_samples": "give --curve_sentences or, for texts, --curve_texts; at the end all are scored",
    "max_predict_samples": "leave it out: all test examples are scored; a smaller --test_file holds fewer",
    "group_by_length": "give --train_sampling_strategy group_by_length, which words and texts have by default",
    "warmup_ratio": "give --warmup_steps; a number below 1, such as 0.1, is a share of the steps",
    "logging_dir": "set the environment variable TENSORBOARD_LOGGING_DIR",
    "lang": "leave it out: --model_name_or_path names the model of the language",
    "labels": "leave it out: the tags are found in the data; --tag_names names integer tags",
}
"""Flags without a counterpart, and what to do in their place."""


def own_flags(words: Sequence[str], known: Collection[str]) -> list[str]:
    """The words of a command line, with the flags of transformers' scripts under the names that they have here.

    Args:
        words: of the command line.
        known: names of the flags that the command takes.

    Raises:
        ValueError: a flag has no counterpart here; the message says what to do.
    """
    return [own_flag(word, known) if word.startswith("--") else word for word in words]


def own_flag(word: str, known: Collection[str]) -> str:
    """One flag, perhaps with a value after `=`, under the name that it has here.

    Raises:
        ValueError: it has no counterpart here.
    """
    given, equals, value = word.removeprefix("--").partition("=")
    name = given.replace("-", "_")
    if name in known:
        return word
    if SAME.get(name) in known:
        return f"--{SAME[name]}{equals}{value}"
    if name in INSTEAD:
        raise ValueError(f"--{name} is a flag of transformers' scripts; {INSTEAD[name]}.")
    return word
