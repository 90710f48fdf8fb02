"""Every test runs on one thread, without the Hub, and with the shapes in the library's signatures checked."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jaxtyping
import pytest
import torch

# All with shapes in their signatures. Not config: the dataclass in transformers that it extends has defaults which
# its own annotations forbid.
SHAPED = ("core.objective", "distributed", "functional", "methods", "modules", "tasks")

# Both before the first import of the library, and of what it imports.
os.environ["HF_HUB_OFFLINE"] = "1"
jaxtyping.install_import_hook([f"hf_selftuning.{name}" for name in SHAPED], "beartype.beartype")
torch.set_num_threads(1)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Where the real data lie, for the tests that read them."""
    folder = os.environ.get("HF_SELFTUNING_DATA")
    if folder is None:
        pytest.skip("HF_SELFTUNING_DATA is not set: name the folder that holds the data sets to run this test.")
    return Path(folder)


@pytest.fixture(scope="session")
def words_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved tiny encoder for the words of `small_data`."""
    from small_data import save_words_model

    return save_words_model(tmp_path_factory.mktemp("bert"))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The Hub's client of this process, turned to a stand-in on loopback."""
    import transformers.utils.hub
    from hub_server import TOKEN, serving
    from huggingface_hub import constants
    from huggingface_hub.utils import _http, close_session

    with serving() as served:
        template = served.url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "ENDPOINT", served.url)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setattr(transformers.utils.hub, "_hf_api", None)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        monkeypatch.setattr(_http.time, "sleep", lambda _: None)  # between the client's attempts
        close_session()
        yield served
        close_session()
