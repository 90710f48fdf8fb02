"""What `inspect` hands from the description of data to their forecast."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Described:
    """A description, and the model that the forecast should take.

    Args:
        text: is printed.
        model: as `--model_name_or_path` takes it; None takes the default one.
        has_model: whether there is any, else the text says so.
    """

    text: str
    model: str | None
    has_model: bool = True
