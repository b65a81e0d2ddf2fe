"""Person × session of a batch: who may see whom, what stands in it, and that it does not slow down as it grows."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from flask.testing import FlaskClient

from lms.accounts.models import Grant, Person
from lms.attendance.rules.balance import Outlook
from lms.attendance.rules.judgement import Excuse, Status
from lms.db import reading, writing
from lms.programmes.models import Batch, Enrolment
from lms.reports.queries.matrix import read_matrix
from lms.reports.rules import Cell, Line, Matrix
from tests.factories import NINE, World, enrol, grant, make_person, make_session
from tests.integration.reports.conftest import DAY, Term, make_mark

As = Callable[[int], FlaskClient]
EIGHTY = Decimal("0.8")


def read(world: World) -> Matrix:
    with reading() as db:
        everyone = Enrolment.id > 0
        return read_matrix(db, db.get_one(Batch, world.batch), minimum=EIGHTY, at=NINE, narrowed=everyone)


def line_of(matrix: Matrix, person_id: int) -> Line:
    return next(line for line in matrix.lines if line.person_id == person_id)


def test_a_coordinator_sees_letters_totals_and_who_can_no_longer_pass(world: World, term: Term, as_person: As) -> None:
    page = as_person(world.citra).get(f"/batches/{world.batch}/matrix")
    assert page.status_code == 200
    assert "Ayu Lestari" in page.text
    assert f"/sessions/{term.held[1]}/register/{world.ayu}" in page.text
    assert "outlook_" not in page.text
    assert "register_state_" not in page.text


def test_cells_totals_and_shares_are_those_of_the_planned_sessions(world: World, term: Term) -> None:
    matrix = read(world)
    assert [column.session_id for column in matrix.columns] == [*term.held, *term.to_come]
    assert [column.state for column in matrix.columns] == ["final", "provisional", "running", "planned", "planned"]
    ayu, budi = line_of(matrix, world.ayu), line_of(matrix, world.budi)
    assert [cell.letters if cell else None for cell in ayu.cells] == ["H", "H T", "", "", ""]
    assert budi.cells[0] == Cell(Status.EXCUSED, Excuse.SICK, counted=5400)
    assert [cell.letters if cell else None for cell in budi.cells] == ["S", "A", "", "", ""]
    assert (ayu.balance.hours.attended, ayu.balance.hours.planned) == (4, 10)
    assert ayu.balance.weighed.share == 0.4
    assert ayu.outlook is Outlook.ON_COURSE
    # Six of ten hours are left and eight are needed; with the excused two it would be enough.
    assert budi.outlook is Outlook.WITH_EXCUSES
    assert budi.balance.weighed.share_with_excused == 0.2


def test_late_enrolment_and_leaving_stay_out_of_the_denominator(world: World, term: Term) -> None:
    with writing() as db:
        late = make_person(db, "Dewi Anggraini")
        enrol(db, world.batch, late.id, starts_at=NINE - timedelta(hours=12))
        gone = make_person(db, "Eko Prasetyo")
        enrol(db, world.batch, gone.id, ends_at=NINE - timedelta(hours=12))
        make_mark(db, term.held[1], gone.id)
    matrix = read(world)
    dewi, eko = line_of(matrix, late.id), line_of(matrix, gone.id)
    assert [cell is None for cell in dewi.cells] == [True, True, False, False, False]
    assert dewi.balance.hours.planned == 6
    assert [cell is None for cell in eko.cells] == [False, False, True, True, True]
    assert (eko.balance.hours.planned, eko.balance.hours.attended) == (4, 2)
    assert eko.ends_at == NINE - timedelta(hours=12)
    assert dewi.ends_at is None


def test_somebody_withdrawn_and_enrolled_again_is_one_line_and_counted_once(world: World, term: Term) -> None:
    middle = NINE - DAY + timedelta(minutes=30)
    with writing() as db:
        person = make_person(db, "Fajar Nugroho")
        enrol(db, world.batch, person.id, ends_at=middle)
        db.add(Enrolment(batch_id=world.batch, person_id=person.id, role="trainee", starts_at=middle))
    matrix = read(world)
    assert [line.name for line in matrix.lines].count("Fajar Nugroho") == 1
    fajar = line_of(matrix, person.id)
    assert (fajar.balance.sessions.planned, fajar.balance.hours.planned) == (5, 10)
    assert fajar.ends_at is None


def test_a_coordinator_of_units_sees_her_units_people_alone(world: World, term: Term, as_person: As) -> None:
    with writing() as db:
        wati = make_person(db, "Wati", role="coordinator", scope="unit", scope_id=world.unit)
    page = as_person(wati.id).get(f"/batches/{world.batch}/matrix")
    assert page.status_code == 200
    assert "Ayu Lestari" in page.text
    assert "Budi Santoso" not in page.text
    sheet = as_person(wati.id).get(f"/batches/{world.batch}/matrix.csv").text
    assert "Ayu Lestari" in sheet
    assert "Budi Santoso" not in sheet


def test_a_right_on_another_batch_widens_nothing_here(world: World, term: Term, as_person: As) -> None:
    with writing() as db:
        wati = make_person(db, "Wati", role="coordinator", scope="unit", scope_id=world.unit)
        grant(db, wati.id, "coordinator", "batch", world.other_batch)
    assert "Budi Santoso" not in as_person(wati.id).get(f"/batches/{world.batch}/matrix").text


def test_strangers_learn_nothing_and_trainees_may_not(world: World, term: Term, as_person: As) -> None:
    for path in ("matrix", "matrix.csv", "matrix.xlsx"):
        assert as_person(world.mallory).get(f"/batches/{world.batch}/{path}").status_code == 404
        assert as_person(world.ayu).get(f"/batches/{world.batch}/{path}").status_code == 403


def test_an_instructor_reads_the_matrix_but_takes_no_file_away(world: World, term: Term, as_person: As) -> None:
    browser = as_person(world.iskandar)
    page = browser.get(f"/batches/{world.batch}/matrix")
    assert page.status_code == 200
    assert "matrix.csv" not in page.text
    assert browser.get(f"/batches/{world.batch}/matrix.csv").status_code == 403


def test_nobody_signed_in_is_sent_to_sign_in(world: World, term: Term, client: FlaskClient) -> None:
    assert client.get(f"/batches/{world.batch}/matrix").status_code == 302


def test_the_address_filters_and_sorts_the_page_and_the_file_alike(world: World, term: Term, as_person: As) -> None:
    browser = as_person(world.citra)
    for path in ("matrix", "matrix.csv"):
        text = browser.get(f"/batches/{world.batch}/{path}?show=trouble").text
        assert "Budi Santoso" in text
        assert "Ayu Lestari" not in text
        text = browser.get(f"/batches/{world.batch}/{path}?sort=-name").text
        assert text.index("Budi Santoso") < text.index("Ayu Lestari")
    assert browser.get(f"/batches/{world.batch}/matrix?q=nobody-of-that-name&sort=nonsense").status_code == 200


def test_a_batch_without_people_says_so(world: World, as_person: As) -> None:
    with writing() as db:
        for enrolment in db.query(Enrolment).where(Enrolment.batch_id == world.other_batch):
            db.delete(enrolment)
    page = as_person(world.admin).get(f"/batches/{world.other_batch}/matrix")
    assert page.status_code == 200
    assert "Nobody is enrolled" in page.text


def test_the_number_of_statements_does_not_grow_with_people_and_sessions(
    world: World, term: Term, as_person: As, counted: list[str]
) -> None:
    browser = as_person(world.citra)
    browser.get(f"/batches/{world.batch}/matrix")
    counted.clear()
    browser.get(f"/batches/{world.batch}/matrix")
    few = len(counted)
    with writing() as db:
        people = [make_person(db, f"Peserta {number}", unit_id=world.unit) for number in range(20)]
        for person in people:
            enrol(db, world.batch, person.id)
        for number in range(8):
            session = make_session(db, world.batch, starts_at=NINE - (number + 5) * DAY)
            for person in people:
                make_mark(db, session.id, person.id)
    counted.clear()
    page = browser.get(f"/batches/{world.batch}/matrix")
    assert page.text.count("matrix-cell") > 200
    assert len(counted) == few
    assert few <= 11


def test_a_large_batch_is_shown_page_by_page_with_totals_of_all(world: World, term: Term, as_person: As) -> None:
    with writing() as db:
        for number in range(205):
            person = make_person(db, f"Peserta {number:03d}", unit_id=world.unit)
            enrol(db, world.batch, person.id)
            make_mark(db, term.held[0], person.id)
    browser = as_person(world.citra)
    first = browser.get(f"/batches/{world.batch}/matrix").text
    last = browser.get(f"/batches/{world.batch}/matrix?page=2").text
    assert first.count('scope="row" class="matrix-name"') - 1 == 200
    assert last.count('scope="row" class="matrix-name"') - 1 == 7
    # Ayu and 205 others attended; Budi was sick.
    for page in (first, last, browser.get(f"/batches/{world.batch}/matrix?page=99").text):
        assert '206<span class="muted">/207</span>' in page
        assert "Totals per unit" in page
    assert "page=2" in first and "Peserta 204" in last


def test_the_last_sessions_of_each_person_are_drawn_and_said(world: World, term: Term, as_person: As) -> None:
    page = as_person(world.citra).get(f"/batches/{world.batch}/matrix").text
    assert page.count('class="spark"') == 2
    assert 'aria-label="Last sessions: Attended, Attended, Late"' in page
    assert "spark--excused" in page and "spark--absent" in page


def test_names_with_markup_are_only_text(world: World, term: Term, as_person: As) -> None:
    with writing() as db:
        db.get_one(Person, world.ayu).name = "<script>alert(1)</script>"
        db.query(Grant).where(Grant.id < 0).delete()
    page = as_person(world.citra).get(f"/batches/{world.batch}/matrix")
    assert "<script>alert(1)" not in page.text
