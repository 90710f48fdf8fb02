"""Kill tiny trainings with SIGKILL, resume them, and compare their ends with those of uninterrupted runs.

    python benchmarks/kill_and_resume.py                   # 20 runs
    python benchmarks/kill_and_resume.py --kind vit --workers 2 --times 5
    python benchmarks/kill_and_resume.py --ranks 2         # under DDP; with --sharded under FSDP2

A run is killed up to three times, with all its ranks and loader workers: at a random moment of a step, of a checkpoint
write, of an evaluation or of the gap between epochs. It resumes from the last checkpoint that is whole. Student, key
encoder, projector, queues, optimizer and log lines must be equal to the bit. Settings that no flag fixes are drawn
from the seed. The exit status is 1 if any run differs.
"""

import argparse
import os
import random
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
import tiny
import torch
from transformers import TrainerCallback

from hf_selftuning import SelfTuningTrainer
from hf_selftuning.training.checkpoints import checkpoints, fault, last_whole

MOMENTS = {"step": 10, "checkpoint": 5, "evaluation": 5, "epoch": 2}
"""The kinds of moments at which a kill may happen; of each kind, one of so many first moments is drawn."""
LONGEST = {"step": 0.1, "checkpoint": 0.05, "evaluation": 0.05, "epoch": 0.02}
"""For each kind, the longest delay of a kill after the beginning of the moment, in seconds."""


@dataclass(frozen=True)
class Setup:
    """The settings of a run."""

    kind: str
    workers: int
    accumulation: int
    evaluate: bool
    best: bool
    ranks: int = 1
    sharded: bool = False


@dataclass(frozen=True)
class Kill:
    """A kill at the `count`-th moment of a kind, `delay` seconds after its beginning."""

    moment: str
    count: int
    delay: float


class Tell(TrainerCallback):
    """Reports which moments begin."""

    def __init__(self, say: Callable[[str], Any]) -> None:
        self.say = say

    def on_step_begin(self, *_: Any, **__: Any) -> None:
        """An optimizer step begins."""
        self.say("step")

    def on_epoch_end(self, *_: Any, **__: Any) -> None:
        """The gap before the next epoch begins."""
        self.say("epoch")


def telling(trainer: SelfTuningTrainer, say: Callable[[str], Any]) -> None:
    """Make a trainer report when steps, epochs, checkpoints and evaluations begin."""
    save, evaluate = trainer.save_model, trainer.evaluate

    def said(moment: str, call: Callable) -> Callable:
        def both(*given: Any, **named: Any) -> Any:
            say(moment)
            return call(*given, **named)

        return both

    setattr(trainer, "save_model", said("checkpoint", save))  # noqa: B010  (a method of the instance alone)
    setattr(trainer, "evaluate", said("evaluation", evaluate))  # noqa: B010
    trainer.add_callback(Tell(say))


def train(setup: Setup, folder: Path, say: Callable[[str], Any]) -> None:
    """Train in this process, from the start or the last whole checkpoint, and write the end of the run to a file."""
    args = tiny.arguments(
        folder,
        max_steps=14, per_device_train_batch_size=4 // setup.accumulation,
        gradient_accumulation_steps=setup.accumulation, dataloader_num_workers=setup.workers,
        logging_steps=3, audit_pseudo_labels=True, save_strategy="steps", save_steps=2, save_total_limit=3,
        eval_strategy="steps" if setup.evaluate or setup.best else "no", eval_steps=2,
        load_best_model_at_end=setup.best, fsdp=setup.sharded,
    )  # fmt: skip
    trainer = tiny.trainer(tiny.KINDS[setup.kind], args)
    telling(trainer, say)
    trainer.train(resume_from_checkpoint=last_whole(folder) is not None)
    timed = ("runtime", "per_second", "train_loss", "total_flos")
    lines = [
        {name: value for name, value in line.items() if not any(word in name for word in timed)}
        for line in trainer.state.log_history
    ]
    tensors = tiny.everything(trainer)  # of all ranks, which gather what is sharded
    if trainer.is_world_process_zero():
        torch.save({"tensors": tensors, "lines": lines}, folder / "end.tmp")
        (folder / "end.tmp").rename(folder / "end.pt")


def in_a_process(setup: Setup, folder: Path, kill: Kill | None) -> str:
    """Train in a forked process, and kill it if a kill is given; returns a text about how it ended.

    Raises:
        RuntimeError: the process failed without a kill.
    """
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        as_child(setup, folder, write)
    os.close(write)
    with os.fdopen(read) as said:
        reached = kill is not None and wait_for(kill, said)
        if reached:
            # First rank 0, whose status is read below: a group is signalled one by one, and a rank that is left for a
            # moment sees the connection to the killed one break, and fails of it.
            os.kill(child, signal.SIGKILL)
            os.killpg(child, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (0, -signal.SIGKILL):
        raise RuntimeError(f"{setup} failed by itself:\n{(folder / 'log.txt').read_text()[-6000:]}")
    if status == 0:
        return "came to its end"
    last = next(iter(checkpoints(folder)), None)
    found = "no checkpoint" if last is None else f"{last.name}, {'half written' if fault(last) else 'whole'}"
    assert kill is not None
    return f"killed {kill.delay:.3f} s into {kill.moment} {kill.count} ({found})"


def as_child(setup: Setup, folder: Path, pipe: int) -> None:
    """Train in the forked process and end it; never returns."""
    os.setsid()  # a process group of its own, so that a kill also reaches the other ranks and the loader workers
    log = os.open(folder / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    code = 1
    try:
        others = fork_ranks(setup.ranks)
        # A fork leaves torch's thread pool broken, and the next call of any thread renews it. If two threads call at
        # once, as in a backward pass, one finds no pool and the process ends ("Invalid thread pool!").
        torch.set_num_threads(1)
        first = os.environ.get("RANK", "0") == "0"
        train(setup, folder, lambda moment: first and os.write(pipe, f"{moment}\n".encode()))
        code = int(any(os.waitpid(other, 0)[1] for other in others))
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def fork_ranks(count: int) -> list[int]:
    """Fork the other ranks, each with the environment of a launcher; returns them to the first rank alone."""
    if count == 1:
        return []
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    os.environ.update({"WORLD_SIZE": str(count), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)})
    children: list[int] = []
    for rank in [*range(1, count), 0]:
        os.environ.update({"RANK": str(rank), "LOCAL_RANK": str(rank)})
        child = os.fork() if rank else 0
        if child == 0:
            return children if rank == 0 else []
        children.append(child)
    return children


def wait_for(kill: Kill, said: Iterable[str]) -> bool:
    """Wait for the moment of the kill; False if the process ended before."""
    left = kill.count
    for line in said:
        left -= line.strip() == kill.moment
        if left == 0:
            time.sleep(kill.delay)
            return True
    return False


def draw(args: argparse.Namespace, number: int) -> tuple[Setup, list[Kill]]:
    """The setup and the kills of a run. Settings that no flag fixes are drawn from the seed."""
    chance = random.Random(f"{args.seed}.{number}")

    def either(given: Any, values: tuple) -> Any:
        drawn = chance.choice(values)
        return drawn if given is None else given

    # timm's model has BatchNorm, which FSDP2 refuses.
    kinds = tuple(kind for kind in tiny.KINDS if not (args.sharded and kind == "timm"))
    setup = Setup(
        either(args.kind, kinds),
        either(args.workers, (0, 0, 2)),
        either(args.accumulation, (1, 2)),
        either(args.evaluate, (False, True)),
        either(args.best, (False, False, True)),
        args.ranks,
        args.sharded,
    )
    moments = [m for m in MOMENTS if m != "evaluation" or setup.evaluate or setup.best]
    kills = []
    for _ in range(chance.randint(1, 3)):
        moment = chance.choice(moments)
        kills.append(Kill(moment, chance.randint(1, MOMENTS[moment]), chance.uniform(0, LONGEST[moment])))
    return setup, kills


def difference(one: dict[str, Any], other: dict[str, Any]) -> str:
    """A text about what differs between two ends; empty if they are equal."""
    names = sorted(one["tensors"].keys() | other["tensors"].keys())
    empty = torch.empty(0)
    wrong = [n for n in names if not torch.equal(one["tensors"].get(n, empty), other["tensors"].get(n, empty))]
    if wrong:
        return f"{len(wrong)} of {len(names)} tensors differ: {', '.join(wrong[:3])}"
    lines = zip(one["lines"], other["lines"], strict=False)
    wrong = [f"{mine} instead of {theirs}" for mine, theirs in lines if mine != theirs]
    return wrong[0] if wrong else "" if len(one["lines"]) == len(other["lines"]) else "lines of the log are missing"


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=20, help="number of runs to kill")
    parser.add_argument("--seed", type=int, default=0, help="seed that draws settings and moments")
    parser.add_argument("--kind", choices=tuple(tiny.KINDS), help="model and data; default: drawn for each run")
    parser.add_argument("--workers", type=int, help="loader workers; default: drawn from 0 and 2")
    parser.add_argument("--accumulation", type=int, choices=(1, 2, 4), help="micro-batches a step; default: 1 or 2")
    parser.add_argument(
        "--evaluate", action=argparse.BooleanOptionalAction, help="evaluate while training; default: drawn"
    )
    parser.add_argument("--best", action=argparse.BooleanOptionalAction, help="load_best_model_at_end; default: drawn")
    parser.add_argument("--ranks", type=int, default=1, help="processes of a run, which share its steps")
    parser.add_argument("--sharded", action="store_true", help="FSDP2 in place of DDP")
    return parser.parse_args()


def main() -> int:
    """Kill, resume and compare runs, and print the outcome of each."""
    args = arguments()
    # If torch had threads at the fork, the forked process would wait for them for ever.
    torch.set_num_threads(1)
    os.environ["OMP_NUM_THREADS"] = "1"  # Accelerate would give each of several ranks more
    print(f"seed {args.seed}", flush=True)
    ends: dict[Setup, dict[str, Any]] = {}
    identical = 0
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(args.times):
            setup, kills = draw(args, number)
            if setup not in ends:
                ends[setup] = end_of(setup, Path(scratch) / f"whole{number}", [])[0]
            end, story = end_of(setup, Path(scratch) / f"run{number}", kills)
            wrong = difference(end, ends[setup])
            identical += not wrong
            print(f"run {number}: {setup}\n  {'; '.join(story)}\n  {wrong or 'identical'}", flush=True)
    print(f"{identical} of {args.times} identical")
    return int(identical < args.times)


def end_of(setup: Setup, folder: Path, kills: list[Kill]) -> tuple[dict[str, Any], list[str]]:
    """Train a run to its end, with the given kills on the way; returns its end and a text about each process."""
    folder.mkdir()
    story = []
    for kill in [*kills, None]:
        if not (folder / "end.pt").is_file():
            story.append(in_a_process(setup, folder, kill))
    end = torch.load(folder / "end.pt")
    shutil.rmtree(folder)
    return end, story


if __name__ == "__main__":
    sys.exit(main())
