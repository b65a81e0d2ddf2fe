"""The ledger of hours: derived from marks, tests and claims, never twice, against the minimum, out to the register."""

import io
import json
import threading
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from lms.accounts.models import Person
from lms.attendance.models import Mark, Register
from lms.certificates.models.hours import ConversionLine, HourClaim, HourEntry, HourTotal
from lms.certificates.service import deriving
from lms.certificates.tasks import derive_hours
from lms.courses.models import Module, Progress
from lms.db import reading, writing
from lms.kernel.sheets import read_pages, text_of
from lms.outbox.models import Message
from lms.programmes.models import Programme, ProgrammeCourse
from tests.factories import NINE, World, grant, make_person, make_session

AsPerson = Callable[[int], FlaskClient]
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"  # noqa: E501


@pytest.fixture(autouse=True)
def a_week_later() -> Any:
    with time_machine.travel(NINE + timedelta(days=7), tick=True):
        yield


def attend(world: World, person_id: int, *, status: str = "attended", **session: Any) -> int:
    with writing() as db:
        made = make_session(db, world.batch, **({"lesson_hours": 4} | session))
        db.add(
            Mark(
                session_id=made.id, person_id=person_id, status=status, excuse=None, attended_seconds=1800,
                counted_seconds=3600, judged_at=NINE + timedelta(days=6),
            )
        )  # fmt: skip
        return made.id


def sign(world: World, session_id: int) -> None:
    with writing() as db:
        db.add(
            Register(
                session_id=session_id, signed_by=world.citra, signed_at=now(), evidence_ids=[],
                correction_ids=[], fingerprint="0" * 64, marks=[],
            )
        )  # fmt: skip


def totals(person_id: int) -> tuple[Decimal, Decimal]:
    with reading() as db:
        row = db.get(HourTotal, (person_id, 2026))
        return (row.final, row.provisional) if row else (Decimal(0), Decimal(0))


def now() -> Any:
    return NINE + timedelta(days=7)


def test_hours_are_provisional_until_the_register_is_signed(world: World, app: Flask) -> None:
    session = attend(world, world.ayu, mode="in_person")
    attend(world, world.budi, status="absent")
    derive_hours(now())
    assert totals(world.ayu) == (0, 4)
    assert totals(world.budi) == (0, 0)
    sign(world, session)
    derive_hours(now())
    assert totals(world.ayu) == (4, 0)


def test_a_partners_teleconference_counts_a_fifth_more(world: World, app: Flask) -> None:
    with writing() as db:
        db.execute(update(Programme).values(scope="international"))
    attend(world, world.ayu)
    derive_hours(now())
    with reading() as db:
        entry = db.scalars(select(HourEntry)).one()
    assert (entry.kind, entry.held, entry.hours) == (17, 4, Decimal("4.80"))
    assert entry.reasons == [["hours_by_factor", {"factor": 1.2}]]


def test_a_mark_that_is_corrected_takes_its_hours_along(world: World, app: Flask) -> None:
    attend(world, world.ayu)
    derive_hours(now())
    with writing() as db:
        db.execute(update(Mark).values(status="absent", judged_at=now()))
    derive_hours(now())
    with reading() as db:
        assert db.scalar(select(func.count()).select_from(HourEntry)) == 0
    assert totals(world.ayu) == (0, 0)


def test_deriving_again_changes_nothing_and_many_at_once_write_each_entry_once(world: World, app: Flask) -> None:
    for number in range(6):
        attend(world, world.ayu, starts_at=NINE + timedelta(hours=number))
        attend(world, world.budi, starts_at=NINE + timedelta(hours=number))
    faults: list[BaseException] = []

    def run() -> None:
        try:
            for order in ([world.ayu, world.budi], [world.budi, world.ayu]):
                with writing() as db:
                    deriving.derive(db, order, at=now())
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with reading() as db:
        assert db.scalar(select(func.count()).select_from(HourEntry)) == 12
    assert totals(world.ayu) == totals(world.budi) == (0, 24)
    with writing() as db:
        assert deriving.derive(db, [world.ayu, world.budi], at=now()) == 0


def test_a_course_read_by_oneself_counts_by_days_and_is_final_with_all_its_modules(world: World, app: Flask) -> None:
    with writing() as db:
        db.execute(update(ProgrammeCourse).values(lesson_hours=8))
        modules = [
            Module(course_id=world.course, key=f"m{n}", position=n, created_at=NINE, archived_at=None) for n in range(4)
        ]
        db.add_all(modules)
        db.flush()
        for number, module in enumerate(modules[:3]):
            day = timedelta(days=0 if number < 2 else 1)
            db.add(Progress(person_id=world.ayu, module_id=module.id, read_at=NINE + day))
        last = modules[3].id
    derive_hours(now())
    # Two modules on one day are four hours, of which a day of e-learning counts three.
    assert totals(world.ayu) == (0, 5)
    with writing() as db:
        db.add(Progress(person_id=world.ayu, module_id=last, read_at=now()))
    derive_hours(now())
    assert totals(world.ayu) == (7, 0)


def claim(client: FlaskClient, **changed: Any) -> Any:
    given = {
        "title": "Bimtek Arsip", "organiser": "ANRI", "kind": "8", "scope": "national", "starts_on": "2026-10-01",
        "ends_on": "2026-10-02", "hours": "12,5", "certificate_number": "A-1", "file": (io.BytesIO(PDF), "s.pdf"),
    }  # fmt: skip
    return client.post("/hours/claims/new", data=given | changed)


def test_hours_earned_elsewhere_count_once_accepted_and_never_twice(world: World, as_person: AsPerson) -> None:
    ayu, citra = as_person(world.ayu), as_person(world.citra)
    assert claim(ayu).status_code == 302
    assert claim(ayu).status_code == 302
    with reading() as db:
        one = db.scalars(select(HourClaim)).one()
    assert "Bimtek Arsip" in citra.get("/hours/claims").text
    assert citra.get(f"/hours/claims/{one.id}/file").data == PDF
    assert citra.post(f"/hours/claims/{one.id}/decide", data={"accepted": "1"}).status_code == 302
    assert totals(world.ayu) == (Decimal("12.50"), 0)
    assert citra.post(f"/hours/claims/{one.id}/decide", data={"accepted": "0", "reason": "x"}).status_code == 409
    assert "12.5" in ayu.get("/hours").text
    with reading() as db:
        assert db.scalar(select(func.count()).where(Message.template == "hours_accepted")) == 1


def test_a_refusal_needs_its_reason_and_nothing_counts(world: World, as_person: AsPerson) -> None:
    claim(as_person(world.ayu))
    with reading() as db:
        one = db.scalars(select(HourClaim.id)).one()
    citra = as_person(world.citra)
    assert citra.post(f"/hours/claims/{one}/decide", data={"accepted": "0"}).status_code == 422
    citra.post(f"/hours/claims/{one}/decide", data={"accepted": "0", "reason": "Tanpa stempel"})
    assert "Tanpa stempel" in as_person(world.ayu).get("/hours").text
    assert totals(world.ayu) == (0, 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [("hours", "0"), ("ends_on", "2026-09-01"), ("ends_on", "2027-01-01"), ("kind", "99"), ("title", ""), ("file", "")],
)
def test_a_claim_that_cannot_be_is_told_and_what_was_typed_stays(
    world: World, as_person: AsPerson, field: str, value: str
) -> None:
    answer = claim(as_person(world.ayu), **{field: value})
    assert answer.status_code == 422 and "ANRI" in answer.text
    with reading() as db:
        assert db.scalar(select(func.count()).select_from(HourClaim)) == 0


def test_nobody_sees_or_decides_anothers_claim(world: World, as_person: AsPerson) -> None:
    claim(as_person(world.ayu))
    with reading() as db:
        one = db.scalars(select(HourClaim.id)).one()
    for person, status in ((world.budi, 403), (world.mallory, 404)):
        assert as_person(person).get(f"/hours/claims/{one}/proof").status_code == status
        assert as_person(person).post(f"/hours/claims/{one}/take-back").status_code == status
    assert as_person(world.ayu).post(f"/hours/claims/{one}/take-back").status_code == 302


SHEET = """DAFTAR BIMTEK;;;;;;;
NIP;Nama;Nama Kegiatan;Penyelenggara;Jenis;Tanggal Mulai;Tanggal Selesai;JP;Nomor Sertifikat
198609262015052001;Ayu;Bimtek SPBE;Kominfo;8;01/10/2026;03/10/2026;20;B-1
198001012005011002;Budi;Seminar;LAN;Seminar;5 Oktober 2026;;6,5;B-2
199901012020011002;Entah;Seminar;LAN;9;05/10/2026;;6;B-3
198609262015052001;Ayu;Sosialisasi;LAN;Upacara;05/10/2026;;6;B-4
1,98609262015052E+17;Ayu;Seminar;LAN;9;05/10/2026;;6;B-5
"""


def test_an_offices_sheet_of_hours_is_looked_at_and_entered_once(world: World, as_person: AsPerson) -> None:
    admin = as_person(world.admin)
    page = admin.post("/hours/import", data={"file": (io.BytesIO(SHEET.encode()), "jp.csv")}).text
    assert "2 activities would be entered" in page and "Upacara" in page and "as Text" in page
    for expected in (2, 0):
        admin.post("/hours/import", data={"file": (io.BytesIO(SHEET.encode()), "jp.csv"), "act": "apply"})
        with reading() as db:
            assert db.scalar(select(func.count()).select_from(HourClaim)) == 2, expected
    assert totals(world.ayu) == (20, 0) and totals(world.budi) == (Decimal("6.50"), 0)


def test_the_ledger_shows_who_is_below_the_minimum_by_person_and_agency(world: World, as_person: AsPerson) -> None:
    admin = as_person(world.admin)
    admin.post("/hours/import", data={"file": (io.BytesIO(SHEET.encode()), "jp.csv"), "act": "apply"})
    below = admin.get("/hours/people?state=below").text
    assert "Budi Santoso" in below and "13.5 JP missing" in below and "Ayu Lestari" not in below
    assert "Ayu Lestari" in admin.get("/hours/people?state=reached").text
    units = admin.get("/hours/units").text
    assert "1 of 1" in units and "0 of 1" in units
    rows = read_pages(admin.get("/hours/people.xlsx").data)[0].rows
    assert [text_of(cell) for cell in rows[1]][-4:] == ["20", "0", "20", "0"]


def test_a_unit_coordinator_reads_her_units_hours_alone(world: World, as_person: AsPerson) -> None:
    with writing() as db:
        hendra = make_person(db, "Hendra", role="coordinator", scope="unit", scope_id=world.other_unit).id
    client = as_person(hendra)
    page = client.get("/hours/people").text
    assert "Budi Santoso" in page and "Ayu Lestari" not in page
    assert client.get(f"/hours/people/{world.ayu}").status_code == 404
    assert client.post("/hours/rules/policy", data={}).status_code == 403


def test_a_line_of_the_table_changes_what_counts_from_its_day_on(world: World, as_person: AsPerson) -> None:
    attend(world, world.ayu, starts_at=NINE - timedelta(days=30))
    attend(world, world.ayu)
    derive_hours(now())
    assert totals(world.ayu) == (0, 8)
    given = {"kind": "17", "scope": "national", "basis": "held", "factor": "1,5", "valid_from": "2026-11-20"}
    assert as_person(world.admin).post("/hours/rules/conversion", data=given).status_code == 302
    derive_hours(now())
    assert totals(world.ayu) == (0, 10)
    with reading() as db:
        lines = db.scalars(select(ConversionLine).where(ConversionLine.kind == 17).order_by(ConversionLine.id)).all()
    assert [line.valid_until for line in lines if line.scope == "national"] == [date(2026, 11, 19), None]
    wrong = as_person(world.admin).post("/hours/rules/conversion", data=given | {"factor": "viel"})
    assert wrong.status_code == 422 and "viel" in wrong.text


def test_a_kind_and_the_policy_are_edited_with_a_date(world: World, as_person: AsPerson) -> None:
    admin = as_person(world.admin)
    kind = {"code": "26", "name_id": "Studi Lapangan", "certificate": "T", "valid_from": "2026-01-01"}
    assert admin.post("/hours/rules/kind", data=kind).status_code == 302
    policy = {"minimum": "30", "pppk_guide": "24", "rounding": "down", "valid_from": "2026-06-01"}
    assert admin.post("/hours/rules/policy", data=policy).status_code == 302
    page = admin.get("/hours/rules").text
    assert "Studi Lapangan" in page and "30 JP" in page
    assert admin.post("/hours/rules/kind", data=kind | {"valid_from": "2025-01-01"}).status_code == 422


def test_the_registers_export_has_its_columns_in_both_files(world: World, as_person: AsPerson) -> None:
    session = attend(world, world.ayu)
    sign(world, session)
    derive_hours(now())
    claim(as_person(world.ayu))
    admin = as_person(world.admin)
    with reading() as db:
        one = db.scalars(select(HourClaim.id)).one()
    admin.post(f"/hours/claims/{one}/decide", data={"accepted": "1"})
    told = json.loads(admin.get("/hours/siasn.json").data)
    mine = next(row for row in told if row["kursus"]["namaKursus"].startswith("Pelayanan"))
    assert mine["nip"] == "198609262015052001"
    assert mine["kursus"] | {"institusiPenyelenggara": ""} == {
        "instansiId": "", "institusiPenyelenggara": "", "jenisDiklatId": "3", "jenisKursus": "Diklat Teknis",
        "jenisKursusSertipikat": "T", "jumlahJam": 4, "lokasiId": "", "namaKursus": "Pelayanan Publik Prima Angkatan I",
        "nomorSertipikat": "", "pnsOrangId": "", "tahunKursus": 2026, "tanggalKursus": "01-12-2026",
        "tanggalSelesaiKursus": "01-12-2026",
    }  # fmt: skip
    rows = read_pages(admin.get("/hours/siasn.xlsx").data)[0].rows
    assert rows[0][2] == "instansiId" and len(rows) == 1 + len(told) == 3
    assert text_of(rows[1][0]) == "198609262015052001"


@pytest.mark.parametrize("page", ["/hours/people", "/hours/units"])
def test_the_ledger_asks_as_much_for_many_people_as_for_few(
    world: World, as_person: AsPerson, counted: list[str], page: str
) -> None:
    admin = as_person(world.admin)
    admin.get(page)
    counted.clear()
    admin.get(page)
    few = len(counted)
    with writing() as db:
        for number in range(60):
            person = make_person(db, f"Orang {number}", nip=f"1986092620150521{number:02}", unit_id=world.unit)
            db.add(HourTotal(person_id=person.id, year=2026, final=number, provisional=0))
    counted.clear()
    assert admin.get(page).status_code == 200
    assert len(counted) <= few


def test_one_who_has_left_every_batch_keeps_her_hours(world: World, as_person: AsPerson) -> None:
    with writing() as db:
        alone = make_person(db, "Sendiri", nip="198609262015052777").id
        grant(db, alone, "trainee", "batch", world.other_batch)
        assert db.get_one(Person, alone)
    assert as_person(alone).get("/hours").status_code == 200
