"""Which model and data set a run takes: what the user named, else a default, else an embedded one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ...data.hub import hub_reachable, is_cached, require_hub
from ..command.flags import ModelArguments
from ..command.terminal import say

EMBEDDED = "embedded"
"""The name that asks for the model or data in the demo's packages, for runs that must not depend on the Hub."""


@dataclass(frozen=True)
class Pretrained:
    """The pretrained model of a run.

    Args:
        source: folder or Hub id; None is the embedded model.
        title: its name in reports.
        base_model: its Hub id; None where it has none.
        revision: branch, tag or commit of the source on the Hub.
        student: folder or Hub id of a smaller model for stages that learn from a teacher; None takes the same model.
    """

    source: str | None
    title: str
    base_model: str | None
    revision: str | None
    student: str | None

    @classmethod
    def of(cls, model: ModelArguments, default: str, *, embedded: str, embedded_id: str) -> Self:
        """The model that the flags name, else the default, else the embedded one.

        Args:
            model: the flags.
            default: Hub id.
            embedded: name of the embedded model.
            embedded_id: its Hub id.
        """
        named = named_or_fallback(model.model_name_or_path, default, "model", f"the embedded {embedded}")
        title, base = named or f"{embedded} (embedded)", hub_id(named or embedded_id)
        return cls(named, title, base, model.model_revision, model.student_name_or_path)


def named_or_fallback(given: str | None, default: str, what: str, embedded: str) -> str | None:
    """The user's name, else the default, else None for the embedded part; a fallback is printed as a warning.

    Args:
        given: what the user named; it is never replaced. `embedded` asks for the embedded part.
        default: the Hub id that is taken where the user named none.
        what: "model" or "dataset".
        embedded: name of the part that replaces the default where the Hub cannot be reached.

    Raises:
        ValueError: what the user named cannot be found.
    """
    if given == EMBEDDED:
        return None
    if given is not None:
        require_hub(given, what)
        if what == "model":
            _check_folder(Path(given))
        return given
    filename, kind = ("config.json", "model") if what == "model" else ("README.md", "dataset")
    if is_cached(default, filename, kind) or hub_reachable():
        return default
    say(
        f"\n*** The Hub cannot be reached and the default {what} {default} is not cached: {embedded} replaces it. ***",
        loudly=True,
    )
    return None


def _check_folder(given: Path) -> None:
    if given.is_dir() and not (given / "config.json").is_file():
        raise ValueError(
            f"The folder {given} holds no config.json, so no model was saved there; name the folder that "
            "save_pretrained or timm's save_for_hf wrote."
        )
    if given.is_file():
        raise ValueError(
            f"{given} is a file, and weights alone do not say which network they are of; load them into their network "
            "(timm.create_model(..., checkpoint_path=...) for one of timm), save it by save_pretrained or "
            "timm.models.save_for_hf, and name that folder."
        )


def hub_id(name: str | None) -> str | None:
    """The name, if it is one on the Hub; None if it is a path of this machine."""
    return None if name is None or Path(name).exists() else name
