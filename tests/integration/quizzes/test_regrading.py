"""A corrected question, applied to what was submitted: looked at, done, audited and told."""

import pytest
import time_machine
from sqlalchemy import select

from lms.accounts.models import AuditEntry
from lms.db import reading, writing
from lms.outbox.models import Message, Notice
from lms.quizzes.models import Answer, Attempt, LateAnswer, Quiz, Regrade
from lms.quizzes.rules.regrading import Ruling
from lms.quizzes.service import late, regrading
from lms.quizzes.service.results import read_results

from .conftest import NOW, QUIZ, RIGHT, source

CORRECTED = QUIZ.replace("answer = true", "answer = false")


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def submitted(house):
    """Ayu said yes, Budi no; the key says yes, and is then corrected to no."""
    attempts = {}
    for person, said in (("ayu", True), ("budi", False)):
        attempts[person] = house.start(person)
        house.answer_all(attempts[person], RIGHT | {"yes": said})
        house.submit(attempts[person])
    house.sync(source(text=CORRECTED))
    return attempts


def questions(house):
    with reading() as db:
        return {one.question.key: one for one in regrading.correctable(db, db.get_one(Quiz, house.quiz()), house.batch)}


def regrade(house, reason="kunci keliru", **rulings):
    found = questions(house)
    wanted = {found[key].question_id: ruling for key, ruling in rulings.items()}
    with writing() as db:
        quiz = db.get_one(Quiz, house.quiz())
        return regrading.regrade(db, quiz, house.batch, wanted, reason, by=house.iskandar, at=NOW)


def percents(house, submitted):
    return {person: house.attempt(attempt).percent for person, attempt in submitted.items()}


def test_a_correction_alone_changes_no_result_but_is_offered(house, submitted):
    assert percents(house, submitted) == {"ayu": 100.0, "budi": 83.3}
    found = questions(house)
    assert (found["yes"].seen, found["yes"].newest, found["yes"].ruling) == ([1], 2, Ruling.OWN)
    assert found["one"].newest is None


def test_the_corrected_key_is_applied_told_and_audited(house, submitted):
    row = regrade(house, yes=Ruling.NEWEST)
    assert percents(house, submitted) == {"ayu": 83.3, "budi": 100.0}
    assert [(one["before"], one["after"]) for one in row.changes] == [(100.0, 83.3), (83.3, 100.0)]
    with reading() as db:
        notices = db.scalars(select(Notice).order_by(Notice.person_id)).all()
        letters = db.scalars(select(Message.template)).all()
        audit = db.scalars(select(AuditEntry).where(AuditEntry.action == "quiz:regraded")).one()
    assert [(one.person_id, one.template) for one in notices] == [
        (house.ayu, "quiz_regraded"), (house.budi, "quiz_regraded"),
    ]  # fmt: skip
    assert letters == ["quiz_regraded"] * 2
    assert (audit.by_id, audit.note, audit.detail["changed"]) == (house.iskandar, "kunci keliru", 2)


def test_what_was_answered_stays_and_the_version_seen_too(house, submitted):
    before = house.attempt(submitted["ayu"]).version_id
    regrade(house, yes=Ruling.NEWEST)
    with reading() as db:
        answer = db.get_one(Answer, (submitted["ayu"], house.item(submitted["ayu"], "yes")))
    assert answer.response is True and house.attempt(submitted["ayu"]).version_id == before


def test_looking_at_the_effect_changes_nothing(house, submitted):
    wanted = {questions(house)["yes"].question_id: Ruling.NEWEST}
    with reading() as db:
        changes = regrading.preview(db, db.get_one(Quiz, house.quiz()), house.batch, wanted)
    assert [(one.name, one.before, one.after) for one in changes] == [
        ("Ayu Lestari", 100.0, 83.3), ("Budi Santoso", 83.3, 100.0),
    ]  # fmt: skip
    assert percents(house, submitted) == {"ayu": 100.0, "budi": 83.3}


def test_twice_is_once(house, submitted):
    assert regrade(house, yes=Ruling.NEWEST) is not None
    assert regrade(house, yes=Ruling.NEWEST) is None
    with reading() as db:
        assert len(db.scalars(select(Regrade)).all()) == 1
        assert len(db.scalars(select(Notice)).all()) == 2


def test_full_points_for_everyone_and_back_again(house, submitted):
    regrade(house, yes=Ruling.EVERYONE)
    assert percents(house, submitted) == {"ayu": 100.0, "budi": 100.0}
    assert questions(house)["yes"].ruling is Ruling.EVERYONE
    regrade(house, yes=Ruling.OWN)
    assert percents(house, submitted) == {"ayu": 100.0, "budi": 83.3}


def test_a_late_answer_accepted_afterwards_is_scored_by_the_corrected_key(house, submitted):
    regrade(house, yes=Ruling.NEWEST)
    house.save(submitted["ayu"], "yes", False, seq=2)
    with writing() as db:
        waiting = db.scalars(select(LateAnswer.id)).one()
        late.accept_late(db, db.get_one(Attempt, submitted["ayu"]), waiting, by=house.iskandar, at=NOW)
    assert percents(house, submitted)["ayu"] == 100.0


def test_another_batch_keeps_its_results(house, submitted):
    other = house.start("mallory")
    with reading() as db:
        version = db.get_one(Attempt, other).version_id
    house.answer_all(other, RIGHT)
    house.submit(other)
    regrade(house, yes=Ruling.NEWEST)
    assert house.attempt(other).percent == 83.3 and version is not None


def test_figures_of_the_question_follow_the_corrected_key(house, submitted):
    def facility():
        with reading() as db:
            return read_results(db, db.get_one(Quiz, house.quiz()), house.batch).analysis.by_key()["yes"].verdicts

    assert facility() == {"right": 1, "wrong": 1}
    regrade(house, yes=Ruling.EVERYONE)
    assert facility() == {"right": 2}


def test_nobody_is_told_where_the_quiz_shows_no_results(house, submitted):
    house.sync(source(text=CORRECTED.replace("attempts = 2", 'attempts = 2\nfeedback = "none"')))
    regrade(house, yes=Ruling.NEWEST)
    with reading() as db:
        assert db.scalars(select(Notice)).all() == []


def address(house):
    return f"/quizzes/{house.quiz()}/batches/{house.batch}/regrade"


def test_the_page_shows_the_effect_and_then_does_it(house, submitted, as_person):
    client = as_person(house.iskandar)
    field = f"ruling-{questions(house)['yes'].question_id}"
    page = client.get(address(house), query_string={field: "newest"}).text
    assert "Ayu Lestari" in page and "83.3\u00a0%" in page
    assert client.post(address(house), data={field: "newest", "reason": "Kunci keliru"}).status_code == 302
    assert percents(house, submitted) == {"ayu": 83.3, "budi": 100.0}
    after = client.get(address(house)).text
    assert "Kunci keliru" in after and "Iskandar" in after
    review = as_person(house.budi).get(f"/attempts/{submitted['budi']}/review").text
    assert "scored again" in review and "100\u00a0%" in review


def test_without_a_reason_or_a_ruling_nothing_is_done(house, submitted, as_person):
    client = as_person(house.iskandar)
    field = f"ruling-{questions(house)['yes'].question_id}"
    assert client.post(address(house), data={field: "newest", "reason": ""}).status_code == 422
    assert client.post(address(house), data={"reason": "Kunci keliru"}).status_code == 422
    assert client.post(address(house), data={field: "burn", "ruling-x": "own", "reason": "xxx"}).status_code == 422
    assert percents(house, submitted) == {"ayu": 100.0, "budi": 83.3}


def test_only_those_who_edit_the_quiz_regrade(house, submitted, as_person):
    for person, status in (("ayu", 403), ("citra", 403), ("iskandar", 200), ("admin", 200)):
        assert as_person(house.ids[person]).get(address(house)).status_code == status
    other = f"/quizzes/{house.quiz()}/batches/{house.other_batch}/regrade"
    assert as_person(house.iskandar).post(other, data={"reason": "xxx", "ruling-1": "own"}).status_code == 404
