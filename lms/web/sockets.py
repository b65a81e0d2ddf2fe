"""Socket.IO: one server a process, guarded before it costs a thread, always acknowledging, always knowing when
each client was last heard.

Handlers are collected by `@on(event)` at import and bound by `init_app`. Each returns a dict that becomes
`{"ok": true, …}`; a refusal becomes `{"ok": false, "code", "text"}`; nothing ends without an acknowledgement.
"""

import functools
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import engineio.server
import engineio.socket
from flask import Flask, request, session
from flask_login import current_user
from flask_socketio import SocketIO
from pydantic import BaseModel

from lms import clock
from lms.kernel.errors import Refusal
from lms.web.forms import draft_from
from lms.web.i18n import say

log = logging.getLogger(__name__)

# A silent client is asked after at most PING_INTERVAL, given up PING_TIMEOUT later, and looked at once in every
# PING_TIMEOUT: gone in 26 seconds at the latest, so that the register can show it within 30.
PING_INTERVAL = 10
PING_TIMEOUT = 8
MAX_MESSAGE_BYTES = 64 * 1024

Handler = Callable[[Any], dict[str, Any] | None]
D = TypeVar("D", bound=BaseModel)


class HeardSocket(engineio.socket.Socket):
    """An Engine.IO socket that remembers when it opened and when its client was last heard: a message, a pong, or
    the end of the connection from its side."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.opened_at: datetime = clock.now()
        self.heard_at: datetime = self.opened_at
        self._websocket: Any = None

    def receive(self, pkt: Any) -> Any:
        self.heard_at = clock.now()
        return super().receive(pkt)

    def _websocket_handler(self, ws: Any) -> Any:
        self._websocket = ws
        return super()._websocket_handler(ws)

    def close(self, wait: bool = True, abort: bool = False, reason: Any = None) -> None:
        if reason == self.server.reason.TRANSPORT_CLOSE and not self.closing:
            # That the other side ended the connection is a word from it, too: until now it was there.
            self.heard_at = clock.now()
        super().close(wait=wait, abort=abort, reason=reason)
        if reason == self.server.reason.PING_TIMEOUT and self._websocket is not None:
            # The writer may be stuck in send() to a client that no longer reads, and would never see the end.
            _shut(self._websocket)


def _shut(websocket: Any) -> None:
    """End the TCP connection, so that whatever thread reads or writes on it goes on."""
    sock = getattr(getattr(websocket, "ws", None), "sock", None)
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            log.debug("the connection was already closed")


class _ShuttingWebSocket:
    """Builds the websocket wrapper with a frame limit, and shuts the TCP socket when it closes.

    Without the limit an anonymous 150 MB frame sits in memory before anyone looks at its size. Without
    the shutdown a client that vanished keeps its server thread blocked in recv() after the ping timeout,
    and forty of those hang every request.
    """

    def __init__(self, wrapped: Any) -> None:
        self.wrapped = wrapped

    def __call__(self, handler: Any, server: Any) -> Any:
        websocket = self.wrapped(handler, server, max_message_size=MAX_MESSAGE_BYTES)
        close = websocket.close

        def close_and_shut() -> None:
            try:
                close()
            except OSError:
                # The other side was quicker; raised into the writer's thread it would leave a queue half read.
                log.debug("the connection was already closed")
            finally:
                _shut(websocket)

        websocket.close = close_and_shut
        return websocket


# python-engineio has no hook for its socket class; a test pins that the replacement takes effect.
engineio.server.socket.Socket = HeardSocket

EVENTS: dict[str, Callable[..., Any]] = {}
_on_disconnect: list[Callable[[str, datetime, str], None]] = []
# Flask-SocketIO's stubs know neither its server nor its options.
_io: Any = None
_most_open: int | None = None
_told_full_at = float("-inf")


def on(
    event: str, draft: type[D] | None = None
) -> Callable[[Callable[..., dict[str, Any] | None]], Callable[..., Any]]:
    """Register a handler for a client event; with `draft` the payload arrives validated.

    The function stays reachable as `EVENTS[event].handler` for the test that checks it is guarded.
    """

    def register(handler: Callable[..., dict[str, Any] | None]) -> Callable[..., Any]:
        @functools.wraps(handler)
        def answer(payload: Any = None) -> dict[str, Any]:
            try:
                given = payload if isinstance(payload, dict) else {}
                result = handler(draft_from(draft, given)) if draft is not None else handler(given)
            except Refusal as refusal:
                return {"ok": False, "code": refusal.code, "text": say(refusal.said)}
            except Exception:
                log.exception("fault in socket event %s", event)
                return {"ok": False, "code": "http_500", "text": say("http_500")}
            return {"ok": True, **(result or {})}

        answer.handler = handler  # type: ignore[attr-defined]
        EVENTS[event] = answer
        return handler

    return register


def on_disconnect(call: Callable[[str, datetime, str], None]) -> Callable[[str, datetime, str], None]:
    """Register `call(sid, last_heard, reason)`; it must only enqueue, since disconnects run one after another."""
    if call not in _on_disconnect:
        _on_disconnect.append(call)
    return call


def init_app(app: Flask) -> Any:
    """Create this process's Socket.IO server on the app and return it."""
    global _io
    settings = app.config["SETTINGS"]
    io: Any = SocketIO(
        app,
        async_mode="threading",
        ping_interval=PING_INTERVAL,
        ping_timeout=PING_TIMEOUT,
        max_http_buffer_size=MAX_MESSAGE_BYTES,
        message_queue=settings.redis_url or None,
        # Redis carries messages across its numbered databases: two sites on one server must not hear each other.
        channel=f"jembatan{urlsplit(settings.redis_url).path}",
        manage_session=False,
        # No Redis log noise or client noise at info level: one line per ping would drown what matters.
        logger=False,
        engineio_logger=False,
    )
    eio = io.server.eio
    eio._async = dict(eio._async, websocket=_ShuttingWebSocket(eio._async["websocket"]))

    @io.on("connect")
    def connect(_auth: Any = None) -> bool:
        try:
            if not current_user.is_authenticated:
                return False
            io.server.enter_room(request.sid, person_room(current_user.id))  # type: ignore[attr-defined]
            if browser := session.get("browser"):
                io.server.enter_room(request.sid, browser_room(browser))  # type: ignore[attr-defined]
        except Exception:
            # Unanswered, the client would wait for ever, and refused it would not try again; cut off, it comes back.
            sock = _engine_socket(current_sid())
            if sock is not None:
                sock.close(wait=False)
            raise
        return True

    @io.on("disconnect")
    def gone(reason: str = "") -> None:
        sid = request.sid  # type: ignore[attr-defined]
        heard = last_heard(sid) or clock.now()
        for call in _on_disconnect:
            call(sid, heard, str(reason))

    for event, answer in EVENTS.items():
        io.on_event(event, answer)
    _guard_handshake(app, io)
    _io = io
    return io


def allow_at_most(number: int) -> None:
    """Refuse new connections once so many are open: each holds a thread, and pages need some too."""
    global _most_open
    _most_open = number


def _is_full(io: SocketIO) -> bool:
    global _told_full_at
    sockets = io.server.eio.sockets  # type: ignore[attr-defined]
    if _most_open is None or len(sockets) < _most_open:
        return False
    # The closed ones are cleared away only now and then.
    if sum(not sock.closed for sock in list(sockets.values())) < _most_open:
        return False
    if time.monotonic() - _told_full_at > 60:
        _told_full_at = time.monotonic()
        log.warning("%d sockets are open: no more are taken", _most_open)
    return True


def _guard_handshake(app: Flask, io: SocketIO) -> None:
    """Refuse an Engine.IO handshake that is anonymous or one too many before it holds a thread for good; refusing
    in `connect` would keep it open."""
    inner = app.wsgi_app

    def refused(status: str, start_response: Any) -> list[bytes]:
        start_response(status, [("Content-Type", "text/plain"), ("Content-Length", "0")])
        return [b""]

    def guarded(environ: Any, start_response: Any) -> Any:
        if environ.get("PATH_INFO", "").startswith("/socket.io"):
            with app.request_context(environ):
                if not current_user.is_authenticated:
                    return refused("401 Unauthorized", start_response)
            if "sid=" not in environ.get("QUERY_STRING", "") and _is_full(io):
                return refused("503 Service Unavailable", start_response)
        return inner(environ, start_response)

    app.wsgi_app = guarded  # type: ignore[method-assign]


def io() -> Any:
    """Return this process's Socket.IO server; RuntimeError before `init_app`."""
    if _io is None:
        raise RuntimeError("Socket.IO is not set up: call create_app() first")
    return _io


def emit(event: str, payload: dict[str, Any], *, to: str) -> None:
    """Send to a room, across processes when Redis is set; from any thread, after the commit only."""
    io().emit(event, payload, to=to)


def person_room(person_id: int) -> str:
    return f"person:{person_id}"


def browser_room(browser: str) -> str:
    return f"browser:{browser}"


def sign_out_sockets(person_ids: Iterable[int]) -> None:
    """End these people's sockets so that they do not reconnect by themselves (sign-out everywhere, deactivation)."""
    for person_id in person_ids:
        _dismiss(person_room(person_id))


def sign_out_browser(browser: str | None) -> None:
    """End the sockets of one browser's other tabs when its person signs out there; other devices stay."""
    if browser:
        _dismiss(browser_room(browser))


def _dismiss(room: str) -> None:
    """Tell the room's clients to leave, and disconnect those of this process.

    Clients of other processes leave by the message; one that ignores it is refused at its next event, since
    the user loader no longer knows it.
    """
    emit("signed_out", {}, to=room)
    server = io().server
    for sid, _eio_sid in list(server.manager.get_participants("/", room)):
        threading.Thread(target=server.disconnect, args=(sid,), daemon=True, name="dismiss").start()


def opened(sid: str) -> datetime | None:
    """Return when this process accepted the connection of this Socket.IO id; None when it holds no such."""
    sock = _engine_socket(sid)
    return sock.opened_at if sock is not None else None


def last_heard(sid: str) -> datetime | None:
    """Return when this process last heard the client of this Socket.IO connection; None when unknown."""
    sock = _engine_socket(sid)
    return sock.heard_at if sock is not None else None


def _engine_socket(sid: str) -> HeardSocket | None:
    server = io().server
    eio_sid = server.manager.eio_sid_from_sid(sid, "/")
    return server.eio.sockets.get(eio_sid) if eio_sid else None


def is_alive(sid: str) -> bool:
    """Return whether this process still holds that connection open."""
    if not io().server.manager.is_connected(sid, "/"):
        return False
    sock = _engine_socket(sid)
    return sock is not None and not sock.closed and not sock.closing


def living() -> dict[str, datetime]:
    """Return every connection this process holds open: Socket.IO id → when its client was last heard."""
    found = {}
    for sid, _ in list(io().server.manager.get_participants("/", None)):
        heard = last_heard(sid)
        if heard is not None and is_alive(sid):
            found[sid] = heard
    return found


def is_watched(prefix: str) -> bool:
    """Return whether anyone may listen in a room of this name or below it (`name:…`).

    With Redis the listeners may sit in another process, so the answer is yes.
    """
    if io().server_options.get("message_queue") or io().server.manager.__class__.__name__ != "Manager":
        return True
    rooms = io().server.manager.rooms.get("/", {})
    return any(room == prefix or str(room).startswith(f"{prefix}:") for room in list(rooms) if room)


def enter(room: str) -> None:
    """Put the current event's connection into a room."""
    io().server.enter_room(request.sid, room)  # type: ignore[attr-defined]


def leave(room: str) -> None:
    io().server.leave_room(request.sid, room)  # type: ignore[attr-defined]


def current_sid() -> str:
    return request.sid  # type: ignore[attr-defined]


def close_all() -> None:
    """End every Engine.IO connection of this process, so that clients reconnect elsewhere; for a graceful stop.

    Closing at this level reads as `transport close` in the browser, which reconnects by itself. A
    Socket.IO disconnect would read as a dismissal, and the page would stay silent.
    """
    for sock in list(io().server.eio.sockets.values()):
        # Without waiting for a goodbye to be written: the queue of a client that no longer reads never empties. And
        # without the goodbye: a client that honours it would believe it was sent away.
        sock.close(wait=False, abort=True)
