"""The matrix role × page, driven: each page asked for by each of the five people, the admin and nobody."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lms.accounts import principal
from lms.accounts.models import Person, Unit
from lms.db import writing
from lms.delegations.models import Delegation
from lms.evaluations.models import ActionPlan
from tests.factories import (
    NINE,
    World,
    enrol,
    grant,
    make_certificate,
    make_person,
    make_quiz,
    make_recording,
    make_session,
    make_survey,
)

# One letter a person: A Ayu (trainee), M Mallory (trainee of another batch), I Iskandar (instructor),
# C Citra (coordinator), X admin. y: 200 · r: redirect · f: 403 · n: 404
PEOPLE = "AMICX"
MATRIX = {
    "/": "yyyyy",
    "/calendar": "yyyyy",
    "/courses": "yyyyy",
    "/programmes": "yyyyy",
    "/notices": "yyyyy",
    "/settings": "yyyyy",
    "/c": "yyyyy",
    "/quizzes": "yyyyy",
    "/attendance": "yyfff",
    "/evaluations": "yyfff",
    "/evaluations/taught": "ffyff",
    "/evaluations/{survey}": "ynfff",
    "/evaluations/{closed}/results": "fnfyy",
    "/batches/{batch}/evaluation": "fnfyy",
    "/batches/{batch}/action-plan": "ynfff",
    "/batches/{batch}/action-plans": "fnfyy",
    "/batches/{batch}/follow-up": "ynfff",
    "/action-plans/{plan}": "fnfyy",
    "/programmes/pelayanan-prima/evaluation": "fffyy",
    "/programmes/pelayanan-prima/questionnaires": "fffyy",
    "/programmes/pelayanan-prima/questionnaires/organiser": "fffyy",
    "/certificates": "yyyyy",
    "/certificates/books": "ffffy",
    "/certificates/books/new": "ffffy",
    "/programmes/pelayanan-prima/certificate": "fffyy",
    "/programmes/pelayanan-prima/certificate/specimen.pdf": "fffyy",
    "/batches/{batch}/certificates": "fnfyy",
    "/batches/{batch}/certificates/{budi}": "fnfyy",
    "/certificates/{certificate}/certificate.pdf": "fnfyy",
    "/certificates/{certificate}/revoke": "fnfyy",
    "/reports": "fffyy",
    "/people": "fffyy",
    "/people/new": "ffffy",
    "/people/import": "ffffy",
    "/people/import/template.xlsx": "ffffy",
    "/hours": "yyyyy",
    "/hours/claims/new": "yyyyy",
    "/hours/people": "fffyy",
    "/hours/people/{budi}": "fnfyy",
    "/hours/units": "fffyy",
    "/hours/claims": "fffyy",
    "/hours/import": "ffffy",
    "/hours/rules": "fffyy",
    "/hours/siasn": "fffyy",
    "/hours/siasn.xlsx": "fffyy",
    "/hours/siasn.json": "fffyy",
    "/units": "fffyy",
    "/styleguide": "ffffy",
    "/jitsi/self-test": "ffffy",
    "/programmes/new": "ffffy",
    "/courses/new": "ffyfy",
    "/courses/pelayanan-publik-prima": "yyyyy",
    "/courses/pelayanan-publik-prima/edit": "ffyfy",
    "/take-part": "yyyyy",
    "/programmes/pelayanan-prima": "yyyyy",
    "/programmes/pelayanan-prima/phases": "fffyy",
    "/programmes/pelayanan-prima/report": "fffyy",
    "/programmes/pelayanan-prima/report/people": "fffyy",
    "/programmes/pelayanan-prima/report.pdf": "fffyy",
    "/programmes/pelayanan-prima/copy": "ffffy",
    "/batches/{batch}/phases": "ynyyy",
    "/programmes/pelayanan-prima/edit": "fffyy",
    "/programmes/pelayanan-prima/study-visits": "yyyyy",
    "/programmes/pelayanan-prima/study-visits/new": "fffyy",
    "/study-visits/{visit}": "yyyyy",
    "/study-visits/{visit}/edit": "fffyy",
    "/study-visits/{visit}/criteria": "fffyy",
    "/study-visits/{visit}/candidates": "fffyy",
    "/study-visits/{visit}/ranking": "fffyy",
    "/study-visits/{visit}/scores": "nnnnn",
    "/study-visits/{visit}/preparation": "fffyy",
    "/study-visits/{visit}/costs": "fffyy",
    "/study-visits/{visit}/journey": "nnnnn",
    "/study-visits/{visit}/learned": "nnnnn",
    "/batches/{batch}": "ynyyy",
    "/batches/{batch}/people": "fnfyy",
    "/batches/{batch}/edit": "fnfyy",
    "/batches/{batch}/enrol": "fnfyy",
    "/batches/{batch}/matrix": "fnyyy",
    "/batches/{batch}/attendance": "fnyyy",
    "/batches/{batch}/matrix.csv": "fnfyy",
    "/batches/{batch}/matrix.xlsx": "fnfyy",
    "/batches/{batch}/sessions/new": "fnyyy",
    "/sessions/{session}": "ynyyy",
    "/sessions/{session}/session.ics": "ynyyy",
    "/sessions/{session}/room": "rnrrr",
    "/sessions/{session}/check": "ynyyy",
    "/sessions/{session}/check/line": "ynyyy",
    "/sessions/{session}/edit": "fnyyy",
    "/sessions/{session}/cancel": "fnyyy",
    "/sessions/{session}/policy": "fnyyy",
    "/sessions/{session}/meeting-log": "fnyyy",
    "/sessions/{session}/pulses": "fnyyy",
    "/sessions/{session}/register": "fnyyy",
    "/sessions/{session}/roster": "fnfyy",
    "/sessions/{session}/projector": "fnyyy",
    "/sessions/{session}/projector/code": "fnyyy",
    "/sessions/{session}/here": "ynyyy",
    "/sessions/{session}/sheet": "fnfyy",
    "/sessions/{session}/sheet.pdf": "fnfyy",
    "/sessions/{session}/register/lines": "fnyyy",
    "/sessions/{session}/register/silence": "fnyyy",
    "/sessions/{session}/checks": "fnfyy",
    "/sessions/{session}/walk-in": "fnfyy",
    "/sessions/{session}/instructors": "fnyyy",
    "/sessions/{session}/instructors/sheet": "fnfyy",
    "/sessions/{session}/import": "fnfyy",
    "/sessions/{session}/register/{budi}": "fnyyy",
    "/sessions/{session}/register.csv": "fnfyy",
    "/sessions/{session}/register.xlsx": "fnfyy",
    "/recordings/{recording}": "ynyyy",
    "/people/{budi}": "fnfyy",
    "/people/{mallory}": "nfnny",
    "/people/{budi}/attendance": "fnfyy",
    "/people/{mallory}/attendance": "nfnny",
    "/attendance/{session}": "ynfff",
    "/attendance/{session}/excuse": "ynfff",
    "/excuses": "fffyy",
    "/courses/pelayanan-publik-prima/questions": "ffyfy",
    "/courses/pelayanan-publik-prima/questions/new": "ffyfy",
    "/courses/pelayanan-publik-prima/questions/import": "ffyfy",
    "/courses/pelayanan-publik-prima/questions/export": "ffyfy",
    "/courses/pelayanan-publik-prima/questions/export/moodle": "ffyfy",
    "/courses/pelayanan-publik-prima/questions/template.xlsx": "ffyfy",
    "/courses/pelayanan-publik-prima/quizzes/new": "ffyfy",
    "/quizzes/{quiz}": "yyfff",
    "/quizzes/{quiz}/results": "ffyyy",
    "/quizzes/{quiz}/preview": "ffyfy",
    "/quizzes/{quiz}/batches/{batch}/regrade": "ffyfy",
    "/quizzes/{quiz}/batches/{batch}/grading": "ffyfy",
    "/quizzes/{quiz}/batches/{batch}/settings": "ffyfy",
    "/quizzes/{quiz}/batches/{batch}/results.csv": "ffyyy",
    "/quizzes/{quiz}/batches/{batch}/questions.xlsx": "ffyyy",
    "/quizzes/{quiz}/batches/{batch}/choices.csv": "ffyyy",
}
STATUS = {"y": 200, "f": 403, "n": 404}


@pytest.fixture
def session(world: World, app: Flask) -> int:
    with writing() as db:
        return make_session(db, world.batch).id


@pytest.fixture
def quiz(world: World, app: Flask) -> int:
    with writing() as db:
        return make_quiz(db, world.course).id


@pytest.fixture
def recording(session: int) -> int:
    with writing() as db:
        return make_recording(db, session).id


@pytest.fixture
def certificate(world: World, app: Flask) -> int:
    with writing() as db:
        return make_certificate(db, world.batch, world.budi).id


@pytest.fixture
def visit(world: World) -> int:
    """A study visit whose criteria are published and whose names are not announced."""
    with writing() as db:
        plan = Delegation(
            programme_id=world.programme,
            title_id="Kunjungan studi",
            place="Singapura",
            starts_on=date(2027, 3, 1),
            ends_on=date(2027, 3, 5),
            quota=7,
            created_at=NINE,
            published_at=NINE,
            seed="x" * 64,
        )
        db.add(plan)
        db.flush()
        return plan.id


@pytest.fixture
def evaluation(world: World, app: Flask) -> dict[str, int]:
    """An open survey, a closed one, and Budi's action plan."""
    with writing() as db:
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        closed = make_survey(db, world.batch, "alumnus", month=3, opens_at=long_ago, closes_at=long_ago)
        plan = ActionPlan(batch_id=world.batch, person_id=world.budi, aim="Antrean", created_at=NINE, changed_at=NINE)
        db.add(plan)
        survey = make_survey(db, world.batch, closes_at=datetime(2099, 1, 1, tzinfo=UTC))
        db.flush()
        return {"survey": survey.id, "closed": closed.id, "plan": plan.id}


@pytest.fixture
def ids(
    world: World,
    session: int,
    quiz: int,
    recording: int,
    certificate: int,
    visit: int,
    evaluation: dict[str, int],
) -> dict[str, int]:
    """What the addresses of the matrix name."""
    things = {"session": session, "quiz": quiz, "recording": recording, "certificate": certificate, "visit": visit}
    return {**asdict(world), **things, **evaluation}


@pytest.mark.parametrize("page", MATRIX)
def test_each_page_is_open_to_exactly_whom_the_matrix_says(
    page: str, world: World, ids: dict[str, int], as_person: Callable[[int], FlaskClient]
) -> None:
    address = page.format(**ids)
    people = [world.ayu, world.mallory, world.iskandar, world.citra, world.admin]
    found = "".join(_letter(as_person(person).get(address).status_code) for person in people)
    assert found == MATRIX[page], f"{page}: {PEOPLE}"


def _letter(status: int) -> str:
    return {200: "y", 403: "f", 404: "n"}.get(status) or ("r" if 300 <= status < 400 else str(status))


@pytest.mark.parametrize("page", MATRIX)
def test_nobody_sees_anything_before_signing_in(page: str, ids: dict[str, int], client: FlaskClient) -> None:
    address = page.format(**ids)
    answer = client.get(address)
    assert answer.status_code in (302, 303)
    assert "/sign-in" in answer.headers["Location"]


def test_every_page_without_parameters_is_in_the_matrix(app: Flask) -> None:
    public = {"/sign-in", "/forgotten", "/code", "/healthz", "/form-token", "/verify"}
    public |= {"/.well-known/jwks.json", "/badges/issuer"}
    pages = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or set()) and not rule.arguments and rule.rule not in public
    }
    assert pages - set(MATRIX) <= {"/next"}


def test_a_coordinator_limited_to_a_unit_sees_her_people_and_does_not_sign(
    world: World, session: int, as_person: Callable[[int], FlaskClient]
) -> None:
    with writing() as db:
        dewi = make_person(db, "Dewi")
        grant(db, dewi.id, "coordinator", "unit", world.unit)
    page = as_person(dewi.id).get(f"/sessions/{session}/register")
    assert page.status_code == 200
    assert "Ayu Lestari" in page.text and "Budi Santoso" not in page.text
    assert as_person(dewi.id).get(f"/sessions/{session}/register/{world.ayu}").status_code == 200
    assert as_person(dewi.id).get(f"/sessions/{session}/register/{world.budi}").status_code == 404
    signed = as_person(dewi.id).post(f"/sessions/{session}/register/sign", data={"version": "0", "confirmed": "1"})
    assert signed.status_code == 403


# What somebody who answers for a unit opens: where its people stand, and what is everybody's own.
FOR_A_HEAD = {
    "/", "/notices", "/settings", "/c", "/certificates", "/hours", "/hours/claims/new", "/take-part", "/reports",
    "/programmes/pelayanan-prima/report", "/programmes/pelayanan-prima/report/people",
    "/programmes/pelayanan-prima/report.pdf",
}  # fmt: skip


def test_a_head_of_unit_sees_her_people_in_reports_and_nothing_else(
    world: World, ids: dict[str, int], as_person: Callable[[int], FlaskClient]
) -> None:
    with writing() as db:
        head = make_person(db, "Halimah", role="unit_head", scope="unit", scope_id=world.unit).id
        below = Unit(name="Seksi Loket", parent_id=world.unit)
        db.add(below)
        db.flush()
        enrol(db, world.batch, make_person(db, "Orang Seksi", unit_id=below.id).id)
    browser = as_person(head)
    answers = {page: browser.get(page.format(**ids)).status_code for page in MATRIX}
    assert {page for page, status in answers.items() if status == 200} == FOR_A_HEAD
    assert set(answers.values()) <= {200, 403, 404}
    people = browser.get("/programmes/pelayanan-prima/report/people").text
    assert "Ayu Lestari" in people and "Orang Seksi" in people and "Budi Santoso" not in people
    assert "/people/" not in people and "/register" not in browser.get("/programmes/pelayanan-prima/report").text


def test_a_right_that_ended_opens_nothing(world: World, session: int, as_person: Callable[[int], FlaskClient]) -> None:

    browser = as_person(world.ayu)
    with writing() as db:
        db.get_one(Person, world.ayu).active = False
    principal.forget([world.ayu])
    assert browser.get(f"/sessions/{session}").status_code in (302, 303)


def test_enrolling_opens_and_the_other_batch_stays_closed(
    world: World, session: int, as_person: Callable[[int], FlaskClient]
) -> None:
    with writing() as db:
        newcomer = make_person(db, "Eka")
        enrol(db, world.batch, newcomer.id)
        other = make_session(db, world.other_batch)
    assert as_person(newcomer.id).get(f"/sessions/{session}").status_code == 200
    assert as_person(newcomer.id).get(f"/sessions/{other.id}").status_code == 404
