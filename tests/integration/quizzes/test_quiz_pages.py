"""The pages: who gets which, what they hold, and that nothing in them tells the solution."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from lms.db import reading, writing
from lms.programmes.models import Batch
from lms.quizzes.models import Answer, Attempt, ExtraTime, LateAnswer
from tests.factories import enrol, make_batch

from .conftest import NOW, QUIZ, RIGHT, source

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def ayu(house, as_person):
    return as_person(house.ayu)


@pytest.fixture
def begun(house, ayu):
    """Ayu's attempt, begun through the page."""
    answer = ayu.post(f"/quizzes/{house.quiz()}/start")
    return int(re.search(r"/attempts/(\d+)/take", answer.location)[1])


def change(house, attempt, key, response, **more):
    given = {"item": house.item(attempt, key), "seq": 1, "device": "page1", "age": 0.2}
    return given | {"response": house.tokens(attempt, key, response)} | more


def send(client, attempt, *changes):
    return client.post(f"/attempts/{attempt}/answers", json={"answers": list(changes)})


def count(model):
    with reading() as db:
        return db.scalar(select(func.count()).select_from(model))


def test_a_trainee_finds_her_quiz_begins_answers_and_sees_the_result(house, ayu):
    quiz = house.quiz()
    assert "Pre-test" in ayu.get("/quizzes").text
    assert "Begin" in ayu.get(f"/quizzes/{quiz}").text
    begun = ayu.post(f"/quizzes/{quiz}/start").location
    attempt = int(re.search(r"/attempts/(\d+)/take", begun)[1])
    assert "Choose <em>one</em>" in ayu.get(begun).text
    reply = send(ayu, attempt, *(change(house, attempt, key, response) for key, response in RIGHT.items())).json
    assert [one["status"] for one in reply["answers"]] == ["saved"] * 5
    assert ayu.post(f"/attempts/{attempt}/submit", data={"scripted": "yes"}).location.endswith("/review")
    page = ayu.get(f"/attempts/{attempt}/review").text
    assert "100\u00a0%" in page and "Passed" in page and "Bagus" in page


def test_without_script_the_form_saves_and_submits(house, ayu, begun):
    form = {f"q-{house.item(begun, key)}": house.tokens(begun, key, response) for key, response in RIGHT.items()}
    form[f"q-{house.item(begun, 'yes')}"] = "true"
    kept = ayu.post(f"/attempts/{begun}/submit", data=form | {"action": "save"})
    assert kept.location.endswith("/take") and house.attempt(begun).submitted_at is None
    ayu.post(f"/attempts/{begun}/submit", data=form)
    assert house.attempt(begun).percent == 100.0


def test_a_form_that_was_left_open_does_not_undo_what_script_saved(house, ayu, begun):
    send(ayu, begun, change(house, begun, "text", "IKM"))
    stale = {f"q-{house.item(begun, 'text')}": "", "scripted": "yes"}
    ayu.post(f"/attempts/{begun}/submit", data=stale)
    assert house.attempt(begun).earned == 1.0


def test_nothing_in_the_page_or_its_state_tells_the_solution(house, ayu, begun):
    send(ayu, begun, change(house, begun, "one", "wrong"), change(house, begun, "many", ["a", "c"]))
    shown = ayu.get(f"/attempts/{begun}/take").text + ayu.get(f"/attempts/{begun}/state").text
    main = shown[shown.index('<form class="split"') :].replace("Several may be right.", "")
    for secret in ("right", "wrong", "Bagus", "Kurang tepat", "12.5", "12,5", "IKM", "weight", "correct"):
        assert secret not in main
    assert 'value="a"' not in main


def test_what_is_saved_is_there_on_another_device(house, ayu, begun, as_person):
    send(ayu, begun, change(house, begun, "text", "SKM & <b>", flagged=True))
    phone = as_person(house.ayu)
    assert 'value="SKM &amp; &lt;b&gt;"' in phone.get(f"/attempts/{begun}/take").text
    state = phone.get(f"/attempts/{begun}/state").json
    assert state["answers"] == [{"item": house.item(begun, "text"), "seq": 1, "response": "SKM & <b>", "flagged": True}]
    assert (state["submitted"], state["seconds_left"]) == (False, 1200.0)


def test_one_answer_that_does_not_fit_stops_no_other(house, ayu, begun):
    wrong = change(house, begun, "one", "right") | {"response": "nonsense"}
    reply = send(ayu, begun, wrong, change(house, begun, "yes", True)).json
    assert [one["status"] for one in reply["answers"]] == ["refused", "saved"]
    assert reply["answers"][0]["text"].startswith("This answer does not fit")
    assert count(Answer) == 1


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"answers": []},
        {"answers": [{"item": 1}]},
        {"answers": [{"item": 1, "seq": 0, "device": "d"}]},
        {"answers": [{"item": 1, "seq": 1, "device": "d d"}]},
        {"answers": [{"item": 1, "seq": 2**40, "device": "d"}]},
        {"answers": [{"item": 1, "seq": 1, "device": "d", "age": "NaN"}]},
        {"answers": [{"item": 1, "seq": 1, "device": "d"}] * 201},
    ],
)
def test_a_body_that_is_no_list_of_answers_is_refused(house, ayu, begun, body):
    assert ayu.post(f"/attempts/{begun}/answers", json=body).status_code == 422
    assert count(Answer) == 0


def test_changes_of_one_answer_in_one_message_are_told_as_they_stand(house, ayu, begun):
    first, later, older = (
        change(house, begun, "text", text, seq=seq) for text, seq in (("S", 1), ("SKM", 5), ("IKM", 4))
    )
    reply = send(ayu, begun, first, later, older).json["answers"]
    assert [(one["status"], one["seq"], one.get("response")) for one in reply] == [
        ("saved", 1, None), ("saved", 5, None), ("older", 5, "SKM"),
    ]  # fmt: skip


def test_a_late_answer_is_told_and_shown_to_both(house, ayu, begun, as_person, now):
    send(ayu, begun, change(house, begun, "yes", False))
    now.shift(21 * MINUTE)
    reply = send(ayu, begun, change(house, begun, "yes", True, seq=2)).json
    assert (reply["submitted"], reply["answers"][0]["status"]) == (True, "late")
    assert "arrived after the time" in ayu.get(f"/attempts/{begun}/review").text
    iskandar = as_person(house.iskandar)
    assert "Accept and score again" in iskandar.get(f"/attempts/{begun}").text
    with reading() as db:
        late = db.scalars(select(LateAnswer.id)).one()
    url = f"/attempts/{begun}/late/{late}"
    assert iskandar.post(url, data={"decision": "maybe"}).status_code == 422
    assert iskandar.post(url, data={"decision": "accepted"}).status_code == 302
    assert house.attempt(begun).earned == 1.0


def test_a_look_after_the_time_submits_what_is_saved(house, ayu, begun, now):
    send(ayu, begun, change(house, begun, "yes", True))
    now.shift(21 * MINUTE)
    assert ayu.get(f"/attempts/{begun}/take").location.endswith("/review")
    assert house.attempt(begun).submitted_by == "time"


def test_results_count_attempts_whose_time_is_over(house, ayu, begun, as_person, now):
    now.shift(21 * MINUTE)
    page = as_person(house.iskandar).get(f"/quizzes/{house.quiz()}/results").text
    assert "1/2" in page and house.attempt(begun).submitted_by == "time"


def test_the_state_of_a_submitted_attempt_leads_on(house, ayu, begun):
    ayu.post(f"/attempts/{begun}/submit", data={"scripted": "yes"})
    assert ayu.get(f"/attempts/{begun}/state").json["submitted"] is True
    assert ayu.get(f"/attempts/{begun}/take").location.endswith("/review")
    assert ayu.post(f"/attempts/{begun}/submit", data={"scripted": "yes"}).location.endswith("/review")


@pytest.mark.parametrize(("policy", "sees"), [("none", ""), ("score", "S"), ("marks", "SM"), ("full", "SMF")])
def test_feedback_shows_as_much_as_the_quiz_says(house, ayu, policy, sees):
    house.sync(source(text=QUIZ.replace("[quiz]", f'[quiz]\nfeedback = "{policy}"')))
    attempt = house.start("ayu")
    house.answer_all(attempt, {"one": "wrong"})
    house.submit(attempt)
    page = ayu.get(f"/attempts/{attempt}/review").text
    assert ("0\u00a0%" in page) == ("S" in sees)
    assert ("Question 1" in page) == ("M" in sees)
    assert ("Kurang tepat" in page) == ("F" in sees)
    assert ("right answer" in page) == ("F" in sees)


def test_extra_time_through_the_page(house, ayu, begun, as_person):
    form = {"batch_id": house.batch, "person_id": house.ayu, "minutes": 10, "reason": "Low vision"}
    url = f"/quizzes/{house.quiz()}/extra-time"
    assert as_person(house.iskandar).post(url, data=form | {"minutes": 0}).status_code == 422
    assert as_person(house.iskandar).post(url, data=form | {"batch_id": house.other_batch}).status_code == 404
    assert as_person(house.citra).post(url, data=form).status_code == 403
    assert count(ExtraTime) == 0
    assert as_person(house.iskandar).post(url, data=form).status_code == 302
    assert house.attempt(begun).ends_at == NOW + 30 * MINUTE


def test_a_classmate_and_a_stranger_reach_nothing_of_an_attempt(house, begun, as_person):
    pages = [f"/attempts/{begun}{end}" for end in ("/take", "/state", "/review", "")]
    acts = [f"/attempts/{begun}/submit", f"/attempts/{begun}/late/1"]
    for name, status in (("budi", 403), ("mallory", 404)):
        client = as_person(house.ids[name])
        assert {client.get(page).status_code for page in pages} == {status}
        assert {client.post(act, data={"decision": "accepted"}).status_code for act in acts} == {status}
        assert send(client, begun, change(house, begun, "yes", True)).status_code == status
    assert count(Answer) == 0 and house.attempt(begun).submitted_at is None


def test_those_who_teach_read_results_and_trainees_do_not(house, begun, as_person):
    results, preview = f"/quizzes/{house.quiz()}/results", f"/quizzes/{house.quiz()}/preview"
    for name, expected in (
        ("iskandar", [200, 200, 200]),
        ("citra", [200, 403, 200]),
        ("admin", [200, 200, 200]),
        ("ayu", [403, 403, 403]),
        ("mallory", [403, 403, 404]),
    ):
        client = as_person(house.ids[name])
        assert [client.get(url).status_code for url in (results, preview, f"/attempts/{begun}")] == expected


def test_results_of_a_batch_one_does_not_teach_are_not_found(house, as_person):
    iskandar = as_person(house.iskandar)
    assert iskandar.get(f"/quizzes/{house.quiz()}/results?batch={house.other_batch}").status_code == 404


def test_those_who_teach_cannot_take_the_quiz(house, as_person):
    for name in ("iskandar", "citra", "admin"):
        assert as_person(house.ids[name]).post(f"/quizzes/{house.quiz()}/start").status_code == 403
    assert count(Attempt) == 0


def test_nobody_gets_anything_without_signing_in(house, client, begun):
    assert client.get("/quizzes").status_code == 302
    assert send(client, begun, {"item": 1, "seq": 1, "device": "d"}).status_code == 401


def test_a_save_costs_few_statements(house, ayu, begun, counted):
    send(ayu, begun, change(house, begun, "yes", True))
    again = change(house, begun, "yes", False, seq=2)
    before = len(counted)
    send(ayu, begun, again)
    assert len(counted) - before <= 3


def test_pages_speak_the_language_of_the_reader(house, ayu, begun):
    assert "Choose <em>one</em>" in ayu.get(f"/attempts/{begun}/take").text
    ayu.post("/language", data={"language": "id"})
    page = ayu.get(f"/attempts/{begun}/take").text
    assert "Pilih <em>satu</em>" in page and "Tandai untuk ditinjau" in page


def test_a_question_in_one_language_is_shown_to_all_with_a_note(house, ayu):
    house.sync(source(text=QUIZ.replace('text = "Benar?"', 'text = { id = "Benar?" }')))
    attempt = house.start("ayu")
    page = ayu.get(f"/attempts/{attempt}/take").text
    assert "<p>Benar?</p>" in page and page.count("This question exists in Indonesian only.") == 1


def test_results_and_quizzes_can_be_narrowed_and_ordered_by_an_address(house, ayu, as_person):
    house.submit(house.start("ayu"))
    iskandar = as_person(house.iskandar)
    address = f"/quizzes/{house.quiz()}/results"
    page = iskandar.get(f"{address}?sort=-result").text
    assert page.index("Ayu Lestari") < page.index("Budi Santoso")
    assert 'aria-sort="descending"' in page
    table = iskandar.get(f"{address}?show=none").text.partition("</caption>")[2].partition("</table>")[0]
    assert "Budi Santoso" in table and "Ayu Lestari" not in table
    assert "Nobody matches" in iskandar.get(f"{address}?q=zzz").text
    assert "Pre-test" in ayu.get("/quizzes?q=pre").text.partition("<ul")[2]
    assert "Nothing matches" in ayu.get("/quizzes?q=zzz").text


def test_results_open_at_the_newest_batch_that_has_begun(house, as_person, now):
    with writing() as db:
        later = make_batch(db, db.get_one(Batch, house.batch).programme_id, "Angkatan Nanti")
        later.starts_on, later.ends_on = date(2027, 6, 1), date(2027, 8, 31)
        enrol(db, later.id, house.iskandar, "instructor")
        later_id = later.id
    iskandar, address = as_person(house.iskandar), f"/quizzes/{house.quiz()}/results"
    assert re.search(rf'<option value="{house.batch}"[^>]* selected', iskandar.get(address).text)
    chosen = iskandar.get(f"{address}?batch={later_id}").text
    assert re.search(rf'<option value="{later_id}"[^>]* selected', chosen)
    assert "Nobody is enrolled in this batch yet" in chosen
