"""The methods by their names on a command line; each is one file, and none imports another."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..core.method import Method
from ..core.method_text import split_joined
from ..core.spelling import did_you_mean
from .adamatch import AdaMatch
from .bi_tuning import BiTuning
from .bss import BSS
from .clusterfit import ClusterFit
from .co_tuning import CoTuning
from .debiasmatch import DebiasMatch
from .deep_label_propagation import DeepLabelPropagation
from .delta import DELTA
from .distillation import Distillation
from .dst import DST
from .fixmatch import FixMatch
from .flexmatch import FlexMatch
from .freematch import FreeMatch
from .generation import Generation
from .jigsaw import Jigsaw
from .l2_sp import L2SP
from .lp_ft import LPFT
from .mean_teacher import MeanTeacher
from .mixmatch import MixMatch
from .noisy_student import NoisyStudent
from .pi_model import PiModel
from .pirl import PIRL
from .pseudo_labeling import PseudoLabeling
from .r_drop import RDrop
from .remixmatch import ReMixMatch
from .rotation import Rotation
from .self_tuning import SelfTuning
from .simclr import SimCLR
from .simclr_v2 import SimCLRv2
from .simmatch import SimMatch
from .softmatch import SoftMatch
from .swa import SWA
from .tf_kd import TfKD
from .uda import UDA
from .weight_ema import WeightEMA

METHODS: Mapping[str, type[Method]] = {
    "self_tuning": SelfTuning,
    "pi_model": PiModel,
    "pseudo_labeling": PseudoLabeling,
    "mean_teacher": MeanTeacher,
    "uda": UDA,
    "fixmatch": FixMatch,
    "mixmatch": MixMatch,
    "remixmatch": ReMixMatch,
    "flexmatch": FlexMatch,
    "freematch": FreeMatch,
    "debiasmatch": DebiasMatch,
    "softmatch": SoftMatch,
    "adamatch": AdaMatch,
    "simmatch": SimMatch,
    "dst": DST,
    "deep_label_propagation": DeepLabelPropagation,
    "lp_ft": LPFT,
    "l2_sp": L2SP,
    "delta": DELTA,
    "bss": BSS,
    "co_tuning": CoTuning,
    "bi_tuning": BiTuning,
    "tf_kd": TfKD,
    "r_drop": RDrop,
    "weight_ema": WeightEMA,
    "swa": SWA,
    "simclr": SimCLR,
    "rotation": Rotation,
    "jigsaw": Jigsaw,
    "pirl": PIRL,
    "clusterfit": ClusterFit,
    "simclr_v2": SimCLRv2,
    "distillation": Distillation,
    "noisy_student": NoisyStudent,
    "generation": Generation,
}
"""Every method's class by its name on the command line."""
WORDS = {"none": None, "true": True, "false": False}
FINE_TUNING = "fine_tuning"
"""The name of training without any method."""


def split_methods(given: Any) -> list[Any] | None:
    """Split what a user gave as `methods` into one entry for each method; None, which is no choice, stays None.

    Args:
        given: a string, a method, or several of them. `a+b` names two methods, and `fine_tuning` none.
    """
    if given is None:
        return None
    entries = list(given) if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    parts = [split_joined(entry) if isinstance(entry, str) else [entry] for entry in entries]
    return [part for entry in parts for part in entry if part != FINE_TUNING]


def parse_method(
    text: str, *, preset: str | Sequence[str] = "paper", start: str | None = None, name_examples: bool = False
) -> Method:
    """Make a method from its name and optional settings, written as on the command line.

    Args:
        text: `name` or `name:setting=value,setting=value`, such as `self_tuning:preset=words,temperature=0.3`.
        preset: the preset to take if the text names none; of several, the first that the method has, and that has the
            start that the text names, if it names one; `paper` if there is none.
        start: the setting `start` of a method that reads unlabelled data, if the text names none; None leaves it to
            the preset.
        name_examples: the setting of that name of a method with `start=propagate`, if the text names none.

    Raises:
        ValueError: the method, its preset or a setting is unknown.
    """
    name, _, rest = text.partition(":")
    if name not in METHODS:
        raise ValueError(f"There is no method {name!r}; there are {', '.join(METHODS)}.{did_you_mean(name, METHODS)}")
    method = METHODS[name]
    settings = dict(_setting(part, text) for part in rest.split(",") if part)
    for field in dataclasses.fields(method):
        # `none` is read as None, and some settings have it as one of their words.
        if field.name in settings and settings[field.name] is None and "none" in field.metadata.get("options", ()):
            settings[field.name] = "none"
    usual = [preset] if isinstance(preset, str) else preset
    named = settings.get("start")
    fitting = (name for name in usual if named in (None, method.presets.get(name, {}).get("start", "none")))
    chosen = settings.pop("preset", next((name for name in fitting if name in method.presets), "paper"))
    if start is not None and "start" not in settings and method.family != "TL" and not method.pretrains:
        settings["start"] = start
    if settings.get("start", method.presets.get(str(chosen), {}).get("start")) == "propagate":
        settings.setdefault("name_examples", name_examples)
    return method.from_preset(str(chosen), **settings)


def _setting(part: str, text: str) -> tuple[str, object]:
    name, equals, value = part.partition("=")
    if not equals:
        raise ValueError(f"{part!r} in {text!r} has no value; write name:setting=value,setting=value.")
    return name.strip(), _value(value.strip())


def _value(text: str) -> object:
    """None, a bool, an int or a float; anything else stays a string.

    A YAML parser would read 1e-2 as a string, so numbers are parsed here.
    """
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    for kind in (int, float):
        with suppress(ValueError):
            return kind(text)
    return text


__all__ = [
    "BSS",
    "DELTA",
    "DST",
    "FINE_TUNING",
    "L2SP",
    "LPFT",
    "METHODS",
    "PIRL",
    "SWA",
    "UDA",
    "AdaMatch",
    "BiTuning",
    "ClusterFit",
    "CoTuning",
    "DebiasMatch",
    "DeepLabelPropagation",
    "Distillation",
    "FixMatch",
    "FlexMatch",
    "FreeMatch",
    "Generation",
    "Jigsaw",
    "MeanTeacher",
    "Method",
    "MixMatch",
    "NoisyStudent",
    "PiModel",
    "PseudoLabeling",
    "RDrop",
    "ReMixMatch",
    "Rotation",
    "SelfTuning",
    "SimCLR",
    "SimCLRv2",
    "SimMatch",
    "SoftMatch",
    "TfKD",
    "WeightEMA",
    "parse_method",
    "split_methods",
]
