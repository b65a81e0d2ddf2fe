"""What the instructor sees and decides."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lms.accounts.models import AuditEntry, Person
from lms.db import reading, writing
from lms.kernel.errors import Conflict, NotFound
from lms.programmes.models import Enrolment
from lms.quizzes.models import Attempt, LateAnswer, Quiz
from lms.quizzes.service import late, results
from lms.quizzes.service.due import due, own_quizzes
from lms.sessions.models import LiveSession

from .conftest import NOW, QUIZ, RIGHT, source

MINUTE = timedelta(minutes=1)


@pytest.fixture
def late_attempt(house):
    attempt = house.start("ayu")
    house.answer_all(attempt, RIGHT | {"many": ["a"]})
    house.submit(attempt)
    house.save(attempt, "many", ["a", "b"], seq=2, at=NOW + MINUTE, age=90.0)
    return attempt


def decide(house, attempt, decision, which=0):
    with writing() as db:
        waiting = db.scalars(select(LateAnswer).where(LateAnswer.attempt_id == attempt)).all()
        return decision(db, db.get_one(Attempt, attempt), waiting[which].id, by=house.iskandar, at=NOW + MINUTE)


def test_an_accepted_late_answer_is_scored_and_the_old_one_remembered(house, late_attempt):
    assert house.attempt(late_attempt).percent == 83.3
    done = decide(house, late_attempt, late.accept_late)
    assert (done.percent, done.submitted_at) == (100.0, NOW)
    with reading() as db:
        accepted = db.scalars(select(LateAnswer)).one()
        assert db.scalars(select(AuditEntry.action).where(AuditEntry.subject_kind == "attempt")).all() == [
            "quiz:late_accepted"
        ]
    assert accepted.replaced == {"response": ["a"], "earned": 1.0, "percent": 83.3}


def test_accepting_twice_is_once_and_a_decision_stands(house, late_attempt):
    decide(house, late_attempt, late.accept_late)
    assert decide(house, late_attempt, late.accept_late).percent == 100.0
    with pytest.raises(Conflict):
        decide(house, late_attempt, late.decline_late)


def test_a_declined_late_answer_changes_nothing(house, late_attempt):
    assert decide(house, late_attempt, late.decline_late).percent == 83.3


def test_a_late_answer_of_another_attempt_is_not_found(house, late_attempt):
    other = house.start("budi")
    with writing() as db, pytest.raises(NotFound):
        late_id = db.scalars(select(LateAnswer.id)).one()
        late.accept_late(db, db.get_one(Attempt, other), late_id, by=house.iskandar, at=NOW)


def test_extra_time_lengthens_the_attempt_under_way_and_the_next(house):
    attempt = house.start("ayu")
    for minutes in (10, 15):
        with writing() as db:
            quiz = db.get_one(Quiz, house.quiz())
            late.give_extra_time(db, quiz, house.batch, house.ayu, minutes, "laptop", by=house.iskandar, at=NOW)
    assert house.attempt(attempt).ends_at == NOW + 35 * MINUTE
    house.submit(attempt)
    assert house.attempt(house.start("ayu")).ends_at == NOW + 35 * MINUTE
    assert house.attempt(house.start("budi")).ends_at == NOW + 20 * MINUTE


def test_extra_time_is_for_trainees_of_the_batch(house):
    with writing() as db, pytest.raises(NotFound):
        quiz = db.get_one(Quiz, house.quiz())
        late.give_extra_time(db, quiz, house.batch, house.mallory, 5, "x", by=house.iskandar, at=NOW)


def read(house, key="pre"):
    with reading() as db:
        return results.read_results(db, db.get_one(Quiz, house.quiz(key)), house.batch)


def test_results_show_everyone_of_the_batch_and_nobody_else(house, late_attempt):
    house.start("budi")
    house.submit(house.start("mallory"))
    found = read(house)
    assert [(p.name, p.state, p.late) for p in found.people] == [
        ("Ayu Lestari", "submitted", 1),
        ("Budi Santoso", "open", 0),
    ]
    assert (found.mean, found.passed, found.submitted, found.open, found.late) == (83.3, 1, 1, 1, 1)


def test_the_best_attempt_counts(house):
    for responses in (RIGHT, {"yes": True}):
        attempt = house.start("ayu")
        house.answer_all(attempt, responses)
        house.submit(attempt)
    found = read(house)
    assert found.people[0].counted.percent == 100.0 and len(found.people[0].attempts) == 2
    assert [question.shares for question in found.questions] == [[1.0]] * 5


def test_each_question_shows_how_hard_it_was_and_what_was_chosen(house, late_attempt):
    attempt = house.start("budi")
    house.answer_all(attempt, {"one": "wrong", "many": ["a", "b"], "text": "SKM"})
    house.submit(attempt)
    questions = {question.question.key: question for question in read(house).questions}
    assert questions["one"].facility == 0.5
    assert questions["one"].given == {"right": 1, "wrong": 1}
    assert questions["many"].facility == 0.75
    assert questions["many"].given == {"a": 2, "b": 1}
    assert questions["text"].given == {"ikm": 1, "SKM": 1}
    assert questions["yes"].verdicts == {"right": 1, "unanswered": 1}


def test_a_question_seen_in_two_versions_is_one_line(house, late_attempt):
    house.sync(source(text=QUIZ.replace('"Benar?"', '"Sungguh benar?"')))
    attempt = house.start("budi")
    house.answer_all(attempt)
    house.submit(attempt)
    questions = read(house).questions
    assert len(questions) == 5
    assert questions[2].versions == 2 and len(questions[2].shares) == 2


def test_gain_compares_the_post_test_with_the_pre_test(house, late_attempt):
    house.sync(source(), source("quiz-post.toml"))
    attempt = house.start("ayu", "post")
    house.answer_all(attempt)
    house.submit(attempt)
    ayu = read(house, "post").people[0]
    assert (ayu.before, ayu.gain) == (83.3, 1.0)


def test_whoever_left_keeps_the_result(house, late_attempt):
    with writing() as db:
        for row in db.scalars(select(Enrolment).where(Enrolment.role == "trainee")):
            row.ends_at = NOW
    assert [(p.name, p.has_left) for p in read(house).people] == [("Ayu Lestari", True)]


def test_statements_do_not_grow_with_people(house, counted):
    def statements():
        before = len(counted)
        read(house)
        return len(counted) - before

    house.submit(house.start("ayu"))
    before = statements()
    with writing() as db:
        for number in range(20):
            person = Person(name=f"P{number}", created_at=NOW)
            db.add(person)
            db.flush()
            db.add(Enrolment(batch_id=house.batch, person_id=person.id, role="trainee", starts_at=NOW))
            house.ids[f"p{number}"] = person.id
    for number in range(20):
        house.submit(house.start(f"p{number}"))
    assert statements() == before


def waiting(house, person="ayu", at=NOW):
    with reading() as db:
        return [(one.purpose.value, one.open_attempt is not None) for one in due(db, house.ids[person], at)]


def test_the_pre_test_waits_from_the_first_day_until_it_is_done(house):
    house.sync(source(), source("quiz-post.toml"), source("quiz-practice.toml"))
    assert waiting(house) == [("pre", False)]
    attempt = house.start("ayu")
    assert waiting(house) == [("pre", True)]
    house.answer_all(attempt)
    house.submit(attempt)
    assert waiting(house) == [("post", False)]
    with reading() as db:
        assert len(own_quizzes(db, house.ayu, NOW)) == 3


def test_the_post_test_waits_until_no_session_is_to_come(house):
    house.sync(source("quiz-post.toml"))
    with writing() as db:
        db.add(
            LiveSession(
                batch_id=house.batch, mode="in_person", title_id="Sesi", starts_at=NOW, ends_at=NOW + 90 * MINUTE,
                room_name="r", uid="u", created_at=NOW, changed_at=NOW,
            )
        )  # fmt: skip
    assert waiting(house) == []
    assert waiting(house, at=NOW + 91 * MINUTE) == [("post", False)]
    assert waiting(house, "mallory") == [("post", False)]


def test_a_test_not_passed_waits_while_an_attempt_is_left(house):
    house.submit(house.start("ayu"))
    assert waiting(house) == [("pre", False)]
    house.submit(house.start("ayu"))
    assert waiting(house) == []


def test_nothing_waits_for_those_who_teach(house):
    assert waiting(house, "iskandar") == waiting(house, "citra") == []
