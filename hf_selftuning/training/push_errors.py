"""Errors of the Hub, as sentences that say what happened, where the model is and what to do."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path

from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

# The base class of all errors of the HTTP library below huggingface_hub. The version decides which library that is.
HTTP_ERROR: type = HfHubHTTPError.__bases__[0]
MODEL_FILES = (
    "README.md", "config.json", "generation_config.json", "model*.safetensors", "model*.safetensors.index.json",
    "adapter_config.json", "adapter_model*.safetensors", "tokenizer*.json", "tokenizer.model", "added_tokens.json",
    "special_tokens_map.json", "vocab.json", "vocab.txt", "merges.txt", "spiece.model", "*.bpe.model",
    "chat_template.jinja", "preprocessor_config.json", "processor_config.json",
)  # fmt: skip
"""Names of the files of a model, its tokenizer or image processor, and its card."""


@contextmanager
def explained(repository: str, folder: str | Path | None = None) -> Iterator[None]:
    """Turn errors of the Hub's client into sentences; other errors are raised as they are.

    Args:
        repository: name of the repository that a push goes to.
        folder: local folder of the model, or None before there is a model.

    Raises:
        OSError: the Hub or the connection to it failed. The client's own errors are of this class too.
    """
    try:
        yield
    except Exception as error:
        if (reason := reason_of(error, repository)) is None:
            raise
        kept = (
            ""
            if folder is None
            else f" The model is still in {folder}: `{upload_command(repository, folder)}` sends it."
        )
        raise OSError(reason + kept) from error


def upload_command(repository: str, folder: str | Path) -> str:
    """The command that sends model and card, each file by its name.

    The folder may also hold checkpoints, with queues and optimizer, and logs. A command without names would send all.
    """
    there = [path.name for path in sorted(Path(folder).glob("*")) if path.is_file()]
    names = [name for name in there if any(fnmatch(name, pattern) for pattern in MODEL_FILES)] or ["README.md"]
    return shlex.join(["hf", "upload", repository, str(folder), *(word for n in names for word in ("--include", n))])


def reason_of(error: BaseException, repository: str) -> str | None:
    """What happened and the way out; None where the Hub has nothing to do with the error."""
    for cause in _causes(error):
        if isinstance(cause, OfflineModeIsEnabled):
            return f"Nothing was pushed to {repository}: HF_HUB_OFFLINE is set; unset it, and push again."
        if isinstance(cause, HfHubHTTPError):
            return _answer(cause, repository)
        if isinstance(cause, (HTTP_ERROR, ConnectionError)):
            return (
                f"The connection to the Hub broke while {repository} was written to ({type(cause).__name__}); "
                "push again when the network is back; files that have arrived are not sent again."
            )
    return None


def _answer(error: HfHubHTTPError, repository: str) -> str:
    """What the Hub answered, and the way out."""
    status = error.response.status_code
    if status == 401:
        return (
            f"The Hub refused the token for {repository} (401); log in by `hf auth login`, or set HF_TOKEN to a token "
            "that may write."
        )
    if status == 403:
        return (
            f"{repository} exists or belongs to others, and the token may not write to it (403); give another "
            "hub_model_id, or a token that may write to it."
        )
    return f"The Hub did not accept {repository} ({status}: {error.server_message or 'no reason given'}); push again."


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and those that caused it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
