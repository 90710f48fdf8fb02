"""A stage of a row, and the text that names it on a command line."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ...core.method import Method
from ...core.method_text import split_copies
from ...methods import FINE_TUNING, parse_method
from ...training.checks import check_methods
from .usual import Usual

TAPT = "tapt"
"""The stage of language modelling alone. Like `FINE_TUNING`, cross-entropy alone, it has no method."""
CHANGES = {"steps": ("max_steps", int), "learning_rate": ("learning_rate", float)}
"""Settings of the stage itself, each with the training argument that it changes and its type."""
RESTART = "restart"
"""The setting of a stage that says whether it begins with the pretrained weights."""


@dataclass(frozen=True)
class Stage:
    """One training by one trainer; a row has one stage or several.

    Args:
        name: `fine_tuning`, `tapt`, or the methods' names joined by `+`.
        methods: they train together; none for fine-tuning.
        changes: training arguments that differ from the flags.
        title: its name in curves and tables.
        copies: number of models that it trains, each with a seed of its own, as teachers of a later stage.
        restart: whether it begins with the pretrained weights, rather than with the classifier of the stage before.
    """

    name: str
    methods: list[Method] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)
    title: str = "Fine-tuning"
    copies: int = 1
    restart: bool = True

    @property
    def pretrains(self) -> bool:
        """Whether it adapts the network without labels, for the stages after it."""
        return self.name == TAPT or (bool(self.methods) and all(method.pretrains for method in self.methods))

    @property
    def short_name(self) -> str:
        """The name with the number of copies, if there are several, in a form that a folder can have."""
        return self.name if self.copies == 1 else f"{self.name}x{self.copies}"

    @property
    def family(self) -> str:
        """The group in the paper's tables: TL (transfer learning), SSL (semi-supervised), combined or ours."""
        families = [method.family for method in self.methods] or ["TL"]
        return families[0] if len(families) == 1 else "combined"


def stage_of(texts: Sequence[str], usual: Usual) -> Stage:
    """The stage of the methods that the texts name. `steps=`, `learning_rate=` and `restart=` set the stage itself.

    Args:
        texts: a text for each method, such as `self_tuning:temperature=0.1,steps=500`. `*3` behind a name trains three
            models of the stage.
        usual: what methods take where the texts name nothing.

    Raises:
        ValueError: a method or a setting is unknown.
    """
    names, methods, titles, changes, copies, restart = [], [], [], {}, 1, True
    for text in texts:
        name, _, rest = text.partition(":")
        name, several = split_copies(name.strip())
        copies *= several
        own, left = _own_settings(rest)
        restart = restart and _restarts(own.pop(RESTART, "True"))
        for key, value in own.items():
            argument, kind = CHANGES[key]
            changes[argument] = _number(key, value, kind)
        names.append(name)
        if name not in (FINE_TUNING, TAPT):
            methods.append(
                parse_method(
                    f"{name}:{left}", preset=usual.presets, start=usual.start, name_examples=usual.name_examples
                )
            )
            titles.append(_title(left, methods[-1]))
        elif len(texts) > 1 or left:
            raise ValueError(
                f"The stage {name} cannot be joined with others and takes only {', '.join(CHANGES)} and {RESTART}; "
                f"leave the rest of {text!r} out."
            )
    title = " + ".join(titles) or ("TAPT" if TAPT in names else "Fine-tuning")
    title += f" x {copies}" if copies > 1 else ""
    title += "" if restart else ", going on"
    return Stage("+".join(names) or FINE_TUNING, check_methods(methods), changes, title, copies, restart)


def _own_settings(text: str) -> tuple[dict[str, str], str]:
    """The settings of the stage itself, and the text of the others, which are the method's."""
    settings = [part.partition("=") for part in text.split(",") if part]
    own = {key.strip(): value.strip() for key, _, value in settings if key.strip() in (*CHANGES, RESTART)}
    return own, ",".join("".join(part) for part in settings if part[0].strip() not in own)


def _restarts(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(
            f"{RESTART}={text} of a stage is neither True nor False; False goes on from the weights of the one before."
        )
    return text.lower() == "true"


def _title(settings: str, method: Method) -> str:
    """The method's title, its preset where it has several, and the settings that were given."""
    given = [part.replace("=", " ") for part in settings.split(",") if part]
    details = [method.preset] if len(method.presets) > 1 else []
    details += [part for part in given if not part.startswith("preset ")]
    return f"{method.title} ({', '.join(details)})" if details else method.title


def _number(name: str, text: str, kind: type) -> Any:
    try:
        return kind(text)
    except ValueError as error:
        raise ValueError(f"{name}={text} of a stage is no {kind.__name__}; give a number.") from error
