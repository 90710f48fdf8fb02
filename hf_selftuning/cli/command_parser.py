"""Parsers whose errors are sentences, and which read long lists of flags only when they are needed."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from ..core.spelling import did_you_mean
from ..experiment.command.foreign_flags import own_flags
from ..experiment.command.terminal import usage_line
from .flag import Flag
from .method_facts import check_methods

TRUTHS = {"yes": True, "true": True, "t": True, "y": True, "1": True}
FALSEHOODS = {"no": False, "false": False, "f": False, "n": False, "0": False}
LONG_CHOICES = 50
METAVARS = {int: "N", float: "X", bool: "BOOL", str: "TEXT"}


@dataclass(frozen=True)
class FlagGroup:
    """Flags that help shows under one title."""

    title: str
    flags: Sequence[Flag]
    description: str | None = None


Groups = Callable[[Sequence[str]], Sequence[FlagGroup]]


class CommandParser(argparse.ArgumentParser):
    """A parser that suggests the nearest flags for a misspelled one; a flag must be written in full.

    Args:
        groups: returns the flags for the words of a command line. It is called only if this command runs. All
            words are then kept as `namespace.arguments`, from which another parser fills dataclasses.
        joined: flags whose texts may join several methods by `+`.
        given: other arguments of `argparse.ArgumentParser`.
    """

    def __init__(self, *, groups: Groups | None = None, joined: Sequence[str] = (), **given: Any) -> None:
        self.known: list[str] = []
        super().__init__(**{"allow_abbrev": False, "formatter_class": argparse.RawDescriptionHelpFormatter, **given})
        self._groups, self._joined = groups, joined
        if groups is not None:
            self.usage = "%(prog)s [FLAG VALUE ...]"

    def add_argument(self, *names: str, **given: Any) -> Any:
        """Add an argument, and remember its first name for suggestions."""
        self.known += names[:1]
        return super().add_argument(*names, **given)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse all words, or say which one is unknown and end with status 2."""
        for group in self._groups(args) if self._groups else ():
            self._add_group(group)
        if self._groups:
            args = self._own_flags(args)
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self._refuse(unknown)
        if self._groups:
            self._check_values(found)
            found.arguments = list(args)
        return found, []

    def error(self, message: str) -> NoReturn:
        """Print the message and how to get help, then end with status 2."""
        self.exit(2, usage_line(self.prog, message))

    def _own_flags(self, words: Sequence[str]) -> list[str]:
        """The words with the flags of transformers' scripts under the names that they have here."""
        try:
            return own_flags(words, {name.lstrip("-").replace("-", "_") for name in self.known})
        except ValueError as error:
            self.error(str(error))

    def _add_group(self, group: FlagGroup) -> None:
        made = self.add_argument_group(group.title, group.description)
        self.known += [f"--{flag.name}" for flag in group.flags]
        for flag in group.flags:
            add_flag(made, flag)

    def _refuse(self, unknown: Sequence[str]) -> NoReturn:
        flags = [word.partition("=")[0] for word in unknown if word.startswith("-")]
        if not flags:
            self.error(f"{unknown[0]!r} belongs to no flag.")
        name = flags[0].lstrip("-").replace("-", "_")
        near = did_you_mean(f"--{name}", self.known)
        self.error(f"There is no flag {flags[0]}.{near}")

    def _check_values(self, found: argparse.Namespace) -> None:
        """Refuse a flag in a file, or a method, that does not exist before anything slow is imported."""
        try:
            of_file = self._flags_of_file(found)
            for name in ("methods", "stages"):
                given = getattr(found, name, of_file.get(name, ()))
                check_methods([given] if isinstance(given, str) else given, joined=name in self._joined)
        except ValueError as error:
            self.exit(2, f"{self.prog}: {error}\n")

    def _flags_of_file(self, found: argparse.Namespace) -> dict[str, Any]:
        if not getattr(found, "config", None):
            return {}
        from ..experiment.command.flag_file import known_flags_of_file  # reads YAML, which few command lines need

        return known_flags_of_file(Path(found.config), {name.lstrip("-") for name in self.known})


def add_flag(group: Any, flag: Flag) -> None:
    """Add a flag to a parser or a group; its other spellings are accepted, and help does not repeat them."""
    shown, *others = flag.options
    checks = {"nargs": flag.nargs, "choices": flag.choices, "type": truth if flag.kind is bool else flag.kind}
    given = {**checks, "const": True} if flag.nargs == "?" else checks
    usual: dict[str, Any] = {"dest": flag.name, "default": argparse.SUPPRESS}
    # Without a metavar, argparse shows all choices on one line, however long it becomes.
    metavar = None if 0 < len(",".join(flag.choices or ())) < LONG_CHOICES else METAVARS[flag.kind]
    group.add_argument(shown, **given, **usual, required=flag.required, metavar=metavar, help=help_of(flag))
    if others:
        group.add_argument(*others, **given, **usual, metavar=metavar, help=argparse.SUPPRESS)
    if flag.negations:
        group.add_argument(*flag.negations, **usual, action="store_false", help=argparse.SUPPRESS)


def help_of(flag: Flag) -> str:
    """The help text of a flag and its default; argparse reads %% as %."""
    if flag.default in (None, "", []):
        return flag.help
    default = " ".join(map(str, flag.default)) if isinstance(flag.default, list) else str(flag.default)
    return f"{flag.help} (default: {default.replace('%', '%%')})"


def truth(text: str) -> bool:
    """True or false, in the words that `HfArgumentParser` accepts."""
    try:
        return {**TRUTHS, **FALSEHOODS}[text.lower()]
    except KeyError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false; give one of them.") from None
