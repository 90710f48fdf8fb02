"""Saved weights are read back into the live model, whatever names a file has for them."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import safe_open
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.utils import logging

from ..modules.slices import is_sliced, resliced
from .sharded_files import write_weights

FILES = "model*.safetensors"
"""The files of a plain model, whole or in parts."""


def can_reload(model: nn.Module, folder: str) -> bool:
    """Whether `reload_weights` reads a folder; Trainer itself reads adapters, and models not of transformers."""
    plain = isinstance(model, PreTrainedModel) and not hasattr(model, "peft_config")
    return plain and any(Path(folder).glob(FILES))


def reload_weights(model: PreTrainedModel, folder: str) -> None:
    """Read every weight of a saved plain model into the live one.

    transformers saves some architectures (ViT, timm wrappers) under other names than the live model has. A plain
    `load_state_dict(strict=False)` skips those weights without an error; `from_pretrained` knows both names. What it
    does not find, as in a model whose layers a script has replaced, is read under the name that the live model has.

    Raises:
        ValueError: a weight of the model is in no file of the folder.
    """
    own = resliced(model).state_dict(keep_vars=True)
    found = {name: values for name, values in _converted(model, folder).items() if _fits(values, own.get(name))}
    found |= _named(folder, _missing(own, found))
    if missing := _missing(own, found):
        raise ValueError(
            f"{folder} lacks weights of {type(model).__name__}: {', '.join(missing[:3])}; read it into a model that "
            "was made as the saved one was."
        )
    if is_sliced(model):
        write_weights(model, found)
    else:
        model.load_state_dict(found, strict=False)  # names of tied weights may be missing


def _converted(model: PreTrainedModel, folder: str) -> Mapping[str, Tensor]:
    """The saved weights by the names that a new model has; empty if the class needs more than a config to make one."""
    try:
        inspect.signature(type(model).__init__).bind(model, model.config)
    except TypeError:
        return {}
    made: Any = type(model)  # with `output_loading_info` it returns a pair, which its annotation does not say
    with _quiet_transformers():
        saved, read = made.from_pretrained(
            folder, config=model.config, output_loading_info=True, ignore_mismatched_sizes=True
        )
    random = {*read["missing_keys"], *(name for name, *_ in read["mismatched_keys"])}
    return {name: values for name, values in saved.state_dict().items() if name not in random}


@contextmanager
def _quiet_transformers() -> Iterator[None]:
    """Without its report of layers that are random in a new model; the live one has the saved ones in their place."""
    level = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(level)


def _fits(values: Tensor, own: Tensor | None) -> bool:
    return own is not None and own.shape == values.shape


def _missing(own: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> list[str]:
    """Names of the weights that were not found; a weight of several names (tied) needs one of them."""
    known = {id(tensor) for name, tensor in own.items() if name in found}
    return [name for name, tensor in own.items() if id(tensor) not in known]


def _named(folder: str, names: Sequence[str]) -> dict[str, Tensor]:
    """The saved weights that have one of these names in a file."""
    found: dict[str, Tensor] = {}
    for path in sorted(Path(folder).glob(FILES)) if names else ():
        with safe_open(path, "pt") as file:
            found |= {name: file.get_tensor(name) for name in set(file.keys()).intersection(names)}
    return found
