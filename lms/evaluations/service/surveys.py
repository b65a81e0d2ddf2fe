"""Questionnaires put to people: opened by a coordinator or by themselves, closed, and who is asked."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from lms.accounts.models import Person
from lms.accounts.rules.names import with_titles
from lms.accounts.service.audit import record_act
from lms.attendance.models import Mark
from lms.attendance.rules.judgement import Status
from lms.db import Db, insert_new
from lms.evaluations.models import EvaluationSetting, Questionnaire, Survey, Turnout
from lms.evaluations.rules.drafts import SettingDraft
from lms.evaluations.rules.questionnaires import QuestionnaireDraft, content_from, usual_content
from lms.kernel.errors import Conflict
from lms.outbox import service as outbox
from lms.programmes.models import Batch, Enrolment, Programme
from lms.sessions.models import LiveSession, SessionInstructor

# Who was there, in full or in part, can say something about the instructor.
_WAS_THERE = (Status.ATTENDED.value, Status.PARTIAL.value)
USUAL_DAYS = 14
# So long before closing whoever has not answered is reminded.
REMIND_BEFORE = timedelta(days=2)


def content_for(db: Db, programme_id: int, kind: str) -> dict[str, Any]:
    """Return what the programme asks in questionnaires of this kind: its own, else the usual."""
    own = db.get(Questionnaire, (programme_id, kind))
    return own.content if own is not None else usual_content(kind)


def save_questionnaire(
    db: Db, programme: Programme, kind: str, draft: QuestionnaireDraft, *, by: int | None, at: datetime
) -> None:
    """Set what the programme asks from now on. Surveys already opened keep what they ask. Raises Invalid for none."""
    content = content_from(kind, draft)
    own = db.get(Questionnaire, (programme.id, kind))
    if own is None:
        own = Questionnaire(programme_id=programme.id, kind=kind)
        db.add(own)
    own.content, own.changed_by, own.changed_at = content, by, at
    record_act(db, "questionnaire_changed", "programme", programme.id, by=by, at=at, questionnaire=kind)


def setting_of(db: Db, batch_id: int) -> SettingDraft:
    """Return how the batch is evaluated."""
    row = db.get(EvaluationSetting, batch_id)
    if row is None:
        return SettingDraft(automatic=False, days_open=USUAL_DAYS)
    return SettingDraft(automatic=row.automatic, days_open=row.days_open)


def save_setting(db: Db, batch: Batch, draft: SettingDraft, *, by: int | None, at: datetime) -> None:
    """Set how the batch is evaluated."""
    row = db.get(EvaluationSetting, batch.id)
    if row is None:
        row = EvaluationSetting(batch_id=batch.id)
        db.add(row)
    row.automatic, row.days_open = draft.automatic, draft.days_open
    record_act(
        db, "evaluation_set", "batch", batch.id, by=by, at=at, automatic=draft.automatic, days_open=draft.days_open
    )


@dataclass(frozen=True)
class Lesson:
    """A session that has ended and one who taught it: what a questionnaire can be opened about."""

    session: LiveSession
    instructor: Person

    @property
    def key(self) -> str:
        return f"instructor-{self.session.batch_id}-{self.session.id}-{self.instructor.id}"


def lessons_held(db: Db, batch_id: int, *, at: datetime) -> list[Lesson]:
    """Return what was taught in the batch so far, session by session and instructor by instructor."""
    rows = db.execute(
        select(LiveSession, Person)
        .join(SessionInstructor, SessionInstructor.session_id == LiveSession.id)
        .join(Person, Person.id == SessionInstructor.person_id)
        .where(LiveSession.batch_id == batch_id, LiveSession.status != "cancelled", LiveSession.ends_at <= at)
        .order_by(LiveSession.starts_at, LiveSession.id, Person.name)
    )
    return [Lesson(session, person) for session, person in rows]


def open_organiser(
    db: Db, batch: Batch, *, closes_at: datetime, by: int | None, at: datetime, is_told: bool = True
) -> bool:
    """Ask the batch's trainees about the organisation; return whether that was news."""
    return _open(db, batch, "organiser", f"organiser-{batch.id}", closes_at, by=by, at=at, is_told=is_told)


def open_lesson(
    db: Db, batch: Batch, lesson: Lesson, *, closes_at: datetime, by: int | None, at: datetime, is_told: bool = True
) -> bool:
    """Ask those who were at the session about its instructor; return whether that was news."""
    about = {"session_id": lesson.session.id, "instructor_id": lesson.instructor.id}
    return _open(db, batch, "instructor", lesson.key, closes_at, by=by, at=at, is_told=is_told, **about)


def open_follow_up(
    db: Db,
    batch: Batch,
    kind: str,
    month: int,
    *,
    closes_at: datetime,
    by: int | None,
    at: datetime,
    is_told: bool = True,
) -> bool:
    """Ask alumni, superiors or peers so many months afterwards; return whether that was news."""
    key = f"{kind}-{batch.id}-{month}"
    return _open(db, batch, kind, key, closes_at, by=by, at=at, is_told=is_told, month=month)


def close(db: Db, survey: Survey, *, by: int | None, at: datetime) -> None:
    """Close a survey now, for good: opened again, its results would tell what the last one answered.

    Raises Conflict where it is closed already.
    """
    if survey.closes_at <= at:
        raise Conflict("survey_closed")
    survey.closes_at = max(at, survey.opens_at)
    record_act(db, "survey_closed", "survey", survey.id, by=by, at=at)


def prolong(db: Db, survey: Survey, closes_at: datetime, *, by: int | None, at: datetime) -> None:
    """Let an open survey stay open until then. Raises Conflict where it is closed: nothing opens it again."""
    if survey.closes_at <= at:
        raise Conflict("survey_closed")
    survey.closes_at = max(closes_at, at)
    survey.reminded_at = None
    record_act(db, "survey_prolonged", "survey", survey.id, by=by, at=at, closes_at=survey.closes_at.isoformat())


def asked() -> Any:
    """Return the statement "who is asked" (survey_id, person_id) of surveys put to trainees; add conditions on Survey.

    An instructor's is put to those who were at the session, the others to the batch's trainees who had not left when
    it opened, or when the batch ended.
    """
    was_there = and_(Mark.session_id == Survey.session_id, Mark.person_id == Enrolment.person_id)
    return (
        select(Survey.id.label("survey_id"), Enrolment.person_id.label("person_id"))
        .join(Enrolment, and_(Enrolment.batch_id == Survey.batch_id, Enrolment.role == "trainee"))
        .outerjoin(Mark, was_there)
        .where(
            Survey.kind.in_(("organiser", "instructor", "alumnus")),
            or_(
                and_(Survey.kind == "instructor", Mark.status.in_(_WAS_THERE)),
                and_(
                    Survey.kind != "instructor",
                    Enrolment.starts_at <= Survey.opens_at,
                    or_(Enrolment.ends_at.is_(None), Enrolment.ends_at > Survey.opens_at),
                ),
            ),
        )
        .distinct()
    )


def is_asked(db: Db, survey: Survey, person_id: int) -> bool:
    """Return whether the survey is put to this person."""
    found = asked().where(Survey.id == survey.id, Enrolment.person_id == person_id)
    return db.execute(found.limit(1)).first() is not None


def has_answered(db: Db, survey_id: int, person_id: int) -> bool:
    """Return whether this person has answered; not what."""
    return db.get(Turnout, (survey_id, person_id)) is not None


@dataclass(frozen=True)
class Asked:
    """A survey as it stands for one person."""

    survey: Survey
    answered: bool


def asked_of(db: Db, person_id: int, *, at: datetime) -> list[Asked]:
    """Return every survey put to this person that has opened: those open first, the next to close first. Two
    statements."""
    mine = asked().where(Enrolment.person_id == person_id, Survey.opens_at <= at).subquery("mine")
    rows = db.execute(
        select(Survey, Turnout.person_id)
        .join(mine, mine.c.survey_id == Survey.id)
        .outerjoin(Turnout, and_(Turnout.survey_id == Survey.id, Turnout.person_id == person_id))
        .options(
            joinedload(Survey.batch).joinedload(Batch.programme),
            joinedload(Survey.session),
            joinedload(Survey.instructor),
        )
    )
    found = [Asked(survey, answered is not None) for survey, answered in rows]
    return sorted(found, key=lambda one: (one.survey.closes_at <= at, one.answered, one.survey.closes_at))


@dataclass(frozen=True)
class Participation:
    """How many a survey asks, and how many of them have answered."""

    asked: int
    answered: int


def participation(db: Db, *where: ColumnElement[bool]) -> dict[int, Participation]:
    """Return survey id → participation, for surveys put to trainees that meet these conditions. Two statements."""
    put = asked().where(*where).subquery("put")
    many: dict[int, int] = dict(db.execute(select(put.c.survey_id, func.count()).group_by(put.c.survey_id)).all())
    voted: dict[int, int] = dict(
        db.execute(
            select(Turnout.survey_id, func.count())
            .join(Survey, Survey.id == Turnout.survey_id)
            .where(*where)
            .group_by(Turnout.survey_id)
        ).all()
    )
    # Somebody's mark may have been corrected after she answered.
    return {one: Participation(max(many.get(one, 0), voted.get(one, 0)), voted.get(one, 0)) for one in {*many, *voted}}


def missing(db: Db, batch_id: int, people: Collection[int], at: datetime) -> Mapping[int, tuple[int, int]]:
    """Return person id → how many surveys of the training itself she has not answered: (still open, closed).

    Of surveys about instructors and organiser alone: what is asked months later cannot hold a certificate back.
    """
    put = (
        asked()
        .where(
            Survey.batch_id == batch_id,
            Survey.kind.in_(("organiser", "instructor")),
            Survey.opens_at <= at,
            Enrolment.person_id.in_(people),
        )
        .subquery("put")
    )
    is_open = Survey.closes_at > at
    rows = db.execute(
        select(
            put.c.person_id,
            func.count().filter(is_open).label("open"),
            func.count().filter(~is_open).label("closed"),
        )
        .join(Survey, Survey.id == put.c.survey_id)
        .outerjoin(Turnout, and_(Turnout.survey_id == put.c.survey_id, Turnout.person_id == put.c.person_id))
        .where(Turnout.person_id.is_(None))
        .group_by(put.c.person_id)
    )
    return {row.person_id: (row.open, row.closed) for row in rows}


def surveys_of(db: Db, batch_id: int) -> Sequence[Survey]:
    """Return every survey of the batch, what is about its end last."""
    return db.scalars(
        select(Survey)
        .where(Survey.batch_id == batch_id)
        .options(joinedload(Survey.session), joinedload(Survey.instructor))
        .order_by(Survey.opens_at, Survey.id)
    ).all()


def remind(db: Db, survey: Survey, *, at: datetime) -> int:
    """Remind those who have not answered, once; return how many."""
    survey.reminded_at = at
    voted = select(Turnout.person_id).where(Turnout.survey_id == survey.id)
    people = db.scalars(
        select(asked().where(Survey.id == survey.id, Enrolment.person_id.not_in(voted)).subquery("late").c.person_id)
    ).all()
    _tell(db, survey, "survey_reminder", people, at=at)
    return len(people)


def _open(
    db: Db,
    batch: Batch,
    kind: str,
    key: str,
    closes_at: datetime,
    *,
    by: int | None,
    at: datetime,
    is_told: bool = True,
    **about: int,
) -> bool:
    if closes_at <= at:
        raise Conflict("survey_closes_in_past")
    values = {
        "key": key,
        "batch_id": batch.id,
        "kind": kind,
        "content": content_for(db, batch.programme_id, kind),
        "opens_at": at,
        "closes_at": closes_at,
        **about,
    }
    if not insert_new(db, Survey, values, ["key"]):
        return False
    survey = db.scalars(select(Survey).where(Survey.key == key)).one()
    record_act(db, "survey_opened", "survey", survey.id, by=by, at=at, key=key)
    if is_told and kind in ("organiser", "instructor", "alumnus"):
        people = db.scalars(select(asked().where(Survey.id == survey.id).subquery("put").c.person_id)).all()
        _tell(db, survey, "survey_open", people, at=at)
    return True


def _tell(db: Db, survey: Survey, template: str, people: Iterable[int], *, at: datetime) -> None:
    batch = db.get_one(Batch, survey.batch_id)
    programme = db.get_one(Programme, batch.programme_id)
    params = {
        "programme": {"id": programme.title_id, "en": programme.title_en},
        "batch": batch.name,
        "closes_at": survey.closes_at,
    }
    for person_id in people:
        # Several that open on one day are one letter: the page lists them all.
        key = f"{template}-{survey.batch_id}-{at.date().isoformat()}-{person_id}"
        outbox.tell(db, person_id, template, params, key, "/evaluations", at=at)


def name_of(person: Person) -> str:
    """Return an instructor's name with its titles."""
    return with_titles(person.title_before, person.name, person.title_after)
