"""SetFit, and logistic regression on the same encoder's frozen features, in an environment of their own.

    python setfit_program.py task.json answers.json

`setfit_rows.py` starts this program; it imports nothing of the library. SetFit (Tunstall et al., 2022) trains the
encoder on pairs of labelled texts and then a logistic regression on its sentence features. The settings are its
defaults but for R = 20 pairs of each kind a text, the value of the paper: the package's default, all pairs, is about
8 times as many here with 4 labels a class.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from setfit import SetFitModel, Trainer, TrainingArguments
from transformers import set_seed

PAIRS = 20  # R of the paper


def main() -> None:
    """Read the task, train both rows, and write the predicted labels and the seconds of each."""
    task = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    torch.set_num_threads(1)
    rows = {"logistic_regression": fitted(task, steps=False), "setfit": fitted(task, steps=True)}
    Path(sys.argv[2]).write_text(json.dumps(rows), encoding="utf-8")


def fitted(task: dict[str, Any], *, steps: bool) -> dict[str, Any]:
    """Labels of the test texts by one of the rows.

    Args:
        task: the encoder's folder, its longest text in pieces, the labelled texts and labels, the test texts, the
            seed, and a folder for the program's files.
        steps: train the encoder too, as SetFit does; without, only the logistic regression on it.
    """
    set_seed(task["seed"])
    model = SetFitModel.from_pretrained(task["model"], local_files_only=True, device="cpu")
    model.model_body.max_seq_length = task["max_length"]
    start = time.perf_counter()
    count = 0
    if steps:
        data = Dataset.from_dict({"text": task["texts"], "label": task["labels"]})
        args = TrainingArguments(
            output_dir=task["folder"], num_iterations=PAIRS, num_epochs=1, batch_size=16, seed=task["seed"],
            report_to="none", save_strategy="no", eval_strategy="no", show_progress_bar=False,
        )  # fmt: skip
        trainer = Trainer(model=model, args=args, train_dataset=data)
        trainer.train()
        count = trainer.st_trainer.state.global_step
    else:
        model.fit(task["texts"], task["labels"], num_epochs=1)
    seconds = time.perf_counter() - start
    predicted = [int(label) for label in model.predict(task["tests"], batch_size=64)]
    return {"predicted": predicted, "steps": count, "seconds": seconds}


if __name__ == "__main__":
    main()
