"""Rows of SetFit, and of logistic regression on frozen features, for a comparison on texts.

    python -m venv setfit_env && setfit_env/bin/pip install setfit==1.2.0
    python -m benchmarks.setfit_rows runs/compare --python setfit_env/bin/python
    hf-selftuning compare ... --others logistic_regression setfit --output_dir runs/compare

The folder is that of a comparison on texts of one column whose fine-tuning cells are finished. For each of these
cells `setfit_program.py` trains on the same labelled texts with the same encoder, and is scored on the same test
texts. Cells that are there already are not made again. With `--names` the name of each class is one more labelled
text of it, and the rows are `logistic_regression_names` and `setfit_names`.
"""

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from hf_selftuning.comparison.cells import Result, is_finished
from hf_selftuning.data.class_names import names_as_words
from hf_selftuning.data.embedded import minilm_folder
from hf_selftuning.data.texts.text_data import LABEL
from hf_selftuning.experiment.texts.text_examples import read_text_data
from hf_selftuning.experiment.texts.text_flags import TextDataArguments
from hf_selftuning.metrics import class_counts
from hf_selftuning.report.row import BASELINE, Row

from .comparison_data import finished_cells, flags_of

TITLES = {"logistic_regression": "Logistic regression, frozen", "setfit": "SetFit"}
NAMED = "_names"
PROGRAM = Path(__file__).with_name("setfit_program.py")


def main() -> None:
    """Make the missing cells, and print the accuracy and the seconds of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="of the comparison")
    parser.add_argument("--python", type=Path, required=True, help="of an environment with SetFit")
    parser.add_argument("--model", type=Path, help="folder of the encoder; default: the embedded all-MiniLM-L6-v2")
    parser.add_argument("--names", action="store_true", help="also learn the names of the classes as texts")
    given = parser.parse_args()
    ending = NAMED if given.names else ""
    for baseline in finished_cells(given.folder, BASELINE):
        if all(is_finished(given.folder, replace(baseline.cell, method=name + ending)) for name in TITLES):
            continue
        model = given.model or minilm_folder()
        for result in rows_beside(given.folder, baseline, given.python, model, names=given.names):
            result.save(given.folder)
            print(f"{result.cell.title}: {100 * (result.row.test or 0):.2f} % in {result.seconds:.0f} s", flush=True)


def rows_beside(folder: Path, baseline: Result, python: Path, model: Path, *, names: bool = False) -> Iterator[Result]:
    """The results of the two rows, trained and scored on the texts of a fine-tuning cell.

    Args:
        folder: of the comparison.
        baseline: the fine-tuning cell.
        python: of an environment with SetFit.
        model: folder of the encoder.
        names: whether the name of each class is one more labelled text of it.
    """
    source = flags_of(folder, TextDataArguments)
    data = read_text_data(source)
    if data.test is None:
        raise ValueError(f"The texts of {folder} have no test part; compare on data that have one.")
    split = json.loads((baseline.cell.folder(folder) / "split.json").read_text(encoding="utf-8"))
    (column,), labeled = data.text_columns, data.train.select(split["labeled"])
    ending = NAMED if names else ""
    texts, labels = list(labeled[column][:]), list(labeled[LABEL][:])
    if names:
        words = names_as_words(data.class_names)
        if words is None:
            raise ValueError("The classes have numbers for names, which are no texts; leave --names out.")
        texts += words
        labels += range(len(words))
    with tempfile.TemporaryDirectory() as scratch:
        task = {
            "model": str(model), "max_length": source.max_length, "seed": baseline.cell.seed, "folder": scratch,
            "texts": texts, "labels": labels, "tests": data.test[column][:],
        }  # fmt: skip
        asked, answers = Path(scratch) / "task.json", Path(scratch) / "answers.json"
        asked.write_text(json.dumps(task), encoding="utf-8")
        alone = {**os.environ, "PYTHONPATH": "", "OMP_NUM_THREADS": "1"}
        subprocess.run([python, PROGRAM, asked, answers], check=True, env=alone)
        found = json.loads(answers.read_text(encoding="utf-8"))
    for name, title in TITLES.items():
        counts = class_counts(found[name]["predicted"], data.test[LABEL][:])
        seconds, steps = found[name]["seconds"], found[name]["steps"]
        yield Result(
            cell=replace(baseline.cell, method=name + ending),
            title=f"{title} (names)" if names else title,
            family="TL",
            labels=baseline.labels,
            held_out=0,
            row=Row(
                method=name + ending, preset="", labeled=baseline.row.labeled, unlabeled=0, dev=None,
                test=float(counts[:, 0].mean()), steps=steps, seconds_per_step=seconds / steps if steps else 0.0,
                seed=baseline.cell.seed, settings={}, seconds_before=0.0 if steps else seconds,
            ),
            history=[],
            seconds=seconds,
            counts=counts,
            context=baseline.context,
        )  # fmt: skip


if __name__ == "__main__":
    main()
