"""The command line of a run as text that can be run again; what is secret is left out."""

import shlex
from collections.abc import Sequence

SECRET = ("token", "password", "secret", "api_key")
HIDDEN = "***"


def command_line(prog: str, words: Sequence[str]) -> str:
    """The command, quoted for a shell, with `***` in place of the values of flags that hold a secret.

    Args:
        prog: name of the command.
        words: the words behind it.
    """
    shown, secret = [], False
    for word in words:
        if word.startswith("--"):
            name, equals, _ = word.partition("=")
            secret = _is_secret(name)
            shown.append(f"{name}={HIDDEN}" if secret and equals else word)
        else:
            shown.append(HIDDEN if secret else word)
    return f"{prog} {' '.join(word if HIDDEN in word else shlex.quote(word) for word in shown)}".rstrip()


def _is_secret(flag: str) -> bool:
    name = flag.lstrip("-").replace("-", "_")
    return any(name == word or name.endswith(f"_{word}") for word in SECRET)
