"""Whether the Hugging Face Hub can be reached: one request, because the Hub's client retries for most of a minute."""

import threading
from pathlib import Path

from huggingface_hub import constants, try_to_load_from_cache
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import get_session

from .rows.refused_folders import check_class_folders, check_paired
from .rows.table_rows import TABLES


def hub_reachable(timeout: float = 5.0) -> bool:
    """Whether one request to the Hub's endpoint gets any answer within `timeout` seconds.

    Proxies, certificates and HF_ENDPOINT apply as to any other request. With HF_HUB_OFFLINE the answer is False at
    once.
    """
    if constants.is_offline_mode():
        return False
    answered = threading.Event()
    # The client's timeout does not cover name resolution. So the request runs in a thread, which is left to itself
    # after the timeout.
    asking = threading.Thread(target=_ask, args=(answered, timeout), daemon=True)
    asking.start()
    asking.join(timeout)
    return answered.is_set()


def is_cached(repo_id: str, filename: str = "config.json", repo_type: str = "model") -> bool:
    """Whether a file of a repository lies in the local Hub cache."""
    try:
        return isinstance(try_to_load_from_cache(repo_id, filename, repo_type=repo_type), str)
    except HFValidationError:
        return False


def check_path(name: str, what: str) -> None:
    """Refuse a path to nothing, to a device or a pipe, or to a dataset's folder without files.

    Args:
        name: local path or Hub id, which passes.
        what: the kind of thing that it names, "model" or "dataset".

    Raises:
        ValueError: it is such a path, or a folder of files that are not read.
    """
    path = Path(name)
    if what == "dataset" and path.is_dir() and not any(file.is_file() for file in path.rglob("*")):
        raise ValueError(f"The folder {name} holds no file that can be read; check the path and its permissions.")
    if path.exists() and not (path.is_dir() or path.is_file()):
        raise ValueError(f"{name} is a device or a pipe; write what it gives into a file, and give that one.")
    if what == "dataset" and path.is_dir():
        check_paired(path)
        check_class_folders(path)
    is_path = path.is_absolute() or name.startswith((".", "~")) or path.suffix.lower() in (*TABLES, ".txt", ".gz")
    if is_path and not path.exists():
        raise ValueError(f"There is no file or folder {name}, which the {what} should be; check the path.")


def require_hub(name: str, what: str) -> None:
    """Check that a name given by the user can be loaded at all.

    Args:
        name: local path or Hub id.
        what: the kind of thing that it names, "model" or "dataset".

    Raises:
        ValueError: the name is no local path, nothing of it is cached, and the Hub cannot be reached; or it is a path
            with nothing to read.
    """
    check_path(name, what)
    if Path(name).exists() or _any_cached(name, what) or hub_reachable():
        return
    raise ValueError(
        f"The {what} {name!r} could not be loaded: the Hub cannot be reached and nothing is cached; "
        f"give a local folder, set HF_ENDPOINT, or leave the flag out to use the embedded {what}."
    )


def _any_cached(name: str, what: str) -> bool:
    if what != "dataset":
        return is_cached(name)
    # datasets caches prepared data under the name of the dataset, without the files it was made from.
    from datasets import config

    prepared = Path(config.HF_DATASETS_CACHE) / name.replace("/", "___")
    return prepared.is_dir() or is_cached(name, "README.md", "dataset")


def _ask(answered: threading.Event, timeout: float) -> None:
    try:
        get_session().head(constants.ENDPOINT, timeout=timeout)
    except Exception:
        # Every error, whatever its kind, means that the Hub has not answered.
        return
    answered.set()
