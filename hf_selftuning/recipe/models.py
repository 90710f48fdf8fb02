"""Which model and data a recipe takes: what the user named, or a default that may fall back to embedded parts."""

import sys

from ..data.hub import hub_reachable, is_cached, require_hub


def named_or_fallback(given: str | None, default: str, what: str, embedded: str) -> str | None:
    """The user's name, else the default, else None for the embedded part, said loudly.

    Args:
        given: what the user named; it is never replaced.
        default: the Hub id taken otherwise.
        what: "model" or "dataset".
        embedded: what stands in where the Hub cannot be reached.

    Raises:
        ValueError: the user's name can neither be found nor loaded.
    """
    if given is not None:
        require_hub(given, what)
        return given
    filename, kind = ("config.json", "model") if what == "model" else ("README.md", "dataset")
    if is_cached(default, filename, kind) or hub_reachable():
        return default
    print(
        f"\n*** The Hub cannot be reached and the default {what} {default} is not cached: {embedded} stands in. ***",
        file=sys.stderr,
        flush=True,
    )
    return None
