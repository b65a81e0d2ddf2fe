"""Begin, save, submit: what was acknowledged is kept and scored once."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lms.db import reading, writing
from lms.kernel.errors import Conflict, Forbidden, Invalid
from lms.kernel.intervals import Interval
from lms.quizzes import tasks
from lms.quizzes.models import Answer, Attempt, LateAnswer, Quiz
from lms.quizzes.service import outages, starting, submitting, taking

from .conftest import NOW, QUIZ, RIGHT, source

MINUTE = timedelta(minutes=1)


def saved(attempt_id, item_id):
    with reading() as db:
        answer = db.get(Answer, (attempt_id, item_id))
        return None if answer is None else answer.response


def late(attempt_id):
    with reading() as db:
        return list(db.scalars(select(LateAnswer.response).where(LateAnswer.attempt_id == attempt_id)))


def test_right_answers_earn_everything(house):
    attempt = house.start("ayu")
    house.answer_all(attempt)
    done = house.submit(attempt)
    assert (done.earned, done.possible, done.percent, done.passed) == (6, 6, 100.0, True)


def test_what_is_unanswered_earns_nothing_and_has_its_row(house):
    attempt = house.start("ayu")
    house.save(attempt, "many", ["a"])
    done = house.submit(attempt)
    assert (done.earned, done.percent, done.passed) == (1, 16.6, False)
    with reading() as db:
        verdicts = db.scalars(select(Answer.verdict).where(Answer.attempt_id == attempt)).all()
    assert sorted(verdicts) == ["partly"] + ["unanswered"] * 4


def test_starting_twice_gives_the_same_attempt(house):
    assert house.start("ayu") == house.start("ayu", at=NOW + MINUTE)


@pytest.mark.parametrize("allowed", [1, 2])
def test_starting_from_many_devices_at_once_gives_one_attempt(house, allowed):
    house.sync(source(text=QUIZ.replace("attempts = 2", f"attempts = {allowed}")))
    found = []
    threads = [threading.Thread(target=lambda: found.append(house.start("ayu"))) for _ in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(found) == 6 and len(set(found)) == 1


def test_attempts_end_when_none_is_left(house):
    for _ in range(2):
        house.submit(house.start("ayu"))
    with pytest.raises(Conflict, match="quiz_no_attempt_left"):
        house.start("ayu")
    assert house.start("budi")


def test_a_quiz_put_aside_cannot_be_begun_but_be_finished(house):
    attempt = house.start("ayu")
    house.sync()
    assert house.start("ayu") == attempt
    assert house.save(attempt, "yes", True).status == "saved"
    with pytest.raises(Conflict, match="quiz_archived"):
        house.start("budi")


def test_who_is_no_trainee_of_a_batch_with_the_course_cannot_begin(house):
    with pytest.raises(Forbidden):
        house.start("iskandar")


def test_a_later_change_replaces_and_an_older_one_does_not(house):
    attempt = house.start("ayu")
    item = house.item(attempt, "text")
    assert house.save(attempt, "text", "IKM", seq=2).status == "saved"
    older = house.save(attempt, "text", "SKM", seq=1)
    assert (older.status, older.seq, older.response) == ("older", 2, "IKM")
    assert house.save(attempt, "text", "SPM", seq=3).seq == 3
    assert saved(attempt, item) == "SPM"


def test_a_change_sent_again_is_acknowledged_again(house):
    attempt = house.start("ayu")
    assert house.save(attempt, "text", "IKM") == house.save(attempt, "text", "IKM")


def test_two_pages_with_the_same_number_do_not_overwrite_each_other(house):
    attempt = house.start("ayu")
    house.save(attempt, "one", "right", device="phone")
    told = house.save(attempt, "one", "wrong", device="laptop", at=NOW + MINUTE)
    assert (told.status, told.seq, told.age) == ("older", 1, 60.0)
    assert told.response == house.tokens(attempt, "one", "right")


def test_an_answer_can_be_cleared_and_flagged(house):
    attempt = house.start("ayu")
    house.save(attempt, "text", "IKM", seq=1)
    house.save(attempt, "text", "", seq=2, flagged=True)
    with reading() as db:
        answer = db.get_one(Answer, (attempt, house.item(attempt, "text")))
    assert (answer.response, answer.flagged) == (None, True)


def test_what_does_not_belong_to_the_question_is_refused_and_not_stored(house):
    attempt = house.start("ayu")
    with pytest.raises(Invalid):
        house.save(attempt, "one", "no such choice")
    with pytest.raises(Invalid), writing() as db:
        taking.save_answer(db, db.get_one(Attempt, attempt), 999, "x", seq=1, device="d", at=NOW)
    with reading() as db:
        assert db.scalar(select(func.count()).select_from(Answer)) == 0


def test_the_key_of_a_choice_is_no_way_around_its_token(house):
    attempt = house.start("ayu")
    item = house.item(attempt, "one")
    with pytest.raises(Invalid), writing() as db:
        taking.save_answer(db, db.get_one(Attempt, attempt), item, "right", seq=1, device="d", at=NOW)


def test_submitting_twice_scores_once(house):
    attempt = house.start("ayu")
    house.answer_all(attempt)
    first = house.submit(attempt)
    again = house.submit(attempt, at=NOW + MINUTE)
    assert first.submitted_at == again.submitted_at == NOW


def test_after_submission_an_answer_is_late_and_not_scored(house):
    attempt = house.start("ayu")
    house.save(attempt, "yes", False)
    house.submit(attempt)
    assert house.save(attempt, "yes", True, seq=2, at=NOW + MINUTE).status == "late"
    assert house.save(attempt, "yes", True, seq=2, at=NOW + 2 * MINUTE).status == "late"
    assert late(attempt) == [True]
    assert house.attempt(attempt).earned == 0


def test_an_answer_saved_in_time_and_sent_again_later_stays_saved(house):
    attempt = house.start("ayu")
    house.save(attempt, "yes", True)
    house.submit(attempt)
    assert house.save(attempt, "yes", True, at=NOW + MINUTE).status == "saved"
    assert house.save(attempt, "yes", True, seq=2, device="laptop", at=NOW + MINUTE).status == "saved"
    assert late(attempt) == []


def test_when_the_time_is_over_the_saved_answers_are_submitted_though_nobody_is_there(house):
    attempt = house.start("ayu")
    house.answer_all(attempt)
    with writing() as db:
        assert submitting.submit_overdue(db, at=NOW + 20 * MINUTE) == 0
        assert submitting.submit_overdue(db, at=NOW + 21 * MINUTE) == 1
        assert submitting.submit_overdue(db, at=NOW + 22 * MINUTE) == 0
    done = house.attempt(attempt)
    assert (done.percent, done.submitted_by, done.submitted_at) == (100.0, "time", NOW + 20 * MINUTE)


def test_the_job_that_comes_round_submits_everybody_whose_time_is_over(house):
    attempts = [house.start(name) for name in ("ayu", "budi", "mallory")]
    tasks.submit_overdue(NOW + 20 * MINUTE)
    assert [house.attempt(one).submitted_at for one in attempts] == [None] * 3
    tasks.submit_overdue(NOW + 21 * MINUTE)
    assert {house.attempt(one).submitted_by for one in attempts} == {"time"}


def test_an_answer_under_way_at_the_last_second_counts(house):
    attempt = house.start("ayu")
    assert house.save(attempt, "yes", True, at=NOW + 20 * MINUTE + timedelta(seconds=4)).status == "saved"
    assert house.save(attempt, "yes", False, seq=2, at=NOW + 20 * MINUTE + timedelta(seconds=6)).status == "late"
    assert house.attempt(attempt).submitted_at == NOW + 20 * MINUTE


def test_our_own_outage_gives_the_time_back(house):
    attempt = house.start("ayu")
    outages.provide(lambda db, start, end: [Interval(NOW + 5 * MINUTE, NOW + 15 * MINUTE)])
    assert house.save(attempt, "yes", True, at=NOW + 30 * MINUTE).status == "saved"
    assert house.save(attempt, "yes", False, seq=2, at=NOW + 32 * MINUTE).status == "late"
    assert house.attempt(attempt).submitted_at == NOW + 31 * MINUTE


def test_a_new_attempt_begins_after_the_time_of_the_last_is_over(house):
    first = house.start("ayu")
    second = house.start("ayu", at=NOW + 21 * MINUTE)
    assert second != first
    assert house.attempt(first).submitted_by == "time"


def test_without_a_limit_an_attempt_stays_open(house):
    house.sync(source(text=QUIZ.replace("time_limit = 20", "")))
    attempt = house.start("ayu")
    assert house.save(attempt, "yes", True, at=NOW + timedelta(days=30)).status == "saved"


def test_an_attempt_is_scored_by_the_version_it_saw(house):
    attempt = house.start("ayu")
    house.answer_all(attempt)
    house.sync(source(text=QUIZ.replace("answer = true", "answer = false")))
    assert house.submit(attempt).percent == 100.0


def test_a_form_without_script_saves_what_differs(house):
    attempt = house.start("ayu")
    house.save(attempt, "text", "IKM", seq=4)
    given = {house.item(attempt, key): house.tokens(attempt, key, response) for key, response in RIGHT.items()}
    given[house.item(attempt, "text")] = "IKM"
    with writing() as db:
        taking.save_form(db, db.get_one(Attempt, attempt), given, at=NOW)
    with reading() as db:
        seqs = {a.item_id: a.seq for a in db.scalars(select(Answer).where(Answer.attempt_id == attempt))}
    assert seqs[house.item(attempt, "text")] == 4 and len(seqs) == 5
    assert house.submit(attempt).percent == 100.0


def test_saving_beside_a_submission_loses_no_acknowledged_answer(house):
    """Twenty people's worth of saves race one submission; each saved before it is scored, each after it is late."""
    attempt = house.start("ayu")
    told = []
    go = threading.Barrier(9)

    def save(number):
        go.wait()
        told.append(house.save(attempt, "text", "IKM" if number % 2 else "SKM", seq=number, device=f"d{number}"))

    def submit():
        go.wait()
        house.submit(attempt)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(1, 9)]
    threads.append(threading.Thread(target=submit))
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(told) == 8
    with reading() as db:
        answer = db.get_one(Answer, (attempt, house.item(attempt, "text")))
        quiz = db.get_one(Quiz, house.quiz())
        assert len(starting.attempts_of(db, quiz, house.batch, house.ayu)) == 1
    highest = max((one.seq for one in told if one.status == "saved"), default=0)
    assert answer.seq >= highest
    right = answer.response == "IKM"
    assert house.attempt(attempt).earned == (1 if right else 0)
    assert answer.earned == house.attempt(attempt).earned
