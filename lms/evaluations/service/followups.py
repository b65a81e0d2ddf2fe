"""What came of it months later: alumni, superiors and peers asked, and surveys that open and remind by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from lms.accounts.models import Person
from lms.accounts.rules.names import normalise_login
from lms.db import Db, insert_new_row
from lms.evaluations.models import EvaluationSetting, Invitation, Survey
from lms.evaluations.rules.blocks import FOLLOW_UPS
from lms.evaluations.rules.drafts import FOLLOW_UP_MONTHS, MOST_PEERS, ContactDraft, months_after
from lms.evaluations.service.surveys import (
    REMIND_BEFORE,
    lessons_held,
    open_follow_up,
    open_lesson,
    open_organiser,
    remind,
)
from lms.kernel.errors import Conflict, Invalid, Problem
from lms.outbox import service as outbox
from lms.programmes.models import Batch, Programme
from lms.sessions.models import LiveSession

# Whoever is asked months later needs longer than whoever sits in class.
FOLLOW_UP_DAYS = 30
# A batch that ended longer ago than this is not asked any more, should nobody have turned its evaluation on in time.
LATEST = timedelta(days=45)


def due_batches(db: Db) -> Sequence[Batch]:
    """Return the batches that are evaluated by themselves."""
    return db.scalars(
        select(Batch)
        .join(EvaluationSetting, EvaluationSetting.batch_id == Batch.id)
        .where(EvaluationSetting.automatic.is_(True), Batch.archived_at.is_(None))
        .options(joinedload(Batch.programme))
        .order_by(Batch.id)
    ).all()


def open_what_is_due(db: Db, batch: Batch, *, at: datetime) -> int:
    """Open what is due in the batch; return how many surveys that were. Safe to repeat: each opens once.

    After each session its instructors', after the last one the organiser's, and three and six months after the
    batch's last day those of alumni, superiors and peers.
    """
    setting = db.get_one(EvaluationSetting, batch.id)
    closes_at = at + timedelta(days=setting.days_open)
    opened = 0
    for lesson in lessons_held(db, batch.id, at=at):
        if lesson.session.ends_at > at - LATEST:
            opened += open_lesson(db, batch, lesson, closes_at=closes_at, by=None, at=at)
    last = db.scalar(
        select(LiveSession.ends_at)
        .where(LiveSession.batch_id == batch.id, LiveSession.status != "cancelled")
        .order_by(LiveSession.ends_at.desc())
        .limit(1)
    )
    if last is not None and at - LATEST < last <= at and _begins(batch.ends_on) <= at:
        opened += open_organiser(db, batch, closes_at=closes_at, by=None, at=at)
    for month in FOLLOW_UP_MONTHS:
        due = _begins(months_after(batch.ends_on, month))
        if due <= at < due + LATEST:
            opened += open_month(db, batch, month, by=None, at=at)
    return opened


def open_month(db: Db, batch: Batch, month: int, *, by: int | None, at: datetime) -> int:
    """Ask alumni, superiors and peers of the batch; return how many of the three surveys were not open yet."""
    closes_at = at + timedelta(days=FOLLOW_UP_DAYS)
    return sum(open_follow_up(db, batch, kind, month, closes_at=closes_at, by=by, at=at) for kind in FOLLOW_UPS)


def to_remind(db: Db, *, at: datetime) -> Sequence[Survey]:
    """Return the surveys that close soon and whose reminder has not been sent."""
    return db.scalars(
        select(Survey).where(
            Survey.reminded_at.is_(None),
            Survey.kind.in_(("organiser", "instructor", "alumnus")),
            Survey.closes_at > at,
            Survey.closes_at <= at + REMIND_BEFORE,
            Survey.opens_at <= at - timedelta(days=1),
        )
    ).all()


def send_reminders(db: Db, *, at: datetime) -> int:
    """Remind whoever has not answered what closes soon; return how many people."""
    return sum(remind(db, survey, at=at) for survey in to_remind(db, at=at))


@dataclass(frozen=True)
class Round:
    """A follow-up as one alumnus sees it: the surveys of one month, and whom she named for those of others."""

    month: int
    closes_at: datetime
    superior: Survey | None
    peer: Survey | None
    invitations: tuple[Invitation, ...]


def rounds_of(db: Db, batch_id: int, person_id: int, *, at: datetime) -> list[Round]:
    """Return the batch's follow-ups that are open, with whom this alumnus named. Two statements."""
    surveys = db.scalars(
        select(Survey)
        .where(Survey.batch_id == batch_id, Survey.month.is_not(None), Survey.opens_at <= at, Survey.closes_at > at)
        .order_by(Survey.month)
    ).all()
    named = db.scalars(
        select(Invitation)
        .where(Invitation.about_id == person_id, Invitation.survey_id.in_([survey.id for survey in surveys]))
        .order_by(Invitation.id)
    ).all()
    found = []
    for month in sorted({survey.month for survey in surveys if survey.month is not None}):
        by_kind = {survey.kind: survey for survey in surveys if survey.month == month}
        ids = {survey.id for survey in by_kind.values()}
        closes_at = max(survey.closes_at for survey in by_kind.values())
        own = tuple(one for one in named if one.survey_id in ids)
        found.append(Round(month, closes_at, by_kind.get("superior"), by_kind.get("peer"), own))
    return found


def invite(db: Db, survey: Survey, about: Person, draft: ContactDraft, *, at: datetime) -> Invitation:
    """Return the invitation of a superior or peer this alumnus names; whoever has an account is told there.

    Raises Invalid for herself or an account there is not, Conflict where the survey is closed, the person is named
    already, or there are enough.
    """
    if survey.closes_at <= at:
        raise Conflict("survey_closed")
    named = db.scalars(
        select(Invitation).where(Invitation.survey_id == survey.id, Invitation.about_id == about.id)
    ).all()
    if len(named) >= (1 if survey.kind == "superior" else MOST_PEERS):
        raise Conflict("follow_up_enough_named")
    person = _find(db, draft.login) if draft.login else None
    if draft.login and person is None:
        raise Invalid(Problem.of("follow_up_no_account", field="login"))
    if person is not None and person.id == about.id:
        raise Invalid(Problem.of("follow_up_not_yourself", field="login"))
    if person is not None and any(one.person_id == person.id for one in named):
        raise Conflict("follow_up_named_already")
    values = {
        "survey_id": survey.id,
        "about_id": about.id,
        "person_id": person.id if person else None,
        "name": draft.name,
        "used": False,
    }
    row = insert_new_row(db, Invitation, values, ["survey_id", "about_id", "name"])
    if row is None:
        raise Conflict("follow_up_named_already")
    return db.get_one(Invitation, row[0])


def tell_invited(db: Db, invitation: Invitation, about: Person, link: str, *, at: datetime) -> None:
    """Tell an invited person with an account; `link` is the path that opens the questionnaire for her alone."""
    if invitation.person_id is None:
        return
    survey = db.get_one(Survey, invitation.survey_id)
    batch = db.get_one(Batch, survey.batch_id)
    programme = db.get_one(Programme, batch.programme_id)
    params = {
        "about": about.name,
        "programme": {"id": programme.title_id, "en": programme.title_en},
        "closes_at": survey.closes_at,
    }
    key = f"follow-up-{invitation.id}"
    outbox.tell(db, invitation.person_id, "follow_up_invited", params, key, link, at=at)


def _find(db: Db, login: str) -> Person | None:
    plain = normalise_login(login)
    return db.scalars(
        select(Person).where(or_(Person.email == plain, Person.nip == plain), Person.active.is_(True))
    ).one_or_none()


def _begins(day: date) -> datetime:
    """Return when that day begins in UTC: eight in the morning in Balikpapan, a good time for a letter."""
    return datetime.combine(day, time(0), tzinfo=UTC)
