"""A session's register as a file: one flat row a person, safe to open, handed out to those who answer for it."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from lms.accounts.models import AuditEntry, Person
from lms.attendance.models import Correction, Evidence
from lms.db import reading, writing
from tests.factories import NINE, World, enrol, make_person
from tests.integration.reports.conftest import Term, make_mark

As = Callable[[int], FlaskClient]


def rows_of(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter))


@pytest.fixture
def witnessed(world: World, term: Term) -> Term:
    """Ayu was seen by her browser and by the coordinator, who also decided about Budi."""
    with writing() as db:
        for number, (source, kind) in enumerate(
            [("browser", "connected"), ("browser", "joined"), ("coordinator", "seen")]
        ):
            db.add(
                Evidence(
                    session_id=term.held[1],
                    person_id=world.ayu,
                    source=source,
                    kind=kind,
                    received_at=NINE,
                    claimed_at=NINE,
                    key=f"k{number}",
                )
            )
        db.add(
            Correction(
                session_id=term.held[0],
                person_id=world.budi,
                old={"status": "absent"},
                new={"status": "excused", "excuse": "sakit"},
                reason="surat dokter",
                at=NINE,
                by_id=world.citra,
                key="c1",
            )
        )
    return term


def test_a_row_says_everything_about_one_person(world: World, witnessed: Term, as_person: As) -> None:
    answer = as_person(world.citra).get(f"/sessions/{witnessed.held[1]}/register.csv")
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert answer.headers["Cache-Control"] == "no-store"
    ayu, budi = rows_of(answer.text)
    assert ayu["Name"] == "Ayu Lestari"
    assert ayu["NIP"] == "19860926 201505 2 001"
    assert (ayu["Status"], ayu["Letter"], ayu["Flags"]) == ("Attended", "H", "Late")
    assert (ayu["Minutes attended"], ayu["Minutes counted"]) == ("73.11", "90")
    assert ayu["First in (WITA)"] == "2026-11-30 09:16:53"
    assert ayu["Last out (WITA)"] == "2026-11-30 10:30:00"
    assert ayu["Source"] == "The person’s browser; The coordinator"
    assert ayu["Register"].startswith("Provisional")
    assert ayu["Reasons"]
    assert "attended_of" not in ayu["Reasons"]
    assert (budi["Status"], budi["Letter"], budi["First in (WITA)"]) == ("Absent", "A", "")


def test_the_file_is_named_by_class_and_date_and_its_cells_are_no_formulas(
    world: World, witnessed: Term, as_person: As
) -> None:
    answer = as_person(world.citra).get(f"/sessions/{witnessed.held[1]}/register.csv")
    assert "register-angkatan-i-2026-11-30-1-1-queues.csv" in answer.headers["Content-Disposition"]
    assert {row["Session"] for row in rows_of(answer.text)} == {"'=1+1 Queues"}


def test_a_decision_and_a_signature_are_told_as_such(world: World, witnessed: Term, as_person: As) -> None:
    budi = rows_of(as_person(world.citra).get(f"/sessions/{witnessed.held[0]}/register.csv").text)[1]
    assert (budi["Status"], budi["Letter"]) == ("Sick", "S")
    assert budi["Source"] == "Coordinator’s decision"
    assert budi["Register"] == "Signed, final"


def test_before_the_judgement_a_register_says_nothing_rather_than_absent(
    world: World, term: Term, as_person: As
) -> None:
    for row in rows_of(as_person(world.citra).get(f"/sessions/{term.to_come[0]}/register.csv").text):
        assert (row["Status"], row["Letter"], row["Minutes attended"]) == ("", "", "")
        assert row["Register"] == "Planned"


def test_the_workbook_holds_the_same_rows_with_the_nip_as_text(world: World, witnessed: Term, as_person: As) -> None:
    answer = as_person(world.citra).get(f"/sessions/{witnessed.held[1]}/register.xlsx")
    assert answer.status_code == 200
    rows: list[list[Any]] = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    head = rows[0]
    assert rows[1][head.index("NIP")] == "198609262015052001"
    assert rows[1][head.index("Minutes attended")] == 73.11
    assert rows[1][head.index("Session")] == "=1+1 Queues"
    assert len(rows) == 3


def test_the_second_page_holds_every_fact_and_the_third_says_what_the_file_is(
    world: World, witnessed: Term, as_person: As
) -> None:
    answer = as_person(world.citra).get(f"/sessions/{witnessed.held[1]}/register.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    assert book.sheet_names == ["Register", "Evidence", "About this file"]
    head, *facts = book.get_sheet_by_name("Evidence").to_python()
    kinds = [fact[head.index("Kind")] for fact in facts]
    assert kinds == ["connected", "joined", "seen"]
    joined = facts[1]
    assert joined[head.index("NIP")] == "198609262015052001"
    assert joined[head.index("What")] == "Joined the meeting"
    assert joined[head.index("Happened (UTC)")] == "2026-12-01T01:00:00+00:00"
    assert str(joined[head.index("Happened (WITA)")]) == "2026-12-01 09:00:00"
    assert joined[head.index("In the signature")] == ""
    about = dict(book.get_sheet_by_name("About this file").to_python())
    assert about["Zone of all local times"] == "WITA (Asia/Makassar)"
    assert len(str(about["Hash (SHA-256)"])) == 64


def test_state_version_and_hash_stand_in_every_row(world: World, witnessed: Term, as_person: As) -> None:
    citra = as_person(world.citra)
    signed = rows_of(citra.get(f"/sessions/{witnessed.held[0]}/register.csv").text)
    assert {(row["Register"], row["Hash (SHA-256)"]) for row in signed} == {("Signed, final", "0" * 64)}
    before = rows_of(citra.get(f"/sessions/{witnessed.held[1]}/register.csv").text)[0]
    with writing() as db:
        db.add(
            Evidence(
                session_id=witnessed.held[1],
                person_id=world.budi,
                source="browser",
                kind="joined",
                received_at=NINE,
                claimed_at=NINE,
                key="later",
            )
        )
    after = rows_of(citra.get(f"/sessions/{witnessed.held[1]}/register.csv").text)[0]
    assert before["Version"] != after["Version"]
    assert before["Hash (SHA-256)"] != after["Hash (SHA-256)"]
    assert before["First in (UTC)"] == "2026-11-30 01:16:53"


def test_who_took_a_file_is_written_down(world: World, witnessed: Term, as_person: As) -> None:
    citra = as_person(world.citra)
    citra.get(f"/sessions/{witnessed.held[1]}/register.csv")
    citra.get(f"/sessions/{witnessed.held[1]}/register.xlsx")
    citra.get(f"/batches/{world.batch}/matrix.xlsx?unit=Dinas+Kesehatan")
    citra.get(f"/sessions/{witnessed.held[1]}/sheet.pdf?filled=1")
    as_person(world.iskandar).get(f"/sessions/{witnessed.held[1]}/register.csv")
    with reading() as db:
        acts = db.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(act.action, act.subject_kind, act.by_id) for act in acts] == [
        ("register_exported", "session", world.citra),
        ("register_exported", "session", world.citra),
        ("matrix_exported", "batch", world.citra),
        ("sheet_exported", "session", world.citra),
    ]
    assert (acts[0].detail["format"], acts[0].detail["rows"]) == ("csv", 2)
    assert (acts[2].detail["rows"], acts[2].detail["unit"]) == (1, "Dinas Kesehatan")
    assert acts[3].detail["fingerprint"] == acts[0].detail["fingerprint"]


def test_the_matrix_workbook_names_its_sessions_and_their_hashes(world: World, term: Term, as_person: As) -> None:
    answer = as_person(world.citra).get(f"/batches/{world.batch}/matrix.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    head, *sessions = book.get_sheet_by_name("Sessions").to_python()
    assert [row[head.index("Register")] for row in sessions[:2]] == ["Signed, final", "Provisional, not signed"]
    assert sessions[0][head.index("Hash (SHA-256)")] == "0" * 64
    assert str(sessions[0][head.index("Start (UTC)")]) == "2026-11-29 01:00:00"


def test_the_number_of_statements_does_not_grow_with_people(
    world: World, witnessed: Term, as_person: As, counted: list[str]
) -> None:
    path = f"/sessions/{witnessed.held[1]}/register.xlsx"
    citra = as_person(world.citra)
    citra.get(path)
    counted.clear()
    citra.get(path)
    few = len(counted)
    with writing() as db:
        for number in range(30):
            person = make_person(db, f"Peserta {number}")
            enrol(db, world.batch, person.id)
            make_mark(db, witnessed.held[1], person.id)
    counted.clear()
    citra.get(path)
    assert len(counted) == few
    assert few <= 24


def test_an_indonesian_reader_gets_her_words_and_her_separator(world: World, witnessed: Term, as_person: As) -> None:
    with writing() as db:
        db.get_one(Person, world.citra).language = "id"
    answer = as_person(world.citra).get(f"/sessions/{witnessed.held[1]}/register.csv")
    ayu = rows_of(answer.text, ";")[0]
    assert (ayu["Status"], ayu["Tanda"], ayu["Menit hadir"]) == ("Hadir", "Terlambat", "73,11")
    assert "daftar-hadir-angkatan-i" in answer.headers["Content-Disposition"]


def test_times_are_those_of_the_reader_s_zone(world: World, witnessed: Term, as_person: As) -> None:
    with writing() as db:
        db.get_one(Person, world.citra).zone = "Asia/Jakarta"
    ayu = rows_of(as_person(world.citra).get(f"/sessions/{witnessed.held[1]}/register.csv").text)[0]
    assert ayu["First in (WIB)"] == "2026-11-30 08:16:53"


def test_who_answers_for_units_exports_her_people_alone(world: World, witnessed: Term, as_person: As) -> None:
    with writing() as db:
        wati = make_person(db, "Wati", role="coordinator", scope="unit", scope_id=world.other_unit)
    rows = rows_of(as_person(wati.id).get(f"/sessions/{witnessed.held[1]}/register.csv").text)
    assert [row["Name"] for row in rows] == ["Budi Santoso"]


def test_strangers_learn_nothing_and_others_take_nothing_away(world: World, term: Term, as_person: As) -> None:
    for kind in ("csv", "xlsx"):
        path = f"/sessions/{term.held[0]}/register.{kind}"
        assert as_person(world.mallory).get(path).status_code == 404
        assert as_person(world.ayu).get(path).status_code == 403
        assert as_person(world.iskandar).get(path).status_code == 403


def test_the_matrix_file_has_one_header_row_and_one_row_a_person(world: World, term: Term, as_person: As) -> None:
    answer = as_person(world.citra).get(f"/batches/{world.batch}/matrix.csv")
    assert "attendance-recap-angkatan-i-2026-12-01.csv" in answer.headers["Content-Disposition"]
    ayu, budi = rows_of(answer.text)
    assert ayu["2026-11-29 Courtesy"] == "H"
    assert ayu["2026-11-30 =1+1 Queues"] == "H T"
    assert (ayu["JP planned"], ayu["JP attended"], ayu["Share attended"]) == ("10", "4", "40%")
    assert (budi["JP excused"], budi["Share attended or excused"]) == ("2", "20%")
    assert budi["Outlook"] == "In reach only if excuses count"
