"""The methods by their names on a command line; each is one file, and none imports another."""

from collections.abc import Mapping
from contextlib import suppress

from ..core.method import Method
from .bi_tuning import BiTuning
from .bss import BSS
from .co_tuning import CoTuning
from .debiasmatch import DebiasMatch
from .delta import DELTA
from .distillation import Distillation
from .fixmatch import FixMatch
from .flexmatch import FlexMatch
from .freematch import FreeMatch
from .l2_sp import L2SP
from .lp_ft import LPFT
from .mean_teacher import MeanTeacher
from .mixmatch import MixMatch
from .noisy_student import NoisyStudent
from .pi_model import PiModel
from .pseudo_labeling import PseudoLabeling
from .remixmatch import ReMixMatch
from .self_tuning import SelfTuning
from .simclr import SimCLR
from .simclr_v2 import SimCLRv2
from .tf_kd import TfKD
from .uda import UDA

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
    "lp_ft": LPFT,
    "l2_sp": L2SP,
    "delta": DELTA,
    "bss": BSS,
    "co_tuning": CoTuning,
    "bi_tuning": BiTuning,
    "tf_kd": TfKD,
    "simclr": SimCLR,
    "simclr_v2": SimCLRv2,
    "distillation": Distillation,
    "noisy_student": NoisyStudent,
}
WORDS = {"none": None, "true": True, "false": False}


def parse_method(text: str, *, preset: str = "paper") -> Method:
    """A method from `name` or `name:setting=value,setting=value`.

    Args:
        text: `self_tuning`, `self_tuning:preset=words,temperature=0.3`.
        preset: the preset that is taken if the text names none and the method has it.

    Raises:
        ValueError: the method or a setting is unknown.
    """
    name, _, rest = text.partition(":")
    if name not in METHODS:
        raise ValueError(f"There is no method {name!r}; there are {', '.join(METHODS)}.")
    settings = dict(_setting(part, text) for part in rest.split(",") if part)
    method = METHODS[name]
    chosen = settings.pop("preset", preset if preset in method.presets else "paper")
    return method.from_preset(str(chosen), **settings)


def _setting(part: str, text: str) -> tuple[str, object]:
    name, equals, value = part.partition("=")
    if not equals:
        raise ValueError(f"{part!r} in {text!r} has no value; write name:setting=value,setting=value.")
    return name.strip(), _value(value.strip())


def _value(text: str) -> object:
    """None, a truth value, a whole number or a number; anything else stays a text.

    YAML would read 1e-2 as a text, so numbers are read here.
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
    "L2SP",
    "LPFT",
    "METHODS",
    "UDA",
    "BiTuning",
    "CoTuning",
    "DebiasMatch",
    "Distillation",
    "FixMatch",
    "FlexMatch",
    "FreeMatch",
    "MeanTeacher",
    "Method",
    "MixMatch",
    "NoisyStudent",
    "PiModel",
    "PseudoLabeling",
    "ReMixMatch",
    "SelfTuning",
    "SimCLR",
    "SimCLRv2",
    "TfKD",
    "parse_method",
]
