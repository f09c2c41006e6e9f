"""A server on this machine that delivers files as badly as is wanted, and data sets that lie on it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from playground import downloads
from playground.downloads import Downloadable, Item

KEY = "mnist"
"""The set of the catalogue that is replaced by one that lies on the server."""


class Handler(BaseHTTPRequestHandler):
    """Answers by what is in `Server.does` for a path, else with the file in `Server.files`."""

    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        try:
            self.server.does.get(self.path, whole)(self)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def do_CONNECT(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        self.server.does["CONNECT"](self)

    def begin(self, status: int, **headers: object) -> None:
        """Send a header; `content_length=3` becomes ``Content-Length: 3``."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-").title(), str(value))
        self.end_headers()

    @property
    def content(self) -> bytes:
        return self.server.files[self.path]

    @property
    def start(self) -> int:
        """The byte from which on the file is wanted."""
        return int(self.headers.get("Range", "bytes=0-")[6:-1])

    def wait(self) -> None:
        """Say nothing until the test is over."""
        self.server.over.wait(20)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


class Server(ThreadingHTTPServer):
    """Files by path, what is done instead, and what was asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.does: dict[str, Callable[[Handler], None]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.over = threading.Event()
        self.scheme = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that the other side gave up is no news."""


@contextmanager
def serving() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


# -- ways to deliver ---------------------------------------------------------------------------------------------


def whole(handler: Handler) -> None:
    """Deliver as a good server does, with ETag and ranges."""
    if handler.path not in handler.server.files:
        handler.begin(404, content_length=0)
        return
    content, tag = handler.content, f'"{hashlib.md5(handler.content).hexdigest()}"'
    start = handler.start if handler.headers.get("If-Range", tag) == tag else 0
    if start >= len(content) > 0:
        handler.begin(416, content_length=0)
    elif start:
        span = f"bytes {start}-{len(content) - 1}/{len(content)}"
        handler.begin(206, content_length=len(content) - start, content_range=span, etag=tag)
    else:
        handler.begin(200, content_length=len(content), etag=tag)
    handler.wfile.write(content[start:])


def cut_after(n: int) -> Callable[[Handler], None]:
    """Deliver so many bytes a connection, from where it is wanted, and hang up."""

    def do(handler: Handler) -> None:
        content, start = handler.content, handler.start
        tag = f'"{hashlib.md5(content).hexdigest()}"'
        if start:
            span = f"bytes {start}-{len(content) - 1}/{len(content)}"
            handler.begin(206, content_length=len(content) - start, content_range=span, etag=tag)
        else:
            handler.begin(200, content_length=len(content), etag=tag)
        handler.wfile.write(content[start : start + n])

    return do


def answers(status: int, body: bytes = b"", **headers: object) -> Callable[[Handler], None]:
    """Answer with this, whatever is asked."""

    def do(handler: Handler) -> None:
        handler.begin(status, **headers)
        handler.wfile.write(body)

    return do


def endless(status: int = 200, **headers: object) -> Callable[[Handler], None]:
    """Never stop sending."""

    def do(handler: Handler) -> None:
        handler.begin(status, **headers)
        while not handler.server.over.is_set():
            handler.wfile.write(b"x" * 65536)

    return do


def silent_after(n: int) -> Callable[[Handler], None]:
    """Send the beginning and then nothing, without hanging up."""

    def do(handler: Handler) -> None:
        handler.begin(200, content_length=len(handler.content))
        handler.wfile.write(handler.content[:n])
        handler.wfile.flush()
        handler.wait()

    return do


def dribble(handler: Handler) -> None:
    """Send a byte now and then."""
    handler.begin(200, content_length=len(handler.content))
    for byte in handler.content:
        if handler.server.over.wait(0.05):
            return
        handler.wfile.write(bytes([byte]))


def says(raw: bytes) -> Callable[[Handler], None]:
    """Send just these bytes and hang up."""

    def do(handler: Handler) -> None:
        handler.wfile.write(raw)
        handler.close_connection = True

    return do


# -- sets on the server ------------------------------------------------------------------------------------------


def item(name: str, content: bytes, *places: str) -> Item:
    """Describe a file that these places have."""
    return Item(name, len(content), hashlib.sha256(content).hexdigest(), tuple(f"{one}/{name}" for one in places))


def publish(monkeypatch: pytest.MonkeyPatch, *items: Item, key: str = KEY, **more: Any) -> Downloadable:
    """Put a set of these files into the catalogue."""
    known = downloads.SETS[key]
    made = Downloadable(key, known.title, known.about, known.licence, items, **more)
    monkeypatch.setitem(downloads.SETS, key, made)
    return made


def own_cache(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Keep downloads in a folder of the test's own, and ask servers directly."""
    monkeypatch.setenv("NETWORK_PLAYGROUND_CACHE", str(folder))
    monkeypatch.delenv("NETWORK_PLAYGROUND_MIRROR", raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "*")
