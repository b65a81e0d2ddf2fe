"""Where a meeting server posts: event_sync, reservations (both by bearer secret), and JaaS webhooks (signed).

All three answer in milliseconds: they store and let attendance interpret in a transaction of its own. Which of several
servers speaks is known by its secret alone.
"""

import hmac
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from lms import clock
from lms.accounts import guard
from lms.db import Db, reading, writing
from lms.kernel.errors import Invalid
from lms.sessions.jitsi import reservations, wire
from lms.sessions.jitsi import self_test as chain
from lms.sessions.jitsi.rules import JitsiServer
from lms.sessions.jitsi.signature import is_genuine, is_recent
from lms.sessions.meeting_place import meeting_servers
from lms.sessions.service import self_test as tests
from lms.sessions.service import server_events
from lms.web.i18n import Reader, reading_as, say

# The largest honest body is `destroyed` of a full room; webhooks carry chat histories only by link.
LARGEST_BODY = 512 * 1024
# And it is here within this many seconds; honest ones need milliseconds.
SLOWEST_BODY = 5.0
# After these the rest of the post is not wanted.
_LAST_WORDS = frozenset({401, 403, 408, 413})

blueprint = Blueprint("jitsi", __name__, url_prefix="/jitsi")


def init_app(app: Flask, csrf: Any) -> None:
    """Bind the endpoints; no browser calls them, so they carry no form token."""
    app.register_blueprint(blueprint)
    csrf.exempt(blueprint)


def _sender() -> JitsiServer | Response:
    """Return the meeting server whose bearer secret the caller holds, or the refusal of one who holds none of them or
    comes from elsewhere. Every secret is compared, and each takes the same time."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip().encode()
    found: JitsiServer | None = None
    for server in meeting_servers().servers:
        secret = server.events_secret.encode()
        if hmac.compare_digest(given, secret) and secret:
            found = server
    if found is None:
        return _answer(401, {})
    if found.events_from and not _comes_from(found.events_from):
        return _answer(403, {})
    return found


def refused() -> Response | None:
    """Return the refusal of a caller who is no meeting server of ours, or None when it may pass."""
    server = _sender()
    return server if isinstance(server, Response) else None


def _comes_from(networks: str) -> bool:
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    return any(address in ip_network(part.strip(), strict=False) for part in networks.split(",") if part.strip())


def _answer(status: int, body: dict[str, Any]) -> Response:
    response = jsonify(body)
    response.status_code = status
    if status in _LAST_WORDS:
        # What was not read of the post would be taken for the next one.
        response.headers["Connection"] = "close"
    return response


def _body() -> bytes | Response:
    """Return the body, or the refusal of one larger or slower than any honest one; what is too large is not read."""
    length = request.content_length
    if (length or 0) > LARGEST_BODY:
        return _answer(413, {"code": "post_too_large"})
    request.max_content_length = LARGEST_BODY + 1
    try:
        with _in_time():
            body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return _answer(413, {"code": "post_too_large"})
    except (ClientDisconnected, OSError):
        return _answer(408, {"code": "post_too_slow"})
    # A body without a length is cut off at the most we read, and one cut off by us is shorter than it was to be.
    if len(body) > LARGEST_BODY:
        return _answer(413, {"code": "post_too_large"})
    return body if length is None or len(body) >= length else _answer(408, {"code": "post_too_slow"})


@contextmanager
def _in_time() -> Iterator[None]:
    """Give the body of this post so many seconds; then no more of it is read.

    A body that comes drop by drop would hold a thread for as long as its sender likes, since a read has no end of
    its own. nginx takes bodies in before it asks us; this is for where none stands before us.
    """
    connection: socket.socket | None = request.environ.get("gunicorn.socket")
    if connection is None:
        yield
        return
    watch = threading.Timer(SLOWEST_BODY, _read_no_more, [connection])
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _read_no_more(connection: socket.socket) -> None:
    with suppress(OSError):  # it is gone already
        connection.shutdown(socket.SHUT_RD)


@blueprint.post("/events/<path:_event>")
@guard.public
def event_sync(_event: str) -> Response:
    """Take one event of Prosody's event_sync component. The body names the event; the address repeats it."""
    server = _sender()
    return _take(server, "event_sync", wire.read_event_sync) if isinstance(server, JitsiServer) else server


@blueprint.post("/webhook")
@guard.public
def webhook() -> Response:
    """Take one JaaS webhook event, signed by its secret, or say how a room that is about to open shall be."""
    header, at = request.headers.get("X-Jaas-Signature", ""), clock.now()
    if not is_recent(header, at=at):
        return _answer(401, {})
    body = _body()
    if isinstance(body, Response):
        return body
    signed = [server for server in meeting_servers().servers if is_genuine(header, body, server.webhook_secret, at=at)]
    if not signed:
        return _answer(401, {})
    asked_room = wire.read_provisioning(body)
    if asked_room is not None:
        return _provision(asked_room, at)
    return _take(signed[0], "jaas", wire.read_jaas, body)


def _take(server: JitsiServer, sender: str, read: Any, body: bytes | None = None) -> Response:
    """Store the event and answer 200; what is no event is refused with 400, which neither sender repeats."""
    given = _body() if body is None else body
    if isinstance(given, Response):
        return given
    at = clock.now()
    try:
        event = read(given, at=at)
    except Invalid as invalid:
        return _answer(400, {"code": invalid.code})
    with writing() as db:
        is_new = server_events.store(db, event, meeting_servers(), server=server.key, sender=sender, body=given, at=at)
    if is_new:
        server_events.interpret(at)
    return _answer(200, {"ok": True, "new": is_new})


def _provision(room: str, at: datetime) -> Response:
    """Tell JaaS how a room shall be: outside a session's doors everybody waits for a moderator."""
    with reading() as db:
        found = server_events.reservation_of(db, meeting_servers(), room=room)
    is_open = found is not None and not found.cancelled and found.opens <= at < found.closes
    return _answer(200, reservations.provisioning(is_open))


@blueprint.post("/reservations/conference")
@guard.public
def reserve() -> Response:
    """Tell Prosody whether this room may be opened now. It asks about the room and cannot say for whom."""
    server = _sender()
    if not isinstance(server, JitsiServer):
        return server
    body = _body()
    if isinstance(body, Response):
        return body
    try:
        form = dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=50))
    except ValueError:
        return _answer(400, {"code": "post_form"})
    at = clock.now()
    asked, owner = form.get("name", "")[:200], form.get("mail_owner", "")[:200]
    if chain.is_test_room(asked, current_app.config["SETTINGS"].secret_key, at=at):
        return _reserve_test(asked, owner, server, at)
    with reading() as db:
        answer = reservations.answer(asked, owner, _reservation(db, server, room=asked), at=at)
    if answer.opens_room:
        with writing() as db:
            server_events.note_opening(db, asked, server.key, at=at)
    return _worded(answer)


def _reserve_test(room: str, owner: str, server: JitsiServer, at: datetime) -> Response:
    """Let a self-test's room be opened like any other, and note that the server asked."""
    with writing() as db:
        tests.note_asked(db, room, server.key, at=at)
    opens = at + reservations.OPENS_BEFORE_DOORS
    found = reservations.Reservation(room, room, opens, at + chain.LASTS)
    return _worded(reservations.answer(room, owner, found, at=at))


@blueprint.get("/reservations/conference/<conference_id>")
@guard.public
def reservation(conference_id: str) -> Response:
    """Tell Prosody about a reservation it was pointed to by a conflict."""
    server = _sender()
    if not isinstance(server, JitsiServer):
        return server
    session_id = reservations.session_id_of(conference_id)
    with reading() as db:
        found = _reservation(db, server, session_id=session_id) if session_id is not None else None
    if found is None or found.elsewhere:
        return _answer(404, {})
    return _worded(reservations.conference(found, "", at=clock.now()))


@blueprint.delete("/reservations/conference/<conference_id>")
@guard.public
def release(conference_id: str) -> Response:
    """Take note that a room is gone. The session stays open: people may come back until its doors close."""
    server = _sender()
    if not isinstance(server, JitsiServer):
        return server
    session_id = reservations.session_id_of(conference_id)
    if session_id is not None:
        with writing() as db:
            server_events.note_closing(db, session_id, server.key, at=clock.now())
    return _answer(200, {})


def _reservation(db: Db, server: JitsiServer, **which: Any) -> reservations.Reservation | None:
    return server_events.reservation_of(db, servers=meeting_servers(), asker=server.key, **which)


def _worded(answer: reservations.Answer) -> Response:
    """Return the answer; its message, shown to whoever knocked, is in both languages since nobody knows who did."""
    body = dict(answer.body)
    if answer.said is not None:
        words = []
        for language in ("id", "en"):
            with reading_as(Reader(language)):
                words.append(say(answer.said))
        body["message"] = " / ".join(words)
    return _answer(answer.status, body)
