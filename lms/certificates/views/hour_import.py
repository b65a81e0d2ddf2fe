"""Hours earned elsewhere from an office's sheet: looked at row by row, entered on a yes, with the letter as proof."""

import base64
import binascii
import json
import zlib
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import ngettext

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Person
from lms.accounts.permissions import ScopeKind
from lms.certificates.rules.hour_columns import HEADINGS, NEEDED, TEMPLATE
from lms.certificates.service import claims
from lms.certificates.service.claims import Proof, SheetLine
from lms.certificates.views.blueprint import P, blueprint
from lms.certificates.views.hours import SCANS, take_proof
from lms.db import reading, writing
from lms.kernel.errors import Forbidden, Invalid, Problem
from lms.kernel.headings import find_table
from lms.kernel.sheets import MOST_BYTES, read_pages
from lms.programmes.service.kinds import all_kinds, kinds_at
from lms.web.forms import problems_of

# What a sheet takes when it travels with the form, so that looking at it stores nothing.
_MOST_PACKED = 1_500_000
_MOST_LINES = 2_000


@blueprint.get("/hours/import")
def import_hours() -> Any:
    """Where a sheet of hours is handed in."""
    _asker()
    return _page()


@blueprint.post("/hours/import")
def look_at_hours() -> Any:
    """Show what the sheet would enter; with `act` = `apply` enter it."""
    who = _asker()
    at = clock.now()
    try:
        raw = _sheet()
        packed = base64.b64encode(zlib.compress(raw)).decode()
        if len(packed) > _MOST_PACKED:
            raise Invalid(Problem.of("sheet_too_large", field="file", megabytes=1))
        tables = [table for page in read_pages(raw) if (table := find_table(page, HEADINGS, NEEDED)) is not None]
        if not tables:
            raise Invalid(Problem.of("hours_sheet_without_headings", field="file"))
        if sum(len(table.lines) for table in tables) > _MOST_LINES:
            raise Invalid(Problem.of("sheet_too_long", field="file", most=_MOST_LINES))
        proof = _proof()
        allowed = guard.allowed(Person, needs=P.HOURS_EDIT)
        if request.form.get("act") == "apply":
            with writing() as db:
                lines = claims.read_sheet(db, tables, kinds_at(db, at), allowed, at=at)
                count = claims.apply_sheet(db, lines, proof, by=who.id, at=at)
            flash(ngettext("One activity is entered.", "%(num)s activities are entered.", count), "success")
            return redirect(url_for("certificates.hours_people"))
        with reading() as db:
            lines = claims.read_sheet(db, tables, kinds_at(db, at), allowed, at=at)
    except Invalid as refused:
        return _page(problems_of(refused)), 422
    return _page(lines=lines, packed=packed, proof=proof)


def _asker() -> Any:
    """Return who asks, if she may enter hours beyond a single batch."""
    who = guard.require(needs=P.HOURS_EDIT)
    if not {ScopeKind.EVERYTHING, ScopeKind.UNIT} & set(who.scopes(P.HOURS_EDIT)):
        raise Forbidden(permission=str(P.HOURS_EDIT))
    return who


def _page(
    problems: tuple[Problem, ...] = (), lines: list[SheetLine] | None = None, packed: str = "", proof: Any = None
) -> str:
    with reading() as db:
        kinds = {kind.code: kind for kind in all_kinds(db)}
    return render_template(
        "certificates/import_hours.html",
        problems=problems,
        lines=lines,
        packed=packed,
        proof=json.dumps([proof.sha256, proof.name, proof.kind]) if proof else "",
        proof_name=proof.name if proof else "",
        kinds=kinds,
        headings=[(field, ", ".join(HEADINGS[field][:3])) for field in TEMPLATE],
        new=sum(1 for line in lines or () if line.draft and not line.problems and not line.is_known),
    )


def _sheet() -> bytes:
    sent = request.files.get("file")
    if sent is not None and sent.filename:
        return sent.stream.read(MOST_BYTES + 1)
    try:
        raw = base64.b64decode(request.form.get("packed", ""), validate=True)
        return zlib.decompressobj().decompress(raw, MOST_BYTES + 1) if raw else _missing()
    except (binascii.Error, ValueError, zlib.error):
        return _missing()


def _missing() -> bytes:
    raise Invalid(Problem.of("sheet_missing", field="file"))


def _proof() -> Proof | None:
    """Return the scan: uploaded now, or kept when the sheet was looked at and named by the form since."""
    fresh = take_proof("proof")
    if fresh is not None:
        return fresh
    try:
        sha256, name, kind = json.loads(request.form.get("kept_proof") or "null") or ("", "", "")
    except (ValueError, TypeError):
        return None
    is_hash = isinstance(sha256, str) and len(sha256) == 64 and all(one in "0123456789abcdef" for one in sha256)
    if not is_hash or kind not in SCANS:
        return None
    return Proof(sha256, str(name), kind)
