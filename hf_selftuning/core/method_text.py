"""How a text names several methods, for Python, the recipes and the command line alike; it imports no torch."""

import re


def split_joined(text: str) -> list[str]:
    """The texts that `+` joins, such as `co_tuning+fixmatch:threshold=0.9`.

    A plus before a digit belongs to a number, as in `learning_rate=1e+2`.
    """
    return re.split(r"\+(?=[a-z])", text)
