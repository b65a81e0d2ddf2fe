"""What witnesses would have told of the demo's past sessions, so that the marks are judged and not invented."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update

from lms.attendance.models import WorkerBoot
from lms.attendance.rules.drafts import WitnessDraft
from lms.attendance.rules.evidence import Kind, Source
from lms.attendance.service import recording, seeing, world
from lms.db import Db
from lms.demo.plan import STORIES, Planned, Stay
from lms.sessions.models import LiveSession

# As it was when the process was killed: the next one answered after this long …
BACK_AFTER = timedelta(seconds=21)
# … and a client that vanishes is noticed this much later.
NOTICED_AFTER = timedelta(seconds=25)


@dataclass(frozen=True)
class _Told:
    """One thing a connection told, or (DROPPED) that was noticed of it."""

    at: datetime
    kind: Kind
    person_id: int
    device: str
    connection: str
    boot: str


def tell_teleconference(
    db: Db, session: LiveSession, people: Mapping[str, int], stories: Mapping[str, str], killed_at: float | None = None
) -> None:
    """Record what the browsers of these people (key → person id) told, in the order of time."""
    killed = session.starts_at + timedelta(minutes=killed_at) if killed_at is not None else None
    boots = _boots(db, session, killed)
    told: list[_Told] = []
    for number, (key, person_id) in enumerate(people.items()):
        story = stories.get(key, "in_time")
        stays = STORIES.get(story) or ((Stay("laptop", -9 + number % 8),) if story == "in_time" else ())
        for index, stay in enumerate(stays):
            told += _connection(session, person_id, stay, f"{number}x{index}", boots, killed, lag=number * 7 % 38)
        if story == "elsewhere":
            told += _elsewhere(session, person_id, f"{number}x0", boots[0])
    write(db, session, told)
    world.end(db, boots[-1], at=session.ends_at + timedelta(minutes=45))


def tell_as_server(db: Db, session: LiveSession, people: Mapping[str, int], plan: Planned) -> None:
    """Record what the meeting server told of these people: what their pages told too, but for a few of the plan."""
    for number, (key, person_id) in enumerate(people.items()):
        story = plan.stories.get(key, "in_time")
        stays = STORIES.get(story) or ((Stay("laptop", -9 + number % 8),) if story == "in_time" else ())
        for index, stay in enumerate((plan.server_says or {}).get(key, stays)):
            goes = session.ends_at + timedelta(seconds=50) if stay.goes is None else _minute(session, stay.goes)
            for kind, when in ((Kind.JOINED, _minute(session, stay.comes)), (Kind.LEFT, goes)):
                recording.record(
                    db,
                    session,
                    person_id,
                    kind,
                    source=Source.JITSI,
                    key=f"demo-server-{session.id}-{number}-{index}-{kind}",
                    claimed_at=when,
                    at=when + timedelta(seconds=1),
                    detail={"room": session.room_name, "occupant": f"demo-{number}-{index}"},
                )


def tell_in_person(
    db: Db, session: LiveSession, people: Mapping[str, int], stories: Mapping[str, str], *, by: int
) -> None:
    """Record whom the coordinator saw in the room: most from the start, the late ones from when they came."""
    late = [people[key] for key, story in stories.items() if story == "late"]
    in_time = [person_id for key, person_id in people.items() if key not in stories]
    start = session.starts_at
    for ids, minutes in ((in_time, 0), (late, 17)):
        since = start + timedelta(minutes=minutes)
        seen_at = since + timedelta(minutes=3)
        seeing.see(db, session, ids, since=since, key=f"demo{session.id:06}{minutes:06}", by=by, at=seen_at)


def tell_live(
    db: Db,
    session: LiveSession,
    *,
    seen: Mapping[int, int],
    lost: int,
    left: int,
    elsewhere: int,
    by: int,
    at: datetime,
) -> None:
    """Record what is known of a session that began a while ago.

    The coordinator saw those of `seen` (person id → minutes after the start); one person's network failed, one
    left and one went to the meeting's app. Their process is not the one that serves from now on: it has ended.
    """
    for minutes in sorted(set(seen.values())):
        since = session.starts_at + timedelta(minutes=minutes)
        ids = [person_id for person_id, after in seen.items() if after == minutes]
        key = f"demo{session.id:06}{minutes:06}"
        seeing.see(db, session, ids, since=since, key=key, by=by, at=min(since + timedelta(minutes=2), at))
    boots = _boots(db, session, None)
    passed = (at - session.starts_at) / timedelta(minutes=1)
    stays = ((lost, Stay("phone", -3, passed - 6, is_lost=True)), (left, Stay("laptop", 1, passed * 0.6)))
    told = [
        fact
        for number, (person_id, stay) in enumerate(stays)
        for fact in _connection(session, person_id, stay, f"{number}x0", boots, None, lag=0)
    ]
    write(db, session, told + _elsewhere(session, elsewhere, "2x0", boots[0]))
    world.end(db, boots[0], at=at)


def _boots(db: Db, session: LiveSession, killed: datetime | None) -> list[str]:
    """Return the ids of the processes that served the session, their rows written: two if one was killed."""
    first, second = f"demo-{session.id}-1", f"demo-{session.id}-2"
    world.boot(db, first, at=session.starts_at - timedelta(hours=1))
    if killed is None:
        db.flush()
        return [first]
    world.boot(db, second, at=killed + BACK_AFTER)
    db.flush()
    # Its last beat is all that a killed process leaves.
    db.execute(update(WorkerBoot).where(WorkerBoot.id == first).values(beat_at=killed))
    return [first, second]


def _connection(
    session: LiveSession,
    person_id: int,
    stay: Stay,
    name: str,
    boots: list[str],
    killed: datetime | None,
    *,
    lag: int,
) -> list[_Told]:
    """Return what one stay told; torn in two by a killed process, back `lag` seconds after service was."""
    comes = session.starts_at + timedelta(minutes=stay.comes)
    goes = session.ends_at + timedelta(seconds=40 + lag) if stay.goes is None else _minute(session, stay.goes)
    device = f"demodevice{person_id:06}{stay.device}"
    connection = f"demo-{session.id}-{name}"
    boot = boots[0] if killed is None or comes < killed else boots[-1]
    told = [
        _Told(comes - timedelta(seconds=20), Kind.CONNECTED, person_id, device, connection, boot),
        _Told(comes, Kind.JOINED, person_id, device, connection, boot),
    ]
    if killed is not None and comes < killed < goes:
        connection, boot = f"{connection}-again", boots[-1]
        back = killed + BACK_AFTER + timedelta(seconds=lag)
        told.append(_Told(back, Kind.RESUMED, person_id, device, connection, boot))
    told.append(_Told(goes, Kind.DROPPED if stay.is_lost else Kind.LEFT, person_id, device, connection, boot))
    return told


def _elsewhere(session: LiveSession, person_id: int, name: str, boot: str) -> list[_Told]:
    opened = session.starts_at + timedelta(minutes=2)
    about = (person_id, f"demodevice{person_id:06}phone", f"demo-{session.id}-{name}", boot)
    return [
        _Told(opened - timedelta(seconds=30), Kind.CONNECTED, *about),
        _Told(opened, Kind.OPENED_ELSEWHERE, *about),
        _Told(opened + timedelta(seconds=50), Kind.DROPPED, *about),
    ]


def _minute(session: LiveSession, minute: float) -> datetime:
    return session.starts_at + timedelta(minutes=minute)


def write(db: Db, session: LiveSession, told: list[_Told]) -> None:
    """Store the facts in the order in which they became known."""
    heard: dict[str, int] = {}
    for number, fact in enumerate(sorted(told, key=lambda one: one.at)):
        if fact.kind is Kind.DROPPED:
            noticed = fact.at + NOTICED_AFTER
            recording.drop(db, fact.connection, last_heard=fact.at, reason="ping timeout", at=noticed)
            continue
        heard[fact.connection] = sequence = heard.get(fact.connection, 0) + 1
        draft = WitnessDraft(
            session=session.id, device=fact.device, key=f"demo{session.id:06}{number:06}", sequence=sequence
        )
        recording.witness(
            db,
            session,
            fact.kind,
            draft,
            connection_id=fact.connection,
            boot_id=fact.boot,
            by=fact.person_id,
            at=fact.at,
        )
