"""A stand-in for the Hub on loopback: the endpoints that the installed huggingface_hub client calls, in memory."""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

OWNER = "someone"
TOKEN = "hf_" + "secret" * 5
LARGE = (".safetensors", ".bin", ".pt", ".pth")


@dataclass
class Hub:
    """What the server holds and how it behaves.

    Args:
        refused: tokens that are answered 401.
        foreign: repositories that exist and may not be written to.
        stores_large_files: large files go through LFS; else all are part of the commit.
        cut: the connection breaks in the middle of an upload to LFS.
    """

    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    private: dict[str, bool] = field(default_factory=dict)
    commits: dict[str, list[str]] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    foreign: set[str] = field(default_factory=set)
    stores_large_files: bool = True
    cut: bool = False
    url: str = ""

    def commit(self, repository: str, lines: list[dict]) -> str:
        """Take the files of a commit; its id."""
        for line in lines:
            value = line["value"]
            if line["key"] == "header":
                self.commits.setdefault(repository, []).append(value["summary"])
            elif line["key"] == "file":
                self.files[repository][value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                self.files[repository][value["path"]] = self.objects[value["oid"]]
        return self.head(repository)

    def head(self, repository: str) -> str:
        """Id of the last commit."""
        return hashlib.sha1(json.dumps(self.commits.get(repository, [])).encode()).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Answers one request; a route is a method, a pattern and what is done."""

    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""

    def do_GET(self) -> None:
        self.route("GET")

    def do_HEAD(self) -> None:
        self.route("HEAD")

    def do_POST(self) -> None:
        self.route("POST")

    def do_PUT(self) -> None:
        self.route("PUT")

    def route(self, verb: str) -> None:
        path = unquote(urlsplit(self.path).path)
        token = (self.headers.get("authorization") or "").removeprefix("Bearer ")
        # Large files go to a storage by an address that was signed, without a token.
        if token in self.hub.refused and not path.startswith("/lfs/"):
            return self.refuse(401, "Invalid credentials in Authorization header")
        self.hub.tokens.add(token)
        for wanted, pattern, answer in ROUTES:
            found = re.fullmatch(pattern, path)
            if found and verb in wanted:
                return answer(self, **found.groupdict())
        return self.refuse(404, f"no route {verb} {path}")

    def body(self) -> bytes:
        length = self.headers.get("content-length")
        if length is not None:
            return self.rfile.read(int(length))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def refuse(self, status: int, message: str) -> None:
        self.body() if self.command in ("POST", "PUT") else None
        self.answer({"error": message}, status=status, **{"x-error-message": message})

    def answer(self, content: object, status: int = 200, **headers: str) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"content-length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    # ---- endpoints ----

    def create(self) -> None:
        asked = json.loads(self.body())
        repository = f"{asked.get('organization') or OWNER}/{asked['name']}"
        url = {"url": f"{self.hub.url}/{repository}"}
        if repository in self.hub.foreign:
            return self.answer({"error": "You don't have the rights to create a model here"}, status=403)
        if repository in self.hub.files:
            return self.answer({"error": "You already created this model repo", **url}, status=409)
        self.hub.files[repository] = {}
        self.hub.private[repository] = asked.get("visibility") == "private" or bool(asked.get("private"))
        return self.answer(url)

    def writable(self, repository: str) -> None:
        allowed = repository in self.hub.files and repository not in self.hub.foreign
        self.answer({}) if allowed else self.refuse(403, "no right to write")

    def validate(self) -> None:
        self.body()
        self.answer({"errors": [], "warnings": []})

    def preupload(self, repository: str, revision: str) -> None:
        paths = [file["path"] for file in json.loads(self.body())["files"]]
        mode = {True: "lfs", False: "regular"}
        answers = [
            {
                "path": path,
                "uploadMode": mode[self.hub.stores_large_files and path.endswith(LARGE)],
                "shouldIgnore": False,
            }
            for path in paths
        ]
        self.answer({"files": answers})

    def batch(self, repository: str) -> None:
        objects = [
            {
                "oid": item["oid"],
                "size": item["size"],
                "actions": {"upload": {"href": f"{self.hub.url}/lfs/{item['oid']}"}},
            }
            for item in json.loads(self.body())["objects"]
        ]
        self.answer({"transfer": "basic", "objects": objects})

    def store(self, oid: str) -> None:
        if self.hub.cut:
            self.rfile.read(100)
            self.close_connection = True
            self.connection.shutdown(2)
            return
        self.hub.objects[oid] = self.body()
        self.answer({})

    def commit(self, repository: str, revision: str) -> None:
        oid = self.hub.commit(repository, [json.loads(line) for line in self.body().splitlines()])
        self.answer({"commitUrl": f"{self.hub.url}/{repository}/commit/{oid}", "commitOid": oid, "success": True})

    def info(self, repository: str, revision: str | None) -> None:
        if repository not in self.hub.files:
            return self.refuse(401, "Repository not found")
        names = [{"rfilename": name} for name in self.hub.files[repository]]
        return self.answer(
            {"id": repository, "sha": self.hub.head(repository), "siblings": names, "tags": [], "private": False}
        )

    def tree(self, repository: str, revision: str, folder: str | None) -> None:
        entries = [
            {"type": "file", "path": name, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}
            for name, data in self.hub.files[repository].items()
            if name.startswith((folder or "").lstrip("/"))
        ]
        self.answer(entries)

    def resolve(self, repository: str, revision: str, name: str) -> None:
        data = self.hub.files.get(repository, {}).get(name)
        if data is None:
            return self.answer({}, status=404, **{"x-error-code": "EntryNotFound"})
        head = {"x-repo-commit": self.hub.head(repository), "etag": f'"{hashlib.sha1(data).hexdigest()}"'}
        return self.answer(data, **head)


NAME, REVISION = r"(?P<repository>[\w.-]+/[\w.-]+)", r"(?P<revision>\w+)"
ROUTES = [
    ("POST", r"/api/repos/create", Handler.create),
    ("POST", r"/api/validate-yaml", Handler.validate),
    ("GET", rf"/api/models/{NAME}/auth-check/write", Handler.writable),
    ("POST", rf"/api/models/{NAME}/preupload/{REVISION}", Handler.preupload),
    ("POST", rf"/{NAME}\.git/info/lfs/objects/batch", Handler.batch),
    ("PUT", r"/lfs/(?P<oid>\w+)", Handler.store),
    ("POST", rf"/api/models/{NAME}/commit/{REVISION}", Handler.commit),
    ("GET", rf"/api/models/{NAME}/tree/{REVISION}(?P<folder>/.*)?", Handler.tree),
    ("GET", rf"/api/models/{NAME}(?:/revision/{REVISION})?", Handler.info),
    ("GET HEAD", rf"/{NAME}/resolve/{REVISION}/(?P<name>.+)", Handler.resolve),
]


@contextmanager
def serving() -> Iterator[Hub]:
    """A running server and what it holds."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OneHub", (Handler,), {"hub": hub}))
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
