"""What the instructor reads from results: figures of each question, the spread, before and after, and files of it."""

import csv
import io

import pytest
import time_machine
from python_calamine import CalamineWorkbook

from lms.accounts.models import Person
from lms.db import reading, writing
from lms.programmes.models import Enrolment
from lms.quizzes.models import Quiz
from lms.quizzes.rules.distractors import ChoiceRemark
from lms.quizzes.rules.item_analysis import Remark
from lms.quizzes.service.results import read_results

from .conftest import NOW, QUIZ, RIGHT, source


@pytest.fixture
def crowd(house):
    """Twelve more trainees: the first six know everything, but all of them fall into the trap of "yes"."""
    with writing() as db:
        for number in range(12):
            person = Person(name=f"Peserta {number:02}", nip=f"19800101200501{number:04}", created_at=NOW)
            db.add(person)
            db.flush()
            db.add(Enrolment(batch_id=house.batch, person_id=person.id, role="trainee", starts_at=NOW))
            house.ids[f"p{number}"] = person.id
    for number in range(12):
        attempt = house.start(f"p{number}")
        known = RIGHT | {"yes": False} if number < 6 else {"one": "wrong", "many": ["c"], "yes": True, "text": "SKM"}
        house.answer_all(attempt, known)
        house.submit(attempt)
    return house


def read(house, key="pre"):
    with reading() as db:
        return read_results(db, db.get_one(Quiz, house.quiz(key)), house.batch)


def table(answer, delimiter=","):
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"), newline=""), delimiter=delimiter))


def test_each_question_gets_its_figures_and_a_word(crowd):
    found = read(crowd)
    questions = found.analysis.by_key()
    assert questions["yes"].remark is Remark.MISLEADS
    assert questions["one"].remark is Remark.GOOD
    assert questions["one"].figures.discrimination == pytest.approx(100)
    assert not found.analysis.is_thin and found.analysis.figures.attempts == 12
    assert found.analysis.figures.consistency is not None


def test_a_choice_shows_whom_it_draws(crowd):
    questions = read(crowd).analysis.by_key()
    false = {one.key: one for one in questions["yes"].choices}["false"]
    assert (false.strong, false.weak, false.remark) == (1.0, 0.0, ChoiceRemark.DRAWS_STRONG)


def test_below_ten_attempts_the_page_warns_and_calls_no_question_names(house, as_person):
    house.submit(house.start("ayu"))
    page = as_person(house.iskandar).get(f"/quizzes/{house.quiz()}/results?batch={house.batch}").text
    assert "fewer than ten" in page and "too hard" not in page


def test_the_page_draws_the_spread_and_names_bad_questions(crowd, as_person):
    page = as_person(crowd.iskandar).get(f"/quizzes/{crowd.quiz()}/results?batch={crowd.batch}").text
    assert "spread-chart" in page and "misleads the good ones" in page and "fewer than ten" not in page


def test_a_question_added_later_leaves_the_whole_test_without_reliability(house):
    house.submit(house.start("ayu"))
    more = QUIZ + '\n[[question]]\nkey = "new"\ntype = "truefalse"\ntext = "Baru?"\nanswer = true\n'
    house.sync(source(text=more))
    house.submit(house.start("budi"))
    found = read(house)
    assert found.analysis.figures.consistency is None
    assert found.analysis.by_key()["new"].figures.seen == 1


def test_before_and_after_compare_the_same_people_and_the_same_questions(house):
    house.sync(source(), source("quiz-post.toml"))
    for person, before in (("ayu", {"yes": True}), ("budi", {})):
        attempt = house.start(person)
        house.answer_all(attempt, before) if before else None
        house.submit(attempt)
    attempt = house.start("ayu", "post")
    house.answer_all(attempt)
    house.submit(attempt)
    both = read(house, "post").comparison
    assert (both.people, both.mean_before, both.mean_after, both.gain) == (1, 16.6, 100.0, 1.0)
    assert both.bands == {"high": 1}
    pairs = {question.key: (before, after) for _, question, before, after in both.questions}
    assert pairs["yes"] == (1.0, 1.0) and pairs["text"] == (0.0, 1.0)
    assert read(house, "pre").comparison is None


def test_a_post_test_without_anybody_in_both_is_not_compared(house):
    house.sync(source(), source("quiz-post.toml"))
    house.submit(house.start("ayu", "post"))
    assert read(house, "post").comparison is None


def address(house, what, key="pre"):
    return f"/quizzes/{house.quiz(key)}/batches/{house.batch}/{what}"


def test_results_are_handed_out_with_one_row_a_person_and_the_nip_as_text(crowd, as_person):
    with writing() as db:
        db.get_one(Person, crowd.p0).name = "=1+1"
    rows = table(as_person(crowd.citra).get(address(crowd, "results.csv")))
    assert len(rows) == 14
    first = next(row for row in rows if row["Name"].startswith("'="))
    assert first["NIP"] == "19800101 200501 0 000" and first["Result"] == "83.3%" and first["Verdict"] == "passed"
    assert first["2. Pilih semua"] == "2" and first["3. Benar?"] == "0"
    book = CalamineWorkbook.from_filelike(io.BytesIO(as_person(crowd.citra).get(address(crowd, "results.xlsx")).data))
    cells = book.get_sheet_by_index(0).to_python()
    assert [row[1] for row in cells if row[0] == "=1+1"] == ["198001012005010000"]


def test_an_instructor_gets_results_without_nips(crowd, as_person):
    rows = table(as_person(crowd.iskandar).get(address(crowd, "results.csv")))
    assert rows and "NIP" not in rows[0]


def test_questions_and_choices_are_handed_out_with_their_figures(crowd, as_person):
    client = as_person(crowd.iskandar)
    items = {row["Key"]: row for row in table(client.get(address(crowd, "questions.csv")))}
    assert items["yes"]["Remark"] == "misleads the good ones" and items["one"]["Difficulty index"] == "0.5"
    choices = table(client.get(address(crowd, "choices.csv")))
    assert [row["People"] for row in choices if row["Key"] == "one"] == ["6", "6"]
    assert client.get(address(crowd, "questions.xlsx")).status_code == 200


def test_files_are_for_those_who_may_read_results(house, as_person):
    for person, status in (("ayu", 403), ("mallory", 403), ("iskandar", 200), ("citra", 200), ("admin", 200)):
        got = as_person(house.ids[person]).get(address(house, "results.csv")).status_code
        assert (person, got) == (person, status)
    other = f"/quizzes/{house.quiz()}/batches/{house.other_batch}/results.csv"
    assert as_person(house.iskandar).get(other).status_code == 404
    assert as_person(house.citra).get(address(house, "people.csv")).status_code == 404


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def test_topics_are_summed_up_hardest_first_and_beside_the_pre_test(house):
    text = QUIZ.replace('type = "truefalse"', 'type = "truefalse"\ntopic = "benar"').replace(
        'type = "text"', 'type = "text"\ntopic = "singkatan"'
    )
    house.sync(source(text=text), source("quiz-post.toml", text))
    for key, responses in (("pre", {"yes": True}), ("post", {"text": "IKM"})):
        attempt = house.start("ayu", key)
        house.answer_all(attempt, responses)
        house.submit(attempt)
    found = read(house, "post")
    assert found.analysis.topics == [("benar", 1, 0.0), ("singkatan", 1, 1.0)]
    assert found.comparison.topics == [("benar", 1.0, 0.0), ("singkatan", 0.0, 1.0)]
