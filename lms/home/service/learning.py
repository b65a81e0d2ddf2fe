"""A trainee's part: what is still to read, which test is due, the attendance so far, and whom to call."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload

from lms.accounts.models import Person
from lms.attendance.rules.balance import Balance, Outlook
from lms.attendance.service.balance import read_own_balances
from lms.courses.models import Course, Module, Progress, Revision
from lms.db import Db, built_once
from lms.programmes.models import Batch, Enrolment, Programme, ProgrammeCourse
from lms.quizzes.service.due import OwnQuiz, due


@dataclass(frozen=True)
class ToRead:
    """A published module; a title is empty where it is not written in that language."""

    key: str
    title_id: str
    title_en: str
    minutes: int
    is_read: bool


@dataclass(frozen=True)
class CourseProgress:
    """A course this person is taught now, with its published modules in order."""

    course: Course
    modules: tuple[ToRead, ...]

    @property
    def read(self) -> int:
        return sum(module.is_read for module in self.modules)

    @property
    def unread(self) -> tuple[ToRead, ...]:
        return tuple(module for module in self.modules if not module.is_read)


@dataclass(frozen=True)
class Standing:
    """Where the person stands in one batch, and whom to call there (None: nobody is named)."""

    batch: Batch
    minimum: Decimal
    balance: Balance
    outlook: Outlook

    @property
    def programme(self) -> Programme:
        return self.batch.programme

    @property
    def contact(self) -> Person | None:
        return self.batch.contact


@dataclass(frozen=True)
class Learning:
    """What a trainee's part shows."""

    courses: tuple[CourseProgress, ...]
    due: tuple[OwnQuiz, ...]
    standings: tuple[Standing, ...]

    @property
    def waiting(self) -> int:
        return len(self.due) + sum(len(course.unread) for course in self.courses)


def read_learning(db: Db, person_id: int, *, at: datetime) -> Learning:
    """Return a trainee's part. Five statements, whatever the number of modules and sessions."""
    return Learning(
        courses=tuple(_courses(db, person_id, at)),
        due=tuple(due(db, person_id, at)),
        standings=tuple(_standings(db, person_id, at)),
    )


def _is_learning_in(person_id: Any, at: Any) -> list[ColumnElement[bool]]:
    """Return the conditions "is a trainee now" on Enrolment."""
    return [
        Enrolment.person_id == person_id,
        Enrolment.role == "trainee",
        Enrolment.starts_at <= at,
        or_(Enrolment.ends_at.is_(None), Enrolment.ends_at > at),
    ]


def _courses(db: Db, person_id: int, at: datetime) -> list[CourseProgress]:
    courses: dict[int, tuple[Course, dict[int, ToRead]]] = {}
    for course, module_id, key, language, title, minutes, read_at in db.execute(*_modules(person_id, at)):
        _, modules = courses.setdefault(course.id, (course, {}))
        before = modules.get(module_id)
        titles = {"id": before.title_id, "en": before.title_en} if before else {"id": "", "en": ""}
        titles[language] = title
        modules[module_id] = ToRead(key, titles["id"], titles["en"], minutes, read_at is not None)
    return [CourseProgress(course, tuple(modules.values())) for course, modules in courses.values()]


@built_once
def _modules(person_id: Any, at: Any) -> Any:
    taught = (
        select(ProgrammeCourse.course_id)
        .join(Batch, Batch.programme_id == ProgrammeCourse.programme_id)
        .join(Enrolment, Enrolment.batch_id == Batch.id)
        .where(*_is_learning_in(person_id, at), Batch.archived_at.is_(None))
    )
    return (
        select(Course, Module.id, Module.key, Revision.language, Revision.title, Revision.minutes, Progress.read_at)
        .join(Module, Module.course_id == Course.id)
        .join(Revision, and_(Revision.module_id == Module.id, Revision.is_current.is_(True)))
        .outerjoin(Progress, and_(Progress.module_id == Module.id, Progress.person_id == person_id))
        .where(Course.id.in_(taught), Course.archived_at.is_(None), Module.archived_at.is_(None))
        .order_by(Course.position, Course.id, Module.position, Module.id)
    )


def _standings(db: Db, person_id: int, at: datetime) -> list[Standing]:
    batches = db.scalars(*_batches(person_id, at)).unique()
    balances = read_own_balances(db, person_id)
    found = []
    for batch in batches:
        balance = balances.get((batch.id, person_id), Balance())
        minimum = batch.programme.minimum_share
        found.append(Standing(batch, minimum, balance, balance.outlook(minimum)))
    return found


@built_once
def _batches(person_id: Any, at: Any) -> Any:
    return (
        select(Batch)
        .join(Enrolment, Enrolment.batch_id == Batch.id)
        .where(*_is_learning_in(person_id, at), Batch.archived_at.is_(None))
        .options(joinedload(Batch.programme), joinedload(Batch.contact))
        .order_by(Batch.starts_on.desc(), Batch.id.desc())
    )
