"""What each witness said of one person, side by side: a lane a source or device, and the stays that come of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from lms.accounts.models import Person
from lms.attendance.models import Visit
from lms.attendance.rules.evidence import Fact, Kind, Source
from lms.attendance.rules.presence import Presence, presence
from lms.attendance.rules.timeline import Span
from lms.attendance.service.register import RegisterLine
from lms.attendance.service.standing import Standing, read_standing
from lms.db import Db
from lms.kernel.intervals import Interval, clip, merge
from lms.sessions.models import LiveSession
from lms.sessions.rules import doors

_SHARING = (Kind.SHARED, Kind.SHARE_LEFT)
# What a lane's witness says beside presence is drawn as a point in time, not as a stretch.
_SPANNING = (Kind.SEEN, Kind.AMNESTY)
_AT_ONCE = timedelta(seconds=1)


@dataclass(frozen=True)
class Lane:
    """One witness: its `code` (source_…, or lane_device, lane_shared), and what it says in order of time.

    `number` tells several devices apart, `host` is at whose screen the person watched.
    """

    code: str
    number: int
    host: str
    spans: tuple[Span, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Stay:
    """A stretch in the room, from coming to going, and who witnessed it (codes source_…, lane_shared)."""

    start: datetime
    end: datetime
    witnesses: tuple[str, ...]


def read_lanes(db: Db, session: LiveSession, person_id: int, *, at: datetime) -> list[Lane]:
    """Return the lanes of one person, devices first, in the order in which they were first heard of."""
    standing = read_standing(db, session, [person_id])
    facts = standing.facts.get(person_id, [])
    retracted = {fact.retracts for fact in facts}
    # An amnesty is no witness: it stands in the sum.
    facts = [fact for fact in facts if fact.id not in retracted and fact.kind not in (Kind.AMNESTY, Kind.RETRACTED)]
    hosts = _hosts(db, facts)
    by_lane: dict[tuple[str, int], list[Fact]] = {}
    for fact in sorted(facts, key=lambda one: (one.at, one.id)):
        by_lane.setdefault(_lane_of(fact, standing, person_id), []).append(fact)
    order = {"lane_device": 0, "lane_shared": 1}
    places = sorted(by_lane, key=lambda lane: order.get(lane[0], 2))
    numbers: dict[str, int] = {}
    lanes = []
    for code, which in places:
        own = by_lane[code, which]
        numbers[code] = numbers.get(code, 0) + 1
        lanes.append(
            Lane(
                code,
                numbers[code],
                hosts.get(which, "") if code == "lane_shared" else "",
                tuple(_spans(own, standing, person_id, at)),
                tuple(fact for fact in own if fact.kind not in _SPANNING),
            )
        )
    return lanes


def axis(session: LiveSession, lanes: Sequence[Lane]) -> Interval:
    """Return the time a drawing of these lanes covers: the session, and what was heard while its doors were open."""
    window = doors(session.starts_at, session.ends_at)
    heard = [moment for lane in lanes for moment in _moments(lane) if window.start <= moment <= window.end]
    return Interval(min([session.starts_at, *heard]), max([session.ends_at, *heard]))


def _moments(lane: Lane) -> list[datetime]:
    return [*(fact.at for fact in lane.facts), *(moment for span in lane.spans for moment in span[:2])]


def _lane_of(fact: Fact, standing: Standing, person_id: int) -> tuple[str, int]:
    """Return the lane's code and which of its kind: a device's visit, or the visit watched at."""
    if fact.kind in _SHARING:
        return "lane_shared", fact.host_visit or 0
    line = standing.lines.get(person_id, {}).get(fact.connection or "")
    if fact.source is Source.BROWSER and line is not None:
        return "lane_device", line.visit
    return f"source_{fact.source.value}", 0


def _spans(own: Sequence[Fact], standing: Standing, person_id: int, at: datetime) -> list[Span]:
    until = standing.until(at)
    found: Presence = presence(
        own,
        standing.lines.get(person_id, {}),
        standing.world,
        at=until,
        setting=standing.setting(own, until),
    )
    window = doors(standing.session.starts_at, standing.session.ends_at)
    spans = [Span(i.start, i.end, "present") for i in clip(found.seen, window)]
    return sorted([*spans, *(Span(i.start, i.end, "outage") for i in clip(found.credited, window))])


def _hosts(db: Db, facts: Iterable[Fact]) -> dict[int, str]:
    """Return whose device each visit is at which the person watched."""
    visits = {fact.host_visit for fact in facts if fact.host_visit is not None}
    if not visits:
        return {}
    rows = db.execute(
        select(Visit.id, Person.name).join(Person, Person.id == Visit.person_id).where(Visit.id.in_(visits))
    )
    return {row.id: row.name for row in rows}


def stays(line: RegisterLine) -> list[Stay]:
    """Return when this person came and went, each stay with who witnessed it. Gaps that are bridged stay visible."""
    retracted = {fact.retracts for fact in line.facts}
    facts = [fact for fact in line.facts if fact.id not in retracted and fact.kind is not Kind.CONNECTED]
    return [
        Stay(stay.start, stay.end, tuple(dict.fromkeys(_code(fact) for fact in facts if _tells_of(fact, stay))))
        for stay in merge([*line.presence.seen, *line.presence.credited])
    ]


def _code(fact: Fact) -> str:
    return "lane_shared" if fact.kind in _SHARING else f"source_{fact.source.value}"


def _tells_of(fact: Fact, stay: Interval) -> bool:
    if fact.span is not None:
        return fact.kind is Kind.SEEN and fact.span.start < stay.end and fact.span.end > stay.start
    return stay.start - _AT_ONCE <= fact.at <= stay.end + _AT_ONCE
