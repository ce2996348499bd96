"""Following a collection, against an API server that says what the test wants."""

from __future__ import annotations

import http.server
import json
import queue
import re
import ssl
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.certificates import Authority
from tests.e2e.network_policy.api import Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.network_policy.ruleset import Object

_PATH = "/api/v1/pods"


class ApiServer(http.server.ThreadingHTTPServer):
    """Answers a list with ``items``, and a watch with what comes out of ``events``."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int]) -> None:
        self.items: list[Any] = []
        self.events: queue.Queue[Any] = queue.Queue()
        super().__init__(address, Handler)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ApiServer

    def do_GET(self) -> None:
        if self.headers["Authorization"] != "Bearer secret":
            self.send_error(401)
        elif self.path == _PATH:
            text = {"metadata": {"resourceVersion": "7"}, "items": self.server.items}
            body = json.dumps(text).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        elif not self.path.startswith(f"{_PATH}?watch=1&resourceVersion=7&"):
            self.send_error(404)
        else:
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for event in iter(self.server.events.get, None):
                line = json.dumps(event).encode() + b"\n"
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            self.close_connection = True  # without the last chunk: as if it had been killed

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def api_server(tmp_path: Path) -> Iterator[ApiServer]:
    authority = Authority(tmp_path)
    authority.create("test")
    certificate, key = authority.sign("server", "/CN=server", [], ["127.0.0.1"])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with ApiServer(("127.0.0.1", 0)) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.events.put(None)
        server.shutdown()


@pytest.fixture
def server(api_server: ApiServer, tmp_path: Path) -> Server:
    api_server.items = [item("a", 1), item("b", 1)]
    cluster = {
        "server": f"https://127.0.0.1:{api_server.server_port}",
        "certificate-authority": str(tmp_path / "ca.crt"),
    }
    content = {"clusters": [{"cluster": cluster}], "users": [{"user": {"token": "secret"}}]}
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(json.dumps(content), encoding="utf-8")
    return Server(kubeconfig)


def item(uid: str, version: int) -> dict[str, Any]:
    return {"metadata": {"uid": uid}, "version": version}


def versions(objects: dict[str, Object]) -> dict[str, int]:
    return {uid: each["version"] for uid, each in objects.items()}


def test_gives_all_objects_after_each_change(api_server: ApiServer, server: Server) -> None:
    states = server.states(_PATH)
    assert versions(next(states)) == {"a": 1, "b": 1}
    api_server.events.put({"type": "ADDED", "object": item("c", 1)})
    assert versions(next(states)) == {"a": 1, "b": 1, "c": 1}
    api_server.events.put({"type": "MODIFIED", "object": item("a", 2)})
    assert versions(next(states)) == {"a": 2, "b": 1, "c": 1}
    api_server.events.put({"type": "DELETED", "object": item("b", 1)})
    assert versions(next(states)) == {"a": 2, "c": 1}


def test_ends_with_the_connection(api_server: ApiServer, server: Server) -> None:
    states = server.states(_PATH)
    next(states)
    api_server.events.put(None)
    assert list(states) == []


def test_says_why_a_watch_cannot_go_on(api_server: ApiServer, server: Server) -> None:
    states = server.states(_PATH)
    next(states)
    message = "too old resource version: 7 (9)"
    api_server.events.put({"type": "ERROR", "object": {"code": 410, "message": message}})
    with pytest.raises(ValueError, match=re.escape(message)):
        next(states)


def test_says_what_the_api_server_refuses(server: Server) -> None:
    with pytest.raises(ValueError, match=r"^/api/v1/secrets: 404 Not Found$"):
        next(server.states("/api/v1/secrets"))
