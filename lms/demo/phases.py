"""The demo's programme as it is run: objectives, four phases, and a batch that takes people who ask."""

from datetime import datetime, timedelta

from sqlalchemy import update

from lms.accounts.service.people import HERE
from lms.db import Db
from lms.demo.settling import House
from lms.programmes.models import Batch, Programme
from lms.programmes.rules.drafts import BatchDraft
from lms.programmes.rules.phases import PhaseDraft, Stage, Strand
from lms.programmes.service import asking
from lms.programmes.service.batches import create_batch
from lms.programmes.service.phases import set_phases

OBJECTIVES_ID = (
    "Melayani warga dengan sopan dan jelas, juga saat antrean panjang\n"
    "Menangani pengaduan sampai tuntas dan belajar darinya\n"
    "Mengukur kepuasan warga dan memperbaiki satu layanan di unit sendiri"
)
OBJECTIVES_EN = (
    "Serve citizens politely and clearly, also when the queue is long\n"
    "Settle complaints for good and learn from them\n"
    "Measure how satisfied citizens are, and improve one service of one’s own unit"
)
PHASES = (
    PhaseDraft(
        stage=Stage.CITY, title_id="Pembukaan dan lokakarya", title_en="Opening and workshops", first_day=1, days=7,
    ),
    PhaseDraft(
        stage=Stage.TELECONFERENCE, title_id="Kuliah dari Singapura", title_en="Lectures from Singapore", first_day=8,
        days=49,
    ),
    PhaseDraft(
        stage=Stage.VISIT, strand=Strand.DELEGATES, title_id="Kunjungan ke Civil Service College",
        title_en="Visit to the Civil Service College", first_day=57, days=5,
    ),
    PhaseDraft(
        stage=Stage.TELECONFERENCE, strand=Strand.HOME, title_id="Mengikuti kunjungan dari Balikpapan",
        title_en="Following the visit from Balikpapan", first_day=57, days=5,
    ),
    PhaseDraft(
        stage=Stage.CASCADING, title_id="Menularkan di unit kerja", title_en="Passing it on at one’s unit",
        first_day=64, days=42,
    ),
)  # fmt: skip


def plan(db: Db, house: House, *, at: datetime) -> None:
    """Give the programme its objectives and phases, and open a third batch that somebody asks to join."""
    db.execute(
        update(Programme)
        .where(Programme.id == house.programme_id)
        .values(objectives_id=OBJECTIVES_ID, objectives_en=OBJECTIVES_EN)
    )
    programme = db.get_one(Programme, house.programme_id)
    by = house.people["citra"]
    set_phases(db, programme, PHASES, by=by, at=at)
    today = at.astimezone(HERE).date()
    draft = BatchDraft(
        name="Angkatan III", starts_on=today + timedelta(days=60), ends_on=today + timedelta(days=165), place="BKPSDM",
        capacity=20, asks_until=today + timedelta(days=30),
    )  # fmt: skip
    batch: Batch = create_batch(db, programme, draft, coordinator_id=by, by=by, at=at)
    asking.ask(
        db, batch, house.people["ayu"], "citra.dewi@balikpapan.example", "Loket kami akan menerapkan antrean baru.",
        today=today, at=at, is_told=False,
    )  # fmt: skip
