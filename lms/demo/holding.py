"""Sessions of the demo: scheduled, held, judged, corrected and signed as the plan tells."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lms.attendance.rules.drafts import CorrectionDraft
from lms.attendance.rules.judgement import Excuse, Status
from lms.attendance.service import amnesties, decisions, marks, register
from lms.db import Db
from lms.demo import evidence, meeting_log
from lms.demo.plan import WITA, Decided, Planned, working_day
from lms.demo.settling import House
from lms.sessions.models import LiveSession
from lms.sessions.rules import SessionDraft
from lms.sessions.service.scheduling import schedule


def schedule_planned(db: Db, house: House, plan: Planned, *, loaded_at: datetime, at: datetime) -> LiveSession:
    """Return the session of the plan, scheduled at `at` by the coordinator; its day counts from `loaded_at`."""
    today = loaded_at.astimezone(ZoneInfo(WITA)).date()
    starts = time.fromisoformat(plan.starts)
    on = working_day(today + timedelta(days=plan.day), -1 if plan.day < 0 else 1)
    ends = (datetime.combine(on, starts) + timedelta(minutes=plan.minutes)).time()
    return _schedule(db, house, plan, on, starts, ends, plan.zone, at=at)


def schedule_between(
    db: Db, house: House, plan: Planned, starts_at: datetime, ends_at: datetime, *, at: datetime
) -> LiveSession:
    """Return the session of the plan at these instants, whatever hour of the day they are."""
    # A form's day and clock times cannot cross midnight: of these zones it is midnight in one at most.
    zone = next(
        zone for zone in (WITA, "UTC") if starts_at.astimezone(ZoneInfo(zone)).date() == _last_day(ends_at, zone)
    )
    starts, ends = starts_at.astimezone(ZoneInfo(zone)), ends_at.astimezone(ZoneInfo(zone))
    return _schedule(db, house, plan, starts.date(), starts.time(), ends.time(), zone, at=at)


def _last_day(ends_at: datetime, zone: str) -> date:
    return ends_at.astimezone(ZoneInfo(zone)).date()


def _schedule(
    db: Db, house: House, plan: Planned, on: date, starts: time, ends: time, zone: str, *, at: datetime
) -> LiveSession:
    draft = SessionDraft(
        mode=plan.mode,
        title_id=plan.title_id,
        title_en=plan.title_en,
        place=plan.place,
        zone=zone,
        on=on,
        starts=starts,
        ends=ends,
        break_starts=[plan.pause[0]] if plan.pause else [],
        break_ends=[plan.pause[1]] if plan.pause else [],
        instructor_ids=[house.people[plan.teacher]],
        may_be_recorded=plan.may_be_recorded,
        module_ids=[house.modules[key] for key in plan.modules if key in house.modules],
    )
    return schedule(db, house.batches[plan.batch], draft, by=house.coordinator, at=at, is_told=False)


def hold(db: Db, house: House, plan: Planned, *, loaded_at: datetime) -> LiveSession:
    """Return a past session of the plan with its evidence, its marks, the decisions about them and the sign-off."""
    days_ago = loaded_at + timedelta(days=plan.day - 6)
    session = schedule_planned(db, house, plan, loaded_at=loaded_at, at=days_ago)
    later = []
    for decided in plan.decided:
        when = _afternoon(session, decided.days)
        if when < session.starts_at:
            _decide(db, house, session, decided, when)
        else:
            later.append((decided, when))
    # The instructor is witnessed like everybody else: the hours taught are by evidence, too.
    people = house.trainees(plan.batch) | {plan.teacher: house.people[plan.teacher]}
    if plan.mode == "in_person":
        evidence.tell_in_person(db, session, people, plan.stories, by=house.coordinator)
    else:
        evidence.tell_teleconference(db, session, people, plan.stories, plan.killed_at)
        if plan.server_says is not None:
            evidence.tell_as_server(db, session, people, plan)
            meeting_log.tell_log(db, session, people, plan.teacher)
        amnesties.propose_amnesties(db, session, at=session.ends_at + timedelta(minutes=2))
    marks.judge_marks(db, session, at=session.ends_at + timedelta(minutes=2))
    signed_at = None if plan.signed_after is None else _afternoon(session, plan.signed_after)
    for decided, when in later:
        if signed_at is not None and signed_at < when:
            _sign(db, house, session, signed_at)
            signed_at = None
        _decide(db, house, session, decided, when)
    if signed_at is not None:
        _sign(db, house, session, signed_at)
    return session


def _afternoon(session: LiveSession, days: int) -> datetime:
    """Return four in the afternoon in Balikpapan, so many days after the session."""
    zone = ZoneInfo(WITA)
    day = session.starts_at.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time(16), zone).astimezone(UTC)


def _decide(db: Db, house: House, session: LiveSession, decided: Decided, at: datetime) -> None:
    person_id = house.people[decided.person]
    draft = CorrectionDraft(
        status=Status.EXCUSED if decided.excuse else Status.ATTENDED,
        excuse=Excuse(decided.excuse) if decided.excuse else None,
        reason=decided.reason,
        key=f"demo{session.id:06}{person_id:06}",
    )
    decisions.correct(db, session, person_id, draft, by=house.coordinator, at=at)


def _sign(db: Db, house: House, session: LiveSession, at: datetime) -> None:
    seen = register.version(db, session.id)
    decisions.sign(db, session, seen_version=seen, by=house.coordinator, at=at)
