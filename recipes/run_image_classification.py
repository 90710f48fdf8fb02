"""Images from few labels: fine-tuning and Self-Tuning from the same start, on the same labels.

    python recipes/run_image_classification.py --dataset_name digits --labels_per_class 5

This command trains EfficientNet-Lite0 on scikit-learn's digits with five labels a class, in minutes on a CPU. The run
ends with a table of both rows, and leaves the model with its card, results.json and curves in --output_dir.

The recipe takes any image classification model of the Hub, also timm's (`--model_name_or_path timm/resnet50.a1_in1k`),
and any data set with images and classes, folders of images, or CUB-200-2011's layout. `--help` lists the flags, and
`--config file.yaml` reads them from a file. `hf-selftuning train images` does the same.

    python recipes/run_image_classification.py --stages simclr simclr_v2 distillation

This command is SimCLRv2: the network learns from the images alone, then from the labels, and then teaches a student.
"""

from hf_selftuning import (
    BudgetArguments,
    FlagParser,
    ImageConfig,
    ImageDataArguments,
    ImageSetup,
    ModelArguments,
    announce_run,
    claim_folder,
    plan_rows,
    read_image_data,
    report_rows,
    run_main,
    split_image_data,
    train_rows,
)


def main() -> None:
    """Run the recipe with the flags of the command line."""
    # 1. Parse the flags: of the model, the data, the budget of labels, and the training.
    parser = FlagParser(ModelArguments, ImageDataArguments, BudgetArguments, ImageConfig, description=__doc__)
    model, source, budget, config = parser.parse()

    # 2. Plan the rows of the table: fine-tuning as the baseline, and what --methods or --stages name. A wrong name
    #    ends the run here, before anything is read.
    rows = plan_rows(budget, config, ImageSetup.usual)

    # 3. Read the images, and draw which of them keep their classes. The split is written to the run's folder.
    folder = claim_folder(config, overwrite=budget.overwrite_output_dir)
    data = read_image_data(source)
    parts = split_image_data(data, budget, source, folder)

    # 4. Make the weak, strong and test views that fit the pretrained network, once for all rows. What no flag names
    #    follows from how much the images are like those of the pretraining, also the methods' preset.
    setup = ImageSetup(model, source, config, data, parts)
    rows = plan_rows(budget, config, setup.usual)
    announce_run(setup, rows)

    # 5. Train and score each row from the same pretrained weights, with the same seed, for the same number of steps.
    outcomes = train_rows(setup, rows)

    # 6. Save the last row's model and its card, write results and curves, and print the table.
    report_rows(setup, outcomes)


if __name__ == "__main__":
    raise SystemExit(run_main(main))
