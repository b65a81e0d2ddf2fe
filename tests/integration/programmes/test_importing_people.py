"""A sheet of people: read as offices send it, looked at row by row, entered on a yes, and never twice."""

import io
import re
import threading
from collections import Counter
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms import clock
from lms.accounts.models import AuditEntry, OneTimeCode, Person, Unit
from lms.accounts.principal import read_principal
from lms.db import reading, writing
from lms.kernel.sheets import read_pages, text_of
from lms.outbox.models import Message
from lms.programmes.entrants import entrant_of
from lms.programmes.models import Enrolment, PeopleImport, PeopleImportRow
from lms.programmes.service import importing
from lms.programmes.tasks import forget_old_people_imports, push_on_people_imports
from tests.factories import NINE, World, grant, make_person
from tests.integration.programmes.conftest import AsPerson
from tests.office_sheet import PEOPLE, nip_of, office_rows, office_sheet


def hand_in(client: FlaskClient, raw: bytes, name: str = "usulan.xlsx", **fields: Any) -> Any:
    return client.post("/people/import", data={"file": (io.BytesIO(raw), name), **fields})


def the_import() -> PeopleImport:
    with reading() as db:
        return db.scalars(select(PeopleImport).order_by(PeopleImport.id.desc())).first() or pytest.fail("none")


def outcomes() -> Counter[str | None]:
    with reading() as db:
        return Counter(db.scalars(select(PeopleImportRow.outcome).where(PeopleImportRow.import_id == the_import().id)))


def people_count() -> int:
    with reading() as db:
        return db.scalar(select(func.count()).select_from(Person)) or 0


@pytest.fixture
def admin(world: World, as_person: AsPerson) -> FlaskClient:
    return as_person(world.admin)


def test_forty_people_of_an_offices_sheet_are_entered_only_after_a_yes(world: World, admin: FlaskClient) -> None:
    before = people_count()
    answer = hand_in(admin, office_sheet(), batch=world.batch)
    one = the_import()
    assert answer.headers["Location"].endswith(f"/people/import/{one.id}")
    assert (one.state, outcomes(), people_count()) == ("ready", {"new": PEOPLE}, before)
    page = admin.get(f"/people/import/{one.id}").text
    assert "Pegawai Aba" in page and "Angkatan I" in page

    admin.post(f"/people/import/{one.id}/apply")
    assert people_count() == before + PEOPLE
    with reading() as db:
        first = db.scalars(select(Person).where(Person.nip == nip_of(3))).one()
        assert (first.title_before, first.name, first.title_after) == ("H.", "Pegawai Ada", "S.STP., M.AP.")
        assert (first.rank, first.phone, first.unit_id) == ("III/d", "+6281200000003", world.unit)
        last = db.scalars(select(Person).where(Person.nip == nip_of(40))).one()
        assert (last.email, last.unit_id) == (None, world.other_unit)
        enrolled = db.scalars(select(Enrolment.person_id).where(Enrolment.batch_id == world.batch)).all()
        assert first.id in enrolled and last.id in enrolled
        assert db.scalar(select(func.count()).where(AuditEntry.action == "person_created")) == PEOPLE


def test_a_second_yes_and_the_same_sheet_again_change_nothing(world: World, admin: FlaskClient) -> None:
    hand_in(admin, office_sheet())
    first = the_import()
    for _ in range(2):
        admin.post(f"/people/import/{first.id}/apply")
    count = people_count()
    hand_in(admin, office_sheet())
    assert outcomes() == {"unchanged": PEOPLE}
    admin.post(f"/people/import/{the_import().id}/apply")
    assert people_count() == count


def test_changes_are_shown_with_old_and_new_and_empty_cells_change_nothing(world: World, admin: FlaskClient) -> None:
    with writing() as db:
        known = make_person(db, "Pegawai Aca", nip=nip_of(2), phone="+628111111111", position="Lama", email="a@b.test")
        known_id = known.id
    row = office_rows()[1]
    row[5], row[6] = "", ""
    hand_in(admin, office_sheet([row]))
    page = admin.get(f"/people/import/{the_import().id}").text
    assert "<del>Lama</del> → Analis Pelayanan Publik" in page
    admin.post(f"/people/import/{the_import().id}/apply")
    with reading() as db:
        changed = db.get_one(Person, known_id)
        assert (changed.position, changed.phone, changed.email) == (
            "Analis Pelayanan Publik",
            "+628111111111",
            "a@b.test",
        )


def test_what_is_wrong_is_refused_with_its_reason_and_comes_back_as_a_sheet_to_mend(
    world: World, admin: FlaskClient
) -> None:
    rows = office_rows()[:8]
    rows[0][2] = 198609262015052001  # Excel keeps fifteen digits of it.
    rows[1][2] = rows[2][2]
    rows[3][3] = "Kolonel"
    rows[4][2] = ""
    rows[4][6] = ""
    rows[5][1] = ""
    hand_in(admin, office_sheet(rows))
    one = the_import()
    assert outcomes() == {"new": 3, "refused": 5}
    page = admin.get(f"/people/import/{one.id}?outcome=refused").text
    assert "Format the NIP column as Text" in page and "Kolonel" in page and "stands in line" in page
    admin.post(f"/people/import/{one.id}/apply")

    file = admin.get(f"/people/import/{one.id}/refused.xlsx")
    lines = [[text_of(cell) for cell in row] for row in read_pages(file.data)[0].rows]
    assert len(lines) == 6 and lines[0][:2] == ["Full name", "NIP"]
    # Mended there and handed in again, with the columns of reasons still in it.
    assert hand_in(admin, file.data).status_code == 302
    assert outcomes() == {"refused": 4, "changed": 1}


def test_a_nip_that_contradicts_the_column_of_birth_dates_is_refused(world: World, admin: FlaskClient) -> None:
    lines = "Nama;NIP;Tanggal Lahir;L/P\nAyu Baru;198609262015051777;26/09/1987;P\n"
    hand_in(admin, lines.encode("cp1252"), "orang.csv")
    assert outcomes() == {"refused": 1}
    assert "26 September 1987" in admin.get(f"/people/import/{the_import().id}").text


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "Choose a file"),
        (b"   ", "empty"),
        (b"PK\x03\x04 not really", "cannot be read"),
        (b"Nama;Alamat\nAyu;Jalan\n", "No line of headings"),
        (b"Nama;NIP\n;\n", "nobody below"),
    ],
)
def test_a_file_that_is_no_sheet_of_people_is_refused_in_words(
    world: World, admin: FlaskClient, raw: bytes, words: str
) -> None:
    answer = hand_in(admin, raw, "x.csv" if raw else "")
    assert answer.status_code == 422 and words in answer.text
    with reading() as db:
        assert db.scalar(select(func.count()).select_from(PeopleImport)) == 0


def test_an_unknown_unit_is_asked_for_once_and_remembered(world: World, admin: FlaskClient) -> None:
    sheet = office_sheet(units=("Disdukcapil", "RSUD Beriman"))
    hand_in(admin, sheet)
    one = the_import()
    assert outcomes() == {"new": 20, "refused": 20}
    assert "RSUD Beriman" in admin.get(f"/people/import/{one.id}").text
    admin.post(f"/people/import/{one.id}/units", data={"words": "RSUD Beriman", "units": "new"})
    assert outcomes() == {"new": PEOPLE}
    admin.post(f"/people/import/{one.id}/drop")
    hand_in(admin, sheet)
    assert outcomes() == {"new": PEOPLE}
    with reading() as db:
        assert db.scalar(select(func.count()).where(Unit.name == "RSUD Beriman")) == 1


def test_a_coordinator_of_one_unit_enters_only_its_people(world: World, as_person: AsPerson) -> None:
    with writing() as db:
        hendra = make_person(db, "Hendra", role="coordinator", scope="unit", scope_id=world.unit).id
    client = as_person(hendra)
    rows = office_rows()
    rows[0][2] = "198001012005011002"  # Budi's, who belongs to the other unit.
    hand_in(client, office_sheet(rows))
    with reading() as db:
        told = dict(db.execute(select(PeopleImportRow.number, PeopleImportRow.outcome)).all())
        budis = db.scalars(select(PeopleImportRow).where(PeopleImportRow.number == 1)).one()
    assert [told[number] for number in (2, 20, 21, 40)] == ["new", "new", "refused", "refused"]
    assert budis.outcome == "refused" and budis.person_id is None
    # Nobody else sees her sheet, not even the admin.
    assert as_person(world.admin).get(f"/people/import/{the_import().id}").status_code == 404


def test_an_admin_is_not_renamed_by_a_coordinators_sheet(world: World, as_person: AsPerson) -> None:
    with writing() as db:
        hendra = make_person(db, "Hendra", role="coordinator", scope="unit", scope_id=world.unit).id
        boss = make_person(db, "Boss", nip=nip_of(7), unit_id=world.unit)
        grant(db, boss.id, "admin")
    hand_in(as_person(hendra), office_sheet(office_rows()[6:7], units=("Disdukcapil",)))
    assert outcomes() == {"refused": 1}


def test_a_long_sheet_goes_on_as_a_job_and_tells_how_far_it_is(world: World, admin: FlaskClient) -> None:
    count = importing.AT_ONCE * 2 + 50
    hand_in(admin, office_sheet(office_rows(count)))
    one = the_import()
    told = admin.get(f"/people/import/{one.id}/progress").json
    assert told == {"state": "judging", "done": importing.AT_ONCE, "rows": count}
    assert "progress-bar" in admin.get(f"/people/import/{one.id}").text
    push_on_people_imports(clock.now())
    assert the_import().state == "ready"
    admin.post(f"/people/import/{one.id}/apply")
    assert the_import().state == "applying"
    push_on_people_imports(clock.now())
    assert the_import().state == "applied"
    assert push_on_people_imports(clock.now()) == 0


def test_page_and_job_at_once_enter_everybody_once(world: World, admin: FlaskClient, app: Flask) -> None:
    hand_in(admin, office_sheet())
    one, before = the_import(), people_count()
    with writing() as db:
        importing.begin_applying(db, db.get_one(PeopleImport, one.id), at=NINE)

    def push() -> None:
        more = True
        while more:
            with writing() as db:
                who = read_principal(db, world.admin)
                assert who is not None
                more = importing.apply_some(db, one.id, entrant_of(db, who), at=NINE, most=7)

    threads = [threading.Thread(target=push) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert people_count() == before + PEOPLE
    assert the_import().state == "applied"


def test_invitations_go_by_mail_and_slips_are_printed_for_the_others(
    world: World, admin: FlaskClient, client: FlaskClient
) -> None:
    hand_in(admin, office_sheet())
    one = the_import()
    admin.post(f"/people/import/{one.id}/apply")
    admin.post(f"/people/import/{one.id}/invite")
    with reading() as db:
        letters = db.scalar(select(func.count()).select_from(Message).where(Message.template == "invitation"))
        assert letters == db.scalar(select(func.count()).where(OneTimeCode.purpose == "invite")) == 30
    # A second press invites nobody again.
    admin.post(f"/people/import/{one.id}/invite")
    with reading() as db:
        assert db.scalar(select(func.count()).where(OneTimeCode.purpose == "invite")) == 30
    page = admin.post(f"/people/import/{one.id}/slips")
    codes = re.findall(r'class="slip-code">(\d{4} \d{4})<', page.text)
    assert len(codes) == 10
    assert admin.post(f"/people/import/{one.id}/slips").status_code == 302
    assert len(re.findall("slip-code", admin.post(f"/people/import/{one.id}/slips", data={"again": "1"}).text)) == 10


def test_a_printed_slip_still_works_after_a_week(world: World, admin: FlaskClient, client: FlaskClient) -> None:
    import time_machine

    hand_in(admin, office_sheet(office_rows()[3:4]))
    one = the_import()
    admin.post(f"/people/import/{one.id}/apply")
    (code,) = re.findall(r'slip-code">(\d{4} \d{4})<', admin.post(f"/people/import/{one.id}/slips").text)
    with time_machine.travel(NINE.replace(day=8)):
        used = client.post("/code", data={"login": nip_of(4), "code": code, "password": "sebuah kalimat panjang"})
    assert used.status_code == 302


def test_what_sheets_said_is_forgotten_after_a_month_and_the_counts_stay(world: World, admin: FlaskClient) -> None:
    hand_in(admin, office_sheet())
    one = the_import()
    admin.post(f"/people/import/{one.id}/apply")
    assert forget_old_people_imports(NINE + importing_month()) == 1
    with reading() as db:
        assert db.scalar(select(func.count()).select_from(PeopleImportRow)) == 0
    assert "40 new" in admin.get("/people/import").text


def importing_month() -> Any:
    from lms.programmes.service.imported import KEPT

    return KEPT * 2


def test_the_template_can_be_filled_and_handed_in(world: World, admin: FlaskClient) -> None:
    file = admin.get("/people/import/template.xlsx")
    pages = read_pages(file.data)
    assert [text_of(cell) for cell in pages[0].rows[0]][:2] == ["Full name", "NIP"]
    assert any("Dinas Kesehatan" in map(text_of, row) for row in pages[2].rows)
