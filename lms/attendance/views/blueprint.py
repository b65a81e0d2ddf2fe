"""The blueprint of attendance, and what its pages share."""

from datetime import datetime
from typing import Any

from babel.dates import format_date
from flask import Blueprint, flash, redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms.accounts import guard
from lms.accounts.models import Person, Unit
from lms.accounts.permissions import Permission
from lms.attendance.service.expecting import expected
from lms.attendance.service.reach import units_shown
from lms.db import Db
from lms.kernel.errors import NotFound
from lms.programmes.models import Batch
from lms.sessions.models import LiveSession
from lms.web.errors import wants_json
from lms.web.i18n import DEFAULT_ZONE

blueprint = Blueprint("attendance", __name__)

WITH_BATCH = joinedload(LiveSession.batch).joinedload(Batch.programme)
WITH_CONTACT = joinedload(LiveSession.batch).joinedload(Batch.contact)


@blueprint.app_template_filter()
def paper_clock(instant: datetime) -> str:
    """Return the time of day as Indonesian paper has it, in WITA without saying so: `08.00`."""
    return f"{instant.astimezone(DEFAULT_ZONE):%H.%M}"


@blueprint.app_template_filter()
def paper_date(instant: datetime) -> str:
    """Return the date in Indonesian, whatever language the reader's pages have: `1 Desember 2026`."""
    return format_date(instant.astimezone(DEFAULT_ZONE), "d MMMM y", locale="id")


@blueprint.app_template_filter()
def paper_day(instant: datetime) -> str:
    """Return weekday and date in Indonesian: `Selasa, 1 Desember 2026`."""
    return format_date(instant.astimezone(DEFAULT_ZONE), "EEEE, d MMMM y", locale="id")


def check_in_reach(
    db: Db, session: LiveSession, people: list[int], *, needs: Permission = Permission.REGISTER_CORRECT
) -> None:
    """Refuse people this coordinator may not see: a grant on units reaches its units' people alone."""
    units = units_shown(db, session.batch_id, guard.principal().scopes(needs))
    known = {person.id: person for person in expected(db, session, people)}
    for person_id in people:
        if person_id not in known or (units is not None and known[person_id].unit_id not in units):
            raise NotFound()


def names_of(db: Db, ids: list[int]) -> dict[int, str]:
    return {row.id: row.name for row in db.execute(select(Person.id, Person.name).where(Person.id.in_(set(ids))))}


def unit_names_of(db: Db) -> dict[int, str]:
    """Return unit id → name."""
    return {row.id: row.name for row in db.execute(select(Unit.id, Unit.name))}


def back_to_register(session_id: int, text: str) -> Any:
    """Answer an act on the register: JSON for a script, else the page it came from with the text above it."""
    if wants_json():
        return {"ok": True, "text": text}
    flash(text, "success")
    page = "attendance.roster" if request.form.get("back") == "roster" else "attendance.register"
    return redirect(url_for(page, session_id=session_id))
