"""The client against real sockets that misbehave: it comes back with a typed error, every time."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from lms.sessions.jitsi import client as module
from lms.sessions.jitsi.client import JitsiClient, JitsiNonsense, JitsiRefused, JitsiUnreachable, Reach
from lms.sessions.jitsi.health import HealthWatch
from lms.sessions.jitsi.rules import JitsiServer, ServerKind
from tests.browser.jitsi_stand_in.server import StandIn, free_port

Answer = Callable[[socket.socket], None]

SOUND = b'HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n{"participants":17}'


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONNECT_SECONDS", "READ_SECONDS", "HEALTH_CONNECT_SECONDS", "HEALTH_READ_SECONDS"):
        monkeypatch.setattr(module, name, 0.3)


@contextmanager
def listening(answers: list[Answer]) -> Iterator[tuple[str, list[bytes]]]:
    """A server that gives these answers, one a connection, then the last one: its address and what it was asked."""
    asked: list[bytes] = []
    over = threading.Event()

    def serve(listener: socket.socket) -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    asked.append(connection.recv(4096).split(b"\r\n")[0])
                    answers[min(len(asked), len(answers)) - 1](connection)
                except OSError:
                    continue

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
        over.set()
        thread.join()


def say(words: bytes) -> Answer:
    return lambda connection: connection.sendall(words)


def hang(connection: socket.socket) -> None:
    connection.recv(1)  # until the other side gives up


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b" ")
        threading.Event().wait(0.05)


def hang_up(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{")


def asking(address: str, domain: str = "meet.example") -> JitsiClient:
    server = JitsiServer(
        kind=ServerKind.SELF_HOSTED, domain=domain, app_id="jembatan", secret="s3cret-" * 6, api_url=address
    )
    return JitsiClient(server, sleep=lambda seconds: None)


def test_a_sound_answer_is_read() -> None:
    with listening([say(SOUND)]) as (address, asked):
        assert asking(address).room_size("kelas-1") == 17
    assert asked == [b"GET /room-size?room=kelas-1&domain=meet.example HTTP/1.1"]


def test_a_server_that_comes_back_is_heard_at_the_second_try() -> None:
    with listening([hang, say(SOUND)]) as (address, asked):
        assert asking(address).room_size("kelas-1") == 17
    assert len(asked) == 2


@pytest.mark.parametrize("answer", [hang, drip, hang_up, say(b"")])
def test_silence_dripping_and_hanging_up_are_no_answer(answer: Answer) -> None:
    with listening([answer]) as (address, asked):
        with pytest.raises(JitsiUnreachable):
            asking(address).room_size("kelas-1")
    assert len(asked) == 2


def test_a_port_where_nobody_listens_is_no_answer() -> None:
    with pytest.raises(JitsiUnreachable):
        asking(f"http://127.0.0.1:{free_port()}").room_census()


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", JitsiRefused),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", JitsiRefused),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", JitsiNonsense),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", JitsiUnreachable),
        (b"SSH-2.0-OpenSSH_9.2\r\n", JitsiUnreachable),
    ],
)
def test_another_program_at_the_address_is_a_typed_error(words: bytes, error: type[Exception]) -> None:
    with listening([say(words)]) as (address, _), pytest.raises(error):
        asking(address).room_size("kelas-1")


def test_a_certificate_nobody_vouches_for_is_named() -> None:
    with StandIn() as stand_in:
        health = asking("", stand_in.domain).health()
    assert health.reach is Reach.SILENT
    assert health.said is not None
    assert (health.said.code, health.said.params) == ("jitsi_certificate", {"domain": stand_in.domain})


def test_a_page_beside_a_server_that_hangs_is_answered_from_memory() -> None:
    done = threading.Event()
    with StandIn() as stand_in:
        stand_in.script = "hangs"
        watch = HealthWatch(asking("", stand_in.domain), start=lambda work: _beside(work, done))
        assert {watch.look().reach for _ in range(100)} == {Reach.UNKNOWN}
        assert done.wait(10)
        assert watch.look().reach is Reach.SILENT


def _beside(work: Callable[[], None], done: threading.Event) -> None:
    def run() -> None:
        work()
        done.set()

    threading.Thread(target=run, daemon=True).start()
