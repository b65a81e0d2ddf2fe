"""What a meeting server would have posted of a past session of the demo, beyond who was there."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from lms.accounts.models import Person
from lms.db import Db
from lms.sessions.models import JitsiEvent, LiveSession

MINUTE = timedelta(minutes=1)


def tell_log(db: Db, session: LiveSession, people: Mapping[str, int], teacher: str) -> None:
    """Store the events of one lecture: opened, people came, one knocked, recorded, transcribed, closed, who spoke."""
    names = dict(db.execute(select(Person.id, Person.name).where(Person.id.in_(people.values()))).all())
    start, end = session.starts_at, session.ends_at
    _store(db, session, "ROOM_CREATED", "room_created", start - 14 * MINUTE)
    for number, person_id in enumerate([people[teacher], *(one for key, one in people.items() if key != teacher)]):
        who = _who(person_id, names)
        at = start + (number % 9 - 12) * MINUTE
        if number == 3:
            _store(db, session, "PARTICIPANT_JOINED_LOBBY", "lobby_joined", at - 2 * MINUTE, **who)
            _store(db, session, "PARTICIPANT_LEFT_LOBBY", "lobby_left", at, **who)
        _store(db, session, "PARTICIPANT_JOINED", "joined", at, **who)
        _store(db, session, "PARTICIPANT_LEFT", "left", end + (number % 5) * timedelta(seconds=20), **who)
    _store(db, session, "RECORDING_STARTED", "other", start)
    _store(db, session, "POLL_CREATED", "other", start + 40 * MINUTE, question="Izin usaha mana yang paling lama?")
    _store(db, session, "RECORDING_ENDED", "other", end)
    speakers = list(people.items())[:6]
    spoken = {
        f"{key}@8x8.vc": {"name": names[person_id], "id": str(person_id), "time": 41_000 * (number + 2)}
        for number, (key, person_id) in enumerate(speakers)
    }
    spoken[f"{teacher}@8x8.vc"] = {"name": names[people[teacher]], "id": str(people[teacher]), "time": 2_650_000}
    _store(db, session, "SPEAKER_STATS", "other", end + 2 * MINUTE, **spoken)
    _store(db, session, "ROOM_DESTROYED", "room_destroyed", end + 2 * MINUTE)
    for kind, what in (("TRANSCRIPTION_UPLOADED", "transcription_uploaded"), ("CHAT_UPLOADED", "chat_uploaded")):
        link = f"https://8x8.vc.example/{what}/{session.id}"
        _store(db, session, kind, what, end + 9 * MINUTE, preAuthenticatedLink=link)
    for number, kind in enumerate(("USAGE", "USAGE", "REACTIONS")):
        _store(db, session, kind, "other", end + (10 + number) * MINUTE)


def _who(person_id: int, names: Mapping[int, str]) -> dict[str, str]:
    return {"id": str(person_id), "name": names[person_id], "participantJid": f"demo-{person_id}@8x8.vc"}


def _store(db: Db, session: LiveSession, kind: str, what: str, at: datetime, **detail: Any) -> None:
    body = json.dumps({"eventType": kind, "fqn": f"demo/{session.room_name}", "data": detail})
    db.add(
        JitsiEvent(
            sender="jaas",
            server="main",
            key=hashlib.sha256(f"demo|{at}|{body}".encode()).hexdigest(),
            what=what,
            room=session.room_name,
            session_id=session.id,
            happened_at=at,
            received_at=at + timedelta(seconds=1),
            body=body,
            interpreted_at=at + timedelta(seconds=1),
            outcome="evidence" if what in ("joined", "left") else "ignored",
        )
    )
