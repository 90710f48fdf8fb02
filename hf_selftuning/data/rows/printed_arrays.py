"""Arrays as NumPy prints them: items with blanks and no commas between."""

import ast
import re
import warnings
from typing import Any

STRING = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
OF_STRINGS = re.compile(rf"\[\s*(?:{STRING})(?:\s+(?:{STRING}))+\s*\]")
OF_NUMBERS = re.compile(r"\[\s*-?\d{1,9}\.?(?:\s+-?\d{1,9}\.?)+\s*\]")


def printed_array(text: str) -> list[Any] | None:
    """The strings or whole numbers of such an array of two items or more; None for any other text."""
    if OF_NUMBERS.fullmatch(text):
        return [int(number.rstrip(".")) for number in text.strip("[]").split()]
    if OF_STRINGS.fullmatch(text):
        # As Python text, neighbouring strings would be one.
        return [literal(string) for string in re.findall(STRING, text)]
    return None


def literal(text: str) -> Any:
    """The value of a literal of Python; an escape that Python does not know is kept as it stands."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.literal_eval(text)
