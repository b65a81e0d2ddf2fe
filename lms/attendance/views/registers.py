"""The register: live, provisional, signed."""

from datetime import datetime
from typing import Any

from flask import render_template, request
from flask_babel import gettext, ngettext

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Person
from lms.accounts.permissions import Permission
from lms.attendance.rules.drafts import SeenDraft, SignDraft
from lms.attendance.rules.judgement import Status
from lms.attendance.service import amnesties, checking, checks, decisions, marks, register, seeing
from lms.attendance.service.lanes import stays
from lms.attendance.service.reach import units_shown
from lms.attendance.views import looking
from lms.attendance.views.blueprint import (
    WITH_BATCH,
    back_to_register,
    blueprint,
    check_in_reach,
    names_of,
    unit_names_of,
)
from lms.attendance.views.looking import Look
from lms.attendance.views.servers import server_words
from lms.db import Db, reading, writing
from lms.sessions.models import LiveSession
from lms.web import forms
from lms.web.i18n import titled


@blueprint.get("/sessions/<int:session_id>/register", endpoint="register")
def show_register(session_id: int) -> Any:
    """Show the register: a cockpit before the start, live while it runs, a report once it can be judged.

    Whom it shows (words, unit, group) stands in the address, so that a view can be sent to somebody.
    """
    at = clock.now()
    look = Look.read(request.args.to_dict())
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_READ, options=[WITH_BATCH])
        _, lines = _lines(db, session, at)
        state = register.read_state(db, session, at=at)
        face = looking.stage(session, state, at)
        chosen = looking.choose(lines, look)
        names = unit_names_of(db)
        return render_template(
            "attendance/register.html",
            session=session,
            title=titled(session),
            look=look,
            face=face,
            state=state,
            groups=looking.groups(chosen, look, face),
            counts=looking.page_counts(chosen),
            index=looking.index(lines, chosen, face),
            report=looking.report(chosen, session) if face == "report" else None,
            turns_at=looking.turns_at(session, face, at),
            is_early=looking.is_early(session, at),
            lines_exist=bool(lines),
            away=[line.person.id for line in lines if line.group != "present"],
            unknown_marks=sum(line.verdict.status is Status.UNKNOWN for line in lines),
            stays=stays,
            units=_units_among(lines, names),
            to_check=_count_checks(db, session, {line.person.id for line in lines}, at) if face != "cockpit" else 0,
            **server_words(db, session, _may(db, session), at),
            same_device=checking.same_device(db, session.id, {line.person.id for line in lines}),
            signer=db.get(Person, state.signed.signed_by) if state.signed else None,
            **_amended(db, session, state, lines),
            unit_names=names,
            may=_may(db, session),
            seeable=looking.seeable(session, state, face, at),
            at=at,
            problems=(),
        )


@blueprint.get("/sessions/<int:session_id>/register/lines")
def lines(session_id: int) -> Any:
    """Give the lines of these people (`person`, up to a hundred) as the page draws them: for its script."""
    at = clock.now()
    asked = {int(person) for person in request.args.getlist("person") if person.isdecimal() and len(person) < 10}
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_READ)
        _, found = _lines(db, session, at, sorted(asked)[: looking.DRAWN])
        state = register.read_state(db, session, at=at)
        face = looking.stage(session, state, at)
        return render_template(
            "attendance/_lines.html",
            session=session,
            title=titled(session),
            face=face,
            is_early=looking.is_early(session, at),
            lines=found,
            group_of=looking.group_of,
            stays=stays,
            unit_names=unit_names_of(db),
            may=_may(db, session),
            seeable=looking.seeable(session, state, face, at),
        )


def _lines(
    db: Db, session: LiveSession, at: datetime, person_ids: list[int] | None = None
) -> tuple[set[int] | None, list[register.RegisterLine]]:
    """Return to which units the asker is limited (None: not at all), and the lines she may see."""
    units = units_shown(db, session.batch_id, guard.principal().scopes(Permission.REGISTER_READ))
    found = register.read_lines(db, session, at=at, person_ids=person_ids)
    return units, [line for line in found if units is None or line.person.unit_id in units]


def _units_among(lines: list[register.RegisterLine], names: dict[int, str]) -> list[tuple[int, str]]:
    """Return the units these people are of, by name, for a list to choose from."""
    ids = {line.person.unit_id for line in lines if line.person.unit_id is not None}
    return sorted(((unit, names.get(unit, "–")) for unit in ids), key=lambda one: one[1].casefold())


def _amended(
    db: Db, session: LiveSession, state: register.RegisterState, lines: list[register.RegisterLine]
) -> dict[str, Any]:
    """Return what the page says of amendments: who made them, and whose marks they changed, as far as the reader's
    right reaches."""
    if not state.amendments:
        return {}
    shown = {line.person.id: line.person.full_name for line in lines}
    made: dict[int, list[Any]] = {}
    for row in decisions.amending(db, session.id):
        if row.person_id in shown:
            made.setdefault(row.amendment_id or 0, []).append((row, shown[row.person_id]))
    return {"amending": made, "amenders": names_of(db, [one.by_id for one in state.amendments])}


def _may(db: Db, session: LiveSession) -> frozenset[Permission]:
    wanted = {
        Permission.REGISTER_CORRECT,
        Permission.REGISTER_EXPORT,
        Permission.REGISTER_SIGN,
        Permission.SESSION_MODERATE,
    }
    return guard.rights_on(db, LiveSession, session.id, wanted)


def _count_checks(db: Db, session: LiveSession, reached: set[int], at: datetime) -> int:
    """Return how many contradictions, excused who came, and proposed amnesties wait, about people the coordinator
    reaches."""
    contradictions = sum(check.person.id in reached for check in checks.open_checks(db, session, at=at))
    contradictions += sum(one.person.id in reached for one in checks.came_anyway(db, session, at=at))
    proposed = (one for one in amnesties.of_session(db, session.id) if one.state == "proposed")
    return contradictions + sum(bool(reached & set(one.people)) for one in proposed)


@blueprint.post("/sessions/<int:session_id>/register/seen")
def seen(session_id: int) -> Any:
    """Record that the coordinator saw people in the room."""
    at = clock.now()
    draft = forms.form(SeenDraft)
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_CORRECT)
        check_in_reach(db, session, draft.people)
        since = session.starts_at if draft.since == "start" else at
        count = seeing.see(db, session, draft.people, since=since, key=draft.key, by=guard.principal().id, at=at)
        marks.judge_marks(db, session, at=at, person_ids=draft.people)
    return back_to_register(
        session_id,
        ngettext(
            "One person is recorded as seen in the room.", "%(num)s people are recorded as seen in the room.", count
        ),
    )


@blueprint.post("/sessions/<int:session_id>/register/<int:person_id>/unseen")
def unseen(session_id: int, person_id: int) -> Any:
    """Take back what a coordinator recorded as seen; both rows stay in the ledger."""
    at = clock.now()
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_CORRECT)
        check_in_reach(db, session, [person_id])
        seeing.unsee(db, session, person_id, key=request.form.get("key", ""), by=guard.principal().id, at=at)
        marks.judge_marks(db, session, at=at, person_ids=[person_id])
    return back_to_register(session_id, gettext("Taken back."))


@blueprint.post("/sessions/<int:session_id>/register/sign")
def sign(session_id: int) -> Any:
    """Make the register final."""
    at = clock.now()
    draft = forms.form(SignDraft)
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_SIGN, lock=True)
        decisions.sign(db, session, seen_version=draft.version, by=guard.principal().id, at=at)
    return back_to_register(session_id, gettext("The register is signed and final."))
