"""A run in processes of its own, whose memory another process watches."""

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from pathlib import Path

import torch
import torch.distributed as dist

from .pool_runs import Figures

PERIOD = 0.01
Run = Callable[[Path, Path], Figures]


def own_memory(process: int) -> int:
    """Bytes of memory of a process that no file is mapped to; 0 where the system does not tell them, or it ended."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    sizes = (line.split()[1] for line in status.splitlines() if line.startswith("RssAnon"))
    return int(next(sizes, 0)) * 1024


def in_processes(run: Run, data: Path, folder: Path, ranks: int = 1) -> Figures:
    """The figures of a run in processes of its own, which are those of the first rank.

    To them comes `memory`: for each rank the peak of what no file is mapped to, in bytes.

    Raises:
        EOFError: a process ended without figures; it has printed why.
    """
    # A forked process has imported everything already, and imports are no part of a figure.
    context = multiprocessing.get_context("fork")
    said: list[Connection] = []
    children: list[int] = []
    processes = []
    for rank in range(ranks):
        receiver, sender = context.Pipe(duplex=False)
        child = context.Process(target=_as_rank, args=(rank, ranks, sender, run, data, folder))
        child.start()
        sender.close()
        said.append(receiver)
        processes.append(child)
        children.append(child.pid or 0)
    peaks = [0] * ranks
    # A thread of the child would wait whenever numpy holds the interpreter, and miss the peak there.
    while len(wait(said, PERIOD)) < ranks:
        peaks = [max(peak, own_memory(child)) for peak, child in zip(peaks, children, strict=True)]
    figures = [receiver.recv() for receiver in said]
    for child in processes:
        child.join()
    return {**figures[0], "memory": peaks}


def _as_rank(rank: int, ranks: int, sender: Connection, run: Run, data: Path, folder: Path) -> None:
    # A fork leaves torch's thread pool broken, and the next call of any thread renews it. If two threads call at once,
    # as in a backward pass, one finds no pool and the process ends.
    torch.set_num_threads(1)
    if ranks > 1:
        places = {
            "RANK": rank,
            "LOCAL_RANK": rank,
            "WORLD_SIZE": ranks,
            "LOCAL_WORLD_SIZE": ranks,
            "OMP_NUM_THREADS": 1,
        }
        os.environ.update({name: str(value) for name, value in places.items()})
        meeting = (folder / "meeting").as_uri()
        dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=ranks)
    sender.send(run(data, folder))
    if ranks > 1:
        dist.barrier()  # a rank that leaves early cuts the connections of the others
        dist.destroy_process_group()
