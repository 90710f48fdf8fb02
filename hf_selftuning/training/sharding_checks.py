"""Checks of what an engine is asked to do with the model. Each error says what to do."""

from typing import Any

from accelerate.utils import FullyShardedDataParallelPlugin
from torch import nn
from torch.distributed.fsdp import CPUOffloadPolicy

from ..config import SelfTuningConfig
from ..modules.reference_model import batch_norms
from ..modules.slices import is_sliced


def check_engines(*plans: Any) -> None:
    """Refuse a model that another engine than FSDP2 is to shard.

    Args:
        plans: each is empty, False or None unless somebody asked for it.
    """
    if any(plans):
        raise ValueError(
            "SelfTuningTrainer shards models by FSDP2 alone, and deepspeed or a parallelism_config was asked for; "
            "launch with recipes/accelerate/fsdp2.yaml, or with DDP (accelerate launch --multi_gpu) and LoRA, "
            "gradient_checkpointing or bf16."
        )


def check_plugin(plugin: FullyShardedDataParallelPlugin, args: SelfTuningConfig, precision: str) -> None:
    """Refuse settings of FSDP that would train otherwise than DDP does, or were not tried.

    Args:
        plugin: what a launcher or the arguments ask of FSDP.
        args: of the training.
        precision: what Accelerate computes in: `no`, `bf16` or `fp16`.
    """
    if plugin.fsdp_version != 2:
        raise ValueError(
            f"fsdp_version={plugin.fsdp_version} allows one forward pass before each backward pass, and a step here "
            "has several; set fsdp_version: 2 (recipes/accelerate/fsdp2.yaml)."
        )
    if plugin.activation_checkpointing:
        raise ValueError(
            "fsdp_activation_checkpointing wraps layers, whose weights then have other names in a checkpoint; leave "
            "it out and set gradient_checkpointing=True."
        )
    if isinstance(plugin.cpu_offload, CPUOffloadPolicy):
        raise ValueError(
            "fsdp_offload_params keeps weights in the host's memory, which was not tried with moving averages of "
            "them; set it to false."
        )
    if args.fp16 or precision == "fp16":
        raise ValueError(
            "fp16 scales gradients, and FSDP2 with such a scale was not tried; set bf16=True, or train in float32."
        )
    if args.torch_compile:
        raise ValueError(
            "torch_compile=True was not tried with sharded weights; leave it out, or launch with DDP "
            "(accelerate launch --multi_gpu)."
        )


def check_shardable(model: nn.Module, optimizer: Any = None) -> None:
    """Refuse a model that FSDP2 cannot shard, or that it would train otherwise than DDP does.

    Args:
        model: the user's.
        optimizer: the one that the script made of the model, or None.
    """
    if optimizer is not None:
        raise ValueError(
            "optimizers= has an optimizer of whole weights, and FSDP2 trains slices of them; set optim= and "
            "learning_rate=, or override create_optimizer, which is called when the weights are sharded."
        )
    if is_sliced(model):
        raise ValueError(
            f"{type(model).__name__} is sharded already, by another trainer or by FSDP2 itself; load the model anew "
            "for each trainer."
        )
    if batch_norms(model):
        raise ValueError(
            f"{type(model).__name__} has BatchNorm, whose statistics would differ from rank to rank under FSDP2; "
            "launch with DDP (accelerate launch --multi_gpu), or take a model without BatchNorm."
        )
