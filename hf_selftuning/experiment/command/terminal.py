"""What a run prints: log messages, lines of the first rank, tables of settings, and what is wrong about flags."""

import logging
import os
import sys
from typing import Any


def speak() -> None:
    """Show the library's own log messages on the terminal, for instance the tag scheme of a file."""
    log = logging.getLogger("hf_selftuning")
    if not log.handlers:
        log.addHandler(logging.StreamHandler())
        log.setLevel(logging.INFO)


def say(text: str, *, loudly: bool = False) -> None:
    """Print on the first rank only.

    Args:
        text: what is printed.
        loudly: print to the error stream.
    """
    if os.environ.get("RANK", "0") == "0":
        print(text, file=sys.stderr if loudly else sys.stdout, flush=True)


def settings_table(rows: dict[str, Any]) -> str:
    """One line for each name and its value; the values are aligned in a column."""
    width = max(map(len, rows))
    return "\n".join(f"  {name:<{width}}  {value}" for name, value in rows.items())


def usage_line(prog: str, message: str) -> str:
    """What is wrong about a command line, and how to get help; the whole usage would fill several screens."""
    stop = "" if message.endswith((".", "?")) else "."
    return f"{prog}: {message}{stop} `{prog} --help` lists what it takes.\n"
