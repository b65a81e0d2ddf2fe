"""What static/js/sessions/room.js does, in Python: one device of one person in a session's room."""

import contextlib
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import socketio

from tests.integration.live.serving import Server, cookie, wait_until

ACK_SECONDS = 8


class RoomPage:
    """A page in the room: it tells what happens until acknowledged, and resumes on every new connection."""

    def __init__(self, session_id: int, person_id: int, *, device: str = "", stamp: int = 1) -> None:
        self.session_id = session_id
        self.person_id = person_id
        self.device = device or secrets.token_hex(10)
        self.headers = {"Cookie": cookie(person_id, stamp)}
        self.inside = False
        self.sequence = 0
        self.heard: list[tuple[str, Any]] = []
        self.answers: list[dict[str, Any]] = []
        self.resumed_times = 0
        self.client = socketio.Client(reconnection_delay=0.3, reconnection_delay_max=1, randomization_factor=0)
        self.client.on("connect", self._connected)
        self.client.on("*", lambda event, message=None: self.heard.append((event, message)))

    def open(self, server: Server | str) -> "RoomPage":
        url = server if isinstance(server, str) else server.url
        self.client.connect(url, headers=self.headers, transports=["websocket"], wait_timeout=30)
        return self

    def turn_to(self, server: Server | str) -> None:
        """Reach this server from the next reconnect on: what a load balancer in front would do."""
        self.client.connection_url = server if isinstance(server, str) else server.url

    def payload(self, key: str = "", happened: float | None = None) -> dict[str, Any]:
        self.sequence += 1
        return {
            "session": self.session_id,
            "device": self.device,
            "key": key or secrets.token_hex(10),
            "sequence": self.sequence,
            "ago_ms": round((time.monotonic() - happened) * 1000) if happened is not None else 0,
        }

    def ask(self, event: str, payload: dict[str, Any] | None = None, timeout: float = ACK_SECONDS) -> dict[str, Any]:
        """Return the acknowledgement; socketio's TimeoutError when none comes."""
        return self.client.call(event, payload or {"session": self.session_id}, timeout=timeout)  # type: ignore[no-any-return]

    def tell(self, kind: str, *, key: str = "", timeout: float = ACK_SECONDS) -> dict[str, Any]:
        """Tell the server once and return its acknowledgement."""
        answer = self.ask(f"attendance:{kind}", self.payload(key), timeout)
        self.answers.append(answer)
        return answer

    def tell_until_stored(self, kind: str, *, seconds: float = 90) -> dict[str, Any]:
        """Tell under one key until it is acknowledged, as the page does while the database is away."""
        payload = self.payload()
        happened, give_up = time.monotonic(), time.monotonic() + seconds
        while time.monotonic() < give_up:
            payload["ago_ms"] = round((time.monotonic() - happened) * 1000)
            with contextlib.suppress(socketio.exceptions.SocketIOError):
                answer = self.ask(f"attendance:{kind}", payload)
                if answer["ok"] or answer["code"] != "http_500":
                    self.answers.append(answer)
                    return answer
            time.sleep(0.3)
        raise AssertionError(f"{kind} was never acknowledged")

    def enter(self) -> dict[str, Any]:
        answer = self.tell("joined")
        assert answer["ok"], answer
        self.inside = True
        return answer

    def _connected(self) -> None:
        if self.inside:
            # In a thread of its own: the client's reader must stay free to bring the acknowledgement.
            threading.Thread(target=self._resume, daemon=True).start()

    def _resume(self) -> None:
        with contextlib.suppress(AssertionError):
            if self.tell_until_stored("resumed")["ok"]:
                self.resumed_times += 1

    @property
    def tcp(self) -> socket.socket:
        return self.client.eio.ws.sock  # type: ignore[no-any-return]

    def cut(self) -> None:
        """Have the network end this page's connection; the page comes back by itself."""
        with contextlib.suppress(OSError):
            self.tcp.shutdown(socket.SHUT_RDWR)

    def said(self, event: str) -> list[Any]:
        """Return what the server pushed under this name so far."""
        return [message for name, message in list(self.heard) if name == event]

    def close(self) -> None:
        self.client.reconnection = False
        with contextlib.suppress(Exception):
            self.client.shutdown()


@contextlib.contextmanager
def pages(*opened: RoomPage) -> Iterator[tuple[RoomPage, ...]]:
    """Close these pages at the end, whatever happens."""
    try:
        yield opened
    finally:
        for page in opened:
            page.close()


class Register(RoomPage):
    """A coordinator's page watching the live register: keeps each person's newest line."""

    def __init__(self, session_id: int, person_id: int) -> None:
        super().__init__(session_id, person_id)
        self.lines: dict[int, dict[str, Any]] = {}
        self.client.on("register:lines", self._fill)

    def watch(self, server: Server) -> "Register":
        self.open(server)
        answer = self.ask("register:watch")
        assert answer["ok"], answer
        self._fill(answer)
        return self

    def _fill(self, message: dict[str, Any]) -> None:
        for line in message["lines"]:
            self.lines[line["person"]] = line

    def wait_for(self, person_id: int, group: str, seconds: float = 30) -> dict[str, Any]:
        """Return the person's line once it shows this group."""

        def shown() -> dict[str, Any] | None:
            line = self.lines.get(person_id)
            return line if line is not None and line["group"] == group else None

        return wait_until(shown, seconds)  # type: ignore[no-any-return]
