"""A line that was away while a quiz was taken, and the time given back for it."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from lms.accounts.models import AuditEntry
from lms.db import reading, writing
from lms.kernel.errors import Conflict, NotFound
from lms.kernel.intervals import Interval
from lms.quizzes.models import Attempt, LineOutage, Quiz
from lms.quizzes.rules.drafts import LineOutageDraft
from lms.quizzes.service import line_outages, outages, results

from .conftest import NOW, RIGHT

MINUTE = timedelta(minutes=1)
LIMIT = timedelta(minutes=20)


@pytest.fixture
def attempt(house):
    return house.start("ayu")


def tell(attempt, lost_ago, back_ago=0.0, *, at, key="a", device="phone"):
    """Let the device tell that its line was away, so many minutes ago."""
    draft = LineOutageDraft(key=key, device=device, lost_ago=lost_ago * 60, back_ago=back_ago * 60)
    with writing() as db:
        return line_outages.note(db, db.get_one(Attempt, attempt), draft, at=at)


def give(house, attempt, *, at, which=0):
    with writing() as db:
        shown = db.get_one(Attempt, attempt)
        ids = db.scalars(select(LineOutage.id).where(LineOutage.attempt_id == attempt).order_by(LineOutage.id)).all()
        return line_outages.give_back(db, shown, ids[which], by=house.iskandar, at=at)


def test_an_attempt_under_way_ends_later_by_as_much_and_twice_is_once(house, attempt):
    ends = house.attempt(attempt).ends_at
    at = NOW + 11 * MINUTE
    assert tell(attempt, 6, at=at)
    assert not tell(attempt, 6, at=at + MINUTE)
    for _ in range(2):
        assert give(house, attempt, at=at) == 6 * MINUTE
    assert house.attempt(attempt).ends_at == ends + 6 * MINUTE
    with reading() as db:
        (row,) = db.scalars(select(LineOutage))
        assert (row.began_at, row.ended_at, row.given_seconds) == (NOW + 5 * MINUTE, at, 360)
        assert db.scalars(select(AuditEntry.action).where(AuditEntry.subject_kind == "attempt")).all() == [
            "quiz:outage_given"
        ]


def test_what_our_own_outage_gave_back_is_not_given_again(house, attempt):
    outages.provide(lambda db, start, end: [Interval(NOW + 5 * MINUTE, NOW + 7 * MINUTE)])
    at = NOW + 11 * MINUTE
    tell(attempt, 6, at=at)
    # Two minutes, and the one that a browser may need to notice that we are back.
    assert give(house, attempt, at=at) == 3 * MINUTE


def test_after_the_time_the_answers_count_that_were_changed_before_it_would_have_been_over(house, attempt):
    house.answer_all(attempt, RIGHT | {"many": ["a"]})
    over = NOW + LIMIT
    # Her line went four minutes before the end and came back ten after it.
    back = over + 10 * MINUTE
    house.save(attempt, "many", ["a", "b"], seq=2, at=back, age=600.0 + 30)
    house.save(attempt, "text", "IPK", seq=2, at=back, age=60.0)
    assert house.attempt(attempt).submitted_by == "time"
    assert tell(attempt, 14, at=back)
    assert house.attempt(attempt).percent == 83.3
    assert give(house, attempt, at=back + MINUTE) == 4 * MINUTE
    # The change half a minute before the end counts; the one nine minutes after it waits for a decision of its own.
    assert house.attempt(attempt).percent == 100.0
    with reading() as db:
        (person,) = [
            one
            for one in results.read_results(db, db.get_one(Quiz, house.quiz()), house.batch).people
            if one.person_id == house.ayu
        ]
    assert (person.late, person.lost) == (1, 0)


def test_who_submitted_herself_is_given_nothing_and_is_told_so(house, attempt):
    house.answer_all(attempt)
    tell(attempt, 6, at=NOW + 11 * MINUTE)
    house.submit(attempt, at=NOW + 12 * MINUTE)
    with pytest.raises(Conflict):
        give(house, attempt, at=NOW + 13 * MINUTE)


def test_an_outage_of_another_attempt_is_not_found(house, attempt):
    tell(attempt, 6, at=NOW + 11 * MINUTE)
    other = house.start("budi")
    with writing() as db, pytest.raises(NotFound):
        (outage,) = db.scalars(select(LineOutage.id))
        line_outages.give_back(db, db.get_one(Attempt, other), outage, by=house.iskandar, at=NOW)


def test_a_page_tells_and_the_instructor_gives_back_on_hers(house, attempt, as_person):
    with time_machine.travel(NOW + 11 * MINUTE, tick=False):
        place = f"/attempts/{attempt}/line-outages"
        message = {"key": "a", "device": "phone", "lost_ago": 300, "back_ago": 60}
        assert as_person(house.ayu).post(place, json=message).json == {"ok": True, "kept": True}
        assert as_person(house.budi).post(place, json=message).status_code == 403
        iskandar = as_person(house.iskandar)
        with reading() as db:
            (outage,) = db.scalars(select(LineOutage.id))
        assert f"{place}/{outage}/give" in iskandar.get(f"/attempts/{attempt}").text
        assert iskandar.post(f"{place}/{outage}/give").status_code == 302
        assert f"{place}/{outage}/give" not in iskandar.get(f"/attempts/{attempt}").text
