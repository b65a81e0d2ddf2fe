"""What happens on one's own phone: a code is scanned or typed, confirmed with one tap, and answered in colour.

Who has not signed in yet keeps the moment of the scan in a cookie of this browser, which nobody can pass on as
one passes on an address.
"""

import ipaddress
import re
import secrets
from typing import Any

from flask import Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_limiter.util import get_remote_address
from flask_login import current_user

from lms import clock
from lms.accounts import guard, signing_in
from lms.accounts.permissions import Permission
from lms.attendance.rules.codes import SCAN_KEPT, Purpose, Scan, normalise
from lms.attendance.service import checking
from lms.attendance.views.blueprint import WITH_BATCH, blueprint
from lms.attendance.views.guesses import count_guess, wait_for_next
from lms.attendance.views.showing import codes
from lms.db import Db, reading, writing
from lms.kernel.errors import Conflict, NotFound, Refusal, Said
from lms.sessions.models import LiveSession

_SCAN, _DEVICE = "scan", "device"
_A_YEAR = 365 * 24 * 3600


@blueprint.get("/c")
def type_code() -> Any:
    """A field for the code, or the confirmation of what was scanned before signing in."""
    who = guard.require(needs=Permission.HOME_READ)
    if typed := request.args.get("code", "").strip():
        return redirect(url_for("attendance.scan", code=normalise(typed)[:40] or "-"))
    scan = _kept(who.id)
    if scan is not None:
        return _confirmation(scan, who.id)
    return render_template("attendance/type_code.html")


@blueprint.get("/c/<code>")
@guard.public
def scan(code: str) -> Any:
    """The page behind a scanned code: one tap away from being present, or why not. Stores nothing by itself."""
    guard.allow_public()
    at = clock.now()
    person = current_user.id if current_user.is_authenticated else None
    wait = wait_for_next(person)
    if wait is not None:
        return _refusal(Said("scan_throttled", {"wait": wait}), 429)
    found = codes().read(code, at)
    if found is None:
        count_guess(person)
        return _refusal(Said("scan_unknown"), 404)
    if found.stale:
        return _refusal(Said("scan_stale"), 410)
    if person is not None:
        return _confirmation(found, person)
    flash(gettext("Your scan is kept for fifteen minutes. Sign in, and this moment counts."), "info")
    answer = make_response(redirect(url_for("accounts.sign_in", next=url_for("attendance.type_code"))))
    _set(answer, _SCAN, codes().keep(found, person=None), int(SCAN_KEPT.total_seconds()))
    return answer


@blueprint.post("/c")
def confirm() -> Any:
    """Store the scan for whoever confirms it, dated to its moment."""
    at = clock.now()
    who = guard.require(needs=Permission.HOME_READ)
    found = codes().recall(request.form.get("scan", ""), at, person=who.id)
    if found is None:
        return _refusal(Said("scan_expired"), 410, forget=True)
    device = _device()
    try:
        with writing() as db:
            session = _session(db, found, needs=Permission.SESSION_ATTEND)
            trace = checking.Trace(device, shortened(get_remote_address()))
            checking.claim(db, session, who.id, found, trace, at=at)
    except (Conflict, NotFound) as refused:
        return _refusal(*_worded(refused), forget=True)
    answer = make_response(redirect(url_for("attendance.here", session_id=session.id)))
    answer.delete_cookie(_SCAN)
    _set(answer, _DEVICE, device, _A_YEAR)
    return answer


@blueprint.get("/sessions/<int:session_id>/here")
def here(session_id: int) -> Any:
    """Show what one's own scans say in this session, in colour, for a glance of whoever stands at the door."""
    at = clock.now()
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.SESSION_ATTEND, options=[WITH_BATCH])
        own = checking.own_presence(db, session, guard.principal().id, at)
        return render_template("attendance/here.html", session=session, own=own, at=at)


def shortened(address: str) -> str:
    """Return the network an address belongs to, without the part that tells one device: /24, or /48 of IPv6."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 48), strict=False))


def _confirmation(scan: Scan, person: int) -> Any:
    """Answer with the page that asks for the one tap, or tells at once why it would not count."""
    at = clock.now()
    try:
        with reading() as db:
            session = _session(db, scan, needs=Permission.SESSION_ATTEND)
            checking.check(db, session, person, scan, at=at)
            host = checking.host_of(db, scan.subject) if scan.purpose is Purpose.SHARED else ""
    except (Conflict, NotFound) as refused:
        return _refusal(*_worded(refused), forget=True)
    page = render_template(
        "attendance/scan.html",
        session=session,
        purpose=scan.purpose.name.lower(),
        host=host,
        moment=scan.moment,
        kept=codes().keep(scan, person=person),
    )
    answer = make_response(page)
    _set(answer, _DEVICE, _device(), _A_YEAR)
    return answer


def _session(db: Db, scan: Scan, *, needs: Permission) -> LiveSession:
    session_id = checking.session_of(db, scan)
    if session_id is None:
        raise NotFound()
    return guard.load(db, LiveSession, session_id, needs=needs)


def _worded(refused: Refusal) -> tuple[Said, int]:
    # Who holds a true code of ours may know that it is for others.
    return (Said("scan_other_batch"), 404) if isinstance(refused, NotFound) else (refused.said, refused.status)


def _refusal(said: Said, status: int, *, forget: bool = False) -> Any:
    """Answer in colour why a code does not count; `forget` what was kept, so that another can be typed."""
    answer = make_response(render_template("attendance/scan_refused.html", said=said), status)
    if forget:
        answer.delete_cookie(_SCAN)
    return answer


def _kept(person: int) -> Scan | None:
    """Return what this browser scanned before signing in."""
    return codes().recall(request.cookies.get(_SCAN, ""), clock.now(), person=person)


def _way_on() -> str | None:
    """Return where somebody who has just signed in goes on to: to the scan she signed in for."""
    return url_for("attendance.type_code") if request.cookies.get(_SCAN) else None


signing_in.lead_on_with(_way_on)


def _device() -> str:
    """Return the random name this browser keeps; it says nothing about its owner."""
    kept = request.cookies.get(_DEVICE, "")
    return kept if re.fullmatch(r"[0-9a-f]{24}", kept) else secrets.token_hex(12)


def _set(answer: Response, name: str, value: str, seconds: int) -> None:
    secure = current_app.config["SETTINGS"].secure
    answer.set_cookie(name, value, max_age=seconds, httponly=True, samesite="Lax", secure=secure)
