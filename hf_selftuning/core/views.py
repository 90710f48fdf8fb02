"""The names of views and of streams, and what is said of a name that does not exist."""

import re
from dataclasses import dataclass, fields

from .spelling import did_you_mean

VIEW_KINDS = ("weak", "strong")
PLAIN = "plain.0"
"""The view without randomness, in which methods see the labelled data before training."""


@dataclass(frozen=True)
class Views:
    """Names of the views that a method needs of each stream: kind and number of a random draw, as in `strong.0`."""

    labeled: tuple[str, ...] = ()
    unlabeled: tuple[str, ...] = ()


STREAMS = tuple(field.name for field in fields(Views))


def check_views(method: str, views: Views) -> None:
    """Refuse what is no views, before data are made from it.

    Args:
        method: name of the method whose `views` returned it, for messages.
        views: what it returned.

    Raises:
        ValueError: it is no `Views`, a stream has one string in place of a tuple, or no view has such a name.
    """
    if not isinstance(views, Views):
        raise ValueError(f"{method} returns {views!r} from `views`; return Views(unlabeled=('weak.0',)), for example.")
    for stream in STREAMS:
        names = getattr(views, stream)
        if isinstance(names, str):
            raise ValueError(f"{method} names its views as Views({stream}={names!r}); write a tuple: ({names!r},).")
        for name in names:
            check_view(method, stream, name)


def check_stream(method: str, stream: str) -> None:
    """Refuse a stream that no step has.

    Raises:
        ValueError: no stream has the name; the message lists those that there are.
    """
    if stream not in STREAMS:
        raise ValueError(
            f"{method} asks for the stream {stream!r}, and a step has {' and '.join(STREAMS)}; correct the name."
            f"{did_you_mean(stream, STREAMS)}"
        )


def check_view(method: str, stream: str, view: str) -> None:
    """Refuse a view that no task makes.

    Raises:
        ValueError: no view has the name; the message has a similar one.
    """
    kind, _, draw = str(view).partition(".")
    if view != PLAIN and not (kind in VIEW_KINDS and re.fullmatch(r"\d+", draw)):
        near = "" if kind in VIEW_KINDS else did_you_mean(kind, VIEW_KINDS)
        raise ValueError(
            f"{method} names the view {view!r} of the {stream} stream, and the name of a view is its kind "
            f"({' or '.join(VIEW_KINDS)}) and the number of a draw, as in strong.0; correct the name.{near}"
        )
