"""What people of the demo ask about their marks, and who walked in: it waits for whoever tries the coordinator."""

from datetime import datetime, timedelta

from sqlalchemy import select

from lms.attendance.rules.petition_drafts import DisputeDraft, ExcuseDraft, WalkInDraft
from lms.attendance.service import petitions, walk_ins
from lms.db import Db
from lms.demo.settling import House
from lms.sessions.models import LiveSession

BATCH = "Angkatan II"


def make(db: Db, house: House, *, at: datetime) -> None:
    """Ask for two excuses and dispute a mark in the batch that runs; let somebody of the other batch walk in."""
    sessions = db.scalars(
        select(LiveSession)
        .where(LiveSession.batch_id == house.batches[BATCH].id, LiveSession.status == "scheduled")
        .order_by(LiveSession.starts_at)
    ).all()
    last = max((one for one in sessions if one.ends_at <= at), key=lambda one: one.ends_at)
    coming = min((one for one in sessions if one.starts_at > at), key=lambda one: one.starts_at)
    people = house.people
    walk_in = WalkInDraft(person=people["taufik"], since="start", key=f"demo{last.id:016}")
    walk_ins.add(db, last, walk_in, by=house.coordinator, at=last.ends_at + timedelta(minutes=5))
    petitions.ask_excuse(
        db,
        coming,
        people["budi"],
        ExcuseDraft(
            excuse="dinas_luar",
            letter_number="800.1.11.1/402/DPMPTSP",
            note="Pendampingan perizinan keliling di Kecamatan Balikpapan Timur.",
        ),
        None,
        at=at - timedelta(hours=20),
    )
    petitions.ask_excuse(
        db,
        last,
        people["lukman"],
        ExcuseDraft(excuse="izin", letter_number="800.1.11.4/119/Kec.BS", note="Izin camat, suratnya menyusul."),
        None,
        at=at - timedelta(hours=44),
    )
    note = "Listrik di kelurahan padam. Saya tetap mengikuti dari ponsel rekan sampai selesai; Bu Yuliana melihat."
    petitions.dispute(db, last, people["abdul"], DisputeDraft(note=note), at=at - timedelta(hours=26))
