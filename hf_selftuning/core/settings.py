"""Settings of a method: dataclass fields with a help text each, and checks of their types and ranges."""

import dataclasses
from collections.abc import Callable, Sequence
from numbers import Integral, Real
from pathlib import PurePath
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

# By the classes of `numbers`, a whole number also fits a setting of type float, and numpy's numbers fit too.
KINDS: dict[Any, type] = {bool: bool, int: Integral, float: Real, str: str, NoneType: NoneType}
FromStage = Literal["classifier", "classifiers", "pretrained"]
"""What an earlier stage of a run leaves: the folder of a classifier, the folders of all that it trained, with `;`
between, or the folder of a network that it pretrained."""
BETWEEN_FOLDERS = ";"


def setting(default: Any, text: str, *, from_stage: FromStage | None = None) -> Any:
    """A hyper-parameter of a method.

    Args:
        default: the paper's value.
        text: what the setting is, for the list of methods.
        from_stage: what an earlier stage of the run puts here if the user leaves the value None. `classifier` is the
            folder of the last trained classifier, and `classifiers` has the folders of all copies that the last such
            stage trained; without such a stage the run is refused. `pretrained` is the folder of the last stage whose
            method `pretrains`; without such a stage the value stays None.

    Raises:
        ValueError: no stage leaves what `from_stage` names.
    """
    if from_stage is not None and from_stage not in get_args(FromStage):
        raise ValueError(
            f"from_stage={from_stage!r} is nothing that a stage leaves; take {' or '.join(get_args(FromStage))}."
        )
    return dataclasses.field(default=default, metadata={"help": text, "from_stage": from_stage})


def share(default: float | None, text: str) -> Any:
    """A setting in [0, 1]: a probability, a momentum, a part of the steps."""
    return _checked(default, text, _is_share, NO_SHARE)


def threshold_setting(default: float | None, text: str) -> Any:
    """A share: the least confidence that a pseudo-label needs to be used.

    A method has at most one. `Method.pseudo_labels` reads it, so the logged coverage depends on it.
    """
    return _checked(default, text, _is_share, NO_SHARE, is_threshold=True)


def positive(default: float | None, text: str) -> Any:
    """A setting above 0: a temperature, a size, a number of views."""
    return _checked(default, text, lambda value: value > 0, f"must be positive; the default is {default}")


def non_negative(default: float | None, text: str) -> Any:
    """A setting of 0 or more: the weight of a term, which below 0 would teach the opposite."""
    return _checked(default, text, lambda value: value >= 0, f"must not be negative; the default is {default}")


def choice(default: str | None, options: Sequence[str], text: str) -> Any:
    """A setting that is one of several words, or None where its type allows that."""
    refusal = f"is unknown; take {' or '.join(options)}"
    return _checked(default, text, lambda value: value in options, refusal, options=tuple(options))


NO_SHARE = "is no share; it is in [0, 1]"


def _is_share(value: float) -> bool:
    return 0 <= value <= 1


def _checked(default: Any, text: str, fits: Callable[[Any], bool], refusal: str, **marks: Any) -> Any:
    return dataclasses.field(default=default, metadata={"help": text, "fits": fits, "refusal": refusal, **marks})


def marked(owner: Any, mark: str, value: Any) -> list[str]:
    """Names of the settings of a method or a method class whose metadata has this value under `mark`."""
    return [field.name for field in dataclasses.fields(owner) if field.metadata.get(mark) == value]


def check_settings(owner: Any) -> None:
    """Refuse a setting of the wrong type, which a command line may give, or outside its range.

    Raises:
        ValueError: a setting does not fit; the message names it, its value and what it takes.
    """
    for field in dataclasses.fields(owner):
        value, kinds = getattr(owner, field.name), _kinds(field.type)
        # Settings of other types, such as a tuple, have no check of their type.
        if kinds <= KINDS.keys() and not _fits(value, kinds):
            wanted = " or ".join(sorted("none" if kind is NoneType else kind.__name__ for kind in kinds))
            raise ValueError(f"{type(owner).__name__} has {field.name}={value!r}, and it takes {wanted}; give one.")
        if "fits" in field.metadata and value is not None and not field.metadata["fits"](value):
            raise ValueError(f"{type(owner).__name__} has {field.name}={value!r}, which {field.metadata['refusal']}.")


def _kinds(annotation: Any) -> set[Any]:
    return set(get_args(annotation)) if get_origin(annotation) in (Union, UnionType) else {annotation}


def _fits(value: Any, kinds: set[Any]) -> bool:
    # In Python, True is an int too, but a user who writes queue_size=true has made a mistake.
    if isinstance(value, bool):
        return bool in kinds
    return any(isinstance(value, KINDS[kind]) for kind in kinds)


def folder_names(text: str) -> str:
    """The last name of each absolute folder in a setting; other text is unchanged."""
    parts = [PurePath(part) for part in text.split(BETWEEN_FOLDERS)]
    # Text with a slash may be an id on the Hub. Only an absolute path shows how the folders of this machine are named.
    return BETWEEN_FOLDERS.join(part.name for part in parts) if all(part.is_absolute() for part in parts) else text
