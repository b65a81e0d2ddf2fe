"""Load the demo once, and see to it at each later start that a session is live."""

import random
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from lms.accounts.models import AuditEntry
from lms.accounts.passwords import hash_password
from lms.accounts.service.audit import record_act
from lms.courses.models import Course
from lms.courses.service.reading import mark_read
from lms.db import Db, reading, writing
from lms.demo import alumni, answers, bank, evidence, holding, hours, phases, pulses, requests, rooms, sheets, visits
from lms.demo.people import ACCOUNTS, BATCHES, CITRA, PASSWORD, STAFF, DemoAccount
from lms.demo.plan import COMING, COURSE, ELSEWHERE_LIVE, LEFT_LIVE, LIVE, LOST_LIVE, PAST, SEEN_LIVE, Planned
from lms.demo.settling import House, modules_of, settle
from lms.programmes.models import Batch
from lms.quizzes.rules.questions import Purpose
from lms.sessions.models import LiveSession
from lms.sessions.rules import DOOR_BEFORE
from lms.sessions.service.scheduling import cancel

BATCH = "Angkatan II"
# Left open on purpose: somebody who tries the demo finds the first test still to do.
WITHOUT_PRE_TEST = ("ayu", "mujiono", "lukman", "theresia")
WITHOUT_POST_TEST = ("melati", "lilis", "rusdi", "suparman", "eko")
LIVE_SINCE, LIVE_LASTS = timedelta(minutes=25), timedelta(hours=2)
# With less left than this of a session it is no use to somebody who just started the demo.
WORTH_JOINING = timedelta(minutes=40)


def is_loaded() -> bool:
    """Return whether this database holds the demo."""
    with reading() as db:
        return _loaded(db) is not None


def load(*, at: datetime) -> list[DemoAccount]:
    """Return who can sign in, after everything has been made in one transaction; loading again changes nothing.

    Raises NotFound("demo_needs_course") when the demo's course has not been synced yet.
    """
    password_hash = hash_password(PASSWORD)
    with writing() as db:
        if _loaded(db) is None:
            house = settle(db, password_hash, at=at)
            for plan in PAST:
                held = holding.hold(db, house, plan, loaded_at=at)
                if plan.mode == "teleconference":
                    people = house.trainees(plan.batch)
                    here = [person_id for key, person_id in people.items() if key not in _away(plan)]
                    pulses.ask_in(db, house, held, here, minutes=(20, 45))
            _take_tests(db, house, at)
            _read_modules(db, house, at)
            alumni.make(db, house, at=at)
            alumni.open_running(db, house, at=at)
            detail: dict[str, Any] = {
                "programme": house.programme_id,
                "batches": {name: batch.id for name, batch in house.batches.items()},
                "people": house.people,
            }
            record_act(db, "demo_loaded", "programme", house.programme_id, by=None, at=at, **detail)
            _schedule_coming(db, house, at)
            requests.make(db, house, at=at)
            sheets.hand_in(db, house, at=at)
            hours.count(db, house, at=at)
            phases.plan(db, house, at=at)
            live = _go_live(db, house, at, ends_at=at - LIVE_SINCE + LIVE_LASTS)
            rooms.offer_tests(db, house, live, at=at)
            visits.make(db, house, at=at)
    return list(ACCOUNTS)


def _away(plan: Planned) -> set[str]:
    """Return who was not in this session's room."""
    return {key for key, story in plan.stories.items() if story in ("absent", "elsewhere")}


def refresh(*, at: datetime) -> bool:
    """Return whether a new live session was made, there being none to join now.

    What the demo had scheduled and nobody held, because it was not running, is cancelled and set anew; what
    people made themselves stays as it is.
    """
    with writing() as db:
        entry = _loaded(db, lock=True)
        if entry is None:
            return False
        house = _house(db, entry)
        ours = set(db.scalars(select(AuditEntry.subject_id).where(AuditEntry.action == "demo_session")))
        sessions = db.scalars(
            select(LiveSession).where(
                LiveSession.batch_id == house.batches[BATCH].id, LiveSession.status == "scheduled"
            )
        ).all()
        for session in sessions:
            if session.id in ours and session.ends_at <= at and not session.has_evidence:
                cancel(db, session, "Demo tidak dijalankan (demo was not running)", by=None, at=at, is_told=False)
        coming = [session for session in sessions if session.starts_at > at + DOOR_BEFORE]
        if not any(session.id in ours for session in coming):
            _schedule_coming(db, house, at)
        if any(one.starts_at <= at + DOOR_BEFORE and one.ends_at >= at + WORTH_JOINING for one in sessions):
            return False
        # A live one now must be over when the next begins.
        next_starts = min((one.starts_at for one in coming), default=at + timedelta(days=1))
        ends_at = min(at - LIVE_SINCE + LIVE_LASTS, next_starts - DOOR_BEFORE)
        if ends_at < at + WORTH_JOINING:
            return False
        _go_live(db, house, at, ends_at=ends_at, number=len(ours))
        return True


def people() -> list[str]:
    """Return one line for each account worth trying: what it is, name, what to sign in with; none without a demo."""
    if not is_loaded():
        return []
    others = sum(len(batch) for batch in BATCHES.values()) + len(STAFF) - len(ACCOUNTS)
    return [*(str(account) for account in ACCOUNTS), f"and {others} more, all with the password {PASSWORD}"]


def _loaded(db: Db, *, lock: bool = False) -> AuditEntry | None:
    """Return the loading's entry in the audit trail; `lock` lets one start at a time go on."""
    statement = select(AuditEntry).where(AuditEntry.action == "demo_loaded")
    return db.scalar(statement.with_for_update() if lock else statement)


def _house(db: Db, entry: AuditEntry) -> House:
    """Return the house as the loading left it."""
    detail = entry.detail
    batches = {name: db.get_one(Batch, batch_id) for name, batch_id in detail["batches"].items()}
    course = db.scalars(select(Course).where(Course.slug == COURSE)).one()
    modules = modules_of(db, course.id)
    return House(course, modules, detail["people"], detail["programme"], batches)


def _schedule_coming(db: Db, house: House, at: datetime) -> None:
    for plan in COMING:
        session = holding.schedule_planned(db, house, plan, loaded_at=at, at=at - timedelta(days=3))
        _note_session(db, session, at)


def _go_live(db: Db, house: House, at: datetime, *, ends_at: datetime, number: int = 0) -> LiveSession:
    """Return a session that began a while ago, with what has been seen of it so far."""
    began = (at - LIVE_SINCE).replace(second=0, microsecond=0)
    starts_at = began - timedelta(minutes=began.minute % 5)
    title_id, title_en, teacher, modules = LIVE[number % len(LIVE)]
    plan = Planned(BATCH, 0, "", 0, "teleconference", title_id, title_en, teacher, modules)
    ends_at = ends_at.replace(second=0, microsecond=0) - timedelta(minutes=ends_at.minute % 5)
    session = holding.schedule_between(db, house, plan, starts_at, ends_at, at=at - timedelta(days=2))
    people = house.trainees(BATCH)
    evidence.tell_live(
        db,
        session,
        seen={people[key]: minutes for key, minutes in SEEN_LIVE.items()},
        lost=people[LOST_LIVE],
        left=people[LEFT_LIVE],
        elsewhere=people[ELSEWHERE_LIVE],
        by=house.people[CITRA.key],
        at=at,
    )
    here = [people[key] for key, minutes in SEEN_LIVE.items() if minutes == 0]
    pulses.ask_in(db, house, session, here, minutes=(4, 12), is_live=True)
    _note_session(db, session, at)
    return session


def _note_session(db: Db, session: LiveSession, at: datetime) -> None:
    """Remember that the demo made this session, so that a later start may replace it."""
    record_act(db, "demo_session", "session", session.id, by=None, at=at)


def _take_tests(db: Db, house: House, at: datetime) -> None:
    chance = random.Random(20261124)  # noqa: S311 - the same demo every time, nothing secret
    pre, post = (answers.find_quiz(db, house.course, purpose) for purpose in (Purpose.PRE, Purpose.POST))
    first, second = house.trainees("Angkatan I"), house.trainees(BATCH)
    done = [person_id for key, person_id in second.items() if key not in WITHOUT_PRE_TEST]
    finished = [person_id for key, person_id in first.items() if key not in WITHOUT_POST_TEST]
    answers.take(db, pre, list(first.values()), at=at - timedelta(days=42), skill=0.48, chance=chance)
    answers.take(db, pre, done, at=at - timedelta(days=20), skill=0.5, chance=chance)
    answers.take(db, post, finished, at=at - timedelta(days=4), skill=0.8, chance=chance)
    practice = answers.find_quiz(db, house.course, Purpose.PRACTICE)
    answers.take(db, practice, done[:6], at=at - timedelta(days=6), skill=0.7, chance=chance)
    bank.write(db, house.course, by=house.people["iskandar"], at=at - timedelta(days=5))


def _read_modules(db: Db, house: House, at: datetime) -> None:
    chance = random.Random(7)  # noqa: S311 - as above
    modules = list(house.modules.values())
    for batch, most, days in (("Angkatan I", 6, 36), (BATCH, 3, 14)):
        for key, person_id in house.trainees(batch).items():
            count = 1 if key == "ayu" else max(0, most - chance.choice((0, 0, 0, 1, 1, 2)))
            for number, module_id in enumerate(modules[:count]):
                when = at - timedelta(days=days) + timedelta(days=number * days / 7, minutes=chance.randrange(600))
                mark_read(db, module_id, person_id, at=when)
