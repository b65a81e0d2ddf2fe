"""Pages of attendance: the register, one person's line with its "why?", the paper sheet, one's own record."""

from datetime import datetime
from typing import Any

from babel.dates import format_date
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Person, Unit
from lms.accounts.permissions import Permission
from lms.attendance.models import Evidence
from lms.attendance.rules.drafts import CorrectionDraft, SeenDraft, SignDraft
from lms.attendance.rules.judgement import LETTERS, Excuse, Status
from lms.attendance.rules.timeline import Span, timeline
from lms.attendance.service import decisions, marks, recording, register, standing
from lms.attendance.service.reach import units_shown
from lms.db import Db, reading, writing
from lms.kernel.errors import Invalid, NotFound, Problem
from lms.kernel.intervals import Interval
from lms.programmes.models import Batch
from lms.sessions.models import LiveSession, SessionInstructor
from lms.sessions.rules import read_breaks
from lms.web import forms
from lms.web.errors import wants_json
from lms.web.i18n import DEFAULT_ZONE

blueprint = Blueprint("attendance", __name__)

_WITH_BATCH = joinedload(LiveSession.batch).joinedload(Batch.programme)
_WITH_CONTACT = joinedload(LiveSession.batch).joinedload(Batch.contact)


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


@blueprint.get("/sessions/<int:session_id>/register", endpoint="register")
def show_register(session_id: int) -> Any:
    """Show the register: live before and during the session, provisional marks after it, signed in the end."""
    at = clock.now()
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_READ, options=[_WITH_BATCH])
        units = units_shown(db, guard.principal().scopes(Permission.REGISTER_READ))
        lines = [
            line for line in register.read_lines(db, session, at=at) if units is None or line.person.unit_id in units
        ]
        state = register.read_state(db, session, at=at)
        return render_template(
            "attendance/register.html",
            session=session,
            lines=lines,
            all_spans={line.person.id: _spans(line, session) for line in lines},
            counts=register.counts(lines),
            state=state,
            signer=db.get(Person, state.signed.signed_by) if state.signed else None,
            unit_names=_unit_names(db),
            may_correct=_may(db, session, Permission.REGISTER_CORRECT),
            may_sign=_may(db, session, Permission.REGISTER_SIGN),
            may_export=_may(db, session, Permission.REGISTER_EXPORT),
            at=at,
            problems=(),
        )


@blueprint.post("/sessions/<int:session_id>/register/seen")
def seen(session_id: int) -> Any:
    """Record that the coordinator saw people in the room."""
    at = clock.now()
    draft = forms.form(SeenDraft)
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_CORRECT)
        _check_in_reach(db, session, draft.people)
        since = session.starts_at if draft.since == "start" else at
        count = recording.see(db, session, draft.people, since=since, key=draft.key, by=guard.principal().id, at=at)
        marks.judge_marks(db, session, at=at, person_ids=draft.people)
    return _back(session_id, gettext("%(n)s people recorded as seen in the room.", n=count))


@blueprint.post("/sessions/<int:session_id>/register/<int:person_id>/unseen")
def unseen(session_id: int, person_id: int) -> Any:
    """Take back what a coordinator recorded as seen; both rows stay in the ledger."""
    at = clock.now()
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_CORRECT)
        _check_in_reach(db, session, [person_id])
        recording.unsee(db, session, person_id, key=request.form.get("key", ""), by=guard.principal().id, at=at)
        marks.judge_marks(db, session, at=at, person_ids=[person_id])
    return _back(session_id, gettext("Taken back."))


@blueprint.get("/sessions/<int:session_id>/register/<int:person_id>", endpoint="person")
def show_person(session_id: int, person_id: int) -> Any:
    """Show one person's line: the timeline, the reasons, every piece of evidence, every decision."""
    return _person_page(session_id, person_id, draft={}, problems=())


def _person_page(session_id: int, person_id: int, *, draft: dict[str, Any], problems: tuple[Problem, ...]) -> Any:
    at = clock.now()
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_READ, options=[_WITH_BATCH])
        _check_in_reach(db, session, [person_id], needs=Permission.REGISTER_READ)
        lines = register.read_lines(db, session, at=at, person_ids=[person_id])
        if not lines:
            raise NotFound()
        history = decisions.history(db, session.id, person_id)
        return render_template(
            "attendance/person.html",
            session=session,
            line=lines[0],
            spans=_spans(lines[0], session),
            state=register.read_state(db, session, at=at),
            evidence=_evidence(db, session.id, person_id),
            history=history,
            deciders=_names(db, [row.by_id for row in history]),
            unit_names=_unit_names(db),
            may_correct=_may(db, session, Permission.REGISTER_CORRECT),
            statuses=[Status.ATTENDED, Status.PARTIAL, Status.ABSENT, Status.EXCUSED],
            excuses=list(Excuse),
            draft=draft,
            problems=problems,
            at=at,
        )


@blueprint.post("/sessions/<int:session_id>/register/<int:person_id>/correct")
def correct(session_id: int, person_id: int) -> Any:
    """Decide one mark with a reason."""
    at = clock.now()
    try:
        draft = forms.form(CorrectionDraft)
    except Invalid as invalid:
        # What was typed comes back with the complaint; a reason written with care is not thrown away.
        return _person_page(session_id, person_id, draft=request.form.to_dict(), problems=invalid.problems), 422
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_CORRECT, lock=True)
        _check_in_reach(db, session, [person_id])
        decisions.correct(db, session, person_id, draft, by=guard.principal().id, at=at)
    flash(gettext("The correction is stored; the person is told."), "success")
    return redirect(url_for("attendance.person", session_id=session_id, person_id=person_id))


@blueprint.post("/sessions/<int:session_id>/register/<int:person_id>/accept-late")
def accept_late(session_id: int, person_id: int) -> Any:
    """Judge a signed line anew with evidence that came after the signature, as a numbered amendment."""
    at = clock.now()
    reason = request.form.get("reason", "").strip()
    if len(reason) < 5:
        problem = Problem.of("reason_too_short", field="reason")
        return _person_page(session_id, person_id, draft=request.form.to_dict(), problems=(problem,)), 422
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_SIGN, lock=True)
        amendment = decisions.accept_late_evidence(
            db, session, person_id, reason=reason, by=guard.principal().id, at=at
        )
        number = amendment.number
    flash(gettext("Amendment no. %(n)s is stored.", n=number), "success")
    return redirect(url_for("attendance.person", session_id=session_id, person_id=person_id))


@blueprint.post("/sessions/<int:session_id>/register/sign")
def sign(session_id: int) -> Any:
    """Make the register final."""
    at = clock.now()
    draft = forms.form(SignDraft)
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_SIGN, lock=True)
        decisions.sign(db, session, seen_version=draft.version, by=guard.principal().id, at=at)
    return _back(session_id, gettext("The register is signed and final."))


@blueprint.get("/sessions/<int:session_id>/sheet")
def sheet(session_id: int) -> Any:
    """Show the daftar hadir for paper: empty for signatures, or filled with times and method."""
    at = clock.now()
    with reading() as db:
        session = guard.load(
            db, LiveSession, session_id, needs=Permission.REGISTER_READ, options=[_WITH_BATCH, _WITH_CONTACT]
        )
        units = units_shown(db, guard.principal().scopes(Permission.REGISTER_READ))
        lines = [
            line for line in register.read_lines(db, session, at=at) if units is None or line.person.unit_id in units
        ]
        state = register.read_state(db, session, at=at)
        return render_template(
            "attendance/sheet.html",
            session=session,
            lines=lines,
            state=state,
            filled=request.args.get("filled", "1" if state.state in ("signed", "provisional") else "0") == "1",
            unit_names=_unit_names(db),
            letters=LETTERS,
            officer=db.get(Person, state.signed.signed_by) if state.signed else session.batch.contact,
            instructors=_instructors(db, session.id),
            at=at,
        )


@blueprint.get("/attendance/<int:session_id>")
def own(session_id: int) -> Any:
    """Show one's own record of a session and why it says what it says."""
    at = clock.now()
    who = guard.principal()
    with reading() as db:
        session = guard.load(
            db, LiveSession, session_id, needs=Permission.ATTENDANCE_OWN, options=[_WITH_BATCH, _WITH_CONTACT]
        )
        lines = register.read_lines(db, session, at=at, person_ids=[who.id])
        if not lines:
            raise NotFound()
        history = decisions.history(db, session.id, who.id)
        return render_template(
            "attendance/own.html",
            session=session,
            line=lines[0],
            spans=_spans(lines[0], session),
            state=register.read_state(db, session, at=at),
            history=history,
            deciders=_names(db, [row.by_id for row in history]),
            at=at,
        )


def _spans(line: register.RegisterLine, session: LiveSession) -> list[Span]:
    return timeline(
        line.presence, line.verdict, Interval(session.starts_at, session.ends_at), read_breaks(session.breaks)
    )


def _may(db: Db, session: LiveSession, permission: Permission) -> bool:
    """Return whether to show an action on this session; doing it asks the guard again."""
    statement = select(LiveSession.id).where(LiveSession.id == session.id)
    return db.scalar(guard.visible(statement, LiveSession, needs=permission)) is not None


def _check_in_reach(
    db: Db, session: LiveSession, people: list[int], *, needs: Permission = Permission.REGISTER_CORRECT
) -> None:
    """Refuse people this coordinator may not see: a grant on units reaches its units' people alone."""
    units = units_shown(db, guard.principal().scopes(needs))
    known = {person.id: person for person in standing.expected(db, session, people)}
    for person_id in people:
        if person_id not in known or (units is not None and known[person_id].unit_id not in units):
            raise NotFound()


def _evidence(db: Db, session_id: int, person_id: int) -> list[Evidence]:
    return list(
        db.scalars(
            select(Evidence)
            .where(Evidence.session_id == session_id, Evidence.person_id == person_id)
            .order_by(Evidence.claimed_at, Evidence.id)
        )
    )


def _names(db: Db, ids: list[int]) -> dict[int, str]:
    return {row.id: row.name for row in db.execute(select(Person.id, Person.name).where(Person.id.in_(set(ids))))}


def _unit_names(db: Db) -> dict[int, str]:
    return {row.id: row.name for row in db.execute(select(Unit.id, Unit.name))}


def _instructors(db: Db, session_id: int) -> list[Person]:
    return list(
        db.scalars(
            select(Person)
            .join(SessionInstructor, SessionInstructor.person_id == Person.id)
            .where(SessionInstructor.session_id == session_id)
            .order_by(Person.name)
        )
    )


def _back(session_id: int, text: str) -> Any:
    if wants_json():
        return {"ok": True, "text": text}
    flash(text, "success")
    return redirect(url_for("attendance.register", session_id=session_id))
