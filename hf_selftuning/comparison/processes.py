"""Which machine this is, and whether a process of it still runs."""

import os
import socket
from pathlib import Path


def machine() -> str:
    """This machine since it started, and its space of process numbers: containers may share a name."""
    start, space = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
    parts = [socket.gethostname()]
    parts += [start.read_text().strip()] if start.is_file() else []
    parts += [os.readlink(space)] if space.is_symlink() else []
    return " ".join(parts)


def runs(process: int, since: str | None) -> bool:
    """Whether it does, and is not a later one that was given its number.

    Args:
        process: its number.
        since: what `began` said of it; None where that is not known.
    """
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return since is None or began(process) == since


def began(process: int) -> str | None:
    """When it began, in ticks since the machine started; None where the system does not say."""
    path = Path(f"/proc/{process}/stat")
    return path.read_text().rpartition(")")[2].split()[19] if path.is_file() else None
