"""What methods take where the flags name nothing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Usual:
    """What methods take where the flags name nothing.

    Args:
        presets: a method takes the first that it has, and `paper` if it has none of them. The last one stands for the
            kind of data.
        start: the setting `start` of methods that read unlabelled data; None leaves it to the preset.
        name_examples: the setting of that name of methods with `start=propagate`.
    """

    presets: tuple[str, ...]
    start: str | None = None
    name_examples: bool = False
