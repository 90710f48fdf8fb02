"""Make the page of a run again, or one that sets several runs side by side."""

import argparse
from pathlib import Path

from ..experiment.command.terminal import say
from ..report.page.run_facts import PAGE
from ..report.page.run_page import write_page


def run(given: argparse.Namespace) -> int:
    """Write the page; of one run into its folder, of several into this folder, if no file is named."""
    folders = [Path(folder) for folder in given.runs]
    target = Path(given.output or (folders[0] / PAGE if len(folders) == 1 else PAGE))
    write_page(folders, target)
    say(f"{target} shows {' beside '.join(map(str, folders))}.")
    return 0
