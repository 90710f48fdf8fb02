"""Methods, label budgets and seeds in one table: which method is best on your data, and by how much.

    python recipes/compare.py --task ner --methods fine_tuning self_tuning self_tuning:preset=paper \
      --label_ratio 0.01 0.05 0.15 --seeds 0 1 2 --max_steps 600 --output_dir runs/compare

This command trains 3 methods at 3 budgets with 3 seeds, and fine-tuning once more for as long as the most expensive
method takes: 36 cells of some minutes each on a GPU. At the end it writes table.md, table.csv, table.json, table.tex
and figures into --output_dir.

All other flags are those of the task's recipe (`recipes/run_ner.py --help`, `recipes/run_image_classification.py
--help`) and hold for all cells. A comparison that is started again trains only the cells that are missing. Several
processes that share the folder, on one machine or on several, share the cells. Under `accelerate launch` the ranks
train each cell together. `hf-selftuning compare` does the same.
"""

from hf_selftuning import (
    announce_grid,
    list_cells,
    parse_compare_flags,
    plan_grid,
    run_main,
    train_grid,
    write_grid,
)


def main() -> None:
    """Run the comparison with the flags of the command line."""
    # 1. Parse the comparison's own flags. All others are flags of the task, and the cells share them.
    asked, shared = parse_compare_flags(description=__doc__)

    # 2. Plan the cells: every method at every budget of labels with every seed. Wrong flags end the run here.
    grid = plan_grid(asked, shared)
    announce_grid(grid)
    if asked.dry_run:
        list_cells(grid)
        return

    # 3. Train and score each cell once: on its own split, from the same start as the other methods of that split.
    failed = train_grid(grid, stale_minutes=asked.stale_minutes)

    # 4. Write the table, with each method's difference to fine-tuning paired over seeds and test items, and figures.
    write_grid(grid, failed)


if __name__ == "__main__":
    raise SystemExit(run_main(main))
