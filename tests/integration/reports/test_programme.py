"""A programme's report: who sees whom, that figures and people behind them agree, and that it does not slow down."""

import re
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select, update

from lms.accounts.models import Unit
from lms.db import writing
from lms.quizzes.models import Attempt, Quiz, QuizVersion
from tests.factories import NINE, World, enrol, grant, make_batch, make_certificate, make_person, make_quiz
from tests.integration.reports.conftest import Term, make_mark

As = Callable[[int], FlaskClient]
REPORT = "/programmes/pelayanan-prima/report"


def attempts(world: World, people: list[int], before: float, after: float) -> None:
    """Have these people take the programme's pre-test and post-test."""
    with writing() as db:
        for purpose, percent in (("pre", before), ("post", after)):
            quiz = db.scalars(select(Quiz).where(Quiz.purpose == purpose)).one_or_none()
            quiz = quiz or make_quiz(db, world.course, purpose)
            quiz.purpose = purpose
            db.flush()
            version = db.scalars(select(QuizVersion.id).where(QuizVersion.quiz_id == quiz.id)).one()
            passed = percent >= 70 if purpose == "post" else None
            for person in people:
                db.add(
                    Attempt(
                        quiz_id=quiz.id, version_id=version, batch_id=world.batch, person_id=person, number=1, seed="s",
                        percent=percent, earned=percent, possible=100.0, passed=passed,
                        started_at=NINE, submitted_at=NINE, submitted_by="person",
                    )
                )  # fmt: skip
        # Bringing in the second from its own folder put the first aside.
        db.execute(update(Quiz).values(archived_at=None))


def tile(page: str, words: str) -> str:
    """Return the number on the tile with these words."""
    found = re.search(rf'tile-value">([^<]*)</span><span class="tile-label">(?:<svg.*?</svg>)?{words}<', page)
    assert found, words
    return found.group(1)


def test_each_figure_leads_to_as_many_people_as_it_says(world: World, term: Term, as_person: As) -> None:
    with writing() as db:
        more = [make_person(db, f"Orang {number}", unit_id=world.unit).id for number in range(4)]
        for person in more:
            enrol(db, world.batch, person)
        make_certificate(db, world.batch, more[0])
    attempts(world, [world.ayu, *more], 50, 80)
    attempts(world, [world.budi], 50, 40)
    citra = as_person(world.citra)
    page = citra.get(REPORT).text
    assert "style=" not in page and page.count("chart-figure") >= 1
    assert f"/sessions/{term.held[0]}/register" in page and f"/batches/{world.batch}/matrix" in page
    for words, show, count in (
        ("Trainees", "all", 6), ("Passed the post-test", "passed", 5), ("Certificates", "certified", 1),
    ):  # fmt: skip
        assert tile(page, words) == str(count)
        assert citra.get(f"{REPORT}/people?show={show}").text.count('data-label="JP"') == count
    assert tile(page, "Gain") == "0.47"
    only = citra.get(f"{REPORT}?unit={world.unit}").text
    assert tile(only, "Trainees") == "5" and tile(only, "Gain") == "0.6"


def test_a_coordinator_of_one_unit_sees_its_people_only(world: World, term: Term, as_person: As) -> None:
    with writing() as db:
        dewi = make_person(db, "Dewi")
        grant(db, dewi.id, "coordinator", "unit", world.unit)
    browser = as_person(dewi.id)
    assert tile(browser.get(REPORT).text, "Trainees") == "1"
    people = browser.get(f"{REPORT}/people").text
    assert "Ayu Lestari" in people and "Budi Santoso" not in people
    assert browser.get(f"{REPORT}?unit={world.other_unit}").status_code == 404
    assert browser.get(f"{REPORT}?batch={world.other_batch}").status_code == 404


def test_the_number_of_statements_does_not_grow(world: World, term: Term, as_person: As, counted: list[str]) -> None:
    citra = as_person(world.citra)
    few = {}
    for page in (REPORT, f"{REPORT}/people"):
        citra.get(page)
        counted.clear()
        citra.get(page)
        few[page] = len(counted)
    with writing() as db:
        ids = [make_person(db, f"Orang {number}").id for number in range(12)]
        for person in ids:
            enrol(db, world.batch, person)
            make_mark(db, term.held[0], person)
    attempts(world, ids, 50, 80)
    for page, many in few.items():
        counted.clear()
        citra.get(page)
        assert len(counted) == many <= 26


def test_the_paper_is_one_page_in_either_language_whatever_there_is(world: World, term: Term, as_person: As) -> None:
    with writing() as db:
        for number in range(14):
            unit = Unit(name=f"Dinas {number} dengan nama yang sangat panjang sekali sehingga tidak muat sebaris")
            batch = make_batch(db, world.programme, f"Angkatan ke-{number} dengan nama yang panjang")
            db.add(unit)
            db.flush()
            enrol(db, batch.id, make_person(db, f"Orang {number}", unit_id=unit.id).id)
    citra = as_person(world.admin)
    for language in ("id", "en"):
        paper = citra.get(f"{REPORT}.pdf?language={language}")
        assert paper.mimetype == "application/pdf" and paper.data.startswith(b"%PDF")
        assert re.findall(rb"/Count (\d+)", paper.data) == [b"1"]


def test_a_head_of_unit_meets_her_peoples_figures_on_the_first_page(world: World, term: Term, as_person: As) -> None:
    with writing() as db:
        head = make_person(db, "Halimah", role="unit_head", scope="unit", scope_id=world.unit).id
    page = as_person(head).get("/").text
    assert "Minimum in danger" in page
    assert f"/programmes/pelayanan-prima/report?batch={world.batch}" in page
