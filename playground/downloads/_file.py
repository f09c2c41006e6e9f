"""One file from the first of several places that delivers it whole: resumed where it was cut off, checked at the end.

What has come so far lies beside it as ``.NAME.part``, and ``.NAME.part.json`` says from where and of which state
(``ETag``). The same server is asked for the rest of just that state (``Range`` and ``If-Range``); another one for the
rest of the file, which the SHA-256 then has to confirm. Never more is taken than the file should have.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urljoin, urlsplit

from playground.downloads import Item
from playground.downloads._disk import FULL, forget, full, replace, writing
from playground.downloads._link import Tick, ask
from playground.downloads._sums import sum_of
from playground.progress import progress
from playground.text import Refusal, Sentence, say

PIECE = 2**16
"""How many bytes are read at a time, and how many a connection has to bring to count as of use."""

FRUITLESS = 3
"""So many connections in a row may be cut off before they brought anything, then another place is asked."""

MOST_HOPS = 5
"""How often a server may say that the file is elsewhere."""

NAME = "network-playground"


class Unusable(Exception):
    """A place does not have the file, or cannot be reached; the sentence is the reason."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(reason)
        self.reason = reason


class CutOff(Exception):
    """A connection ended too early, or `slow`: nothing came any more; asking again may help."""

    def __init__(self, reason: Sentence, slow: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.slow = reason, slow


@dataclass
class Part:
    """What has come of a file so far."""

    item: Item
    path: Path

    @property
    def note(self) -> Path:
        """Where is written from where it came."""
        return self.path.with_name(self.path.name + ".json")

    @property
    def length(self) -> int:
        """How many bytes there are."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def tag(self, url: str) -> str:
        """Return the state of the file at this address that the part is of; empty where it is not known."""
        try:
            told = json.loads(self.note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return ""
        tag = told.get("tag") if isinstance(told, dict) and told.get("url") == url else ""
        return tag if isinstance(tag, str) and tag.isascii() and tag.isprintable() else ""

    def begin(self, url: str, tag: str) -> None:
        """Start from nothing."""
        with writing(self.path):
            self.path.write_bytes(b"")
            self.note.write_text(json.dumps({"url": url, "tag": tag}), encoding="utf-8")

    def drop(self) -> None:
        """Throw away what has come."""
        forget(self.path, self.note)


def part_of(path: Path) -> Path:
    """Return where what has come of a file lies until it is whole."""
    return path.with_name(f".{path.name.lstrip('.')}.part")


def fetch_file(item: Item, places: Sequence[str], path: Path, tick: Tick) -> str:
    """Fetch one file and return the place that had it; refuse with one sentence where none has.

    Says its progress; `tick` is called at least ten times a second and may raise to break it off.
    """
    part = Part(item, part_of(path))
    if part.length > item.size:
        part.drop()
    reasons: dict[str, Sentence] = {}
    for place in places:
        try:
            _fetch_from(place, part, tick)
        except Unusable as failure:
            reasons.setdefault(_host(place), failure.reason)
            continue
        replace(part.path, path)
        forget(part.note)
        return place
    raise _nowhere(item, reasons)


def _fetch_from(place: str, part: Part, tick: Tick) -> None:
    """Fetch a file from one place, as often as it takes, and check it."""
    fruitless, most = 0, part.length
    mixed, again = most > 0, True  # of several answers: where the sum is wrong, that may not be this place's fault
    while True:
        before = part.length
        try:
            if before < part.item.size:
                _go_on(place, part, tick)
        except CutOff as failure:
            fruitless = 0 if part.length >= most + PIECE else fruitless + 1
            most, mixed = max(most, part.length), True
            if fruitless >= FRUITLESS or (failure.slow and part.length <= before):
                raise Unusable(failure.reason) from failure
            continue
        if sum_of(part.path, tick) == part.item.sha256:
            return
        part.drop()
        if not (mixed and again):
            raise Unusable(say("has another file under this name"))
        mixed = again = False


def _go_on(place: str, part: Part, tick: Tick) -> None:
    """Ask once for what is missing and write it down until it ends."""
    item, have = part.item, part.length
    headers = {"User-Agent": NAME, "Accept": "*/*", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
        if tag := part.tag(place):
            headers["If-Range"] = tag
    with _talking(), _answer(place, headers, tick) as answer:
        if answer.status == 206 and _continues(answer, have, item.size):
            pass
        elif answer.status == 200:
            if answer.length is not None and answer.length != item.size:
                raise Unusable(say("has another file under this name"))
            part.begin(place, _tag(answer))
        elif answer.status in (206, 416):  # another part than was asked for, or of another file
            part.drop()
            raise CutOff(say("cannot go on where it stopped"))
        elif answer.status in (404, 410):
            raise Unusable(say("does not have the file"))
        else:
            raise Unusable(say("answers {status}", status=str(answer.status)))
        _write(answer, part)
    if part.length < item.size:
        raise CutOff(say("the connection breaks off"))


def _write(answer: http.client.HTTPResponse, part: Part) -> None:
    """Append what comes, never more than is missing."""
    size, have = part.item.size, part.length
    with writing(part.path):
        file = part.path.open("ab")
    with file:
        while have < size:
            progress(have / size)
            piece = answer.read1(min(PIECE, size - have))
            if not piece:
                break
            try:
                file.write(piece)
                file.flush()
            except OSError as error:
                if error.errno in FULL:
                    _make_room_again(part)
                    raise Refusal(full(part.path.parent)) from error
                with writing(part.path):
                    raise
            have += len(piece)
    progress(have / size)


def _make_room_again(part: Part) -> None:
    """Leave no full disk behind."""
    try:
        part.path.write_bytes(b"")
        part.drop()
    except (OSError, Refusal):
        pass


@contextmanager
def _answer(place: str, headers: dict[str, str], tick: Tick) -> Iterator[http.client.HTTPResponse]:
    """Ask a place, and where it says that the file is elsewhere, there."""
    url = place
    for _ in range(MOST_HOPS + 1):
        answer = ask(url, headers, tick)
        if answer.status not in (301, 302, 303, 307, 308):
            try:
                yield answer
            finally:
                answer.close()
            return
        answer.close()
        url = urljoin(url, answer.headers.get("Location", ""))
        if urlsplit(url).scheme not in ("http", "https"):
            raise Unusable(say("leads to {url}", url=repr(url[:80])))
    raise Unusable(say("leads from one address to the next without end"))


@contextmanager
def _talking() -> Iterator[None]:
    """Turn what goes wrong between us and a server into a reason."""
    try:
        yield
    except URLError as error:
        raise _reason(error.reason if isinstance(error.reason, Exception) else error) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _reason(error) from error


def _reason(error: Exception) -> Unusable | CutOff:
    """Say what an error means for whoever waits for the file."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Unusable(say("its certificate cannot be trusted"))
    if isinstance(error, ssl.SSLError):
        return CutOff(say("no secure connection can be made"))
    if isinstance(error, socket.gaierror):
        return Unusable(say("cannot be found"))
    if isinstance(error, TimeoutError):
        return CutOff(say("does not answer"), slow=True)
    if isinstance(error, ConnectionRefusedError):
        return Unusable(say("refuses the connection"))
    if isinstance(error, ConnectionError | http.client.IncompleteRead | http.client.RemoteDisconnected):
        return CutOff(say("the connection breaks off"))
    if isinstance(error, http.client.HTTPException | ValueError):
        return Unusable(say("its answer makes no sense"))
    return Unusable(say("cannot be reached ({reason})", reason=getattr(error, "strerror", None) or str(error)))


def _continues(answer: http.client.HTTPResponse, have: int, size: int) -> bool:
    """Say whether an answer is the rest that was asked for, of a file of the right length."""
    told = re.fullmatch(r"bytes (\d{1,15})-\d{1,15}/(\d{1,15}|\*)", answer.headers.get("Content-Range", ""))
    return told is not None and int(told[1]) == have and told[2] in (str(size), "*")


def _tag(answer: http.client.HTTPResponse) -> str:
    """Return by what the server will know this state of the file again: a strong ETag, else the date."""
    tag = answer.headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified", "")


def _host(place: str) -> str:
    """Name a server as a person knows it."""
    parts = urlsplit(place)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def _nowhere(item: Item, reasons: dict[str, Sentence]) -> Refusal:
    """Say in one sentence why no place had the file."""
    hosts: dict[Sentence, list[str]] = {}
    for host, reason in reasons.items():
        hosts.setdefault(reason, []).append(host)
    told: Sentence | None = None
    for reason, names in hosts.items():
        one = say("{hosts}: {reason}", hosts=", ".join(names), reason=reason)
        told = one if told is None else say("{one}; {other}", one=told, other=one)
    return Refusal(
        say("{file} could not be downloaded ({reasons}); check the network and try again", file=item.name, reasons=told)
    )
