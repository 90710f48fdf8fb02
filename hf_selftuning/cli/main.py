"""`hf-selftuning`: what methods there are, splits, predictions of a trained model, and what is installed."""

import argparse
import sys
from collections.abc import Sequence

from ..experiment.flags import speak
from . import doctor, predict, split
from . import list_methods as methods

COMMANDS = {"methods": methods, "split": split, "predict": predict, "doctor": doctor}


def parser() -> argparse.ArgumentParser:
    """All sub-commands and their flags."""
    made = argparse.ArgumentParser(prog="hf-selftuning", description=__doc__)
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        help_line = (module.__doc__ or "").strip()
        command = commands.add_parser(name, help=help_line, description=help_line)
        module.add_flags(command)
        command.set_defaults(run=module.run)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a sub-command; what the user can mend is a sentence on the error stream, and 2 is returned."""
    given = parser().parse_args(arguments)
    speak()
    try:
        return given.run(given)
    except (ValueError, OSError) as error:
        print(f"hf-selftuning {given.command}: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    raise SystemExit(main())
