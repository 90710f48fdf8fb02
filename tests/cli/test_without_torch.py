"""What the command answers without importing anything slow, in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SLOW = ("torch", "transformers", "datasets", "timm")
PROBE = """
import json, sys, time
from hf_selftuning.cli.main import main
try:
    status = main(sys.argv[1:])
except SystemExit as stopped:
    status = stopped.code
imported = sorted({name.partition(".")[0] for name in sys.modules})
print(json.dumps([status, time.process_time(), imported]))
"""


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [("--help", 0), ("train ner --help", 0), ("compare --task images --help", 0), ("methods", 0), ("methods bss", 0),
     ("train images --label_ration 0.1", 2), ("train ner --methods self_tunin", 2),
     ("train ner --config misspelled.yaml", 2), ("compare --task images --config misspelled.yaml", 2)],
)  # fmt: skip
def test_nothing_slow_is_imported(arguments: str, expected: int, tmp_path: Path) -> None:
    file = tmp_path / "misspelled.yaml"
    file.write_text("label_ration: 0.1")
    command = [sys.executable, "-c", PROBE, *arguments.replace(file.name, str(file)).split()]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    status, seconds, imported = json.loads(said.splitlines()[-1])
    assert status == expected
    assert not set(SLOW) & set(imported), f"{arguments} imports what takes seconds"
    # Of the processor, as a busy machine makes the wall's clock say little. It takes about 0.2 s.
    assert seconds < 2


def test_a_reader_that_ends_early_ends_the_command_without_a_word() -> None:
    command = [sys.executable, "-m", "hf_selftuning.cli", "methods"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        process.stdout.close()  # as `head` does
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_the_package_runs_as_a_module_as_launchers_start_it() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "hf_selftuning.cli", "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert said.stdout.startswith("usage: hf-selftuning")
