"""How a command ends: with its status, and where it failed with a sentence instead of a traceback."""

import errno
import os
import select
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

OURS = __name__.partition(".")[0]
DEBUG = "--debug"
DEBUG_OPTIONS = ("underflow_overflow", "tpu_metrics_debug")
"""The values of the flag of the same name in `TrainingArguments`, which always has one."""
OF_FILES = {
    errno.ENOSPC: "There is no space left for {name}; free some, or write elsewhere (--output_dir).",
    errno.EDQUOT: "The quota of the disk leaves no space for {name}; free some, or write elsewhere (--output_dir).",
    errno.ENOENT: "There is no file or folder {name}; check the path.",
    errno.EACCES: "There is no permission for {name}; change it, or name another path.",
    errno.EPERM: "There is no permission for {name}; change it, or name another path.",
    errno.EROFS: "{name} is on a file system that cannot be written to; name another path.",
    errno.EISDIR: "{name} is a folder, and a file is needed there; check the path.",
    errno.ENOTDIR: "{name} lies below a file, and a folder is needed there; check the path.",
    errno.EMFILE: "This process has too many open files (at {name}); raise the limit with `ulimit -n 4096`.",
}
MEMORY = (
    "There was not enough memory ({first}). Halve --per_device_train_batch_size and double "
    "--gradient_accumulation_steps; if a score needed it, halve --per_device_eval_batch_size. --bf16 True and "
    "--gradient_checkpointing True save memory, too."
)

STOPPED = (
    "Stopped by the keyboard. A run that saves checkpoints (--save_strategy steps) goes on with "
    "--resume_from_checkpoint True."
)


PIPE_STATUS = 141
"""The status of a program that ends because nobody reads what it prints: 128, and 13 for SIGPIPE."""


class IncompleteRunError(RuntimeError):
    """A run did not reach its end; the message says what is kept, and how to go on."""


def _reader_has_ended() -> bool:
    """Whether what read the output has ended, such as `head`; then nothing more is written to it."""
    if not hasattr(select, "poll") or sys.__stdout__ is None:  # on Windows, or without a terminal
        return False
    output = select.poll()
    output.register(sys.__stdout__.fileno(), 0)
    ended = any(event & select.POLLERR for _, event in output.poll(0))
    if ended:
        # Python flushes once more when it ends, and would print the error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())
    return ended


def run_main(main: Callable[[], object], name: str | None = None) -> int:
    """Run the main function of a script; an error is printed as a sentence.

    Args:
        main: the function. `--debug` is taken out of `sys.argv` before it is called.
        name: what the sentence begins with; None takes the name of the script.

    Returns:
        The exit status: 0, 2 for what flags, data or files caused, 1 for other errors, 130 after Ctrl-C.

    Example:
        >>> if __name__ == "__main__":
        ...     raise SystemExit(run_main(main))
    """
    sys.argv[1:], debug = without_debug(sys.argv[1:])
    return ended(main, name=name or Path(sys.argv[0]).name, debug=debug)


def ended(run: Callable[[], object], *, name: str, debug: bool) -> int:
    """The exit status of a function; an error is printed as a sentence, or raised with its traceback.

    Args:
        run: the function. If it returns an integer, that is the status.
        name: what the sentence begins with.
        debug: raise the error.
    """
    try:
        status = run()
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:
        if isinstance(error, BrokenPipeError) and _reader_has_ended():
            return PIPE_STATUS
        if debug:
            raise
        print(f"{name}: {sentence_of(error)}", file=sys.stderr, flush=True)
        return status_of(error)
    return status if isinstance(status, int) else 0


def without_debug(words: Sequence[str]) -> tuple[list[str], bool]:
    """The words of a command line without `--debug`, and whether it was there.

    Args:
        words: where `--debug` has a value after it, it is the flag of `TrainingArguments`, and stays.
    """
    after = [*words[1:], ""]
    ours = [word == DEBUG and follower not in DEBUG_OPTIONS for word, follower in zip(words, after, strict=True)]
    return [word for word, is_ours in zip(words, ours, strict=True) if not is_ours], any(ours)


def status_of(error: BaseException) -> int:
    """2 for what flags, data or files caused, 1 for other errors, 130 after Ctrl-C."""
    if isinstance(error, KeyboardInterrupt):
        return 130
    return 2 if isinstance(error, ValueError | OSError) else 1


def sentence_of(error: BaseException) -> str:
    """What happened and the way out, in a sentence, and the notes that were added to the error."""
    return " ".join([_sentence(error), *getattr(error, "__notes__", ())])


def _sentence(error: BaseException) -> str:
    """What happened, and the way out.

    The errors that this package raises are sentences already. The others get their type, and the way to the traceback.
    """
    # A KeyError prints its key as Python writes it, which for a message means quotes around it.
    whole = str(error.args[0] if isinstance(error, KeyError) and error.args else error).strip()
    first = next(iter(whole.splitlines()), "") or "no message"
    if isinstance(error, KeyboardInterrupt):
        return STOPPED
    if (
        type(error).__name__ == "OutOfMemoryError"
        or isinstance(error, MemoryError)
        or "can't allocate memory" in first
    ):
        return MEMORY.format(first=first.rstrip("."))
    if isinstance(error, OSError) and error.errno in OF_FILES:
        return OF_FILES[error.errno].format(name=error.filename or "a file")
    # What Python itself raises in our code, such as "not enough values to unpack", has no full stop.
    if _raised_in(error.__traceback__) == OURS and whole.endswith((".", "?")):
        return whole
    return _unexpected(error, first)


def _unexpected(error: BaseException, first: str) -> str:
    """The message of another library's error, with its type."""
    kind, where = type(error).__name__, _raised_in(error.__traceback__)
    message = " ".join(str(error).split()) if isinstance(error, ValueError | OSError) else first
    stop = "" if message.endswith((".", "!", "?")) else "."
    return f"{message}{stop} ({kind} from {where}; {DEBUG} shows where.)"


def _raised_in(traceback: TracebackType | None) -> str:
    """The package whose code raised the error."""
    name = ""
    while traceback is not None:
        name, traceback = str(traceback.tb_frame.f_globals.get("__name__", "")), traceback.tb_next
    return name.partition(".")[0]
