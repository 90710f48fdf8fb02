"""What the profiler counts of a step, on a tiny network and a CPU."""

import argparse
import dataclasses
import json

import pytest
import tiny
import torch

from benchmarks import step
from benchmarks.candidates import our_step
from benchmarks.profiling import MOST, READ, SYNC, calls_of, figures_of, profile_of
from benchmarks.shapes import SHAPES, Contrast, Shape, images, make_model

CPU = torch.device("cpu")
TINY = Shape("tiny", Contrast(3, 2, 4, 5), lambda classes: tiny.vit(), lambda size: images(size, 32), 5)


def test_each_call_of_an_operator_is_counted() -> None:
    numbers = torch.ones(3)
    calls = calls_of(lambda: (numbers.add(1), numbers.add(2), numbers.sum().item()), CPU)
    assert (calls["aten::add"], calls["aten::sum"], calls[READ]) == (2, 1, 1)
    assert figures_of(calls, CPU)[READ] == 1


def test_launches_and_waits_of_a_gpu_are_counted_by_their_names() -> None:
    calls = {"aten::add": 9, "cudaLaunchKernel": 4, "cuLaunchKernelEx": 2, SYNC: 3, "cudaMemcpyAsync": 5}
    assert figures_of(calls, torch.device("cuda")) == {"kernel launches": 6, SYNC: 3, READ: 0}


def test_a_step_reads_no_value_beyond_its_optimizer() -> None:
    profiled = profile_of(TINY, CPU)
    ours, bare = profiled["figures"]["our step"], profiled["figures"]["bare passes"]
    assert ours["operator calls"] > bare["operator calls"] > 100
    # The fused AdamW of a CPU reads the step of each parameter, and the projector has two.
    assert ours[READ] - bare[READ] == 2
    assert ours[SYNC] == bare[SYNC] == 0
    assert len(profiled["most"]) == MOST


def test_the_command_prints_the_counts(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setitem(SHAPES, "cub", TINY)
    flags = ["--profile", "--device", "cpu", "--shapes", "cub", "--json", str(tmp_path / "step.json")]
    monkeypatch.setattr("sys.argv", ["step", *flags])
    step.main()
    printed = capsys.readouterr().out
    assert "| operator calls" in printed
    assert printed.count("`aten::") == MOST
    assert json.loads((tmp_path / "step.json").read_text())["profiles"]["cub"]["title"] == "tiny"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "millions", "rows"), [("resnet50", 23, 2), ("bert8", 108, 40)])
def test_large_shapes_are_the_networks_that_they_name(name: str, millions: int, rows: int) -> None:
    full = SHAPES[name]
    shape = dataclasses.replace(full, batch=2, contrast=dataclasses.replace(full.contrast, rows=rows))
    network = make_model(shape, CPU)
    assert sum(weight.numel() for weight in network.parameters()) // 10**6 == millions
    assert network.config.num_labels == full.contrast.classes
    our_step(shape, CPU)()


@pytest.mark.parametrize(
    ("device", "quick", "named", "wanted"),
    [
        ("cpu", True, None, ["cub", "conll8"]),
        ("cpu", False, None, ["cub", "classes1000", "conll8", "conll32", "classes10000"]),
        ("cpu", True, ["bert8"], ["bert8"]),
        ("cuda", True, None, ["cub", "conll8", "resnet50", "bert8", "bert32"]),
    ],
)
def test_large_shapes_are_for_a_gpu_or_where_they_are_named(
    device: str, quick: bool, named: list[str] | None, wanted: list[str]
) -> None:
    args = argparse.Namespace(device=device, quick=quick, profile=False, shapes=named)
    assert step.shapes_of(args) == wanted
