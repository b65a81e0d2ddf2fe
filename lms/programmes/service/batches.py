"""Set up programmes and their batches, and list them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Select, delete, func, select

from lms.accounts.service.audit import record_act
from lms.courses.models import Course
from lms.db import Db
from lms.kernel.errors import Invalid, Problem
from lms.programmes.models import Batch, Enrolment, Programme, ProgrammeCourse
from lms.programmes.rules.drafts import BatchDraft, ProgrammeDraft, new_slug
from lms.programmes.service.enrolling import enrol


@dataclass(frozen=True)
class BatchLine:
    """A batch in a list: its row and how many trainees it has."""

    batch: Batch
    trainees: int

    def is_running(self, today: date) -> bool:
        return self.batch.archived_at is None and self.batch.starts_on <= today <= self.batch.ends_on


@dataclass(frozen=True)
class ProgrammeLine:
    """A programme in a list with the batches the asker may see, the latest first."""

    programme: Programme
    batches: tuple[BatchLine, ...]


def create_programme(db: Db, draft: ProgrammeDraft, *, by: int | None, at: datetime) -> Programme:
    """Return a new programme with its courses; its address word is made from the Indonesian title."""
    stem = new_slug(draft.title_id)
    taken = set(db.scalars(select(Programme.slug).where(Programme.slug.startswith(stem, autoescape=True))))
    programme = Programme(slug=new_slug(draft.title_id, taken), created_at=at)
    _fill_programme(programme, draft)
    db.add(programme)
    db.flush()
    _set_courses(db, programme, draft.course_ids, draft.hours_of)
    record_act(db, "programme_created", "programme", programme.id, by=by, at=at)
    return programme


def edit_programme(db: Db, programme: Programme, draft: ProgrammeDraft, *, by: int | None, at: datetime) -> None:
    """Change a programme. Sessions already scheduled keep the minimum they were scheduled with."""
    _fill_programme(programme, draft)
    _set_courses(db, programme, draft.course_ids, draft.hours_of)
    record_act(db, "programme_changed", "programme", programme.id, by=by, at=at)


def create_batch(
    db: Db, programme: Programme, draft: BatchDraft, *, coordinator_id: int | None = None, by: int | None, at: datetime
) -> Batch:
    """Return a new batch of the programme; `coordinator_id` is enrolled as its coordinator at once.

    Somebody whose rights end at single batches could otherwise not see the batch just created.
    Raises Invalid when the programme has a batch of that name.
    """
    _check_name_is_free(db, programme.id, draft.name)
    batch = Batch(programme_id=programme.id, created_at=at, archived_at=None)
    _fill_batch(batch, draft)
    db.add(batch)
    db.flush()
    if coordinator_id is not None:
        enrol(db, batch, coordinator_id, "coordinator", by=by, at=at, is_told=False)
    if batch.contact_id is None:
        batch.contact_id = coordinator_id
    _check_contact(db, batch)
    record_act(db, "batch_created", "batch", batch.id, by=by, at=at)
    return batch


def edit_batch(db: Db, batch: Batch, draft: BatchDraft, *, by: int | None, at: datetime) -> None:
    """Change a batch's name, days, place and contact. Raises Invalid like `create_batch`."""
    _check_name_is_free(db, batch.programme_id, draft.name, except_id=batch.id)
    _fill_batch(batch, draft)
    _check_contact(db, batch)
    record_act(db, "batch_changed", "batch", batch.id, by=by, at=at)


def archive_batch(db: Db, batch: Batch, *, archived: bool, by: int | None, at: datetime) -> None:
    """Put a finished batch aside, or bring it back; nothing in it changes and its people keep reading it."""
    if (batch.archived_at is not None) == archived:
        return
    batch.archived_at = at if archived else None
    record_act(db, "batch_archived" if archived else "batch_unarchived", "batch", batch.id, by=by, at=at)


def catalogue(db: Db, programmes: Select[Programme], batches: Select[Batch]) -> list[ProgrammeLine]:
    """Return the programmes of the one statement with the batches of the other; three statements in all."""
    counts = db.execute(
        select(Enrolment.batch_id, func.count(Enrolment.person_id.distinct()))
        .where(Enrolment.role == "trainee", Enrolment.ends_at.is_(None))
        .group_by(Enrolment.batch_id)
    )
    trainees = dict(counts.all())
    by_programme: dict[int, list[BatchLine]] = {}
    for batch in db.scalars(batches.order_by(Batch.starts_on.desc(), Batch.id.desc())):
        by_programme.setdefault(batch.programme_id, []).append(BatchLine(batch, trainees.get(batch.id, 0)))
    return [
        ProgrammeLine(programme, tuple(by_programme.get(programme.id, ())))
        for programme in db.scalars(programmes.order_by(Programme.title_id))
    ]


def courses_of(db: Db, programme_id: int) -> list[Course]:
    """Return the programme's courses in the order in which they are taught."""
    return list(
        db.scalars(
            select(Course)
            .join(ProgrammeCourse, ProgrammeCourse.course_id == Course.id)
            .where(ProgrammeCourse.programme_id == programme_id)
            .order_by(ProgrammeCourse.position, Course.id)
        )
    )


def course_hours(db: Db, programme_id: int) -> dict[int, Decimal]:
    """Return the lesson hours of the programme's courses that are read by oneself, by course."""
    statement = select(ProgrammeCourse.course_id, ProgrammeCourse.lesson_hours)
    return dict(db.execute(statement.where(ProgrammeCourse.programme_id == programme_id)).all())


def _fill_programme(programme: Programme, draft: ProgrammeDraft) -> None:
    programme.title_id, programme.title_en = draft.title_id, draft.title_en
    programme.summary_id, programme.summary_en = draft.summary_id, draft.summary_en
    programme.objectives_id, programme.objectives_en = draft.objectives_id, draft.objectives_en
    programme.kind, programme.scope, programme.organiser = draft.kind, str(draft.scope), draft.organiser
    programme.minimum_share = draft.minimum_share


def _set_courses(db: Db, programme: Programme, course_ids: Sequence[int], hours: Mapping[int, Decimal]) -> None:
    known = set(db.scalars(select(Course.id).where(Course.id.in_(course_ids)))) if course_ids else set()
    if set(course_ids) - known:
        raise Invalid(Problem.of("course_unknown", field="course_ids"))
    db.execute(delete(ProgrammeCourse).where(ProgrammeCourse.programme_id == programme.id))
    for position, course_id in enumerate(course_ids, start=1):
        worth = hours.get(course_id, Decimal(0))
        db.add(ProgrammeCourse(programme_id=programme.id, course_id=course_id, position=position, lesson_hours=worth))
    db.flush()


def _fill_batch(batch: Batch, draft: BatchDraft) -> None:
    batch.name, batch.place, batch.contact_id = draft.name, draft.place, draft.contact_id
    batch.starts_on, batch.ends_on = draft.starts_on, draft.ends_on
    batch.capacity, batch.asks_until = draft.capacity, draft.asks_until


def _check_name_is_free(db: Db, programme_id: int, name: str, except_id: int = 0) -> None:
    if db.scalar(select(Batch.id).where(Batch.programme_id == programme_id, Batch.name == name, Batch.id != except_id)):
        raise Invalid(Problem.of("batch_name_taken", field="name", name=name))


def _check_contact(db: Db, batch: Batch) -> None:
    """Refuse a contact from outside: the contact's phone number is shown to everyone in the batch."""
    if batch.contact_id is None:
        return
    if not db.scalar(
        select(Enrolment.id).where(
            Enrolment.batch_id == batch.id,
            Enrolment.person_id == batch.contact_id,
            Enrolment.role.in_(("coordinator", "instructor")),
        )
    ):
        raise Invalid(Problem.of("batch_contact_outside", field="contact_id"))
