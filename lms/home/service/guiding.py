"""The first steps of somebody new: three or four of them for each role, ticked by what has really been done."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import aliased

from lms.accounts.models import Grant, Person, Unit
from lms.accounts.permissions import Role
from lms.attendance.models import Register, Visit
from lms.courses.models import Attachment, ModuleDraft, Progress, Revision
from lms.db import Db
from lms.programmes.models import Enrolment, Programme
from lms.quizzes.models import Attempt
from lms.reports.models import ReportSubscription
from lms.sessions.models import LiveSession, SessionInstructor

# Somebody with several roles is shown the steps of the one with most to set up.
_ORDER = (Role.ADMIN, Role.COORDINATOR, Role.INSTRUCTOR, Role.TRAINEE, Role.UNIT_HEAD)


@dataclass(frozen=True)
class Step:
    """One thing to do first; its words are the codes `step_<key>` and `step_<key>_why`."""

    key: str
    endpoint: str
    is_done: bool


@dataclass(frozen=True)
class Reach:
    """Conditions made by the guard at the edge: what the asker may enrol, schedule; and whether she signs registers."""

    enrolments: ColumnElement[bool]
    sessions: ColumnElement[bool]
    signs: bool


def read_steps(db: Db, person_id: int, roles: Collection[Role], reach: Reach) -> tuple[Step, ...]:
    """Return the steps of the asker's role; none when all are done or she has put them away. One statement."""
    role = next((role for role in _ORDER if role in roles), None)
    if role is None:
        return ()
    wanted = steps_of(role, person_id, reach)
    row = db.execute(
        select(*(done.label(key) for key, _, done in wanted))
        .select_from(Person)
        .where(Person.id == person_id, Person.guide_closed_at.is_(None))
    ).one_or_none()
    if row is None:
        return ()
    steps = tuple(Step(key, endpoint, bool(done)) for (key, endpoint, _), done in zip(wanted, row, strict=True))
    return () if all(step.is_done for step in steps) else steps


def steps_of(role: Role, person_id: int, reach: Reach) -> list[tuple[str, str, ColumnElement[bool]]]:
    """Return key, page and "has been done" of each step, in the order in which one does them."""
    settings = ("settings", "accounts.settings", Person.phone != "")
    match role:
        case Role.TRAINEE:
            return [
                settings,
                ("read", "courses.library", exists().where(Progress.person_id == person_id)),
                ("test", "quizzes.quizzes", _submitted(person_id)),
                ("join", "sessions.calendar", exists().where(Visit.person_id == person_id)),
            ]
        case Role.INSTRUCTOR:
            wrote = (
                exists().where(Revision.published_by == person_id)
                | exists().where(ModuleDraft.saved_by == person_id)
                | exists().where(Attachment.attached_by == person_id)
            )
            return [
                settings,
                ("material", "courses.library", wrote),
                ("lecture", "sessions.calendar", exists().where(SessionInstructor.person_id == person_id)),
                ("moderate", "sessions.calendar", exists().where(Visit.person_id == person_id)),
            ]
        case Role.COORDINATOR:
            trainees = exists().where(Enrolment.role == "trainee", reach.enrolments)
            signed = [("sign", "sessions.calendar", exists().where(Register.signed_by == person_id))]
            return [
                settings,
                ("enrol", "programmes.programmes", trainees),
                ("schedule", "programmes.programmes", exists().where(LiveSession.id > 0, reach.sessions)),
                *(signed if reach.signs else []),
            ]
        case Role.UNIT_HEAD:
            # What else she does here is to look, of which no record is kept.
            return [
                ("password", "accounts.settings", Person.password_hash.is_not(None)),
                settings,
                ("report", "reports.overview", exists().where(ReportSubscription.person_id == person_id)),
            ]
        case Role.ADMIN:
            coordinators = exists().where(Grant.role == Role.COORDINATOR)
            return [
                ("units", "accounts.units", exists().where(Unit.id > 0)),
                ("people", "accounts.people", _others(person_id)),
                ("programme", "programmes.programmes", exists().where(Programme.id > 0)),
                ("coordinator", "accounts.people", coordinators),
            ]


def _others(person_id: int) -> ColumnElement[bool]:
    other = aliased(Person)
    return exists().where(other.id != person_id)


def _submitted(person_id: int) -> ColumnElement[bool]:
    return exists().where(Attempt.person_id == person_id, Attempt.submitted_at.is_not(None))
