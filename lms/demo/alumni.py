"""The demo's finished batch: certificates issued, signed and revoked, its evaluation, and what came of it at work."""

import io
import random
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms.accounts.models import Person
from lms.certificates.models.certificates import Certificate
from lms.certificates.rules.drafts import BookDraft, RuleDraft
from lms.certificates.rules.numbering import DEFAULT_PATTERN
from lms.certificates.rules.signed_files import look_at
from lms.certificates.service import badges, books, issuing, ruling, signing
from lms.certificates.views.documents import file_name
from lms.certificates.views.papers import certificate_pdf
from lms.courses import files
from lms.db import Db, reading, writing
from lms.demo import answers, holding
from lms.demo.plan import ROOM, Planned
from lms.demo.settling import House
from lms.evaluations.models import Invitation, Survey
from lms.evaluations.rules.drafts import PlanDraft, SettingDraft
from lms.evaluations.rules.questionnaires import item_keys
from lms.evaluations.service import answering, plans, surveys
from lms.programmes.models import Batch, Programme
from lms.quizzes.rules.questions import Purpose
from lms.settings import Settings

BATCH = "Angkatan Perdana"
# Days from the loading: first and last day of the batch.
FIRST, LAST = -136, -114
# Everything is there, but nobody has issued it yet.
READY = ("yusuf", "kartika")
# Has not taken the post-test.
LACKING = "paulina"
# Issued to the wrong spelling of a name, revoked, and issued again.
REVOKED = "hendro"
HELD = (
    Planned(
        BATCH, -134, "08:00", 240, "in_person",
        "Sopan santun dan kebersihan di ruang layanan", "Courtesy and cleanliness where people are served",
        "iskandar", ("sopan-santun", "kebersihan"), ROOM, pause=("10:00", "10:15"),
        stories={"dedi": "late"}, signed_after=1,
    ),
    Planned(
        BATCH, -118, "09:00", 150, "teleconference",
        "Antrean, pengaduan, dan mengukur kepuasan", "Queues, complaints and measuring satisfaction",
        "tan", ("antrean", "pengaduan", "mengukur-kepuasan"),
        stories={"nining": "gap", "fajar": "two_devices"}, signed_after=1,
    ),
)  # fmt: skip
PRAISED = (
    "Contoh nyata dari loket di Singapura.", "Diskusi kelompok tentang antrean di puskesmas.",
    "The practice of handling complaints.", "Latihan mengukur kepuasan warga.", "Bahan bacaan sebelum sesi.",
)  # fmt: skip
WISHED = ("Waktu tanya jawab ditambah.", "Sambungan dari kantor kecamatan sering terputus.", "More time in groups.")
AIMS = {
    "wulan": (
        "Waktu tunggu akta kelahiran di bawah lima belas menit.",
        (("Ukur waktu tunggu", 100), ("Atur loket", 60)),
    ),
    "fajar": ("Pengaduan dijawab dalam dua hari kerja.", (("Buat alur pengaduan", 100), ("Laporan tiap bulan", 100))),
    "sri": ("Warga lanjut usia didahulukan di setiap loket.", (("Pasang penanda", 100), ("Latih petugas", 20))),
    "marlina": ("Survei kepuasan setiap triwulan.", (("Susun angket", 80), ("Bagikan hasilnya", 0))),
}


def make(db: Db, house: House, *, at: datetime) -> None:
    """Hold the batch, let it be tested and evaluated, and issue its certificates; nobody is told."""
    chance = random.Random(10)  # noqa: S311 - the same demo every time, nothing secret
    batch = house.batches[BATCH]
    people = house.trainees(BATCH)
    for plan in HELD:
        holding.hold(db, house, plan, loaded_at=at)
    pre, post = (answers.find_quiz(db, house.course, purpose) for purpose in (Purpose.PRE, Purpose.POST))
    answers.take(db, pre, list(people.values()), at=at + timedelta(days=FIRST), skill=0.5, chance=chance)
    tested = [person_id for key, person_id in people.items() if key != LACKING]
    answers.take(db, post, tested, at=at + timedelta(days=LAST - 1), skill=0.97, chance=chance)
    _evaluate(db, house, batch, list(people.values()), at, chance)
    _issue(db, house, batch, at)
    _follow_up(db, house, batch, list(people.values()), at, chance)
    _plan(db, house, batch, at)


def _evaluate(db: Db, house: House, batch: Batch, people: list[int], at: datetime, chance: random.Random) -> None:
    opened = at + timedelta(days=LAST)
    given: dict[str, Any] = {"closes_at": opened + timedelta(days=14), "by": house.coordinator, "at": opened}
    surveys.open_organiser(db, batch, is_told=False, **given)
    for lesson in surveys.lessons_held(db, batch.id, at=opened):
        surveys.open_lesson(db, batch, lesson, is_told=False, **given)
    for survey in _of(db, batch):
        for person_id in people:
            if surveys.is_asked(db, survey, person_id):
                answering.cast(db, survey, person_id, _said(survey, chance, 0.82), at=opened + timedelta(days=2))


def _issue(db: Db, house: House, batch: Batch, at: datetime) -> None:
    by, when = house.coordinator, at + timedelta(days=LAST + 20)
    on = when.date()
    book = books.save_book(
        db, None, BookDraft(name="Sertifikat pelatihan", pattern=DEFAULT_PATTERN), today=on, by=by, at=when
    )
    terms = ruling.usual_terms(db) | {
        "signature": "paper",
        "signer_name": "Drs. Purnomo Adiwijaya, M.Si.",
        "signer_rank": "Pembina Utama Muda (IV/c)",
    }
    draft = RuleDraft.model_validate({**terms, "book_id": book.id})
    ruling.save_rule(db, db.get_one(Programme, house.programme_id), draft, by=by, at=when)
    for key in house.trainees(BATCH):
        if key not in READY:
            made = _issue_to(db, house, batch.id, key, on, when)
            if made is not None and key == REVOKED:
                reason = "Nama pada sertifikat salah ditulis; diganti dengan nomor baru."
                signing.revoke(db, made, reason, by=by, at=when + timedelta(days=1), is_told=False)
    _issue_to(db, house, batch.id, REVOKED, on, when + timedelta(days=2))


def _issue_to(db: Db, house: House, batch_id: int, key: str, on: date, at: datetime) -> Certificate | None:
    batch = db.scalars(select(Batch).where(Batch.id == batch_id).options(joinedload(Batch.programme))).one()
    rule = ruling.find_rule(db, batch.programme_id)
    if rule is None:
        return None
    person_id = house.people[key]
    return issuing.issue(db, batch, rule, person_id, on=on, by=house.coordinator, at=at, is_told=False)


def _follow_up(db: Db, house: House, batch: Batch, people: list[int], at: datetime, chance: random.Random) -> None:
    opened, closes = at + timedelta(days=-22), at + timedelta(days=-2)
    for kind in ("alumnus", "superior", "peer"):
        surveys.open_follow_up(db, batch, kind, 3, closes_at=closes, by=house.coordinator, at=opened, is_told=False)
    for survey in _of(db, batch, month=3):
        # Peers are few, so that their results stay hidden.
        few = 4 if survey.kind == "peer" else 9
        for person_id in people[:few]:
            said = _said(survey, chance, 0.66)
            when = opened + timedelta(days=4)
            if survey.kind == "alumnus":
                answering.cast(db, survey, person_id, said, at=when)
                continue
            name = "Atasan langsung" if survey.kind == "superior" else "Rekan kerja"
            invitation = Invitation(survey_id=survey.id, about_id=person_id, name=name, used=False)
            db.add(invitation)
            db.flush()
            answering.cast_invited(db, invitation, survey, said, at=when)


def _plan(db: Db, house: House, batch: Batch, at: datetime) -> None:
    for key, (aim, steps) in AIMS.items():
        due = (at + timedelta(days=20)).date().isoformat()
        draft = PlanDraft(
            aim=aim,
            step_id=["0"] * len(steps),
            step_text=[text for text, _percent in steps],
            step_due=[due] * len(steps),
            step_percent=[str(percent) for _text, percent in steps],
        )
        plan = plans.save_plan(db, batch, house.people[key], draft, at=at - timedelta(days=30))
        if key == "wulan":
            plans.add_note(db, plan, "Loket kedua dibuka setiap Senin.", by=plan.person_id, at=at - timedelta(days=9))


def open_running(db: Db, house: House, *, at: datetime) -> None:
    """Let the running batch be evaluated by itself, and ask about its lessons so far."""
    batch = house.batches["Angkatan II"]
    surveys.save_setting(db, batch, SettingDraft(automatic=True), by=house.coordinator, at=at)
    for lesson in surveys.lessons_held(db, batch.id, at=at):
        closes_at = at + timedelta(days=10)
        surveys.open_lesson(db, batch, lesson, closes_at=closes_at, by=house.coordinator, at=at, is_told=False)


def keep_signed(settings: Settings, *, at: datetime) -> None:
    """Bring back the scans of certificates signed on paper, once, all but the latest; and make the key for badges.

    The scan is the certificate itself: an invented signature on it would be a forgery, even in a demo.
    """
    with reading() as db:
        drafts = db.scalars(
            select(Certificate).join(Batch).where(Batch.name == BATCH, Certificate.state == "draft")
            .order_by(Certificate.serial)
        ).all()[:-1]  # fmt: skip
        is_done = db.scalar(select(Certificate.id).where(Certificate.state == "signed").limit(1)) is not None
        coordinator = db.scalar(select(Person.id).where(Person.name == "Citra Dewi"))
    if is_done or not drafts or coordinator is None:
        return
    returned = []
    for one in drafts:
        content = certificate_pdf(one.content, one.number, one.code, settings.public_url)
        stored = files.keep(settings.uploads, io.BytesIO(content), most=len(content))
        looks = look_at(content, file_name(one))
        returned.append(signing.Returned(file_name(one), stored.sha256, stored.size, looks))
    key = badges.make_key(badges.Site(settings.public_url, settings.secret_key))
    when = at + timedelta(days=LAST + 25)
    with writing() as db:
        signing.take_signed(
            db, drafts[0].batch_id, returned, needs_signature=False, by=coordinator, at=when, is_told=False
        )
        badges.keep_key(db, key, at=when)


def _of(db: Db, batch: Batch, month: int | None = None) -> Iterable[Survey]:
    return db.scalars(
        select(Survey).where(Survey.batch_id == batch.id, Survey.month == month).order_by(Survey.id)
    ).all()


def _said(survey: Survey, chance: random.Random, level: float) -> dict[str, Any]:
    """Return the answers of somebody on the whole as content as `level` (0 to 1) says."""
    scale = survey.content["scale"]
    mood = min(1.0, max(0.1, chance.gauss(level, 0.15)))
    marks = {
        key: min(scale, max(1, round(1 + (scale - 1) * min(1.0, max(0.0, chance.gauss(mood, 0.12))))))
        for key in item_keys(survey.content)
        if chance.random() > 0.04
    }
    texts = {}
    if chance.random() < 0.5:
        texts["good"] = chance.choice(PRAISED)
    if chance.random() < 0.3:
        texts["better"] = chance.choice(WISHED)
    return {"marks": marks, "texts": texts}
