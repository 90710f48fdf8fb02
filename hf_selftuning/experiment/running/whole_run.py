"""A whole run from a command line, the same for every kind of data."""

from ..command.flags import FlagParser
from ..setup.run_setup import Setup
from ..stages.outcome import Outcome
from ..stages.plan import plan_rows
from .announcement import announce_run
from .outputs import report_rows
from .run import train_rows


def run_from_flags(kind: type[Setup], arguments: list[str] | None, *, description: str, prog: str) -> list[Outcome]:
    """A whole run from a command line: parse flags, read data, draw the split, train and score rows, report.

    Args:
        kind: the setup class of the kind of data, words or images.
        arguments: words of the command line; None takes those of this process.
        description: shown by `--help`.
        prog: name of the command.

    Raises:
        ValueError: flags or data cannot be used.
    """
    model, source, budget, config = FlagParser(*kind.flags, description=description, prog=prog).parse(arguments)
    plan_rows(budget, config, kind.usual)  # a name that does not exist is refused before data are read
    setup = kind.from_flags(model, source, budget, config)
    plans = plan_rows(budget, config, setup.usual)
    announce_run(setup, plans)
    outcomes = train_rows(setup, plans)
    report_rows(setup, outcomes)
    return outcomes
