"""The first page of each role: the one next thing in its window, what waits, and no statement more as things grow."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from lms.accounts.models import Person
from lms.courses.models import Module, ModuleDraft, Progress, Revision
from lms.db import Db, writing
from lms.programmes.models import Batch
from lms.quizzes.models import Attempt, LateAnswer, Question, QuestionVersion, Quiz, QuizItem, QuizVersion
from lms.sessions.models import LiveSession, SessionModule
from tests.factories import NINE, World, enrol, grant, make_person, make_session, teach
from tests.integration.reports.conftest import DAY, MINUTE, make_mark, sign

As = Callable[[int], FlaskClient]
HOUR = timedelta(hours=1)


@pytest.fixture
def clock(app: Flask) -> Iterator[time_machine.Traveller]:
    """The clock, standing at nine; `clock.move_to` moves it."""
    with time_machine.travel(NINE, tick=False) as coordinates:
        yield coordinates


def make_module(db: Db, course_id: int, position: int, title: str) -> Module:
    module = Module(course_id=course_id, key=f"modul-{position}", position=position, created_at=NINE)
    db.add(module)
    db.flush()
    for language in ("id", "en"):
        db.add(
            Revision(
                module_id=module.id,
                language=language,
                number=1,
                is_current=True,
                title=f"{title} ({language})",
                markdown="x",
                html="<p>x</p>",
                minutes=7,
                renderer=1,
                hash=f"{position}",
                origin="folder",
                published_at=NINE,
            )
        )
    return module


def make_quiz(db: Db, course_id: int, purpose: str = "pre", title: str = "Tes awal") -> tuple[Quiz, QuizVersion]:
    quiz = Quiz(course_id=course_id, key=purpose, purpose=purpose, version=1, created_at=NINE)
    db.add(quiz)
    db.flush()
    settings = {
        "title": {"id": title, "en": "Pre-test"},
        "intro": None,
        "pass_mark": None,
        "attempts": 1,
        "time_limit": 20,
        "shuffle": "none",
        "feedback": "full",
    }
    version = QuizVersion(
        quiz_id=quiz.id, number=1, fingerprint="f", settings=settings, html={}, renderer=1, created_at=NINE
    )
    db.add(version)
    db.flush()
    return quiz, version


def open_way(page: str) -> bool:
    """Whether the page shows the way in, rather than keeping it hidden until the doors open."""
    return 'data-when="open">' in page


@pytest.mark.parametrize(
    ("minutes", "is_open"), [(-16, False), (-15, True), (-1, True), (30, True), (119, True), (121, None)]
)
def test_the_join_button_lives_in_its_window_only(
    world: World, clock: time_machine.Traveller, as_person: As, minutes: int, is_open: bool | None
) -> None:
    with writing() as db:
        session = make_session(db, world.batch)
    clock.move_to(NINE + minutes * MINUTE)
    page = as_person(world.ayu).get("/").text
    if is_open is None:
        assert f"/sessions/{session.id}/room" not in page
        assert "No session is planned" in page
    else:
        assert page.count(f"/sessions/{session.id}/room") == 1
        assert open_way(page) is is_open
        assert ("data-countdown" in page.split('data-when="open"')[0]) is not is_open


def test_the_countdown_asks_the_server_whether_the_doors_are_open(
    world: World, clock: time_machine.Traveller, as_person: As
) -> None:
    with writing() as db:
        session = make_session(db, world.batch)
    clock.move_to(NINE - 16 * MINUTE)
    browser = as_person(world.ayu)
    assert browser.get("/next").json == {"session": session.id, "sequence": 0, "open": False, "closes_in": 136 * 60}
    clock.move_to(NINE - 15 * MINUTE)
    answer = browser.get("/next")
    assert answer.json is not None
    assert answer.json["open"] is True
    assert answer.headers["Cache-Control"] == "no-store"
    with writing() as db:
        db.get_one(LiveSession, session.id).status = "cancelled"
    assert browser.get("/next").json == {"session": None, "open": False}


def test_next_is_the_session_of_one_s_own_batch(world: World, clock: time_machine.Traveller, as_person: As) -> None:
    with writing() as db:
        make_session(db, world.other_batch, starts_at=NINE + HOUR, title_id="Rahasia", title_en="Secret")
        own = make_session(db, world.batch, starts_at=NINE + 2 * HOUR)
    assert as_person(world.ayu).get("/next").json["session"] == own.id  # type: ignore[index]
    assert "Secret" not in as_person(world.ayu).get("/").text


def test_a_lecture_in_a_room_of_the_city_has_a_place_and_no_way_in(
    world: World, clock: time_machine.Traveller, as_person: As
) -> None:
    with writing() as db:
        session = make_session(db, world.batch, mode="in_person", place="Aula BKPSDM")
    page = as_person(world.ayu).get("/").text
    assert "Aula BKPSDM" in page
    assert f"/sessions/{session.id}/room" not in page


def test_a_trainee_sees_what_to_read_which_test_waits_how_she_stands_and_whom_to_call(
    world: World, clock: time_machine.Traveller, as_person: As
) -> None:
    with writing() as db:
        db.get_one(Person, world.citra).phone = "+6281234567890"
        first = make_module(db, world.course, 1, "Keramahan")
        second = make_module(db, world.course, 2, "Antrean")
        db.add(Progress(person_id=world.ayu, module_id=first.id, read_at=NINE))
        quiz, _ = make_quiz(db, world.course)
        held = make_session(db, world.batch, starts_at=NINE - DAY)
        make_mark(db, held.id, world.ayu)
        coming = make_session(db, world.batch, starts_at=NINE + HOUR)
        db.add(SessionModule(session_id=coming.id, module_id=second.id))
    page = as_person(world.ayu).get("/").text
    assert "Antrean (en)" in page
    assert page.count("Antrean (en)") == 2  # in the panel of the session, and in the list of what to read
    assert "Keramahan (en)" not in page
    assert "1 of 2 read" in page
    assert f"/quizzes/{quiz.id}" in page
    assert "2 of 4 JP" in page
    assert "tel:+6281234567890" in page
    assert "https://wa.me/6281234567890" in page
    assert "Citra Dewi" in page
    assert "register" not in page.replace("registered", "")


def test_without_a_named_contact_the_help_desk_stands_there(
    world: World, clock: time_machine.Traveller, as_person: As
) -> None:
    with writing() as db:
        db.get_one(Batch, world.batch).contact_id = None
    assert "BKPSDM Kota Balikpapan" in as_person(world.ayu).get("/").text


def test_an_instructor_enters_as_moderator_and_sees_her_week_drafts_and_results(
    world: World, clock: time_machine.Traveller, as_person: As
) -> None:
    with writing() as db:
        now = make_session(db, world.batch, title_en="Taught now")
        teach(db, now.id, world.iskandar)
        other = make_session(db, world.batch, starts_at=NINE + DAY, title_en="Taught by others")
        module = make_module(db, world.course, 1, "Keramahan")
        db.add(ModuleDraft(module_id=module.id, language="id", title="Draf baru", markdown="x", saved_at=NINE))
        quiz, version = make_quiz(db, world.course)
        question = Question(course_id=world.course, origin="pre", key="q1", created_at=NINE)
        db.add(question)
        db.flush()
        asked = QuestionVersion(
            question_id=question.id, number=1, fingerprint="f", content={}, html={}, renderer=1, created_at=NINE
        )
        db.add(asked)
        db.flush()
        item = QuizItem(quiz_version_id=version.id, question_version_id=asked.id, position=1)
        db.add(item)
        for batch, person in ((world.batch, world.ayu), (world.batch, world.budi), (world.other_batch, world.mallory)):
            attempt = Attempt(
                quiz_id=quiz.id,
                version_id=version.id,
                batch_id=batch,
                person_id=person,
                number=1,
                seed="s",
                started_at=NINE - HOUR,
                submitted_at=NINE - MINUTE,
                submitted_by="person",
                earned=1,
                possible=2,
                percent=50,
            )
            db.add(attempt)
            db.flush()
        db.add(LateAnswer(attempt_id=attempt.id - 1, item_id=item.id, seq=1, device="d", arrived_at=NINE))
    page = as_person(world.iskandar).get("/").text
    assert "Enter as moderator" in page
    assert f"/sessions/{now.id}/register" in page
    assert "Taught now" in page
    assert f'href="/sessions/{other.id}"' not in page
    assert "Draf baru" in page
    assert f"/quizzes/{quiz.id}/results?batch={world.batch}" in page
    assert f"/quizzes/{quiz.id}/results?batch={world.other_batch}" not in page
    assert "2 people have submitted" in page
    assert "one late answer" in page


def test_a_coordinator_sees_today_what_to_sign_whom_to_speak_with_and_her_batches(
    world: World, clock: time_machine.Traveller, as_person: As
) -> None:
    with writing() as db:
        signed = make_session(db, world.batch, starts_at=NINE - 3 * DAY, title_en="Signed one")
        sign(db, signed.id, world.citra)
        waiting = make_session(db, world.batch, starts_at=NINE - 2 * DAY, title_en="Waiting one")
        for session in (signed, waiting):
            make_mark(db, session.id, world.ayu)
            make_mark(db, session.id, world.budi, "absent")
        make_session(db, world.batch, starts_at=NINE - 4 * DAY, title_en="Cancelled one", status="cancelled")
        today = make_session(db, world.batch, starts_at=NINE + 10 * MINUTE)
        foreign = make_session(db, world.other_batch, starts_at=NINE - 2 * DAY, title_en="Foreign one")
    browser = as_person(world.citra)
    page = browser.get("/").text
    assert f"/sessions/{today.id}/register" in page
    assert "Waiting one" in page
    assert "Signed one" not in page
    assert "Cancelled one" not in page
    assert f"/sessions/{foreign.id}" not in page
    assert "Budi Santoso" in page
    assert "Minimum no longer in reach" in page
    assert "Ayu Lestari" not in page
    assert f"/batches/{world.batch}/matrix" in page
    assert f"/batches/{world.other_batch}" not in page


def test_the_live_register_is_linked_from_ten_minutes_before(
    world: World, clock: time_machine.Traveller, as_person: As
) -> None:
    with writing() as db:
        session = make_session(db, world.batch)
    clock.move_to(NINE - 11 * MINUTE)
    browser = as_person(world.citra)
    listed = browser.get("/").text.split('id="today"')[1]
    assert f"/sessions/{session.id}/register" not in listed
    assert "Register opens at" in listed
    clock.move_to(NINE - 10 * MINUTE)
    assert f"/sessions/{session.id}/register" in browser.get("/").text.split('id="today"')[1]


def test_a_coordinator_of_units_sees_her_units_people_and_nothing_to_sign(
    world: World, clock: time_machine.Traveller, as_person: As
) -> None:
    with writing() as db:
        wati = make_person(db, "Wati", role="coordinator", scope="unit", scope_id=world.unit)
        session = make_session(db, world.batch, starts_at=NINE - DAY)
        make_mark(db, session.id, world.ayu, "absent")
        make_mark(db, session.id, world.budi, "absent")
    page = as_person(wati.id).get("/").text
    assert "Ayu Lestari" in page
    assert "Budi Santoso" not in page
    assert "Registers to sign" not in page
    assert "one trainee" in page


def test_an_administrator_sees_everything_counted(world: World, clock: time_machine.Traveller, as_person: As) -> None:
    with writing() as db:
        session = make_session(db, world.other_batch, starts_at=NINE + HOUR)
    page = as_person(world.admin).get("/").text
    assert "/people" in page
    assert f"/sessions/{session.id}" in page
    assert f"/batches/{world.batch}/matrix" in page
    assert f"/batches/{world.other_batch}/matrix" in page


def test_somebody_with_two_roles_sees_both_parts_the_urgent_one_first(
    world: World, clock: time_machine.Traveller, as_person: As
) -> None:
    with writing() as db:
        enrol(db, world.other_batch, world.iskandar, "trainee")
        session = make_session(db, world.batch)
        teach(db, session.id, world.iskandar)
    page = as_person(world.iskandar).get("/").text
    assert page.index('id="teach-week"') < page.index('id="to-read"')


def test_somebody_without_a_role_is_told_whom_to_call(
    world: World, clock: time_machine.Traveller, as_person: As
) -> None:
    with writing() as db:
        nobody = make_person(db, "Tamu", role="trainee", scope="batch", scope_id=999)
    page = as_person(nobody.id).get("/")
    assert page.status_code == 200
    assert "Not in a batch yet" in page.text


def test_nobody_signed_in_is_sent_to_sign_in(world: World, client: FlaskClient) -> None:
    assert client.get("/").status_code == 302
    assert client.get("/next", headers={"Accept": "application/json"}).status_code == 401


@pytest.mark.parametrize("who", ["ayu", "iskandar", "citra", "admin"])
def test_the_number_of_statements_does_not_grow(
    world: World, clock: time_machine.Traveller, as_person: As, counted: list[str], who: str
) -> None:
    person = getattr(world, who)

    def fill(times: int, since: int) -> None:
        with writing() as db:
            for number in range(since, since + times):
                module = make_module(db, world.course, number, f"Modul {number}")
                db.add(ModuleDraft(module_id=module.id, language="id", title="x", markdown="x", saved_at=NINE))
                held = make_session(db, world.batch, starts_at=NINE - number * DAY)
                trainee = make_person(db, f"Peserta {number}")
                enrol(db, world.batch, trainee.id)
                for one in (trainee.id, world.ayu):
                    make_mark(db, held.id, one, "absent")
                coming = make_session(db, world.batch, starts_at=NINE + number * HOUR)
                teach(db, coming.id, world.iskandar)
                db.add(SessionModule(session_id=coming.id, module_id=module.id))

    with writing() as db:
        make_quiz(db, world.course)
    fill(1, 1)
    browser = as_person(person)
    browser.get("/")
    counted.clear()
    assert browser.get("/").status_code == 200
    few = len(counted)
    fill(6, 2)
    counted.clear()
    assert browser.get("/").status_code == 200
    assert len(counted) == few
    assert few <= {"ayu": 13, "iskandar": 12, "citra": 16, "admin": 17}[who]


def test_a_grant_on_everything_watches_every_batch(world: World, clock: time_machine.Traveller, as_person: As) -> None:
    with writing() as db:
        chief = make_person(db, "Kepala")
        grant(db, chief.id, "coordinator")
        session = make_session(db, world.other_batch, starts_at=NINE + HOUR)
    assert as_person(chief.id).get("/next").json["session"] == session.id  # type: ignore[index]
