"""Writes the tables of docs/which_method.md from the cells of all comparisons.

python docs/scripts/write_which_method.py
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markdown.extensions.toc import slugify

from hf_selftuning.comparison.cells import RESULT, Result
from hf_selftuning.comparison.grid import Budget, Cell
from hf_selftuning.comparison.summary import counts_of, paired
from hf_selftuning.experiment.stages.plan import SAME_TIME
from hf_selftuning.metrics import score_of
from hf_selftuning.report.intervals import difference_interval
from hf_selftuning.report.row import BASELINE

DOCS = Path(__file__).parents[1]
PAGE = DOCS / "which_method.md"
BEGIN = "<!-- written by docs/scripts/write_which_method.py -->\n"
END = "<!-- end of what is written -->\n"
UNITS = {"images": "images", "text": "texts", "ner": "sentences"}
KINDS = {"images": "Images", "text": "Texts", "ner": "Words"}
NOT_MEASURED = "not measured"
COLUMNS = ("comparison", "labels", "best method", "equal steps", "same time", "advice")


@dataclass(frozen=True)
class Group:
    """The cells of one method at one budget, over seeds."""

    cells: list[Result]

    @property
    def method(self) -> str:
        """The method as it is written on the command line."""
        return self.cells[0].cell.method

    @property
    def is_fine_tuning(self) -> bool:
        """Whether it is plain fine-tuning, of whatever length."""
        name, _, settings = self.method.partition(":")
        return name in (BASELINE, SAME_TIME) and all(one.startswith("steps=") for one in settings.split(":") if one)

    @property
    def score(self) -> float:
        """Mean of the test score over seeds."""
        return float(np.mean([result.row.test for result in self.cells if result.row.test is not None]))

    @property
    def steps(self) -> float:
        """Mean number of optimizer steps, of all stages together."""
        return float(np.mean([result.row.steps for result in self.cells]))

    @property
    def seconds(self) -> float:
        """Mean time of the training and of the preparation before it."""
        return float(np.mean([r.row.seconds_before + r.row.steps * r.row.seconds_per_step for r in self.cells]))


@dataclass(frozen=True)
class Margin:
    """The difference to fine-tuning in points, with its 95 % interval, and the steps of that fine-tuning."""

    middle: float
    low: float
    high: float
    steps: float

    def text(self, steps: float) -> str:
        """The difference with its interval, and the steps of fine-tuning if they differ from `steps`."""
        more = "" if round(self.steps) == round(steps) else f" to {self.steps:,.0f} steps"
        return f"{self.middle:+.1f} [{self.low:+.1f}, {self.high:+.1f}]{more}"


def margin(ours: Group, theirs: Group | None) -> Margin | None:
    """The paired difference; None without shared seeds."""
    if theirs is None:
        return None
    first, second = (counts_of(cells) for cells in paired(ours.cells, theirs.cells))
    if first is None or second is None:
        return None
    middle = float(np.mean(score_of(first) - score_of(second)))
    low, high = difference_interval(first, second)
    return Margin(100 * middle, 100 * low, 100 * high, theirs.steps)


def groups_of(folder: Path) -> dict[Budget, list[Group]]:
    """The finished cells of a comparison by budget and method, the fewest labels first."""
    found: dict[Budget, dict[str, list[Result]]] = {}
    for path in sorted(folder.glob(f"cells/*/*/*/{RESULT}")):
        given = json.loads(path.read_text(encoding="utf-8"))["cell"]
        result = Result.load(folder, Cell(Budget(**given["budget"]), given["method"], given["seed"]))
        if result.row.test is not None:
            found.setdefault(result.cell.budget, {}).setdefault(result.cell.method, []).append(result)
    in_order = sorted(found, key=lambda budget: budget.value)
    return {budget: [Group(cells) for cells in found[budget].values()] for budget in in_order}


def rivals(best: Group, groups: Sequence[Group]) -> tuple[Group | None, Group | None]:
    """The shortest fine-tuning with at least as many steps, and with at least as much time; None if there is none."""
    plain = [group for group in groups if group.is_fine_tuning]
    timed = [group for group in plain if group.method == SAME_TIME or group.seconds >= best.seconds]
    counted = [group for group in plain if group.method != SAME_TIME and group.steps >= best.steps]
    return min(counted, key=lambda group: group.steps, default=None), min(
        timed, key=lambda group: (group.method != SAME_TIME, group.steps), default=None
    )


def advice(steps: Margin | None, time: Margin | None) -> str:
    """The advice that follows from the margins of the best method, as a sentence."""
    if time is not None and time.high < 0:
        return "Fine-tune for longer: that beats every method here."
    if steps is None and time is not None and time.low > 0:
        return "Use it: it beats fine-tuning for the same time."
    if steps is None or steps.low <= 0:
        return "Fine-tune: no method is clearly better."
    if time is None:
        return "Use it: it beats fine-tuning; longer fine-tuning was not tried."
    if time.low > 0:
        return "Use it: it also beats fine-tuning for the same time."
    return "Use it or fine-tune for longer: for the same time, neither is clearly better."


def row(comparison: str, budget: Budget, groups: Sequence[Group], unit: str) -> list[str] | None:
    """The cells of a table's row; None if no method was compared with fine-tuning."""
    seeds = {result.cell.seed for group in groups if group.method == BASELINE for result in group.cells}
    methods = [group for group in groups if not group.is_fine_tuning and len(group.cells) >= len(seeds)]
    if not seeds or not methods:
        return None
    best = max(methods, key=lambda group: group.score)
    title, labels = best.cells[0].title, np.mean([result.labels for result in best.cells])
    steps, time = (margin(best, rival) for rival in rivals(best, groups))
    shown = [NOT_MEASURED if steps is None else steps.text(best.steps)]
    shown += [NOT_MEASURED if time is None else time.text(time.steps)]
    return [
        comparison,
        f"{budget.title} ({labels:,.0f} {unit})",
        f"{title} (of {len(methods)}; {len(seeds)} seeds)",
        *shown,
        advice(steps, time),
    ]


def section(task: str, folders: Sequence[Path], results: str) -> str:
    """The table of one kind of data, comparisons with the most methods first; empty if there is none."""
    cells = {folder: groups_of(folder) for folder in folders}
    methods = {folder: sum(map(len, found.values())) / max(len(found), 1) for folder, found in cells.items()}
    made = [
        row(heading(folder.name, results), budget, groups, UNITS[task])
        for folder in sorted(folders, key=lambda folder: -methods[folder])
        for budget, groups in cells[folder].items()
    ]
    rows = [one for one in made if one is not None]
    return f"## {KINDS[task]}\n\n{table(rows)}\n" if rows else ""


def heading(name: str, results: str) -> str:
    """The heading of the section in results.md that has the comparison's command, with a link to it."""
    before, found, _ = results.partition(f"--output_dir docs/comparisons/{name}\n")
    title = before.rpartition("\n## ")[2].partition("\n")[0] if found else name
    return f"[{title}](results.md#{slugify(title, '-')})" if found else title


def table(rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [COLUMNS, ["---"] * len(COLUMNS), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def written(comparisons: Path = DOCS / "comparisons") -> str:
    """The tables of every comparison in the folder."""
    results = (DOCS / "results.md").read_text(encoding="utf-8")
    folders = [path.parent for path in sorted(comparisons.glob("*/comparison.json"))]
    by_task: dict[str, list[Path]] = {task: [] for task in UNITS}
    for folder in folders:
        flags = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))
        by_task[flags["task"]].append(folder)
    return "\n".join(filter(None, (section(task, found, results) for task, found in by_task.items())))


def page(text: str, tables: str) -> str:
    """The page with these tables between its marks."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{tables}\n{END}{rest.partition(END)[2]}"


def main() -> None:
    """Write the tables into the page."""
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), written()), encoding="utf-8")


if __name__ == "__main__":
    main()
