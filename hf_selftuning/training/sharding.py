"""FSDP2: student, copies and the methods' own layers are sharded over the ranks, where a launch asks for it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from accelerate import Accelerator
from accelerate.utils import (
    DistributedType,
    FullyShardedDataParallelPlugin,
    disable_fsdp_ram_efficient_loading,
)
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor

from ..config import SelfTuningConfig
from ..core.objective import Objective
from .sharding_checks import check_plugin, check_shardable


def sharding_asked_for(
    accelerator: Accelerator, args: SelfTuningConfig, model: nn.Module, optimizer: Any = None
) -> "Sharding | None":
    """How the weights of a run are sharded; None if nobody asks for it, or if no group of processes trains.

    Args:
        accelerator: of the trainer; afterwards it does not shard by itself.
        args: of the training.
        model: the user's.
        optimizer: the one that the script made of the model, or None.

    Raises:
        ValueError: what is asked for is refused, see `check_plugin` and `check_shardable`.
    """
    plugin = _plugin_asked_for(accelerator, args)
    if plugin is None:
        return None
    check_plugin(plugin, args, accelerator.mixed_precision)
    check_shardable(model, optimizer)
    # From here on every rank reads what it loads, such as a checkpoint or a teacher.
    disable_fsdp_ram_efficient_loading()
    return Sharding.of(accelerator, plugin)


def _plugin_asked_for(accelerator: Accelerator, args: SelfTuningConfig) -> FullyShardedDataParallelPlugin | None:
    if not dist.is_available() or not dist.is_initialized():
        return None
    if (plugin := getattr(accelerator.state, "fsdp_plugin", None)) is not None:
        return plugin
    # Accelerate forgets the request where there is no accelerator, as on a CPU.
    if args.fsdp_plugin_args is not None:
        return FullyShardedDataParallelPlugin(**args.fsdp_plugin_args)
    asked = os.environ.get("ACCELERATE_USE_FSDP", "false").lower() == "true"
    return FullyShardedDataParallelPlugin() if asked else None


class UnwrappingAccelerator(Accelerator):
    """An Accelerator that treats a sharded run as a plain one on several devices, and wraps nothing by FSDP itself."""

    # Properties of Accelerator, which the class of the object decides.
    distributed_type = property(lambda self: DistributedType.MULTI_GPU)
    is_fsdp2 = property(lambda self: False)


@dataclass(frozen=True)
class Sharding:
    """How weights are sharded.

    Args:
        layers: names of the classes of layers whose weights are gathered together; empty takes the model's own list.
        device: of the slices.
        settings: of `fully_shard`.
    """

    layers: tuple[str, ...]
    device: torch.device
    settings: Mapping[str, Any]

    @classmethod
    def of(cls, accelerator: Accelerator, plugin: FullyShardedDataParallelPlugin) -> "Sharding":
        """What the plugin asks for. The accelerator itself then does not shard any more."""
        if accelerator.distributed_type == DistributedType.FSDP:
            # Accelerate would shard the objective as one model, and the copies as parts of it.
            accelerator.__class__ = UnwrappingAccelerator
        half = accelerator.mixed_precision == "bf16"
        settings = {
            "mesh": init_device_mesh(accelerator.device.type, (dist.get_world_size(),)),
            "reshard_after_forward": plugin.reshard_after_forward,
            "mp_policy": MixedPrecisionPolicy(torch.bfloat16, torch.float32) if half else MixedPrecisionPolicy(),
        }
        return cls(tuple(plugin.transformer_cls_names_to_wrap or ()), accelerator.device, settings)

    def take_weights(self, *models: Any) -> None:
        """Take the first rank's weights, for `fsdp_cpu_ram_efficient_loading` reads them on that rank alone.

        Args:
            models: the user's; what is no module yet is loaded later, on every rank.
        """
        for model in models:
            if isinstance(model, nn.Module):
                make_room(model)
                self._broadcast(model)

    def shard(self, objective: Objective, own_layers: tuple[str, ...]) -> Objective:
        """Shard the student, its copies, and all layers of the methods; buffers stay whole.

        Args:
            objective: of the training.
            own_layers: the student's own list of layers, for a launch that names none.

        Raises:
            ValueError: the student has no layers of the classes that are to be sharded one by one.
        """
        student, methods = objective.student, list(objective.methods)
        layers = self._layers_of(student, own_layers)
        # A copy is sharded under `module`, as the student is, because both are run from there.
        parts = [getattr(part, "module", part) for method in methods for part in method.children()]
        names = {id(parameter): name for name, parameter in student.named_parameters()}
        shared = [{n: names[id(p)] for n, p in part.named_parameters() if id(p) in names} for part in parts]
        self._shard(student, layers)
        for part, common in zip(parts, shared, strict=True):
            if any(True for _ in part.parameters()):
                self._shard(part, layers)
                _share(part, student, common)
        for method in methods:
            for module in method.modules():
                for name, buffer in module.named_buffers(recurse=False):
                    setattr(module, name, buffer.to(self.device))
        return objective

    def _layers_of(self, student: nn.Module, own_layers: tuple[str, ...]) -> tuple[str, ...]:
        layers = self.layers or own_layers
        if not any(type(module).__name__ in layers for module in student.modules()):
            asked = f"has no layer {' or '.join(layers)}" if layers else "names no layers to be sharded one by one"
            raise ValueError(
                f"{type(student).__name__} {asked}; name the class of its layers with "
                "fsdp_transformer_layer_cls_to_wrap in the file of accelerate, or with fsdp_config="
                "{'transformer_layer_cls_to_wrap': [...]}."
            )
        return layers

    def _shard(self, module: nn.Module, layers: tuple[str, ...]) -> None:
        self._broadcast(module)
        units = [part for part in module.modules() if type(part).__name__ in layers and part is not module]
        # Inner layers first: FSDP2 gives a parameter to the first call of `fully_shard` that sees it.
        for unit in reversed(units):
            fully_shard(unit, **self.settings)
        # Whole weights outside of the layers are kept until the backward pass, which needs them at once.
        fully_shard(module, **{**self.settings, "reshard_after_forward": False})
        if not any(parameter.requires_grad for parameter in module.parameters()):
            module.set_reshard_after_forward(True)  # type: ignore[operator]  # no backward pass would do it

    def _broadcast(self, module: nn.Module) -> None:
        for tensor in [*module.parameters(), *module.buffers()]:
            told = tensor.detach().to(self.device)
            dist.broadcast(told, src=0)
            # `.data`, because autograd refuses to write into a parameter in place.
            tensor.data.copy_(told)


def make_room(model: nn.Module) -> None:
    """Give memory to the weights that have none on this rank, because the first rank alone has read them.

    Their values are of no meaning until `Sharding.take_weights`. Tied weights stay tied.
    """
    made: dict[Tensor, nn.Parameter] = {}
    for part in model.modules():
        for name, parameter in list(part.named_parameters(recurse=False, remove_duplicate=False)):
            if parameter.is_meta:
                room = torch.empty_like(parameter, device="cpu")
                made.setdefault(parameter, nn.Parameter(room, requires_grad=parameter.requires_grad))
                part.register_parameter(name, made[parameter])
        for name, buffer in list(part.named_buffers(recurse=False)):
            if buffer.is_meta:
                setattr(part, name, torch.empty_like(buffer, device="cpu"))


def _share(part: nn.Module, student: nn.Module, names: Mapping[str, str]) -> None:
    """Let a copy hold the student's slices of what does not train; slices that are padded are not shared."""
    for name, theirs in names.items():
        parameter: Tensor = student.get_parameter(theirs)
        if isinstance(parameter, DTensor) and len(parameter) % parameter.device_mesh.size() == 0:
            path, _, last = name.rpartition(".")
            setattr(part.get_submodule(path), last, parameter)
