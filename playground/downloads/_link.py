"""Asking a server for a file and being told at every moment: nothing here waits longer than a twentieth of a second.

The standard library does HTTP, TLS and proxies (``http.client`` below ``urllib.request``), which is why no further
library is needed: what they lack too is a wait that can be broken off. A socket of `Link` gives up that
often, calls `tick` (which may raise, to cancel), and tries again until its patience ends. `http.client` does not
notice: it is given a socket that is merely slow.
"""

from __future__ import annotations

import errno
import http.client
import io
import queue
import selectors
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable
from functools import cache, partial
from typing import Any

Tick = Callable[[], None]

POLL_S = 0.05
PATIENCE_S = 8.0
"""How long a server may take for the next `LEAST` bytes, and to be found and reached."""

ANSWER_S = 20.0
"""How long it may take from there to the end of its answer's header."""

LEAST = 1024

UNDER_WAY = {errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN, getattr(errno, "WSAEWOULDBLOCK", errno.EAGAIN)}


def ask(url: str, headers: dict[str, str], tick: Tick) -> http.client.HTTPResponse:
    """Send one GET request and return the answer, whatever its status, when its header is there.

    Raises OSError (TimeoutError and URLError among them), http.client.HTTPException or ValueError where there is none.
    """
    opener = urllib.request.OpenerDirector()  # no redirects, no errors by status, no files: all that is done here
    opener.add_handler(urllib.request.ProxyHandler())
    opener.add_handler(_Handler(tick))
    opener.add_handler(urllib.request.UnknownHandler())
    request = urllib.request.Request(url, headers=headers)
    answer = opener.open(request)
    assert isinstance(answer, http.client.HTTPResponse)
    return answer


class Link:
    """A socket that calls `tick` while it waits, as much of one as `http.client` needs."""

    def __init__(self, plain: socket.socket, tick: Tick) -> None:
        self._plain, self._tick = plain, tick
        self._readers, self._closed = 0, False
        self._waited, self._got = 0.0, 0
        self.deadline: float | None = None
        plain.settimeout(POLL_S)

    @classmethod
    def to(cls, host: str, port: int, tick: Tick) -> Link:
        """Reach a server: the first of its addresses that answers."""
        failure: OSError = OSError(errno.EHOSTUNREACH, "no address")
        for family, kind, protocol, _, address in _addresses(host, port, tick):
            plain = socket.socket(family, kind, protocol)
            try:
                _connect(plain, address, tick)
                return cls(plain, tick)
            except OSError as error:
                plain.close()
                failure = error
            except BaseException:
                plain.close()
                raise
        raise failure

    def secured(self, host: str) -> Link:
        """Return the same link with TLS on it."""
        wrapped = _context().wrap_socket(self._plain, server_hostname=host, do_handshake_on_connect=False)
        link = Link(wrapped, self._tick)
        link.deadline = self.deadline
        try:
            link._patiently(wrapped.do_handshake)
        except BaseException:
            wrapped.close()
            raise
        return link

    def receive(self, buffer: Any) -> int:
        """Fill a buffer with what comes next; 0 at the end."""
        n = int(self._patiently(partial(self._plain.recv_into, buffer)))
        self._got += n
        if self._got >= LEAST:
            self._waited, self._got = 0.0, 0
        return n

    def sendall(self, data: Any) -> None:
        """Send all of it."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._patiently(partial(self._plain.send, rest)) :]

    def setsockopt(self, *option: Any) -> None:
        """Set an option of the socket."""
        self._plain.setsockopt(*option)

    def makefile(self, mode: str = "rb", buffering: int | None = None) -> io.BufferedReader:
        """Return what comes as a file; the socket stays open until it is closed."""
        self._readers += 1
        return io.BufferedReader(_Reader(self))

    def close(self) -> None:
        """Close, once no file of it is open any more."""
        self._closed = True
        if self._readers <= 0:
            self._plain.close()

    def drop(self) -> None:
        """Note that a file of it has been closed."""
        self._readers -= 1
        if self._closed and self._readers <= 0:
            self._plain.close()

    def _patiently(self, do: Callable[[], Any]) -> Any:
        """Try until it can be done, patience ends or the listener has had enough."""
        while True:
            self._tick()
            if self._waited > PATIENCE_S or (self.deadline is not None and time.monotonic() > self.deadline):
                raise TimeoutError
            began = time.monotonic()
            try:
                return do()
            except (TimeoutError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                pass
            finally:
                self._waited += time.monotonic() - began


class _Reader(io.RawIOBase):
    def __init__(self, link: Link) -> None:
        super().__init__()
        self._link = link

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._link.receive(buffer)

    def close(self) -> None:
        if not self.closed:
            self._link.drop()
        super().close()


class _Plain(http.client.HTTPConnection):
    """A connection on a `Link`."""

    def __init__(self, host: str, timeout: object = None, *, tick: Tick) -> None:
        super().__init__(host)
        self._tick = tick
        self._link: Link | None = None
        self._create_connection = self._reach  # the place that http.client keeps for it

    def getresponse(self) -> http.client.HTTPResponse:
        answer = super().getresponse()
        if self._link is not None:
            self._link.deadline = None
        return answer

    def _reach(self, address: tuple[str, int], *_: object) -> Any:
        self._link = Link.to(*address, self._tick)
        self._link.deadline = time.monotonic() + ANSWER_S
        return self._link


class _Secure(_Plain):
    """A connection with TLS, perhaps through a proxy's tunnel."""

    default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        super().connect()
        assert self._link is not None
        self._link = self._link.secured(getattr(self, "_tunnel_host", None) or self.host)
        self.sock = self._link


class _Handler(urllib.request.AbstractHTTPHandler):
    http_request = https_request = urllib.request.AbstractHTTPHandler.do_request_

    def __init__(self, tick: Tick) -> None:
        super().__init__()
        self._tick = tick

    def http_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(partial(_Plain, tick=self._tick), request)

    def https_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(partial(_Secure, tick=self._tick), request)


@cache
def _context() -> ssl.SSLContext:
    """Return what the system trusts; loading it takes a while."""
    return ssl.create_default_context()


def _addresses(host: str, port: int, tick: Tick) -> list[Any]:
    """Look a name up. The system's way of doing so cannot be broken off, so a thread that nobody waits for does it."""
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=look_up, name=f"look up {host}", daemon=True).start()
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        tick()
        try:
            found = answers.get(timeout=POLL_S)
        except queue.Empty:
            continue
        if isinstance(found, list):
            return found
        raise socket.gaierror(*found.args) if isinstance(found, OSError) else OSError(str(found))
    raise TimeoutError


def _connect(plain: socket.socket, address: Any, tick: Tick) -> None:
    plain.setblocking(False)
    error = plain.connect_ex(address)
    if error in UNDER_WAY:
        until = time.monotonic() + PATIENCE_S
        with selectors.DefaultSelector() as selector:
            selector.register(plain, selectors.EVENT_WRITE)
            while not selector.select(POLL_S):
                tick()
                if time.monotonic() > until:
                    raise TimeoutError
        error = plain.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if error:
        raise OSError(error, errno.errorcode.get(error, ""))
