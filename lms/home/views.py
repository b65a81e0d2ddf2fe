"""The first page, composed from the parts of the asker's roles, and what its countdown asks at zero."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Person
from lms.accounts.permissions import Permission as P
from lms.accounts.permissions import Role, ScopeKind
from lms.accounts.principal import Principal
from lms.accounts.rules.phones import show_phone, whatsapp_link
from lms.accounts.service import people
from lms.accounts.service.units import unit_names
from lms.attendance.models import Amnesty, Petition, WalkIn
from lms.courses.models import Course
from lms.db import reading, writing
from lms.home.rules import Part, Pull, greeting, has_live_register, in_order
from lms.home.service.administering import read_administering
from lms.home.service.coordinating import Sight, read_coordinating
from lms.home.service.guiding import Reach, read_steps
from lms.home.service.learning import read_learning
from lms.home.service.next import NextThing, SessionRights, next_thing
from lms.home.service.teaching import read_teaching
from lms.kernel.intervals import Interval
from lms.programmes.models import Batch, Enrolment
from lms.quizzes.models import Attempt
from lms.reports.queries.overview import read_overview
from lms.sessions.models import LiveSession

blueprint = Blueprint("home", __name__)

_PARTS = {
    Role.TRAINEE: (Part.LEARNING,),
    Role.INSTRUCTOR: (Part.TEACHING,),
    Role.COORDINATOR: (Part.COORDINATING,),
    Role.UNIT_HEAD: (Part.REPORTING,),
    Role.ADMIN: (Part.COORDINATING, Part.ADMINISTERING),
}


@blueprint.get("/")
def home() -> Any:
    """Show the one next thing, then each role's part, the most urgent first."""
    at = clock.now()
    who = guard.require(needs=P.HOME_READ)
    parts = {part for role in who.roles for part in _PARTS[role]}
    local = at.astimezone(who.zone)
    found: dict[Part, Any] = {}
    with reading() as db:
        coming = next_thing(db, who.id, _session_rights(), watches_over=Part.COORDINATING in parts, at=at)
        if Part.LEARNING in parts:
            found[Part.LEARNING] = read_learning(db, who.id, at=at)
        if Part.TEACHING in parts:
            found[Part.TEACHING] = read_teaching(
                db,
                who.id,
                drafts=guard.allowed(Course, needs=P.COURSE_EDIT),
                results=guard.allowed(Attempt, needs=P.QUIZ_RESULTS),
                at=at,
            )
        if Part.COORDINATING in parts:
            found[Part.COORDINATING] = read_coordinating(
                db, _sight(), today=_day_of(local), at=at, all_unsigned=request.args.get("registers") == "all"
            )
        if Part.REPORTING in parts:
            found[Part.REPORTING] = {
                "units": unit_names(db, who.scopes(P.REPORT_READ).get(ScopeKind.UNIT, frozenset())),
                "overview": read_overview(db, who, today=local.date(), at=at),
            }
        if Part.ADMINISTERING in parts:
            found[Part.ADMINISTERING] = read_administering(db, at=at)
        steps = read_steps(db, who.id, who.roles, _reach(who))
    return render_template(
        "home/home.html",
        coming=coming,
        order=in_order([_pull(part, found, coming) for part in found], at),
        found=found,
        steps=steps,
        greeting=greeting(local.hour),
        today=local.date(),
        at=at,
        has_live_register=has_live_register,
        show_phone=show_phone,
        whatsapp_link=whatsapp_link,
    )


@blueprint.post("/first-steps/close")
def close_guide() -> Any:
    """Put the first steps away for good."""
    _show_guide(closed=True)
    flash(gettext("The first steps are put away. Your settings bring them back."), "success")
    return redirect(url_for("home.home"))


@blueprint.post("/first-steps/open")
def open_guide() -> Any:
    """Show the first steps again, those that are not done."""
    _show_guide(closed=False)
    return redirect(url_for("home.home"))


def _show_guide(*, closed: bool) -> None:
    who = guard.require(needs=P.SELF_EDIT)
    with writing() as db:
        person = guard.load(db, Person, who.id, needs=P.SELF_EDIT, lock=True)
        people.close_guide(person, at=clock.now() if closed else None)


def _reach(who: Principal) -> Reach:
    return Reach(
        enrolments=guard.allowed(Enrolment, needs=P.ENROLMENT_EDIT),
        sessions=guard.allowed(LiveSession, needs=P.SESSION_SCHEDULE),
        signs=who.can(P.REGISTER_SIGN),
    )


@blueprint.get("/next")
def next_session() -> Any:
    """Tell the page's countdown which session is next and whether its doors are open, by the server's clock."""
    at = clock.now()
    who = guard.require(needs=P.HOME_READ)
    with reading() as db:
        coming = next_thing(db, who.id, _session_rights(), watches_over=_coordinates(who), at=at)
    answer = jsonify(_as_json(coming, at))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _as_json(coming: NextThing | None, at: datetime) -> dict[str, Any]:
    if coming is None:
        return {"session": None, "open": False}
    return {
        "session": coming.card.session.id,
        # Moved meanwhile: the page then shows a wrong time and loads itself anew.
        "sequence": coming.card.session.sequence,
        "open": coming.is_open,
        "closes_in": max(0, round((coming.doors.end - at).total_seconds())),
    }


def _coordinates(who: Principal) -> bool:
    return bool(who.roles & {Role.COORDINATOR, Role.ADMIN})


def _session_rights() -> SessionRights:
    return SessionRights(
        attends=guard.allowed(LiveSession, needs=P.SESSION_ATTEND),
        moderates=guard.allowed(LiveSession, needs=P.SESSION_MODERATE),
        watches=guard.allowed(LiveSession, needs=P.REGISTER_READ),
    )


def _sight() -> Sight:
    return Sight(
        watches=guard.allowed(LiveSession, needs=P.REGISTER_CORRECT),
        signs=guard.allowed(LiveSession, needs=P.REGISTER_SIGN),
        people=guard.allowed(Enrolment, needs=P.REGISTER_CORRECT),
        batches=guard.allowed(Batch, needs=P.REGISTER_CORRECT),
        petitions=guard.allowed(Petition, needs=P.REGISTER_CORRECT),
        guests=guard.allowed(WalkIn, needs=P.ENROLMENT_EDIT),
        amnesties=guard.allowed(Amnesty, needs=P.REGISTER_SIGN),
    )


def _day_of(local: datetime) -> Interval:
    start = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return Interval(start, start + timedelta(days=1))


def _pull(part: Part, found: dict[Part, Any], coming: NextThing | None) -> Pull:
    """Return what draws the asker to this part: the next session belongs to the role she has in it."""
    if part in (Part.ADMINISTERING, Part.REPORTING):
        return Pull(part)
    is_hers = coming is not None and part is _part_of(coming, found)
    starts_at = coming.card.session.starts_at if coming is not None and is_hers else None
    return Pull(part, is_on=bool(coming and is_hers and coming.is_open), next_at=starts_at, waiting=found[part].waiting)


def _part_of(coming: NextThing, parts: Collection[Part]) -> Part:
    if not coming.watches:
        return Part.LEARNING
    return Part.TEACHING if coming.is_expected and Part.TEACHING in parts else Part.COORDINATING
