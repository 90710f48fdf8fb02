"""Trains the tiny encoder by DDP and by FSDP2, under torchrun, and writes what each rank has in the end.

torchrun --standalone --nproc_per_node 2 tests/support/sharded_ranks.py FOLDER
"""

import os
import sys
from pathlib import Path
from typing import Any

import launch
import peft
import tiny
import torch
from torch import nn

from hf_selftuning import SelfTuningTrainer
from hf_selftuning.modules.slices import own_slice

STEP = 5
"""The step of the checkpoint that runs resume from."""
FSDP2 = {"fsdp": True}


def settings(folder: Path, **given: Any) -> Any:
    """Eight steps of AdamW with a checkpoint after five."""
    # An earlier trainer of this process may have set them.
    for name in ("ACCELERATE_USE_FSDP", "FSDP_VERSION"):
        os.environ.pop(name, None)
    return tiny.arguments(folder, **{"save_strategy": "steps", "save_steps": STEP, "use_cpu": True, **given})


def train(args: Any, model: nn.Module | None = None, **given: Any) -> SelfTuningTrainer:
    """A trained tiny encoder without dropout."""
    return tiny.trained(tiny.WORDS, args, model=model or tiny.bert(dropout=0.0), **given)


def resume(args: Any, model: nn.Module | None = None, **given: Any) -> SelfTuningTrainer:
    return tiny.resumed(tiny.WORDS, args, STEP, model=model or tiny.bert(dropout=0.0), **given)


def adapted() -> nn.Module:
    """The tiny encoder with adapters."""
    config = peft.LoraConfig(r=2, target_modules=["query", "value"], modules_to_save=["classifier"])
    return peft.get_peft_model(tiny.bert(dropout=0.0), config)


def held(module: nn.Module) -> float:
    """Share of a module's weights that this rank holds."""
    parameters = list(module.parameters())
    return sum(own_slice(p).numel() for p in parameters) / sum(p.numel() for p in parameters)


def resumed_runs(folder: Path) -> dict[str, Any]:
    """Runs that resume from checkpoints of both engines, and what the first rank saved."""
    by_ddp = tiny.everything(train(settings(folder / "plain")))
    sharded = settings(folder / "sharded", **FSDP2)
    trainer = train(sharded)
    by_fsdp2 = tiny.everything(trainer)
    trainer.save_model(str(folder / "model"))
    shares = [held(trainer.model), held(trainer.methods[0].key_encoder), held(trainer.methods[0].projector)]
    refused = message(lambda: tiny.trainer(tiny.WORDS, sharded, model=trainer.model))
    return {
        "ddp": by_ddp,
        "fsdp2": by_fsdp2,
        "fsdp2 from fsdp2": tiny.everything(resume(settings(folder / "sharded", **FSDP2))),
        "fsdp2 from ddp": tiny.everything(resume(settings(folder / "plain", **FSDP2))),
        "ddp from fsdp2": tiny.everything(resume(settings(folder / "sharded"))),
        "shares": shares,
        "sharded twice": refused,
    }


def adapters(folder: Path) -> dict[str, Any]:
    """With adapters: whole runs, resumed ones, and which frozen weights the copy does not share with the student."""
    whole = train(settings(folder, **FSDP2), adapted())
    whole.training_module.reslice()
    keys = whole.methods[0].key_encoder.module
    named = zip(keys.parameters(), whole.model.named_parameters(), strict=True)
    copied = [name for mine, (name, own) in named if not own.requires_grad and mine is not own]
    again = resume(settings(folder, **FSDP2), adapted())
    by_ddp = tiny.everything(train(settings(folder / "ddp"), adapted()))
    return {
        "adapters": tiny.everything(whole),
        "adapters resumed": tiny.everything(again),
        "copied": [name.removeprefix("base_model.model.") for name in copied],
        "adapters, ddp": by_ddp,
        "adapters from ddp": tiny.everything(resume(settings(folder / "ddp", **FSDP2), adapted())),
    }


def averages(folder: Path) -> dict[str, Any]:
    """The best of several averaged models, and the folder that it came from."""
    given = {"eval_strategy": "steps", "eval_steps": 2, "save_steps": 2, "load_best_model_at_end": True}
    trainer = train(settings(folder, **given, **FSDP2, metric_for_best_model="loss"), methods="fixmatch+weight_ema")
    plain = train(settings(folder / "ddp", **given, metric_for_best_model="loss"), methods="fixmatch+weight_ema")
    return {
        "best": tiny.whole_state(trainer),
        "best, ddp": tiny.whole_state(plain),
        "scores": [line["eval_loss"] for line in trainer.state.log_history if "eval_loss" in line],
        "scores, ddp": [line["eval_loss"] for line in plain.state.log_history if "eval_loss" in line],
    }


def starts(folder: Path) -> dict[str, Any]:
    """A classifier fitted on a pool of which the ranks read three and two batches; and half precision."""
    method = "self_tuning:preset=words,start=propagate,warmup_ratio=0"
    pool = {"methods": method, "unlabeled_dataset": tiny.sentences(21, 1)}
    given = {"max_steps": 2, "save_strategy": "no", "per_device_eval_batch_size": 5}
    return {
        "propagate": tiny.lines(train(settings(folder, **given, **FSDP2), **pool)),
        "propagate, ddp": tiny.lines(train(settings(folder, **given), **pool)),
        "bf16": tiny.lines(train(settings(folder, **given, **FSDP2, bf16=True))),
        "float32": tiny.lines(train(settings(folder, **given, **FSDP2))),
    }


def loaded_by_the_first(folder: Path) -> dict[str, Any]:
    """A run whose weights the first rank alone has, by `fsdp_cpu_ram_efficient_loading`, and what this rank lacks."""
    source = folder / "encoder"
    given = {"max_steps": 2, "save_strategy": "no"}
    args = settings(folder / "first", **given)  # it makes the group of ranks, in which the first alone saves
    if os.environ["RANK"] == "0":
        tiny.bert(dropout=0.0).bert.save_pretrained(source)
    torch.distributed.barrier()

    def with_new_head() -> nn.Module:
        torch.manual_seed(0)
        return tiny.WORDS.auto.from_pretrained(source)

    # What `accelerate launch` sets; an argument of the trainer comes too late for `from_pretrained`.
    os.environ.update({**launch.FSDP2, "FSDP_CPU_RAM_EFFICIENT_LOADING": "true"})
    model = with_new_head()
    unread = [name for name, parameter in model.named_parameters() if parameter.is_meta]
    if os.environ["RANK"] != "0":
        for parameter in model.parameters():
            parameter.data.zero_()  # releases of transformers differ in what they read on other ranks
    lines = tiny.lines(train(args, model))
    args = settings(folder / "all", **given, **FSDP2)
    return {"first": lines, "all": tiny.lines(train(args, with_new_head())), "unread": unread}


def message(make: Any) -> str:
    """What a refusal says."""
    try:
        make()
    except ValueError as error:
        return str(error)
    return "not refused"


def refusals(folder: Path) -> dict[str, str]:
    """What is said where FSDP2 cannot train as DDP does."""
    plain = settings(folder, **FSDP2)
    layers = settings(folder, **FSDP2, fsdp_config={"transformer_layer_cls_to_wrap": ["GPTBlock"]})
    return {
        "BatchNorm": message(lambda: tiny.trainer(tiny.TIMM_IMAGES, plain)),
        "layers": message(lambda: tiny.trainer(tiny.WORDS, layers).training_module),
    }


def main() -> None:
    folder = Path(sys.argv[1])
    torch.set_num_threads(1)
    results: dict[str, Any] = {}
    for part in (resumed_runs, adapters, averages, starts, loaded_by_the_first, refusals):
        results |= part(folder / part.__name__)
    torch.save(results, folder / f"rank{os.environ['RANK']}.pt")


if __name__ == "__main__":
    main()
