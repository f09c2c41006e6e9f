"""Downloads from a server of the test's own: one that behaves, and every way of not behaving."""

from __future__ import annotations

import random
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from playground import downloads
from playground.downloads import CATALOGUE, SETS, _disk, _link, check, folder_of, is_here
from playground.downloads._file import PIECE, part_of
from playground.downloads.fetching import fetch
from playground.downloads.transfer import Transfer
from playground.progress import heard_by
from playground.text import Refusal
from tests.download_server import (
    KEY,
    Handler,
    Server,
    answers,
    cut_after,
    dribble,
    endless,
    item,
    own_cache,
    publish,
    says,
    serving,
    silent_after,
    whole,
)

CONTENT = random.Random(1).randbytes(5 * PIECE + 123)
NAME = "train-images-idx3-ubyte.gz"
WRONG = CONTENT[:-1] + bytes([CONTENT[-1] ^ 1])


class Enough(Exception):
    """What the listener raises."""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    own_cache(monkeypatch, tmp_path / "cache")
    with serving() as made:
        made.files = {f"/{place}/{NAME}": CONTENT for place in ("a", "b")}
        publish(monkeypatch, item(NAME, CONTENT, f"{made.url}/a", f"{made.url}/b"))
        yield made


@pytest.fixture
def here() -> Path:
    return folder_of(KEY) / NAME


def do_at_a(server: Server, do: Callable[[Handler], None]) -> None:
    server.does[f"/a/{NAME}"] = do


def refused(key: str = KEY) -> str:
    with pytest.raises(Refusal) as caught:
        fetch(key)
    return str(caught.value)


def asked_at(server: Server, place: str) -> list[dict[str, str]]:
    return [headers for path, headers in server.asked if path == f"/{place}/{NAME}"]


# -- all goes well -----------------------------------------------------------------------------------------------


def test_a_set_is_fetched_with_progress_and_not_fetched_again(server: Server, here: Path) -> None:
    shares: list[float] = []
    assert not is_here(KEY)
    with heard_by(shares.append):
        assert fetch(KEY) == here.parent
    assert here.read_bytes() == CONTENT
    assert is_here(KEY)
    check(KEY)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len({round(share, 1) for share in shares}) >= 5
    assert {path.name for path in here.parent.iterdir()} == {NAME, ".lock"}
    assert len(server.asked) == 1
    fetch(KEY)
    assert len(server.asked) == 1


def test_several_files_share_the_progress_and_the_place_that_had_the_first_is_asked_for_the_next(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("one", "two", "three")
    server.files = {f"/b/{name}": CONTENT for name in names}
    publish(monkeypatch, *(item(name, CONTENT, f"{server.url}/a", f"{server.url}/b") for name in names))
    shares: list[float] = []
    with heard_by(shares.append):
        fetch(KEY)
    assert server.paths == ["/a/one", "/b/one", "/b/two", "/b/three"]
    assert shares == sorted(shares)
    assert any(0.3 < share < 0.37 for share in shares)


def test_a_file_that_is_whole_is_kept_and_only_the_others_are_fetched(
    server: Server, monkeypatch: pytest.MonkeyPatch, here: Path
) -> None:
    server.files |= {"/a/other": WRONG}
    publish(monkeypatch, item(NAME, CONTENT, f"{server.url}/a"), item("other", WRONG, f"{server.url}/a"))
    here.parent.mkdir(parents=True)
    here.write_bytes(CONTENT)
    fetch(KEY)
    assert server.paths == ["/a/other"]


def test_a_file_that_was_changed_here_is_noticed_and_fetched_anew(server: Server, here: Path) -> None:
    fetch(KEY)
    here.write_bytes(WRONG)
    with pytest.raises(Refusal, match="no longer what was downloaded; press Download"):
        check(KEY)
    fetch(KEY)
    assert here.read_bytes() == CONTENT


def test_a_set_that_is_missing_is_refused_with_what_to_do(server: Server) -> None:
    with pytest.raises(
        Refusal, match=r"MNIST \(digits\) is not here yet; press Download, or run: main.py download mnist"
    ):
        check(KEY)


def test_a_mirror_of_ones_own_is_asked_first(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.files[f"/class/{KEY}/{NAME}"] = CONTENT
    monkeypatch.setenv("NETWORK_PLAYGROUND_MIRROR", f"{server.url}/class/")
    fetch(KEY)
    assert server.paths == [f"/class/{KEY}/{NAME}"]


# -- cut off and resumed -----------------------------------------------------------------------------------------


def test_what_is_cut_off_goes_on_where_it_stopped(server: Server, here: Path) -> None:
    do_at_a(server, cut_after(2 * PIECE))
    fetch(KEY)
    assert here.read_bytes() == CONTENT
    asked = asked_at(server, "a")
    assert [headers.get("Range") for headers in asked] == [None, f"bytes={2 * PIECE}-", f"bytes={4 * PIECE}-"]
    assert asked[1]["If-Range"].startswith('"')
    assert asked[0]["Accept-Encoding"] == "identity"


def test_what_was_begun_in_an_earlier_session_goes_on(server: Server, here: Path) -> None:
    do_at_a(server, silent_after(2 * PIECE))
    cancelled_after(server, 2 * PIECE, here)
    del server.does[f"/a/{NAME}"]
    server.asked.clear()
    fetch(KEY)
    assert [headers.get("Range") for headers in asked_at(server, "a")] == [f"bytes={2 * PIECE}-"]
    assert here.read_bytes() == CONTENT


def cancelled_after(server: Server, n: int, here: Path) -> None:
    """Fetch so many bytes, then break it off."""

    def listen(_: float) -> None:
        if part_of(here).exists() and part_of(here).stat().st_size >= n:
            raise Enough

    with heard_by(listen), pytest.raises(Enough):
        fetch(KEY)
    assert part_of(here).stat().st_size == n


def test_a_file_that_changed_on_the_server_is_begun_anew(
    server: Server, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.files[f"/a/{NAME}"] = bytes(len(CONTENT))
    do_at_a(server, cut_after(2 * PIECE))

    def listen(_: float) -> None:
        if part_of(here).exists() and part_of(here).stat().st_size >= PIECE:
            raise Enough

    with heard_by(listen), pytest.raises(Enough):
        fetch(KEY)
    server.files[f"/a/{NAME}"] = CONTENT
    del server.does[f"/a/{NAME}"]
    server.asked.clear()
    fetch(KEY)
    assert len(server.asked) == 1, "If-Range made it the whole file at once"
    assert here.read_bytes() == CONTENT


def test_a_part_of_something_else_costs_one_more_try(server: Server, here: Path) -> None:
    here.parent.mkdir(parents=True)
    part_of(here).write_bytes(bytes(1000))
    fetch(KEY)
    assert here.read_bytes() == CONTENT
    assert [headers.get("Range") for headers in asked_at(server, "a")] == ["bytes=1000-", None]


def test_a_part_that_is_too_long_or_whole_already_does_no_harm(server: Server, here: Path) -> None:
    here.parent.mkdir(parents=True)
    part_of(here).write_bytes(CONTENT + b"more")
    fetch(KEY)
    assert here.read_bytes() == CONTENT
    here.rename(part_of(here))
    server.asked.clear()
    fetch(KEY)
    assert here.read_bytes() == CONTENT
    assert not server.asked


def test_the_next_place_goes_on_where_the_one_before_stopped(server: Server, here: Path) -> None:
    state = {"first": True}

    def once(handler: Handler) -> None:
        if state.pop("first", False):
            cut_after(3 * PIECE)(handler)
        else:
            answers(503, content_length=0)(handler)

    do_at_a(server, once)
    fetch(KEY)
    assert asked_at(server, "b")[0]["Range"] == f"bytes={3 * PIECE}-"
    assert "If-Range" not in asked_at(server, "b")[0], "that is another server's tag"
    assert here.read_bytes() == CONTENT


def test_a_server_that_ignores_what_is_there_delivers_all_anew(server: Server, here: Path) -> None:
    here.parent.mkdir(parents=True)
    part_of(here).write_bytes(CONTENT[:PIECE])
    do_at_a(server, answers(200, CONTENT, content_length=len(CONTENT)))
    fetch(KEY)
    assert here.read_bytes() == CONTENT
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "do",
    [
        answers(206, CONTENT, content_length=len(CONTENT), content_range=f"bytes 0-{len(CONTENT) - 1}/{len(CONTENT)}"),
        answers(206, CONTENT[PIECE:], content_range=f"bytes {PIECE}-9/{len(CONTENT) + 1}"),
        answers(206, CONTENT[PIECE:], content_range="bytes nonsense"),
        answers(206, CONTENT[PIECE:]),
        answers(416, content_length=0),
    ],
    ids=["all of it", "of another length", "nonsense", "no range", "416"],
)
def test_another_part_than_was_asked_for_is_not_appended(
    server: Server, here: Path, do: Callable[[Handler], None]
) -> None:
    here.parent.mkdir(parents=True)
    part_of(here).write_bytes(CONTENT[:PIECE])
    do_at_a(server, lambda handler: do(handler) if handler.start else whole(handler))
    fetch(KEY)
    assert here.read_bytes() == CONTENT


def test_a_server_that_never_gets_on_is_given_up(server: Server, here: Path) -> None:
    do_at_a(server, cut_after(100))
    fetch(KEY)
    assert len(asked_at(server, "a")) <= 4
    assert len(asked_at(server, "b")) == 1
    assert here.read_bytes() == CONTENT


# -- the wrong thing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "do",
    [
        answers(200, WRONG, content_length=len(WRONG)),
        answers(200, WRONG),
        answers(200, b"<html>Log in</html>", content_length=19),
        answers(200, b"<html>Log in</html>"),
        answers(200, CONTENT, content_length=len(CONTENT) + 5),
        answers(200, CONTENT[:-5], content_length=len(CONTENT) - 5),
        answers(200, b"", content_length=0),
        endless(),
        endless(content_length=2**40),
        endless(transfer_encoding="chunked"),
        answers(404, content_length=0),
        answers(403, b"no", content_length=2),
        answers(500, b"oh", content_length=2),
        endless(500),
        answers(204),
        answers(304),
        answers(301),
        answers(301, location="file:///etc/passwd"),
        answers(301, location="http://[broken"),
        endless(302, location="/nowhere"),
        says(b""),
        says(b"garbage\r\n\r\n"),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"),
        says(b"HTTP/1.1 999999 ?\r\n\r\n"),
        says(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n"),
        says(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n"),
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nxxxxx\r\n"),
    ],
)
def test_what_is_wrong_leads_to_the_next_place_and_at_last_to_one_sentence(
    server: Server, here: Path, do: Callable[[Handler], None]
) -> None:
    do_at_a(server, do)
    fetch(KEY)
    assert here.read_bytes() == CONTENT
    here.unlink()
    server.does[f"/b/{NAME}"] = do
    told = refused()
    assert re.fullmatch(
        rf"{NAME} could not be downloaded \(127\.0\.0\.1:\d+: .+\); check the network and try again", told
    )
    assert not here.exists()
    length = part_of(here).stat().st_size if part_of(here).exists() else 0
    assert length <= len(CONTENT)


def test_a_wrong_file_in_pieces_is_fetched_twice_at_most(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(monkeypatch, item(NAME, CONTENT, f"{server.url}/a"))
    server.files[f"/a/{NAME}"] = WRONG
    do_at_a(server, cut_after(2 * PIECE))
    assert "has another file under this name" in refused()
    assert len(server.asked) == 6


@pytest.mark.parametrize("do", [endless(), endless(transfer_encoding="chunked"), answers(206, CONTENT * 2)])
def test_never_more_is_written_than_there_should_be(server: Server, here: Path, do: Callable[[Handler], None]) -> None:
    do_at_a(server, do)
    lengths = [0]

    def listen(_: float) -> None:
        if part_of(here).exists():
            lengths.append(part_of(here).stat().st_size)

    with heard_by(listen):
        fetch(KEY)
    assert max(lengths) <= len(CONTENT)


def test_a_wrong_file_is_named_as_such(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(monkeypatch, item(NAME, CONTENT, f"{server.url}/a"))
    server.files[f"/a/{NAME}"] = WRONG
    assert "has another file under this name" in refused()
    do_at_a(server, answers(404))
    assert "does not have the file" in refused()
    do_at_a(server, answers(418))
    assert "answers 418" in refused()


def test_places_that_fail_alike_are_named_together_and_others_apart(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as other, serving() as third:
        third.does[f"/{NAME}"] = answers(500)
        publish(monkeypatch, item(NAME, CONTENT, f"{other.url}", f"{third.url}", f"{server.url}/c"))
        told = refused()
        one, two, three = (made.url[7:] for made in (other, third, server))
        assert f"({one}, {three}: does not have the file; {two}: answers 500)" in told


def test_redirects_are_followed_but_not_in_circles(server: Server, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server.files["/real"] = CONTENT
    do_at_a(server, answers(302, location="/step"))
    server.does["/step"] = endless(307, location=f"{server.url}/real")
    fetch(KEY)
    assert server.paths == [f"/a/{NAME}", "/step", "/real"]
    here.unlink()
    publish(monkeypatch, item(NAME, CONTENT, f"{server.url}/a"))
    server.does["/step"] = answers(307, location=f"/a/{NAME}")
    assert "leads from one address to the next without end" in refused()


def test_a_server_that_is_not_there_is_passed_over(server: Server, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
        publish(monkeypatch, item(NAME, CONTENT, nobody, f"{server.url}/a"))
        fetch(KEY)
        assert here.read_bytes() == CONTENT
        here.unlink()
        publish(monkeypatch, item(NAME, CONTENT, nobody))
        assert "refuses the connection" in refused()


def test_a_name_that_nobody_knows_is_said_to_be_so(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(monkeypatch, item(NAME, CONTENT, "http://nowhere.invalid"))
    assert "nowhere.invalid: cannot be found" in refused()


# -- too slow ----------------------------------------------------------------------------------------------------


def never_ending_header(handler: Handler) -> None:
    while not handler.server.over.wait(0.01):
        handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 50)


@pytest.mark.parametrize(
    "do", [Handler.wait, silent_after(PIECE), silent_after(PIECE + 7), dribble, never_ending_header]
)
def test_a_server_that_keeps_one_waiting_is_given_up(
    server: Server, here: Path, monkeypatch: pytest.MonkeyPatch, do: Callable[[Handler], None]
) -> None:
    monkeypatch.setattr(_link, "PATIENCE_S", 0.3)
    monkeypatch.setattr(_link, "ANSWER_S", 0.5)
    do_at_a(server, do)
    began = time.monotonic()
    fetch(KEY)
    assert time.monotonic() - began < 3
    assert here.read_bytes() == CONTENT
    assert len(asked_at(server, "b")) == 1


def test_slow_is_not_silent(server: Server, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_link, "PATIENCE_S", 0.4)

    def slow(handler: Handler) -> None:
        handler.begin(200, content_length=len(CONTENT))
        for at in range(0, len(CONTENT), PIECE):
            handler.server.over.wait(0.15)
            handler.wfile.write(CONTENT[at : at + PIECE])

    do_at_a(server, slow)
    fetch(KEY)
    assert server.paths == [f"/a/{NAME}"]


# -- cancelled ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("do", [Handler.wait, silent_after(PIECE), dribble, never_ending_header])
def test_it_can_be_cancelled_at_any_moment(server: Server, do: Callable[[Handler], None]) -> None:
    do_at_a(server, do)
    server.does[f"/b/{NAME}"] = do
    transfer = Transfer(KEY)
    transfer.start()
    until(lambda: server.asked)
    began = time.monotonic()
    transfer.cancel()
    transfer.join(2)
    assert not transfer.is_alive()
    assert time.monotonic() - began < 0.4  # a twentieth, and what a busy machine adds
    assert transfer.failure is None
    assert not is_here(KEY)


def test_it_can_be_cancelled_while_a_name_is_looked_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, over = threading.Event(), threading.Event()

    def look_up(*_: object, **__: object) -> list[object]:
        begun.set()
        over.wait(5)
        return []

    monkeypatch.setattr(_link.socket, "getaddrinfo", look_up)
    transfer = Transfer(KEY)
    transfer.start()
    assert begun.wait(5)
    transfer.cancel()
    transfer.join(0.3)
    assert not transfer.is_alive()
    over.set()


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 5
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


# -- several at once ---------------------------------------------------------------------------------------------


def test_two_at_once_fetch_it_once(server: Server, here: Path) -> None:
    do_at_a(server, cut_after(PIECE))
    both = [Transfer(KEY) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(10)
        assert one.failure is None
        assert one.share == 1.0
    assert here.read_bytes() == CONTENT
    ranges = [headers.get("Range") for headers in asked_at(server, "a")]
    assert len(ranges) == len(set(ranges)), "no byte was asked for twice"


def test_another_program_is_waited_for_until_it_is_done_or_dead(server: Server, here: Path) -> None:
    here.parent.mkdir(parents=True)
    part_of(here).write_bytes(CONTENT[: len(CONTENT) // 2])
    lock = str(here.parent / ".lock")
    program = f"import filelock, sys; lock = filelock.FileLock({lock!r}); lock.acquire(); print(flush=True); input()"
    other = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdin is not None
    assert other.stdout is not None
    with other:
        other.stdout.readline()
        cancelled, waiting = Transfer(KEY), Transfer(KEY)
        for one in (cancelled, waiting):
            one.start()
        until(lambda: abs(waiting.share - 0.5) < 0.01)  # what the other has done so far
        cancelled.cancel()
        cancelled.join(0.5)
        assert not cancelled.is_alive()
        assert not server.asked
        other.kill()
    waiting.join(5)
    assert here.read_bytes() == CONTENT


# -- the disk ----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_disk_that_becomes_full_is_said_to_be_full(server: Server, here: Path) -> None:
    here.parent.mkdir(parents=True)
    part_of(here).symlink_to("/dev/full")
    assert re.fullmatch(r"The disk that holds .*mnist is full; make room on it and try again", refused())
    assert not part_of(here).is_symlink()
    assert len(asked_at(server, "b")) == 0, "no other place helps"


def test_what_does_not_fit_is_not_begun(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    free = SimpleNamespace(free=_disk.SPARE + len(CONTENT) - 1)
    monkeypatch.setattr(_disk.shutil, "disk_usage", lambda _: free)
    assert "is full" in refused()
    assert not server.asked
    free.free += 1
    fetch(KEY)


def test_a_folder_that_cannot_be_written_is_said_to_be_so(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NETWORK_PLAYGROUND_CACHE", str(tmp_path / "file"))
    assert re.search(r"cannot be written \(.+\); check the permissions of the folder", refused())


# -- where things lie --------------------------------------------------------------------------------------------


def test_the_cache_is_the_users_own_unless_another_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETWORK_PLAYGROUND_CACHE", str(tmp_path / "c"))
    monkeypatch.setenv("NETWORK_PLAYGROUND_HOME", str(tmp_path / "h"))
    assert folder_of(KEY) == tmp_path / "c" / "data" / KEY
    monkeypatch.delenv("NETWORK_PLAYGROUND_CACHE")
    assert downloads.cache_folder() == tmp_path / "h" / "cache"
    monkeypatch.delenv("NETWORK_PLAYGROUND_HOME")
    assert "network-playground" in str(downloads.cache_folder())


@pytest.mark.parametrize("one", CATALOGUE, ids=lambda one: one.key)
def test_the_catalogue_is_sound(one: downloads.Downloadable) -> None:
    assert SETS[one.key] is one
    assert one.licence
    assert one.about
    names = [made.name for made in one.items]
    assert len(set(names)) == len(names)
    assert not one.members or len(one.items) == 1
    for made in one.items:
        assert re.fullmatch(r"[0-9a-f]{64}", made.sha256)
        assert 1000 < made.size < 2**28
        assert made.urls
        for url in made.urls:
            assert re.fullmatch(r"https?://[a-z0-9.-]+/\S+", url)
            assert url.endswith(made.name)
    for name in (*names, *one.members):
        assert re.fullmatch(r"[a-z0-9][a-z0-9_.-]+", name)
    sums = [made.sha256 for other in CATALOGUE for made in other.items]
    assert len(set(sums)) == len(sums), "one was copied from another's row"


def test_the_files_of_a_treebank_are_pinned_to_a_release() -> None:
    for key in ("ud-english-ewt", "ud-chinese-gsdsimp"):
        assert all("r2.7" in url for made in SETS[key].items for url in made.urls)


def test_listing_what_can_be_had_imports_no_network() -> None:
    program = (
        "import sys, playground.data, playground.downloads\n"
        "print({'http.client', 'ssl', 'filelock'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# -- certificates and proxies ------------------------------------------------------------------------------------


@pytest.fixture
def secure(server: Server, tmp_path: Path) -> Server:
    """The same server with TLS and a certificate that only the test trusts."""
    import shutil
    import ssl

    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.scheme = "https"
    return server


@pytest.fixture
def trusted(secure: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Server:
    import ssl

    context = ssl.create_default_context(cafile=str(tmp_path / "certificate.pem"))
    monkeypatch.setattr(_link, "_context", lambda: context)
    publish(monkeypatch, item(NAME, CONTENT, f"{secure.url}/a"))
    return secure


def test_a_secure_server_is_asked_securely(trusted: Server, here: Path) -> None:
    do_at_a(trusted, cut_after(2 * PIECE))
    fetch(KEY)
    assert here.read_bytes() == CONTENT
    assert len(trusted.asked) == 3


def test_a_secure_server_that_falls_silent_can_be_cancelled(trusted: Server) -> None:
    do_at_a(trusted, silent_after(PIECE))
    transfer = Transfer(KEY)
    transfer.start()
    until(lambda: transfer.share > 0)
    transfer.cancel()
    transfer.join(0.3)
    assert not transfer.is_alive()


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(secure: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(monkeypatch, item(NAME, CONTENT, f"{secure.url}/a"))
    assert "its certificate cannot be trusted" in refused()
    assert not secure.asked


def test_a_proxy_is_used(server: Server, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(monkeypatch, item(NAME, CONTENT, "http://nowhere.invalid"))
    server.files[f"http://nowhere.invalid/{NAME}"] = CONTENT
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("http_proxy", server.url)
    fetch(KEY)
    assert here.read_bytes() == CONTENT


def test_a_secure_server_is_reached_through_a_proxys_tunnel(
    trusted: Server, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tunnel(handler: Handler) -> None:
        host, _, port = handler.path.rpartition(":")
        with socket.create_connection((host, int(port))) as there:
            handler.wfile.write(b"HTTP/1.0 200 Connection established\r\n\r\n")
            back = threading.Thread(target=relay, args=(there, handler.connection))
            back.start()
            relay(handler.connection, there)
            back.join()

    with serving() as proxy:
        proxy.does["CONNECT"] = tunnel
        monkeypatch.setenv("no_proxy", "")
        monkeypatch.setenv("https_proxy", proxy.url)
        fetch(KEY)
        assert proxy.paths == [trusted.url[8:]]
    assert here.read_bytes() == CONTENT


def relay(one: socket.socket, other: socket.socket) -> None:
    try:
        while piece := one.recv(65536):
            other.sendall(piece)
        other.shutdown(socket.SHUT_WR)
    except OSError:
        pass
