"""Where a meeting server posts: event_sync, reservations (both by bearer secret), and JaaS webhooks (signed).

All three answer in milliseconds: they store and let attendance interpret in a transaction of its own.
"""

import hmac
from ipaddress import ip_address, ip_network
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, request

from lms import clock
from lms.accounts import guard
from lms.db import reading, writing
from lms.kernel.errors import Invalid
from lms.sessions.jitsi import reservations, wire
from lms.sessions.jitsi.signature import is_genuine
from lms.sessions.service import server_events
from lms.settings import Settings
from lms.web.i18n import Reader, reading_as, say

# The largest honest body is `destroyed` of a full room; webhooks carry chat histories only by link.
LARGEST_BODY = 512 * 1024

blueprint = Blueprint("jitsi", __name__, url_prefix="/jitsi")


def init_app(app: Flask, csrf: Any) -> None:
    """Bind the endpoints; no browser calls them, so they carry no form token."""
    app.register_blueprint(blueprint)
    csrf.exempt(blueprint)


def _settings() -> Settings:
    return current_app.config["SETTINGS"]


def refused() -> Response | None:
    """Return the refusal of a caller who lacks the bearer secret or comes from elsewhere, or None when it may pass."""
    settings = _settings()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    secret = settings.jitsi_events_secret
    if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
        return _answer(401, {})
    if settings.jitsi_events_from and not _comes_from(settings.jitsi_events_from):
        return _answer(403, {})
    return None


def _comes_from(networks: str) -> bool:
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    return any(address in ip_network(part.strip(), strict=False) for part in networks.split(",") if part.strip())


def _answer(status: int, body: dict[str, Any]) -> Response:
    response = jsonify(body)
    response.status_code = status
    return response


def _body() -> bytes | None:
    """Return the body, or None when it is larger than any honest one; it is not read then."""
    request.max_content_length = LARGEST_BODY
    if (request.content_length or 0) > LARGEST_BODY:
        return None
    return request.get_data(cache=False)


@blueprint.post("/events/<path:_event>")
@guard.public
def event_sync(_event: str) -> Response:
    """Take one event of Prosody's event_sync component. The body names the event; the address repeats it."""
    refusal = refused()
    if refusal is not None:
        return refusal
    return _take("event_sync", wire.read_event_sync)


@blueprint.post("/webhook")
@guard.public
def webhook() -> Response:
    """Take one JaaS webhook event, signed by its secret."""
    body = _body()
    if body is None:
        return _answer(413, {})
    header = request.headers.get("X-Jaas-Signature", "")
    if not is_genuine(header, body, _settings().jitsi_webhook_secret, at=clock.now()):
        return _answer(401, {})
    return _take("jaas", wire.read_jaas, body)


def _take(sender: str, read: Any, body: bytes | None = None) -> Response:
    """Store the event and answer 200; what is no event is refused with 400, which neither sender repeats."""
    body = _body() if body is None else body
    if body is None:
        return _answer(413, {})
    at = clock.now()
    try:
        event = read(body, at=at)
    except Invalid as invalid:
        return _answer(400, {"code": invalid.code})
    with writing() as db:
        is_new = server_events.store(db, event, sender=sender, body=body, at=at)
    if is_new:
        server_events.interpret(at)
    return _answer(200, {"ok": True, "new": is_new})


@blueprint.post("/reservations/conference")
@guard.public
def reserve() -> Response:
    """Tell Prosody whether this room may be opened now. It asks about the room and cannot say for whom."""
    refusal = refused()
    if refusal is not None:
        return refusal
    request.max_content_length = LARGEST_BODY
    asked = request.form.get("name", "")[:200]
    with reading() as db:
        found = server_events.reservation_of(db, room=asked)
    return _worded(reservations.answer(asked, request.form.get("mail_owner", "")[:200], found, at=clock.now()))


@blueprint.get("/reservations/conference/<conference_id>")
@guard.public
def reservation(conference_id: str) -> Response:
    """Tell Prosody about a reservation it was pointed to by a conflict."""
    refusal = refused()
    if refusal is not None:
        return refusal
    number = conference_id.removeprefix("session-")
    with reading() as db:
        found = server_events.reservation_of(db, session_id=int(number)) if number.isdecimal() else None
    if found is None:
        return _answer(404, {})
    return _worded(reservations.conference(found, ""))


@blueprint.delete("/reservations/conference/<_conference_id>")
@guard.public
def release(_conference_id: str) -> Response:
    """Take note that a room is gone. The session stays open: people may come back until its doors close."""
    refusal = refused()
    return refusal if refusal is not None else _answer(200, {})


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
