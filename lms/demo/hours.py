"""The demo's lesson hours: the programme counts as international, its course has hours, some were earned elsewhere."""

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select, update

from lms.accounts.models import Person
from lms.accounts.service.people import HERE
from lms.certificates.rules.hour_drafts import ClaimDraft
from lms.certificates.service import claims, deriving
from lms.db import Db
from lms.demo.settling import House
from lms.programmes.models import Programme, ProgrammeCourse
from lms.programmes.rules.kinds import Scope

# Who, what, by whom, kind, hours, days ago, certificate, whether it has been accepted.
_ELSEWHERE = (
    ("melati", "Bimbingan Teknis Penataan Arsip Kependudukan", "Arsip Nasional", 8, "12", 60, "B-112/BT/2026", True),
    ("bagus", "Seminar Transformasi Digital Pelayanan Publik", "Lembaga Administrasi", 9, "4", 90, "S-0451", True),
    ("rina", "Workshop Perizinan Berusaha Berbasis Risiko", "Kementerian Investasi", 4, "8", 45, "W-88/2026", True),
    ("ayu", "Sosialisasi Identitas Kependudukan Digital", "Ditjen Dukcapil", 7, "3", 20, "SK-19/X/2026", False),
    ("budi", "Kursus Bahasa Inggris untuk Pelayanan", "Pusat Bahasa", 11, "20", 30, "K-2026-77", False),
)  # fmt: skip


def count(db: Db, house: House, *, at: datetime) -> None:
    """Say what the programme's hours are, tell of what was earned elsewhere, and derive everybody's."""
    db.execute(
        update(Programme)
        .where(Programme.id == house.programme_id)
        .values(kind=3, scope=str(Scope.INTERNATIONAL), organiser="BKPSDM Kota Balikpapan – Civil Service College")
    )
    db.execute(update(ProgrammeCourse).where(ProgrammeCourse.programme_id == house.programme_id).values(lesson_hours=6))
    today = at.astimezone(HERE).date()
    for key, title, organiser, kind, hours, days, number, accepted in _ELSEWHERE:
        day = today - timedelta(days=days)
        draft = ClaimDraft(
            title=title, organiser=organiser, kind=kind, starts_on=day, ends_on=day, hours=Decimal(hours),
            certificate_number=number,
        )  # fmt: skip
        person_id = house.people[key]
        by = house.people["citra"] if accepted else person_id
        claims.tell(db, person_id, draft, None, by=by, at=at - timedelta(days=2), is_accepted=accepted)
    everybody = list(db.scalars(select(Person.id)))
    deriving.derive(db, everybody, at=at)
