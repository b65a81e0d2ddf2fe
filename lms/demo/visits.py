"""The demo's study visits: one announced and being prepared, one whose candidates are being scored."""

import random
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from lms.db import Db
from lms.delegations.models import Delegation, DelegationCandidate, DelegationPanelist
from lms.delegations.rules.costs import CostKind, Currency, Payer
from lms.delegations.rules.drafts import (
    CascadeDraft,
    CostDraft,
    CriterionDraft,
    DecisionDraft,
    DoneDraft,
    PanelDraft,
    PassportDraft,
    RateDraft,
    ScoresDraft,
    StopDraft,
    VisitDraft,
)
from lms.delegations.rules.ranking import Source
from lms.delegations.service import choosing, preparing, returning, scoring, setting_up
from lms.demo.people import STAFF
from lms.demo.plan import WITA
from lms.demo.settling import House
from lms.outbox.models import Message
from lms.programmes.models import Programme

CRITERIA = (
    ("Kehadiran", "Attendance", Source.ATTENDANCE, 30, 80),
    ("Nilai tes akhir", "Post-test", Source.POST_TEST, 30, None),
    ("Wawancara", "Interview", Source.PANEL, 25, 60),
    ("Bahasa Inggris", "English", Source.PANEL, 15, None),
)
PANEL = ("iskandar", "hendra")
STOPS = (
    (0, "09:00", "10:30", "Sambutan dan pembagian kelompok", "Civil Service College, 31 North Buona Vista Road"),
    (0, "14:00", "16:00", "Layanan satu pintu: alur warga dari pintu masuk sampai selesai", "ServiceSG Centre"),
    (1, "09:30", "12:00", "Mendampingi petugas loket", "Our Tampines Hub"),
    (2, "10:00", "12:00", "Menangani keluhan dengan ramah", "Civil Service College"),
    (4, "09:00", "11:30", "Rencana aksi dan penutupan", "Civil Service College"),
)
COSTS = (
    (CostKind.COURSE_FEE, Payer.CSC, "", Currency.SGD, "1450", 7, "", ""),
    (CostKind.AIR_TICKET, Payer.CITY, "", Currency.IDR, "4850000", 7, "5.1.02.04.02.0001", "Balikpapan–Singapura pp"),
    (CostKind.ACCOMMODATION, Payer.CITY, "", Currency.IDR, "2100000", 28, "5.1.02.04.02.0001", "empat malam"),
    (CostKind.DAILY_ALLOWANCE, Payer.CITY, "", Currency.IDR, "3200000", 35, "5.1.02.04.02.0001", ""),
    (CostKind.LOCAL_TRANSPORT, Payer.CSC, "", Currency.SGD, "60", 7, "", ""),
    (CostKind.INSURANCE, Payer.UNIT, "Dinas Kesehatan", Currency.IDR, "385000", 2, "", ""),
)


def make(db: Db, house: House, *, at: datetime) -> None:
    """Make both visits of the demo's programme."""
    announced(db, house, at=at)
    being_scored(db, house, at=at)
    # Or the first job would do it, and its letters would push who can sign in off the terminal.
    preparing.remind(db, at=at, today=at.astimezone(ZoneInfo(WITA)).date())
    db.flush()
    # People of the demo have notices to look at, and no mail box; what was mailed once is not mailed again.
    letters = update(Message).where(Message.template.startswith("visit_"))
    db.execute(letters.values(state="sent", sent_at=at))


def announced(db: Db, house: House, *, at: datetime) -> Delegation:
    """Return the visit of the first batch: decided, announced, its journey seven weeks away."""
    visit = _begin(db, house, "Kunjungan studi Angkatan I", "Study visit of the first batch", at, starts_in=48)
    _nominate(db, house, visit, "Angkatan I", scores_for=PANEL, at=at - timedelta(days=2))
    ranking = choosing.read_ranking(db, visit)
    for one in ranking.lines:
        if one.line.place.value == "incomplete":
            one.candidate.out_reason = "Tes akhir belum dikerjakan sampai batas waktu."
    db.flush()
    ranking = choosing.read_ranking(db, visit)
    moment = (at - timedelta(hours=20)).astimezone(ZoneInfo(WITA))
    draft = DecisionDraft(
        number="800.1.3.3/1187/BKPSDM",
        reasons="Sesuai peringkat menurut kriteria yang diterbitkan.",
        announce_on=moment.date(),
        announce_time=moment.time(),
        seen=ranking.hash,
    )
    choosing.decide(db, visit, draft, by=house.coordinator, at=at - timedelta(days=1))
    choosing.announce(db, visit, at=at - timedelta(hours=19))
    _prepare(db, house, visit, at=at - timedelta(hours=3))
    return visit


def being_scored(db: Db, house: House, *, at: datetime) -> Delegation:
    """Return the visit of the second batch: criteria published, one member of the panel still at work."""
    visit = _begin(db, house, "Kunjungan studi Angkatan II", "Study visit of the second batch", at, starts_in=140)
    _nominate(db, house, visit, "Angkatan II", scores_for=PANEL[:1], at=at - timedelta(days=1))
    return visit


def _begin(db: Db, house: House, title_id: str, title_en: str, at: datetime, *, starts_in: int) -> Delegation:
    today = at.astimezone(ZoneInfo(WITA)).date()
    programme = db.get_one(Programme, house.programme_id)
    draft = VisitDraft(
        title_id=title_id,
        title_en=title_en,
        place="Singapura",
        host="Civil Service College",
        starts_on=today + timedelta(days=starts_in),
        ends_on=today + timedelta(days=starts_in + 4),
        quota=7,
        reserves=3,
        about_id="Lima hari di loket dan kelas: melihat layanan yang ramah dari dekat dan membawanya pulang.",
        about_en="Five days at counters and in class: to see friendly service from near, and to bring it home.",
    )
    begun = at - timedelta(days=5)
    visit = setting_up.create_visit(db, programme, draft, by=house.coordinator, at=begun)
    for name_id, name_en, source, weight, least in CRITERIA:
        criterion = CriterionDraft(
            name_id=name_id, name_en=name_en, source=source, weight=Decimal(weight), least=least and Decimal(least)
        )
        setting_up.add_criterion(db, visit, criterion, by=house.coordinator, at=begun)
    setting_up.publish(db, visit, by=house.coordinator, at=begun)
    return visit


def _nominate(
    db: Db, house: House, visit: Delegation, batch: str, *, scores_for: tuple[str, ...], at: datetime
) -> None:
    chance = random.Random(visit.id * 17)  # noqa: S311 - the same demo every time, nothing secret
    people = list(house.trainees(batch).values())[:12]
    setting_up.nominate(db, visit, people, by=house.coordinator, at=at)
    mails = {person.key: person.email or person.nip or "" for person in STAFF}
    for key in PANEL:
        setting_up.add_panelist(db, visit, PanelDraft(login=mails[key]), by=house.coordinator, at=at)
    judged = [one.id for one in scoring.panel_criteria(db, visit.id)]
    candidates = db.scalars(select(DelegationCandidate).where(DelegationCandidate.delegation_id == visit.id)).all()
    for member in db.scalars(select(DelegationPanelist).where(DelegationPanelist.delegation_id == visit.id)):
        if member.person_id not in {house.people[key] for key in scores_for}:
            continue
        for candidate in candidates:
            points: list[int | None] = [chance.randrange(66, 95) for _ in judged]
            draft = ScoresDraft(criterion=judged, points=points)
            scoring.score(db, visit, member, candidate, draft, by=member.person_id, at=at)


def _prepare(db: Db, house: House, visit: Delegation, *, at: datetime) -> None:
    by = house.coordinator
    for offset, starts, ends, title, place in STOPS:
        stop = StopDraft(
            on=visit.starts_on + timedelta(days=offset),
            starts=time.fromisoformat(starts),
            ends=time.fromisoformat(ends),
            title=title,
            place=place,
        )
        preparing.add_stop(db, visit, stop, by=by, at=at)
    for kind, payer, name, currency, price, quantity, code, note in COSTS:
        cost = CostDraft(
            kind=kind, payer=payer, payer_name=name, currency=currency, price=Decimal(price), quantity=quantity,
            budget_code=code, note=note,
        )  # fmt: skip
        preparing.add_cost(db, visit, cost, by=by, at=at)
    rate = RateDraft(rate=Decimal("12450"), rate_on=at.date(), rate_source="kurs contoh untuk demo")
    preparing.set_rate(db, visit, rate, by=by, at=at)
    chosen = [one for one in choosing.nominees(db, visit.id) if one.candidate.outcome == "chosen"]
    for number, one in enumerate(chosen):
        if number == 2:
            continue
        until = visit.ends_on + timedelta(days=120 if number == 4 else 700 + number * 90)
        preparing.set_passport(db, visit, one.candidate, PassportDraft(expires_on=until), by=by, at=at)
    for task, _owner in preparing.tasks_of(db, visit.id):
        if task.code in ("invitation", "terms_of_reference"):
            preparing.tick(db, visit, task, DoneDraft(done=True), by=by, at=at)
    cascade = CascadeDraft(
        title="Menyapa lebih dulu: latihan sepuluh menit untuk petugas loket",
        audience="Petugas loket di unit saya",
        due_on=visit.ends_on + timedelta(days=30),
        text="# Menyapa lebih dulu\n\nSepuluh menit sebelum loket dibuka: dua orang, satu warga dan satu petugas.\n",
    )
    returning.add_cascade(db, visit, chosen[0].candidate, cascade, by=chosen[0].person.id, at=at)
