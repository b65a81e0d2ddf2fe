"""What a batch sets for a quiz: its window, a code, limits, what counts, going forward only, checking, and sections."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from lms.accounts.models import AuditEntry
from lms.db import reading, writing
from lms.kernel.errors import Conflict, Invalid
from lms.quizzes.models import Answer, Attempt, Quiz, QuizSetting
from lms.quizzes.service import late, moving, submitting
from lms.quizzes.service.due import due, own_quizzes
from lms.quizzes.service.results import read_results
from lms.quizzes.service.setting import save_setting
from lms.quizzes.source import read_quiz

from .conftest import NOW, QUIZ, RIGHT, source

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def put(house, opens=None, closes=None, code="", **overrides):
    """Set the quiz for the batch; `opens` and `closes` are minutes from now."""
    opens_at, closes_at = (None if minutes is None else NOW + minutes * MINUTE for minutes in (opens, closes))
    with writing() as db:
        quiz = db.get_one(Quiz, house.quiz())
        save_setting(
            db, quiz, house.batch, opens_at=opens_at, closes_at=closes_at, code=code,
            overrides=overrides, by=house.iskandar, at=NOW,
        )  # fmt: skip


def test_a_quiz_is_begun_only_while_it_is_open(house):
    put(house, opens=10, closes=30)
    with pytest.raises(Conflict) as early:
        house.start("ayu")
    assert early.value.said.code == "quiz_not_open_yet"
    assert house.attempt(house.start("ayu", at=NOW + 10 * MINUTE)).ends_at == NOW + 30 * MINUTE
    with pytest.raises(Conflict) as late_:
        house.start("budi", at=NOW + 30 * MINUTE)
    assert late_.value.said.code == "quiz_closed"
    assert house.start("mallory")


def test_an_attempt_ends_with_its_limit_or_with_the_window(house):
    put(house, closes=15)
    attempt = house.start("ayu")
    assert house.attempt(attempt).ends_at == NOW + 15 * MINUTE
    house.save(attempt, "yes", True)
    with writing() as db:
        assert submitting.submit_overdue(db, at=NOW + 16 * MINUTE) == 1
    assert house.attempt(attempt).submitted_by == "time"


def test_a_window_moved_moves_the_end_of_attempts_under_way(house):
    attempt = house.start("ayu")
    with writing() as db:
        quiz = db.get_one(Quiz, house.quiz())
        late.give_extra_time(db, quiz, house.batch, house.ayu, 5, "xxx", by=house.iskandar, at=NOW)
    put(house, closes=10)
    assert house.attempt(attempt).ends_at == NOW + 15 * MINUTE
    put(house, time_limit=60)
    assert house.attempt(attempt).ends_at == NOW + 65 * MINUTE


def test_a_code_opens_the_quiz_and_guessing_does_not(house, as_person):
    put(house, code="Sungai Mahakam")
    client = as_person(house.ayu)
    address = f"/quizzes/{house.quiz()}/start"
    assert "Sungai" not in client.get(f"/quizzes/{house.quiz()}").text
    refused = client.post(address, data={"code": "Sungai"})
    assert refused.status_code == 422 and "does not fit" in refused.text
    assert client.post(address).status_code == 422
    assert client.post(address, data={"code": " sungai  mahakam "}).status_code == 302
    assert client.post(address).status_code == 302
    with reading() as db:
        assert len(db.scalars(select(Attempt)).all()) == 1


def test_more_attempts_for_one_person(house):
    put(house, attempts=1)
    house.submit(house.start("ayu"))
    with pytest.raises(Conflict):
        house.start("ayu")
    with writing() as db:
        quiz = db.get_one(Quiz, house.quiz())
        late.give_extra_time(db, quiz, house.batch, house.ayu, 0, "listrik", attempts=1, by=house.iskandar, at=NOW)
    assert house.start("ayu")
    house.submit(house.start("budi"))
    with pytest.raises(Conflict):
        house.start("budi")
    with writing() as db, pytest.raises(Invalid):
        late.give_extra_time(db, quiz, house.batch, house.ayu, 0, "nothing", by=house.iskandar, at=NOW)


@pytest.mark.parametrize(("counts", "percent"), [("best", 100.0), ("last", 16.6), ("average", 58.3)])
def test_the_best_the_last_or_the_average_counts(house, counts, percent):
    put(house, counts=counts)
    for responses in (RIGHT, {"yes": True}):
        attempt = house.start("ayu")
        house.answer_all(attempt, responses)
        house.submit(attempt)
    with reading() as db:
        person = read_results(db, db.get_one(Quiz, house.quiz()), house.batch).people[0]
    assert (person.counted.percent, person.counted.passed) == (percent, percent >= 60)


def test_another_pass_mark_passes_those_who_submitted_before(house):
    attempt = house.start("ayu")
    house.answer_all(attempt, RIGHT | {"many": ["c"]})
    house.submit(attempt)
    assert house.attempt(attempt).passed
    put(house, pass_mark="80")
    assert house.attempt(attempt).passed is False
    put(house, pass_mark=None)
    assert house.attempt(attempt).passed is None
    put(house)
    assert house.attempt(attempt).passed is True


def test_a_setting_is_on_record_without_its_code(house):
    put(house, code="rahasia", attempts=3)
    put(house, code="rahasia", attempts=3)
    with reading() as db:
        (entry,) = db.scalars(select(AuditEntry).where(AuditEntry.action == "quiz:set"))
    assert entry.detail["after"] == {
        "opens_at": None, "closes_at": None, "has_code": True, "overrides": {"attempts": 3},
    }  # fmt: skip


def test_a_quiz_waits_only_while_it_is_open(house):
    put(house, opens=10, closes=20)

    def waiting(at):
        with reading() as db:
            return [one.quiz_id for one in due(db, house.ayu, at)], own_quizzes(db, house.ayu, at)[0].window

    assert waiting(NOW) == ([], "early")
    assert waiting(NOW + 10 * MINUTE) == ([house.quiz()], "open")
    assert waiting(NOW + 20 * MINUTE) == ([], "closed")


def test_answers_are_shown_only_once_the_quiz_is_closed(house, as_person, now):
    put(house, closes=30, feedback="none", feedback_closed="full")
    attempt = house.start("ayu")
    house.answer_all(attempt, RIGHT | {"one": "wrong"})
    house.submit(attempt)
    client = as_person(house.ayu)
    before = client.get(f"/attempts/{attempt}/review").text
    assert "received" in before and "Kurang tepat" not in before and "83" not in before
    now.move_to(NOW + 30 * MINUTE)
    after = client.get(f"/attempts/{attempt}/review").text
    assert "83.3\u00a0%" in after and "Kurang tepat" in after


FORWARD = QUIZ.replace("attempts = 2", 'attempts = 2\nnavigation = "forward"')


@pytest.fixture
def forward(house, as_person):
    house.sync(source(text=FORWARD))
    return house, house.start("ayu"), as_person(house.ayu)


def test_forward_only_shows_one_question_and_none_before_or_behind_it(forward):
    _house, attempt, client = forward
    page = client.get(f"/attempts/{attempt}/take").text
    assert "Choose <em>one</em>" in page and "Pilih semua" not in page and "1 of 5" in page
    gone = client.post(f"/attempts/{attempt}/submit", data={"scripted": "yes", "action": "next-1"})
    assert gone.location.endswith("/take")
    page = client.get(f"/attempts/{attempt}/take").text
    assert "Pilih semua" in page and "Choose <em>one</em>" not in page
    assert client.get(f"/attempts/{attempt}/state").json["reached"] == 2


def test_forward_only_takes_no_answer_to_another_question(forward):
    house, attempt, client = forward
    house.save(attempt, "one", "right")
    for key in ("many", "text"):
        with pytest.raises(Invalid):
            house.save(attempt, key, RIGHT[key])
    with writing() as db:
        for _ in range(2):
            moving.move_on(db, db.get_one(Attempt, attempt), 1, at=NOW)
    assert house.attempt(attempt).reached == 2
    with pytest.raises(Invalid):
        house.save(attempt, "one", "wrong", seq=2)
    assert house.save(attempt, "one", "right").status == "saved"
    state = client.get(f"/attempts/{attempt}/state").json
    assert state["answers"] == []
    assert house.submit(attempt).earned == 1.0


def test_without_script_next_saves_and_goes_on_to_the_last(forward):
    house, attempt, client = forward
    for number, key in enumerate(RIGHT, start=1):
        value = "true" if key == "yes" else house.tokens(attempt, key, RIGHT[key])
        form = {f"q-{house.item(attempt, key)}": value}
        action = {"action": f"next-{number}"} if number < 5 else {}
        answer = client.post(f"/attempts/{attempt}/submit", data=form | action)
    assert answer.location.endswith("/review")
    assert house.attempt(attempt).percent == 100.0


def test_one_question_a_page_has_them_all_in_the_page_for_a_line_that_drops(house, as_person):
    put(house, paging="one")
    attempt = house.start("ayu")
    page = as_person(house.ayu).get(f"/attempts/{attempt}/take").text
    assert "data-one-by-one" in page and "Pilih semua" in page


def test_a_checked_answer_is_shown_with_its_solution_and_settled(house, as_person):
    put(house, feedback_each=True, feedback="none")
    attempt = house.start("ayu")
    client, item = as_person(house.ayu), house.item(attempt, "one")
    assert "Kurang tepat" not in client.get(f"/attempts/{attempt}/take").text
    answered = {f"q-{item}": house.tokens(attempt, "one", "wrong"), "action": f"check-{item}"}
    assert client.post(f"/attempts/{attempt}/submit", data=answered).location.endswith(f"#item-{item}")
    page = client.get(f"/attempts/{attempt}/take").text
    assert "Kurang tepat" in page and f'name="q-{item}"' not in page
    with pytest.raises(Invalid):
        house.save(attempt, "one", "right", seq=5)
    assert house.submit(attempt).earned == 0.0


def test_nothing_is_checked_where_the_quiz_does_not_say_so_or_nothing_is_answered(house, as_person):
    attempt = house.start("ayu")
    client, item = as_person(house.ayu), house.item(attempt, "one")
    house.save(attempt, "one", "wrong")
    told = client.post(f"/attempts/{attempt}/submit", data={"scripted": "yes", "action": f"check-{item}"})
    assert told.status_code == 409 and "Kurang tepat" not in client.get(f"/attempts/{attempt}/take").text
    put(house, feedback_each=True)
    other = house.item(attempt, "yes")
    client.post(f"/attempts/{attempt}/submit", data={"scripted": "yes", "action": f"check-{other}"})
    with reading() as db:
        assert db.scalars(select(Answer.verdict).where(Answer.attempt_id == attempt)).all() == [None]


SECTIONS = """
[quiz]
title = "Tes"
shuffle = "questions"

[[section]]
key = "basics"
title = { id = "Dasar", en = "Basics" }
intro = "Mulai di sini"

[[section]]
key = "pool"
title = "Undian"
draw = 3

[[question]]
key = "first"
type = "truefalse"
text = "Pertama?"
answer = true
section = "basics"
""" + "".join(
    f'\n[[question]]\nkey = "p{n}"\ntype = "truefalse"\ntext = "P{n}?"\nanswer = true\nsection = "pool"\n'
    for n in range(8)
)


def test_each_attempt_draws_its_own_questions_and_keeps_them(house, as_person):
    house.sync(source("quiz-pre.toml", SECTIONS))
    drawn = {}
    for person in ("ayu", "budi", "mallory"):
        attempt = house.start(person)
        drawn[person] = house.attempt(attempt).drawn
        assert len(drawn[person]) == 4 and drawn[person][0] == house.item(attempt, "first")
        page = as_person(house.ids[person]).get(f"/attempts/{attempt}/take").text
        shown = re.findall(r'data-item="(\d+)"', page)
        assert sorted(map(int, shown)) == sorted(drawn[person]) and int(shown[0]) == drawn[person][0]
        assert page.index("Basics") < page.index("Undian") and "Mulai di sini" in page
    assert len({tuple(one) for one in drawn.values()}) > 1


def test_only_drawn_questions_are_answered_scored_and_looked_at(house):
    house.sync(source("quiz-pre.toml", SECTIONS))
    attempt = house.start("ayu")
    drawn = house.attempt(attempt).drawn
    keys = ["first", *(f"p{n}" for n in range(8))]
    left_out = next(key for key in keys if house.item(attempt, key) not in drawn)
    with pytest.raises(Invalid):
        house.save(attempt, left_out, True)
    for key in keys:
        if house.item(attempt, key) in drawn:
            house.save(attempt, key, True)
    done = house.submit(attempt)
    assert (done.percent, done.possible) == (100.0, 4.0)
    with reading() as db:
        analysis = read_results(db, db.get_one(Quiz, house.quiz()), house.batch).analysis
    assert sum(bool(one.answers) for one in analysis.questions) == 4


@pytest.mark.parametrize(
    ("wrong", "code"),
    [("draw = 9", "quiz_section_few"), ('section = "nowhere"', "quiz_section_unknown"), ("empty", "quiz_section_few")],
)
def test_a_section_that_cannot_be_is_refused(wrong, code):
    text = SECTIONS.replace("draw = 3", "draw = 9") if "draw" in wrong else SECTIONS
    text = text.replace('section = "basics"\n', 'section = "nowhere"\n') if "nowhere" in wrong else text
    text = text.replace('section = "basics"\n', "") if wrong == "empty" else text
    quiz, problems = read_quiz("quiz-pre.toml", text)
    assert quiz is None and code in [one.code for one in problems]


def address(house):
    return f"/quizzes/{house.quiz()}/batches/{house.batch}/settings"


FORM = {
    "zone": "Asia/Makassar",
    "opens_on": "2026-11-25",
    "opens_time": "09:00",
    "closes_on": "2026-11-25",
    "code": "Kode",
}


def test_the_page_sets_and_shows_what_is_set(house, as_person):
    client = as_person(house.iskandar)
    more = {"attempts": "none", "time_limit": "45", "pass_mark": "72,5", "counts": "last", "feedback_each": "yes"}
    assert client.post(address(house), data=FORM | more).status_code == 302
    with reading() as db:
        setting = db.scalars(select(QuizSetting)).one()
    assert (f"{setting.opens_at:%d %H:%M}", f"{setting.closes_at:%d %H:%M}") == ("25 01:00", "25 15:59")
    assert setting.overrides == {
        "attempts": 0, "time_limit": 45, "pass_mark": "72.5", "counts": "last", "feedback_each": True,
    }  # fmt: skip
    page = client.get(address(house)).text
    assert 'value="09:00"' in page and 'value="Kode"' in page and 'value="72.5"' in page
    assert "Kode" in client.get(f"/quizzes/{house.quiz()}/results?batch={house.batch}").text
    seen = as_person(house.citra).get(f"/quizzes/{house.quiz()}/results?batch={house.batch}").text
    assert "Kode" not in seen


@pytest.mark.parametrize(
    "wrong",
    [
        {"closes_on": "2026-11-24"}, {"opens_on": "", "opens_time": "09:00"}, {"attempts": "0"}, {"time_limit": "x"},
        {"pass_mark": "101"}, {"counts": "worst"}, {"zone": "Mars"}, {"opens_on": "tomorrow"},
    ],
)  # fmt: skip
def test_nonsense_is_refused_and_nothing_stored(house, as_person, wrong):
    assert as_person(house.iskandar).post(address(house), data=FORM | wrong).status_code == 422
    with reading() as db:
        assert db.scalars(select(QuizSetting)).all() == []


def test_settings_are_for_those_who_edit_the_quiz(house, as_person):
    for person, status in (("ayu", 403), ("mallory", 403), ("citra", 403), ("iskandar", 200), ("admin", 200)):
        assert as_person(house.ids[person]).get(address(house)).status_code == status
    other = f"/quizzes/{house.quiz()}/batches/{house.other_batch}/settings"
    assert as_person(house.iskandar).post(other, data=FORM).status_code == 404
