"""Questions asked in the demo's sessions, and some prepared for the one that is live."""

import random
from datetime import datetime, timedelta

from lms.db import Db
from lms.demo.settling import House
from lms.pulses.rules import AnswerDraft, PulseDraft
from lms.pulses.service import answering, asking
from lms.sessions.models import LiveSession

CLEAR = PulseDraft.model_validate(
    {
        "form": "scale",
        "text_id": "Sejauh ini, seberapa jelas penjelasannya?",
        "text_en": "So far, how clear is it?",
        "low_id": "belum jelas", "low_en": "not yet clear",
        "high_id": "sangat jelas", "high_en": "very clear",
        "is_sign": True,
    }
)  # fmt: skip
FIRST = PulseDraft.model_validate(
    {
        "form": "single",
        "text_id": "Apa yang paling sering dikeluhkan warga di loket Anda?",
        "text_en": "What do citizens complain about most at your counter?",
        "choices_id": "Lamanya antrean\nSyarat yang berubah-ubah\nSikap petugas\nRuang tunggu",
        "choices_en": "The length of the queue\nRequirements that change\nHow they are treated\nThe waiting room",
    }
)
PREPARED = (
    PulseDraft.model_validate(
        {
            "form": "yes_no",
            "text_id": "Apakah loket Anda memakai nomor antrean?",
            "text_en": "Does your counter use queue numbers?",
            "is_sign": True,
        }
    ),
    PulseDraft.model_validate(
        {
            "form": "single",
            "text_id": "Siapa yang mau menceritakan satu antrean yang berhasil?",
            "text_en": "Who would tell us about a queue that worked?",
            "choices_id": "Saya mau\nLain kali",
            "choices_en": "I would\nAnother time",
            "is_named": True,
        }
    ),
)


def ask_in(
    db: Db, house: House, session: LiveSession, people: list[int], *, minutes: tuple[int, int], is_live: bool = False
) -> None:
    """Ask two questions of these people, so many minutes after the session's start; in a live one prepare two more."""
    chance = random.Random(20261124)  # noqa: S311 - the same demo every time
    for number, (draft, minute) in enumerate(zip((FIRST, CLEAR), minutes, strict=True), start=1):
        at = session.starts_at + timedelta(minutes=minute)
        by = house.people["iskandar"]
        pulse = asking.prepare(db, session, draft, key=f"demo{session.id:08d}{number:04d}", by=by, at=at)
        asking.open_pulse(db, session, pulse, by=by, at=at)
        _answer(db, session, pulse.id, draft, people, chance, at)
        asking.close_pulse(db, session, pulse, by=by, at=at + timedelta(minutes=3))
    for number, draft in enumerate(PREPARED if is_live else (), start=10):
        key = f"demo{session.id:08d}{number:04d}"
        asking.prepare(db, session, draft, key=key, by=house.people["iskandar"], at=session.starts_at)


def _answer(
    db: Db, session: LiveSession, pulse_id: int, draft: PulseDraft, people: list[int], chance: random.Random,
    at: datetime,
) -> None:  # fmt: skip
    keys = [choice["key"] for choice in draft.choices()]
    weights = [3, 2, 1, 1] if draft is FIRST else [0, 1, 2, 5, 3]
    pulse = asking.find(db, session, pulse_id)
    for person in people:
        if chance.random() < 0.12:
            continue
        choice = chance.choices(keys, weights)[0]
        tap = AnswerDraft(
            session=session.id, pulse=pulse_id, choice=choice, page="d" * 16, sequence=1
        )  # fmt: skip
        answering.answer(db, session, pulse, tap, by=person, at=at + timedelta(seconds=chance.randrange(8, 170)))
