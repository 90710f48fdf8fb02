"""Trains the tiny models, under torchrun or alone, and writes what each rank has in the end.

torchrun --standalone --nproc_per_node 2 tests/ranks.py FOLDER
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import tiny
import torch
import torch.nn.functional as F
from torch import Tensor

from hf_selftuning import SelfTuning, SelfTuningTrainer
from hf_selftuning.modules.slices import is_sliced
from hf_selftuning.streams import unlabeled_stream

KINDS = {"words": tiny.WORDS, "images": tiny.IMAGES}
UNSEEN = {"words": lambda: tiny.sentences(7, 3), "images": lambda: tiny.images(7, 3, noise=0.0)}


def settings(
    name: str,
    folder: Path,
    batch: int,
    *,
    warmup: float = 0.0,
    train_dataset: Any = None,
    loss: Callable[..., Tensor] | None = None,
    **given: Any,
) -> tuple[tiny.Kind, Any, dict[str, Any]]:
    """A kind, arguments and the trainer's arguments; no dropout, nor a norm that looks at the batch."""
    kind = KINDS[name]
    args = tiny.arguments(
        folder / name, use_cpu=True, per_device_train_batch_size=batch, learning_rate=1e-2, optim="sgd", **given
    )
    data = {"train_dataset": train_dataset or kind.data(24, 0), "unlabeled_dataset": kind.data(40, 1)}
    method = SelfTuning.from_preset(name, warmup_ratio=warmup)
    model = kind.model(dropout=0.0)
    return kind, args, {"model": model, "methods": [method], "compute_loss_func": loss, **data}


def share_of_step(outputs: Any, labels: Tensor, num_items_in_batch: Tensor) -> Tensor:
    """A loss of a script's own: the micro-batch's share of the mean over the step."""
    return F.cross_entropy(outputs.logits.flatten(0, 1), labels.flatten(), reduction="sum") / num_items_in_batch


def labelled_one_in_24(other: int) -> datasets.Dataset:
    """Sentences of which one has tags of entities; the words of the others have the tag `other`."""
    sentences = tiny.sentences(24, 0)
    labels = [[other if tag >= 0 else -100 for tag in tags] for tags in sentences["labels"]]
    return sentences.remove_columns("labels").add_column("labels", [sentences["labels"][0], *labels[1:]])


def found(trainer: SelfTuningTrainer) -> dict[str, Any]:
    """What is compared."""
    return {
        "world_size": trainer.args.world_size,
        "engine": "fsdp2" if is_sliced(trainer.model) else type(trainer.model_wrapped).__name__,
        "state": tiny.whole_state(trainer),
        "lines": tiny.lines(trainer),
        "changes": trainer.label_changes.state(),
        "marked": trainer._stream_mark is not None,
    }


def run(name: str, folder: Path, batch: int, **given: Any) -> dict[str, Any]:
    """Trains once, an evaluation first; predicts seven examples, which two ranks cannot share evenly."""
    kind, args, parts = settings(name, folder, batch, **given)
    trainer = tiny.trainer(kind, args, **parts)
    trainer.evaluate()
    trainer.train()
    predicted = trainer.predict(UNSEEN[name]())
    seen = {"logits": torch.from_numpy(predicted.predictions), "labels": torch.from_numpy(predicted.label_ids)}
    return {**found(trainer), "predicted": seen}


def stop_and_go_on(folder: Path, *, pool: Callable[[], Any] | None = None, **given: Any) -> dict[str, Any]:
    """Trains into the second epoch, and once more from a checkpoint in its middle, and of a line of the log."""
    given |= {"save_strategy": "steps", "save_steps": 6, "max_steps": 9, "logging_steps": 4}

    def parts_of_run() -> tuple[tiny.Kind, Any, dict[str, Any]]:
        kind, args, parts = settings("words", folder, 4, **given)
        return kind, args, parts | ({} if pool is None else {"unlabeled_dataset": pool()})

    kind, args, parts = parts_of_run()
    whole = tiny.trained(kind, args, **parts)
    kind, args, parts = parts_of_run()
    return {"whole": found(whole), "resumed": found(tiny.resumed(kind, args, 6, **parts))}


def stream() -> datasets.IterableDataset:
    """Unlabelled sentences in three shards; the marks of such a short stream are close together."""
    unlabeled_stream.MARKED_EVERY = 5
    return tiny.sentences(40, 1).to_iterable_dataset(num_shards=3)


# Runs in which a rank has nothing to do, and how both are launched where that differs from one process.
UNUSUAL = {
    "no entity": lambda: {"train_dataset": labelled_one_in_24(0)},
    "no row": lambda: {"train_dataset": labelled_one_in_24(-100)},
    "warm-up": lambda: {"warmup": 0.5, "weight_decay": 0.1},
}
ENGINE = {"warm-up": {"ddp_find_unused_parameters": False, "gradient_checkpointing": True}}


def main() -> None:
    folder, rank = Path(sys.argv[1]), os.environ["RANK"]
    torch.set_num_threads(1)
    results = {name: run(name, folder, 4) for name in KINDS}
    results |= {name: run("words", folder, 4, **given(), **ENGINE.get(name, {})) for name, given in UNUSUAL.items()}
    results["cut"] = run("words", folder, 2, gradient_accumulation_steps=2)
    for average in (True, False):
        given = {"loss": share_of_step, "average_tokens_across_devices": average}
        results[f"own loss, {average}"] = run("words", folder, 2, gradient_accumulation_steps=2, **given)
    results |= stop_and_go_on(folder / "resume")
    streamed = stop_and_go_on(folder / "stream", pool=stream, dataloader_num_workers=2)
    results |= {f"{name}, streamed": run for name, run in streamed.items()}
    torch.save(results, folder / f"rank{rank}.pt")


if __name__ == "__main__":
    main()
