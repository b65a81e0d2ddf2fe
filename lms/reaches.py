"""How each model is reached from a grant's scope: told to the guard once, by `create_app`.

It stands above the features because a course is reached through the batches that teach it, and courses
may not know batches.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from lms.accounts import letters, scopes
from lms.accounts.guard import Reach, reach
from lms.accounts.models import Person, Unit
from lms.accounts.permissions import ScopeKind
from lms.attendance.models import Amnesty, Petition, WalkIn
from lms.certificates.models.certificates import Certificate
from lms.certificates.models.hours import HourClaim
from lms.certificates.rules.requirements import Questionnaires
from lms.certificates.service import evaluated
from lms.courses.models import Attachment, Course, Module, Revision
from lms.db import Db
from lms.delegations.models import Delegation, DelegationCandidate, DelegationPanelist
from lms.evaluations.models import ActionPlan, Survey
from lms.evaluations.service import surveys
from lms.outbox import service as outbox
from lms.programmes.models import Batch, Enrolment, Programme, ProgrammeCourse
from lms.pulses.models import Pulse
from lms.quizzes.models import Attempt, Quiz
from lms.sessions.models import LiveSession
from lms.sessions.recordings.models import Recording

Ids = Collection[int]


def units_with_children(ids: Ids) -> Select[Any]:
    """Return the ids of these units and of the units below them (two levels)."""
    return select(Unit.id).where(or_(Unit.id.in_(ids), Unit.parent_id.in_(ids)))


def people_of_units(ids: Ids) -> Select[Any]:
    """Return the ids of the people of these units."""
    return select(Person.id).where(Person.unit_id.in_(units_with_children(ids)))


def batches_with_units(ids: Ids) -> Select[Any]:
    """Return the ids of batches in which somebody of these units is enrolled."""
    return (
        select(Enrolment.batch_id)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Person.unit_id.in_(units_with_children(ids)))
    )


def courses_of_batches(batch_ids: Any) -> Select[Any]:
    """Return the ids of the courses taught in these batches."""
    return (
        select(ProgrammeCourse.course_id)
        .join(Batch, Batch.programme_id == ProgrammeCourse.programme_id)
        .where(Batch.id.in_(batch_ids))
    )


def _course_reach(column: ColumnElement[int] | Any, own: Any = None) -> Reach:
    """Return the reach of something that belongs to a course by this column."""
    return Reach(
        course=lambda ids: column.in_(ids),
        batch=lambda ids: column.in_(courses_of_batches(ids)),
        unit=lambda ids: column.in_(courses_of_batches(batches_with_units(ids))),
        own=own,
    )


def _batch_reach(column: ColumnElement[int] | Any) -> Reach:
    """Return the reach of something that belongs to a batch by this column."""
    return Reach(batch=lambda ids: column.in_(ids), unit=lambda ids: column.in_(batches_with_units(ids)))


def _sessions_of_batches(ids: Ids) -> Select[Any]:
    return select(LiveSession.id).where(LiveSession.batch_id.in_(ids))


def _session_reach(column: Any) -> Reach:
    """Return the reach of something that concerns a whole session, by this column."""
    return Reach(
        batch=lambda ids: column.in_(_sessions_of_batches(ids)),
        unit=lambda ids: column.in_(select(LiveSession.id).where(LiveSession.batch_id.in_(batches_with_units(ids)))),
    )


def _person_in_session_reach(session: Any, person: Any) -> Reach:
    """Return the reach of something about one person in one session, by these columns."""
    return Reach(
        batch=lambda ids: session.in_(_sessions_of_batches(ids)),
        unit=lambda ids: person.in_(people_of_units(ids)),
        own=lambda person_id: person == person_id,
    )


def _batch_names(db: Db) -> dict[int, str]:
    rows = db.execute(
        select(Batch.id, Batch.name, Programme.title_id)
        .join(Programme, Programme.id == Batch.programme_id)
        .order_by(Batch.starts_on.desc(), Batch.id.desc())
    )
    return {row.id: f"{row.name} · {row.title_id}" for row in rows}


def _course_names(db: Db) -> dict[int, str]:
    return {row.id: row.title_id for row in db.execute(select(Course.id, Course.title_id).order_by(Course.title_id))}


def _not_filled_in(db: Db, batch_id: int, people: Ids, at: datetime) -> dict[int, Questionnaires]:
    """Tell certificates whose questionnaires are not filled in."""
    return {one: Questionnaires(*counts) for one, counts in surveys.missing(db, batch_id, people, at).items()}


def register() -> None:
    """Tell the guard about every model that views load, and accounts what stands above them."""
    letters.post_with(outbox.send_later)
    evaluated.provide(_not_filled_in)
    scopes.name_scopes(ScopeKind.BATCH, _batch_names)
    scopes.name_scopes(ScopeKind.COURSE, _course_names)
    reach(Unit, Reach(unit=lambda ids: Unit.id.in_(units_with_children(ids))))
    reach(
        Person,
        Reach(
            batch=lambda ids: Person.id.in_(select(Enrolment.person_id).where(Enrolment.batch_id.in_(ids))),
            unit=lambda ids: Person.unit_id.in_(units_with_children(ids)),
            own=lambda person_id: Person.id == person_id,
        ),
    )
    reach(
        HourClaim,
        Reach(
            batch=lambda ids: HourClaim.person_id.in_(select(Enrolment.person_id).where(Enrolment.batch_id.in_(ids))),
            unit=lambda ids: HourClaim.person_id.in_(people_of_units(ids)),
            own=lambda person_id: HourClaim.person_id == person_id,
        ),
    )
    reach(
        Programme,
        Reach(
            batch=lambda ids: Programme.id.in_(select(Batch.programme_id).where(Batch.id.in_(ids))),
            unit=lambda ids: Programme.id.in_(select(Batch.programme_id).where(Batch.id.in_(batches_with_units(ids)))),
        ),
    )
    reach(Batch, _batch_reach(Batch.id))
    reach(
        Delegation,
        Reach(
            batch=lambda ids: Delegation.programme_id.in_(select(Batch.programme_id).where(Batch.id.in_(ids))),
            unit=lambda ids: Delegation.programme_id.in_(
                select(Batch.programme_id).where(Batch.id.in_(batches_with_units(ids)))
            ),
        ),
    )
    reach(
        DelegationCandidate,
        Reach(
            batch=lambda ids: DelegationCandidate.batch_id.in_(ids),
            unit=lambda ids: DelegationCandidate.person_id.in_(people_of_units(ids)),
            own=lambda person_id: DelegationCandidate.person_id == person_id,
        ),
    )
    # A seat on the panel is its holder's alone: not even who set the panel up scores in its place.
    reach(DelegationPanelist, Reach(own=lambda person_id: DelegationPanelist.person_id == person_id))
    reach(
        Enrolment,
        Reach(
            batch=lambda ids: Enrolment.batch_id.in_(ids),
            unit=lambda ids: Enrolment.person_id.in_(people_of_units(ids)),
            own=lambda person_id: Enrolment.person_id == person_id,
        ),
    )
    reach(Survey, _batch_reach(Survey.batch_id))
    reach(
        ActionPlan,
        Reach(
            batch=lambda ids: ActionPlan.batch_id.in_(ids),
            unit=lambda ids: ActionPlan.person_id.in_(people_of_units(ids)),
            own=lambda person_id: ActionPlan.person_id == person_id,
        ),
    )
    reach(
        Certificate,
        Reach(
            batch=lambda ids: Certificate.batch_id.in_(ids),
            unit=lambda ids: Certificate.person_id.in_(people_of_units(ids)),
            own=lambda person_id: Certificate.person_id == person_id,
        ),
    )
    reach(LiveSession, _batch_reach(LiveSession.batch_id))
    reach(Recording, _session_reach(Recording.session_id))
    reach(Amnesty, _session_reach(Amnesty.session_id))
    reach(Pulse, _session_reach(Pulse.session_id))
    reach(WalkIn, _person_in_session_reach(WalkIn.session_id, WalkIn.person_id))
    reach(Petition, _person_in_session_reach(Petition.session_id, Petition.person_id))
    reach(Course, _course_reach(Course.id))
    modules = select(Module.id)
    reach(Module, _course_reach(Module.course_id))
    reach(Revision, _through(Revision.module_id, modules, Module.course_id))
    reach(Attachment, _through(Attachment.module_id, modules, Module.course_id))
    reach(Quiz, _course_reach(Quiz.course_id))
    # By its own batch: whoever teaches the same course to another batch must not see this one's answers.
    reach(
        Attempt,
        Reach(
            course=lambda ids: Attempt.quiz_id.in_(select(Quiz.id).where(Quiz.course_id.in_(ids))),
            batch=lambda ids: Attempt.batch_id.in_(ids),
            unit=lambda ids: Attempt.batch_id.in_(batches_with_units(ids)),
            own=lambda person_id: Attempt.person_id == person_id,
        ),
    )


def _through(column: Any, parents: Select[Any], parent_course: Any, own: Any = None) -> Reach:
    """Return the reach of something whose parent belongs to a course."""

    def inside(clause: ColumnElement[bool]) -> ColumnElement[bool]:
        return column.in_(parents.where(clause))

    return Reach(
        course=lambda ids: inside(parent_course.in_(ids)),
        batch=lambda ids: inside(parent_course.in_(courses_of_batches(ids))),
        unit=lambda ids: inside(parent_course.in_(courses_of_batches(batches_with_units(ids)))),
        own=own,
    )
