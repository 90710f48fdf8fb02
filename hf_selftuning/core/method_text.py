"""How a text names several methods, for Python, the recipes and the command line alike; it imports no torch."""

import re


def split_joined(text: str) -> list[str]:
    """The texts that `+` joins, such as `co_tuning+fixmatch:threshold=0.9`.

    A plus before a digit belongs to a number, as in `learning_rate=1e+2`.
    """
    return re.split(r"\+(?=[a-z])", text)


def split_stages(text: str) -> list[str]:
    """The texts of stages in one text, such as `fine_tuning*3 then generation`."""
    return re.split(r"\s+then\s+", text.strip())


def split_copies(name: str) -> tuple[str, int]:
    """A name and the number of its copies: `fine_tuning*3` are three, `fine_tuning` is one.

    Raises:
        ValueError: the number is none, or less than 1.
    """
    plain, star, number = name.partition("*")
    if star and not (number.isdecimal() and int(number)):
        raise ValueError(f"{name!r} asks for {number or 'no number of'} copies; write a number such as {plain}*3.")
    return plain, int(number) if star else 1
