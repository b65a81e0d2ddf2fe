"""Importing the attendance file of a call held elsewhere: looked at first, stored when told to, taken back."""

import base64
import binascii
import zlib
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.attendance.callfiles.table import MOST_BYTES
from lms.attendance.models import Register
from lms.attendance.service import importing
from lms.attendance.service.calls import past_imports
from lms.attendance.service.previewing import Preview, preview
from lms.attendance.service.reach import units_shown
from lms.attendance.views.blueprint import WITH_BATCH, blueprint, unit_names_of
from lms.db import reading, writing
from lms.kernel.errors import Invalid, Problem
from lms.sessions.models import LiveSession
from lms.web.forms import problems_of
from lms.web.i18n import ZONES

# Where the hosts sit; a server of the provider's may write in UTC.
_ZONES = [ZoneInfo(name) for name in (*ZONES, "UTC")]
# What the file takes when it travels with the form, so that looking at it stores nothing.
_MOST_PACKED = 1_500_000


@blueprint.get("/sessions/<int:session_id>/import")
def import_call(session_id: int) -> Any:
    """Show where a call's file is handed in, and what files were applied before."""
    return _page(session_id)


@blueprint.post("/sessions/<int:session_id>/import")
def look_or_apply(session_id: int) -> Any:
    """Show what the file would do; with `act` = `apply` store it."""
    at = clock.now()
    name, raw, packed = "", b"", ""
    try:
        name, raw, packed = _file()
        zone = _zone()
        if request.form.get("act") == "apply" and zone is not None:
            return _apply(session_id, name, raw, zone)
        with reading() as db:
            session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_CORRECT)
            units = units_shown(db, session.batch_id, guard.principal().scopes(Permission.REGISTER_CORRECT))
            shown = preview(db, session, raw, zone=zone, zones=_ZONES, picks=_picks(), units=units, at=at)
    except Invalid as invalid:
        problems = problems_of(invalid)
        if any(problem.field == "file" for problem in problems):
            # It is the file that is wrong: it does not travel on.
            name = packed = ""
        return _page(session_id, name=name, packed=packed, problems=problems), 422
    return _page(session_id, name=name, packed=packed, shown=shown)


def _apply(session_id: int, name: str, raw: bytes, zone: ZoneInfo) -> Any:
    at = clock.now()
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_CORRECT, lock=True)
        units = units_shown(db, session.batch_id, guard.principal().scopes(Permission.REGISTER_CORRECT))
        who = guard.principal().id
        new = importing.apply(
            db, session, raw, file_name=name, zone=zone, zones=_ZONES, picks=_picks(), units=units, by=who, at=at
        )
    if new:
        flash(ngettext("One fact from the file is stored.", "%(num)s facts from the file are stored.", new), "success")
    else:
        flash(gettext("Nothing in the file was new."), "info")
    return redirect(url_for("attendance.import_call", session_id=session_id))


@blueprint.post("/sessions/<int:session_id>/import/<int:import_id>/take-back")
def take_back_import(session_id: int, import_id: int) -> Any:
    """Take back what one file gave; every row stays in the ledger."""
    at = clock.now()
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_CORRECT, lock=True)
        units = units_shown(db, session.batch_id, guard.principal().scopes(Permission.REGISTER_CORRECT))
        count = importing.take_back(db, session, import_id, units=units, by=guard.principal().id, at=at)
    flash(ngettext("One fact is taken back.", "%(num)s facts are taken back.", count), "success")
    return redirect(url_for("attendance.import_call", session_id=session_id))


def _page(
    session_id: int,
    *,
    name: str = "",
    packed: str = "",
    shown: Preview | None = None,
    problems: tuple[Problem, ...] = (),
) -> Any:
    at = clock.now()
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_CORRECT, options=[WITH_BATCH])
        return render_template(
            "attendance/import.html",
            session=session,
            shown=shown,
            file_name=name,
            packed=packed,
            problems=problems,
            past=past_imports(db, session),
            is_signed=db.get(Register, session.id) is not None,
            unit_names=unit_names_of(db),
            zones=[str(zone) for zone in _ZONES],
            zone=request.form.get("zone", ""),
            at=at,
        )


def _file() -> tuple[str, bytes, str]:
    """Return the file's name, its bytes, and how it travels on with the form."""
    sent = request.files.get("file")
    if sent is not None and sent.filename:
        name, raw = sent.filename.replace("\\", "/").rpartition("/")[2], sent.stream.read(MOST_BYTES + 1)
    elif request.form.get("packed"):
        name, raw = request.form.get("file_name", ""), _unpacked(request.form["packed"])
    else:
        raise Invalid(Problem.of("call_file_missing", field="file"))
    packed = base64.b64encode(zlib.compress(raw)).decode()
    if len(packed) > _MOST_PACKED or len(raw) > MOST_BYTES:
        raise Invalid(Problem.of("call_file_too_large", field="file", megabytes=MOST_BYTES // 1024**2))
    return name[:160], raw, packed


def _unpacked(packed: str) -> bytes:
    """Return the bytes again, never more than a file may have."""
    try:
        return zlib.decompressobj().decompress(base64.b64decode(packed, validate=True), MOST_BYTES + 1)
    except (binascii.Error, ValueError, zlib.error):
        raise Invalid(Problem.of("call_file_missing", field="file")) from None


def _zone() -> ZoneInfo | None:
    """Return the zone chosen; None for the one that fits best."""
    chosen = request.form.get("zone", "")
    if not chosen:
        return None
    if chosen not in {str(zone) for zone in _ZONES}:
        raise Invalid(Problem.of("zone_unknown", field="zone"))
    return ZoneInfo(chosen)


def _picks() -> dict[str, int]:
    """Return whom the coordinator chose, by caller; 0 where she chose nobody."""
    return {
        field.removeprefix("who-"): int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0
        for field, value in request.form.items()
        if field.startswith("who-")
    }
