"""Two ranks with a slice of each weight (FSDP2) train, resume and save as two ranks with all weights (DDP) do."""

from pathlib import Path
from typing import Any

import launch
import pytest
import sharded_ranks
import tiny
import torch
from accelerate.utils import FullyShardedDataParallelPlugin
from torch import nn
from torch.distributed.fsdp import CPUOffloadPolicy

from hf_selftuning import TokenClassification
from hf_selftuning.streams.plain_batches import PlainBatches
from hf_selftuning.training.sharding import make_room
from hf_selftuning.training.sharding_checks import check_engines, check_plugin, check_shardable

slow = pytest.mark.slow


@pytest.fixture(scope="module")
def launched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """The folder of one launch, and what each of two ranks found."""
    folder = tmp_path_factory.mktemp("sharded")
    return folder, launch.two_ranks(Path(sharded_ranks.__file__), folder)


@pytest.fixture(scope="module")
def both(launched: tuple[Path, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return launched[1]


@pytest.mark.distributed
@slow
@pytest.mark.timeout(2400)
def test_a_sharded_run_resumes_to_the_bit(both: list[dict[str, Any]]) -> None:
    for rank in both:
        tiny.assert_same(rank["fsdp2 from fsdp2"], rank["fsdp2"])
        tiny.assert_same(rank["adapters resumed"], rank["adapters"])


@pytest.mark.distributed
@slow
@pytest.mark.parametrize("name", ["fsdp2", "fsdp2 from ddp", "ddp from fsdp2"])
def test_a_checkpoint_of_one_engine_is_one_of_the_other(both: list[dict[str, Any]], name: str) -> None:
    tiny.assert_near(both[0][name], both[0]["ddp"])
    tiny.assert_same(both[0][name], both[1][name])


@pytest.mark.distributed
@slow
def test_with_adapters_the_engines_train_the_same(both: list[dict[str, Any]]) -> None:
    tiny.assert_near(both[0]["adapters"], both[0]["adapters, ddp"])
    tiny.assert_near(both[0]["adapters from ddp"], both[0]["adapters, ddp"])


@pytest.mark.distributed
@slow
def test_the_saved_model_is_whole_and_plain(launched: tuple[Path, list[dict[str, Any]]]) -> None:
    folder, (first, _) = launched
    model, report = tiny.WORDS.auto.from_pretrained(folder / "resumed_runs" / "model", output_loading_info=True)
    assert not any(report.values()), report
    assert model.config.architectures == ["BertForTokenClassification"]
    trained = {name.removeprefix("student."): v for name, v in first["fsdp2"].items() if name.startswith("student.")}
    tiny.assert_same(model.state_dict(), trained)


@pytest.mark.distributed
@slow
def test_a_rank_holds_its_share_of_student_copy_and_projector(both: list[dict[str, Any]]) -> None:
    for rank in both:
        assert rank["shares"] == pytest.approx([0.5, 0.5, 0.5], abs=0.01)


@pytest.mark.distributed
@slow
def test_a_copy_holds_the_students_own_slices_of_what_does_not_train(both: list[dict[str, Any]]) -> None:
    for rank in both:
        # The classifier has three rows, which two ranks do not divide evenly: its weight and its bias are copied.
        assert rank["copied"] == ["classifier.original_module.weight", "classifier.original_module.bias"]


@pytest.mark.distributed
@slow
def test_the_best_averaged_model_comes_back(both: list[dict[str, Any]]) -> None:
    tiny.assert_near(both[0]["best"], both[0]["best, ddp"])
    assert both[0]["scores"] == pytest.approx(both[0]["scores, ddp"], rel=1e-4)
    assert len(set(both[0]["scores"])) == 4


@pytest.mark.distributed
@slow
def test_a_start_reads_a_pool_of_which_the_ranks_have_unequal_parts(both: list[dict[str, Any]]) -> None:
    for mine, theirs in zip(both[0]["propagate"], both[0]["propagate, ddp"], strict=True):
        assert tiny.terms(mine) == pytest.approx(tiny.terms(theirs), rel=1e-3)


@pytest.mark.distributed
@slow
def test_sharded_weights_compute_in_half_precision(both: list[dict[str, Any]]) -> None:
    losses = {name: [line["loss"] for line in both[0][name]] for name in ("bf16", "float32")}
    assert losses["bf16"] == pytest.approx(losses["float32"], rel=1e-2)
    assert losses["bf16"] != losses["float32"]


@pytest.mark.distributed
@slow
def test_weights_that_the_first_rank_alone_read_reach_the_others(both: list[dict[str, Any]]) -> None:
    first, second = both
    assert not first["unread"]
    assert {"classifier.weight", "classifier.bias"} <= set(second["unread"])
    for mine, theirs in zip(first["first"], first["all"], strict=True):
        assert tiny.terms(mine) == tiny.terms(theirs)


@pytest.mark.distributed
@slow
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("BatchNorm", "TimmWrapperForImageClassification has BatchNorm, whose statistics would differ"),
        ("layers", "BertForTokenClassification has no layer GPTBlock; name the class of its layers"),
        ("sharded twice", "BertForTokenClassification is sharded already"),
    ],
)
def test_what_fsdp2_would_train_otherwise_is_refused_in_a_launch(both: list[dict], name: str, words: str) -> None:
    for rank in both:
        assert words in rank[name]


# ---- without a launch ----


@pytest.mark.parametrize(
    ("settings", "arguments", "precision", "words"),
    [
        ({"fsdp_version": 1}, {}, "no", r"fsdp_version=1 allows one forward pass .*set fsdp_version: 2"),
        ({"activation_checkpointing": True}, {}, "no", r"fsdp_activation_checkpointing .*gradient_checkpointing=True"),
        (
            {"cpu_offload": CPUOffloadPolicy()},
            {},
            "no",
            r"fsdp_offload_params keeps weights.*set it to false",
        ),
        ({}, {}, "fp16", r"fp16 scales gradients.*set bf16=True"),
        ({}, {"torch_compile": True}, "no", r"torch_compile=True was not tried.*leave it out"),
    ],
)
def test_settings_that_would_train_otherwise_are_refused(
    tmp_path: Path, settings: dict[str, Any], arguments: dict[str, Any], precision: str, words: str
) -> None:
    args, plugin = tiny.arguments(tmp_path), FullyShardedDataParallelPlugin(fsdp_version=2)
    for given, values in ((args, arguments), (plugin, settings)):
        for name, value in values.items():
            setattr(given, name, value)  # given in time, some need a GPU, or start the compiler of the test process
    with pytest.raises(ValueError, match=words):
        check_plugin(plugin, args, precision)


def test_fsdp2_itself_is_not_refused(tmp_path: Path) -> None:
    check_plugin(FullyShardedDataParallelPlugin(fsdp_version=2), tiny.arguments(tmp_path), "bf16")
    check_shardable(tiny.bert())
    check_engines(False, None, {})


def test_weights_without_memory_get_some_and_tied_ones_stay_tied() -> None:
    with torch.device("meta"):
        first, second = nn.Linear(2, 2, bias=False), nn.Linear(2, 2)
    second.weight = first.weight
    second.register_buffer("kept", torch.empty(3, device="meta"))
    here = nn.Linear(2, 2)
    model = nn.ModuleList([first, second, here])
    before = here.weight
    make_room(model)
    assert not any(each.is_meta for each in [*model.parameters(), *model.buffers()])
    assert first.weight is second.weight
    assert here.weight is before


def test_a_network_with_batch_statistics_is_not_sharded() -> None:
    with pytest.raises(ValueError, match=r"has BatchNorm, whose statistics would differ from rank to rank"):
        check_shardable(nn.Sequential(nn.BatchNorm2d(3)))


def test_an_optimizer_of_whole_weights_is_refused() -> None:
    model = tiny.bert()
    with pytest.raises(ValueError, match=r"optimizers= has an optimizer of whole weights.*override create_optimizer"):
        check_shardable(model, torch.optim.SGD(model.parameters(), lr=0.1))


@pytest.mark.parametrize(("size", "batch", "parts"), [(21, 5, 2), (20, 5, 2), (1, 4, 2), (7, 2, 3)])
def test_a_part_knows_how_many_batches_it_has_less_than_the_first(size: int, batch: int, parts: int) -> None:
    def batches(part: int) -> PlainBatches:
        data = list(range(size))
        return PlainBatches(data, TokenClassification(), list, 3, batch, list, part=(part, parts))

    counts = [-(-len(batches(part)._order()) // batch) for part in range(parts)]
    assert [batches(part).fewer for part in range(parts)] == [counts[0] - count for count in counts]
