import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from huggingface_hub import constants

from hf_selftuning.data.hub import hub_reachable, is_cached, require_hub


class Refusing(BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response(503)
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)


@pytest.fixture
def answering(monkeypatch, no_proxy):
    server = HTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield
    server.shutdown()
    server.server_close()


@pytest.fixture
def silent(monkeypatch, no_proxy):
    """An endpoint that takes the connection and never says a word."""
    listening = socket.create_server(("127.0.0.1", 0))
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{listening.getsockname()[1]}")
    yield
    listening.close()


@pytest.fixture
def closed(monkeypatch, no_proxy):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")


@pytest.mark.usefixtures("answering")
def test_any_answer_means_reachable():
    assert hub_reachable()
    require_hub("someone/nothing-by-this-name", "model")


@pytest.mark.usefixtures("answering")
def test_offline_mode_is_heeded(monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert not hub_reachable()


@pytest.mark.usefixtures("silent")
def test_a_silent_endpoint_does_not_hang():
    began = time.monotonic()
    assert not hub_reachable(timeout=0.3)
    assert time.monotonic() - began < 3


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize("what", ["model", "dataset"])
def test_a_name_that_cannot_be_loaded_is_refused(what):
    with pytest.raises(ValueError, match=f"The {what} 'someone/absent' could not be loaded: the Hub cannot be"):
        require_hub("someone/absent", what)


@pytest.mark.parametrize(
    ("name", "message"),
    [("/dev/null", "is a device or a pipe"), ("absent.csv", "There is no file or folder absent.csv")],
)
def test_a_path_with_nothing_to_read_is_refused(name, message):
    with pytest.raises(ValueError, match=message):
        require_hub(name, "dataset")


def test_a_folder_without_files_is_no_dataset(tmp_path):
    (tmp_path / "inner").mkdir()
    with pytest.raises(ValueError, match="holds no file that can be read"):
        require_hub(str(tmp_path), "dataset")


@pytest.mark.usefixtures("closed")
def test_a_local_folder_needs_no_hub(tmp_path):
    require_hub(str(tmp_path), "model")


@pytest.mark.usefixtures("closed")
def test_a_cached_repository_needs_no_hub(tmp_path, monkeypatch):
    snapshot = tmp_path / "models--someone--cached" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    (tmp_path / "models--someone--cached" / "refs").mkdir()
    (tmp_path / "models--someone--cached" / "refs" / "main").write_text("abc")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    assert is_cached("someone/cached")
    require_hub("someone/cached", "model")


@pytest.mark.parametrize("name", ["someone/absent", "../no/repository", "a/b/c", ""])
def test_what_is_not_there_is_not_cached(name):
    assert not is_cached(name)
