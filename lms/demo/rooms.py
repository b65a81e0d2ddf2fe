"""What the demo shows of devices tested before sessions, and of a recording that was watched afterwards."""

import io
from datetime import datetime, timedelta

from sqlalchemy import select

from lms.attendance.models import Mark
from lms.db import Db, reading, writing
from lms.demo import film
from lms.demo.settling import House
from lms.sessions.devices.rules import Code, FoundDraft, Line
from lms.sessions.devices.service import note_entering, note_tested
from lms.sessions.models import LiveSession
from lms.sessions.recordings import files
from lms.sessions.recordings.models import Recording
from lms.sessions.recordings.rules import AnnouncedDraft, PlayedDraft, Span
from lms.sessions.recordings.service import arriving, watching
from lms.settings import Settings

NAME = "demo-kebersihan"
LENGTH = 12 * 60
# Who has never been offered the test: Join leads them to it.
NEW_HERE = ("theresia",)
_GOOD = Line(down_kbits=8400, up_kbits=3900, ms=42)
_THIN = Line(down_kbits=900, up_kbits=410, ms=260)
# What some found the day before; everybody else has been offered the test once, and entered.
TESTED: dict[str, dict[str, object]] = {
    "ayu": {"camera": Code.OK, "microphone": Code.OK, "speaker": Code.OK, "line": _GOOD},
    "budi": {"camera": Code.ABSENT, "microphone": Code.OK, "speaker": Code.OK, "line": _GOOD},
    "mujiono": {"microphone": Code.QUIET, "speaker": Code.OK, "line": _GOOD},
    "lukman": {"camera": Code.OK, "microphone": Code.OK, "speaker": Code.OK, "line": _THIN},
    "khadijah": {"camera": Code.DENIED, "microphone": Code.DENIED, "speaker": Code.OK},
}
# What those who were absent that day played of it later, in the order of their numbers.
WATCHED: tuple[list[Span], ...] = ([(0, LENGTH)], [(0, 250), (400, 520)])


def offer_tests(db: Db, house: House, session: LiveSession, *, at: datetime) -> None:
    """Let people have tested their devices before this session."""
    for number, (key, person_id) in enumerate(house.people.items()):
        if key in NEW_HERE:
            continue
        device = f"demo{number:020}"
        note_entering(db, session, device, by=person_id, at=at - timedelta(days=20))
        if key in TESTED:
            draft = FoundDraft.model_validate({"device": device, **TESTED[key]})
            note_tested(db, session, draft, by=person_id, at=at - timedelta(hours=20))


def keep_recording(settings: Settings, *, at: datetime) -> None:
    """Keep the recording of the session that may be recorded, once, with what two of the absent watched of it."""
    with reading() as db:
        known = db.scalar(select(Recording.id).where(Recording.key == f"jibri:{NAME}"))
        session = db.scalars(
            select(LiveSession)
            .where(LiveSession.may_be_recorded, LiveSession.ends_at < at, LiveSession.has_evidence)
            .order_by(LiveSession.id)
            .limit(1)
        ).one_or_none()
        if known is not None or session is None:
            return
        people = _absent(db, session)
    came = session.ends_at + timedelta(minutes=20)
    draft = AnnouncedDraft(meeting_url=f"https://meet.example/{session.room_name}")
    with writing() as db:
        recording_id = arriving.announce(db, NAME, draft, days=settings.recording_days, at=came).id
    size, seconds = files.keep(settings, recording_id, io.BytesIO(film.make(LENGTH)))
    with writing() as db:
        recording = db.get_one(Recording, recording_id)
        arriving.note_film(db, recording, size=size, seconds=seconds, at=came)
        for person_id, spans in zip(people, WATCHED, strict=False):
            watching.note_played(db, recording, PlayedDraft(spans=[]), by=person_id, at=came + timedelta(hours=20))
            draft_played = PlayedDraft(spans=spans)
            watching.note_played(db, recording, draft_played, by=person_id, at=came + timedelta(hours=21))


def _absent(db: Db, session: LiveSession) -> list[int]:
    """Return who was absent, excused or not."""
    return list(
        db.scalars(
            select(Mark.person_id)
            .where(Mark.session_id == session.id, Mark.status.in_(("absent", "excused")))
            .order_by(Mark.person_id)
        )
    )
