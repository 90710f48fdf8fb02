"""Named entities from few labels: fine-tuning and Self-Tuning from the same start, on the same labels.

    accelerate launch recipes/run_ner.py --label_ratio 0.15

This command trains bert-base-cased on CoNLL-2003 with labels on 15 % of the sentences. `make demo` does the same with
a small encoder (`--model_name_or_path embedded`) in minutes on two CPU cores. The run ends with a table of both rows,
and leaves the model with its card, results.json and curves in --output_dir.

The recipe takes any encoder of the Hub, and any data set of `tokens` and `ner_tags`, CoNLL column files, JSON or CSV.
`--help` lists the flags, and `--config file.yaml` reads them from a file. `hf-selftuning train ner` does the same.

    accelerate launch recipes/run_ner.py --label_ratio 0.15 --stages tapt self_tuning

This command first adapts the encoder to all sentences by language modelling, and then trains Self-Tuning.
"""

from hf_selftuning import (
    BudgetArguments,
    FlagParser,
    ModelArguments,
    WordConfig,
    WordDataArguments,
    WordSetup,
    announce_run,
    claim_folder,
    plan_rows,
    read_word_data,
    report_rows,
    run_main,
    split_word_data,
    train_rows,
)


def main() -> None:
    """Run the recipe with the flags of the command line."""
    # 1. Parse the flags: of the model, the data, the budget of labels, and the training.
    parser = FlagParser(ModelArguments, WordDataArguments, BudgetArguments, WordConfig, description=__doc__)
    model, source, budget, config = parser.parse()

    # 2. Plan the rows of the table: fine-tuning as the baseline, and what --methods or --stages name. A wrong name
    #    ends the run here, before anything is read.
    rows = plan_rows(budget, config, WordSetup.usual)

    # 3. Read the sentences, and draw which of them keep their tags. The split is written to the run's folder.
    folder = claim_folder(config, overwrite=budget.overwrite_output_dir)
    data = read_word_data(source)
    parts = split_word_data(data, budget, source, folder)

    # 4. Load the tokenizer and encode the sentences, once for all rows.
    setup = WordSetup(model, source, config, data, parts)
    announce_run(setup, rows)

    # 5. Train and score each row from the same pretrained weights, with the same seed, for the same number of steps.
    outcomes = train_rows(setup, rows)

    # 6. Save the last row's model and its card, write results and curves, and print the table.
    report_rows(setup, outcomes)


if __name__ == "__main__":
    raise SystemExit(run_main(main))
