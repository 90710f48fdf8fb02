"""Whether a model was trained on texts or on pairs of texts, kept in its config, so that tables are read alike."""

from typing import Any

NAME = "reads_pairs"


def keep_pairs(config: Any, pairs: bool) -> None:
    """Write it into a model's config."""
    setattr(config, NAME, pairs)


def check_pairs(config: Any, found: bool, source: str) -> None:
    """Refuse pairs for a model of texts, and texts for a model of pairs; a config that says nothing allows both.

    Args:
        config: of the model.
        found: whether pairs were read.
        source: for the message.

    Raises:
        ValueError: the model was trained on the other.
    """
    if getattr(config, NAME, found) == found:
        return
    read, trained = ("pairs of texts", "single texts") if found else ("single texts", "pairs of texts")
    wanted = "the column" if found else "the two columns"
    raise ValueError(
        f"{source} was read as {read}, and this model was trained on {trained}; name {wanted} by --text_column_name."
    )
