"""Texts from few labels: fine-tuning and Self-Tuning from the same start, on the same labels.

    python recipes/run_text_classification.py --train_file mine.csv --unlabeled_file more.txt

`mine.csv` has a text and its class in each row, and `more.txt` has a text on each line. The run ends with a table of
both rows, and leaves the model with its card, results.json and curves in --output_dir.

The recipe takes any sequence classification model of the Hub, and any data set of texts with one class each: CSV,
JSON, Parquet, folders of text files, or a dataset of the Hub; two columns make pairs of texts. `--help` lists the
flags, and `--config file.yaml` reads them from a file. `hf-selftuning train text` does the same.

    python recipes/run_text_classification.py --config recipes/configs/banking77.yaml --labels_per_class 4

This command trains on the intents of bank customers, with four labels for each of 77 classes.
"""

from hf_selftuning import (
    BudgetArguments,
    FlagParser,
    ModelArguments,
    TextConfig,
    TextDataArguments,
    TextSetup,
    announce_run,
    claim_folder,
    plan_rows,
    read_text_data,
    report_rows,
    run_main,
    split_text_data,
    train_rows,
)


def main() -> None:
    """Run the recipe with the flags of the command line."""
    # 1. Parse the flags: of the model, the data, the budget of labels, and the training.
    parser = FlagParser(ModelArguments, TextDataArguments, BudgetArguments, TextConfig, description=__doc__)
    model, source, budget, config = parser.parse()

    # 2. Plan the rows of the table: fine-tuning as the baseline, and what --methods or --stages name. A wrong name
    #    ends the run here, before anything is read.
    rows = plan_rows(budget, config, TextSetup.usual)

    # 3. Read the texts, and draw which of them keep their classes. The split is written to the run's folder.
    folder = claim_folder(config, overwrite=budget.overwrite_output_dir)
    data = read_text_data(source)
    parts = split_text_data(data, budget, source, folder)

    # 4. Load the tokenizer and encode the texts, once for all rows.
    setup = TextSetup(model, source, config, data, parts)
    announce_run(setup, rows)

    # 5. Train and score each row from the same pretrained weights, with the same seed, for the same number of steps.
    outcomes = train_rows(setup, rows)

    # 6. Save the last row's model and its card, write results and curves, and print the table.
    report_rows(setup, outcomes)


if __name__ == "__main__":
    raise SystemExit(run_main(main))
