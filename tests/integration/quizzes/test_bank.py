"""A course's bank: writing, publishing as versions, finding, using in quizzes, drawing, putting aside."""

import re

import pytest
import time_machine
from sqlalchemy import select

from lms.accounts.models import AuditEntry
from lms.courses.models import Course
from lms.db import reading, writing
from lms.quizzes.models import Attempt, Question, QuestionDraft, QuestionVersion, Quiz, QuizVersion
from lms.quizzes.rules.bank import BankWish
from lms.quizzes.rules.settings import load_settings
from lms.quizzes.service import bank, starting
from lms.quizzes.service.results import read_results

from .conftest import NOW, QUIZ, source

FIELDS = {
    "type": "truefalse", "key": "q1", "text_id": "Benar begitu?", "text_en": "Is it so?", "answer": "true",
    "topic": "layanan/antrean", "tags": "loket",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def slug(house):
    with reading() as db:
        return db.get_one(Course, house.course).slug


@pytest.fixture
def iskandar(house, as_person):
    return as_person(house.iskandar)


def write(client, slug, where="new", action="publish", **changed):
    return client.post(f"/courses/{slug}/questions/{where}", data=FIELDS | changed | {"action": action})


def questions(house, **wish):
    with reading() as db:
        found = bank.read_bank(db, db.get_one(Course, house.course), BankWish(**wish))
    return {line.question.key: line for line in found.lines}


def version_of(house, key):
    with reading() as db:
        quiz = db.scalars(select(Quiz).where(Quiz.key == key)).one()
        version = db.scalars(
            select(QuizVersion).where(QuizVersion.quiz_id == quiz.id, QuizVersion.number == quiz.version)
        ).one()
        return quiz, load_settings(version.settings)


def test_the_bank_holds_what_files_say_and_what_is_written_here(house, slug, iskandar):
    assert write(iskandar, slug).status_code == 302
    found = questions(house)
    assert set(found) == {"one", "many", "yes", "number", "text", "q1"}
    assert (found["q1"].is_here, found["q1"].uses, found["yes"].is_here) == (True, (), False)
    assert [key for _, key in found["yes"].uses] == ["pre"]
    page = iskandar.get(f"/courses/{slug}/questions?q=begitu").text
    assert "Is it so?" in page and "Choose" not in page.split("<tbody>")[1]
    assert set(questions(house, topic="layanan")) == set(questions(house, tag="loket")) == {"q1"}


def test_a_draft_is_kept_as_typed_shown_and_published(house, slug, iskandar):
    saved = write(iskandar, slug, action="save", answer="")
    assert "/drafts/" in saved.location
    place = saved.location.split("#")[0].removeprefix(f"/courses/{slug}/questions/")
    page = iskandar.get(f"/courses/{slug}/questions/{place}").text
    assert "Is it so?" in page and "Still missing" in page
    write(iskandar, slug, place, action="save")
    page = iskandar.get(f"/courses/{slug}/questions/{place}").text
    assert "As trainees see it" in page and "With its solution" in page
    assert write(iskandar, slug, place).status_code == 302
    with reading() as db:
        assert db.scalars(select(QuestionDraft)).all() == []
        entry = db.scalars(select(AuditEntry).where(AuditEntry.action == "question:published")).one()
    assert (entry.by_id, entry.detail["version"]) == (house.iskandar, 1)


def test_what_is_wrong_is_told_at_its_field_and_nothing_published(house, slug, iskandar):
    refused = write(iskandar, slug, text_id="", text_en="", points="0")
    assert refused.status_code == 422 and "f-text_id" in refused.text and 'value="layanan/antrean"' in refused.text
    assert write(iskandar, slug, type="riddle").status_code == 422
    assert "q1" not in questions(house)


def test_more_rows_keep_what_was_typed(house, slug, iskandar):
    fields = {"type": "single", "choice-0-text_id": "Alfa", "choice-0-correct": "yes"}
    page = write(iskandar, slug, action="more", **fields).text
    assert "Alfa" in page and page.count('name="choice-') > 4 * 6 and 'name="choice-4-text_id"' in page


def test_publishing_again_is_a_new_version_and_the_old_content_finds_its_row(house, slug, iskandar):
    number = re.search(r"/questions/(\d+)", write(iskandar, slug).location)[1]
    for answer, version in (("false", 2), ("true", 1)):
        write(iskandar, slug, f"{number}/edit", answer=answer)
        with reading() as db:
            assert db.get_one(Question, int(number)).version == version
    with reading() as db:
        assert len(db.scalars(select(QuestionVersion).where(QuestionVersion.question_id == int(number))).all()) == 2
    page = iskandar.get(f"/courses/{slug}/questions/{number}").text
    assert "Version 2" in page and "in force" in page
    assert write(iskandar, slug, f"{number}/edit", key="other").status_code == 422
    assert write(iskandar, slug).status_code == 422


def test_a_files_question_is_copied_not_changed(house, slug, iskandar):
    number = questions(house)["one"].id
    assert iskandar.get(f"/courses/{slug}/questions/{number}/edit").status_code == 409
    copy = iskandar.post(f"/courses/{slug}/questions/{number}/copy").location
    page = iskandar.get(copy).text
    assert "Choose *one*" in page and 'value="right"' in page
    assert iskandar.post(f"/courses/{slug}/questions/{number}/archive").status_code == 302
    assert not questions(house)["one"].is_archived


def make(client, slug, **changed):
    form = {"title_id": "Kuis saya", "title_en": "My quiz", "purpose": "practice", "feedback": "full"} | changed
    return client.post(f"/courses/{slug}/quizzes/new", data=form)


@pytest.fixture
def six(house, slug, iskandar):
    """Six questions of the bank, three of them about queues."""
    for number in range(6):
        topic = "layanan/antrean" if number < 3 else "kebersihan"
        write(iskandar, slug, key=f"q{number}", text_en=f"Claim {number}?", text_id=f"Klaim {number}?", topic=topic)
    return {key: line.id for key, line in questions(house, state="here").items()}


def test_a_quiz_is_made_of_picks_and_draws_and_taken(house, slug, iskandar, as_person, six):
    picks = {f"pick-{six['q4']}": "1", f"pick-{six['q3']}": "2"}
    made = make(iskandar, slug, **picks, **{"draw-0-topic": "layanan", "draw-0-count": "2", "time_limit": "10"})
    assert made.status_code == 302 and "Claim 4?" in iskandar.get(made.location).text
    quiz, settings = version_of(house, "practice.1")
    assert quiz.made_here and [(s.count, s.draw, s.topic) for s in settings.sections] == [
        (2, None, ""), (3, 2, "layanan"),
    ]  # fmt: skip
    ayu = as_person(house.ayu)
    taken = ayu.post(f"/quizzes/{quiz.id}/start").location
    page = ayu.get(taken).text
    assert page.count("data-item=") == 4 and page.index("Claim 4?") < page.index("Claim 3?")
    attempt = int(re.search(r"/attempts/(\d+)/", taken)[1])
    house.submit(attempt)
    with reading() as db:
        results = read_results(db, db.get_one(Quiz, quiz.id), house.batch)
        assert db.get_one(Attempt, attempt).possible == 4.0
    assert results.submitted == 1 and sum(bool(one.answers) for one in results.questions) == 4


def test_a_published_change_reaches_the_quizzes_that_ask_and_no_attempt(house, slug, iskandar, six):
    make(iskandar, slug, **{f"pick-{six['q3']}": "1", "draw-0-topic": "layanan", "draw-0-count": "1"})
    quiz, _ = version_of(house, "practice.1")
    with writing() as db:
        begun = starting.start(db, db.get_one(Quiz, quiz.id), by=house.ayu, at=NOW).version_id
    write(iskandar, slug, f"{six['q3']}/edit", key="q3", answer="false")
    write(iskandar, slug, key="q9", topic="layanan/loket")
    quiz, settings = version_of(house, "practice.1")
    assert quiz.version == 3 and settings.sections[1].count == 4
    with reading() as db:
        assert db.scalars(select(Attempt.version_id)).one() == begun
    write(iskandar, slug, f"{six['q5']}/edit", key="q5", topic="kebersihan", answer="false")
    assert version_of(house, "practice.1")[0].version == 3


def test_a_question_put_aside_is_asked_no_more_unless_a_quiz_had_nothing_left(house, slug, iskandar, six):
    make(iskandar, slug, **{f"pick-{six['q3']}": "1", f"pick-{six['q4']}": "2"})
    assert iskandar.post(f"/courses/{slug}/questions/{six['q3']}/archive").status_code == 302
    assert version_of(house, "practice.1")[1].sections[0].count == 1
    refused = iskandar.post(f"/courses/{slug}/questions/{six['q4']}/archive", follow_redirects=True).text
    assert "no questions left" in refused and not questions(house)["q4"].is_archived
    assert "q3" in questions(house, state="archived")
    iskandar.post(f"/courses/{slug}/questions/{six['q3']}/archive", data={"back": "1"})
    assert "q3" in questions(house)


def test_a_quiz_made_here_is_changed_put_aside_and_left_alone_by_a_sync(house, slug, iskandar, as_person, six):
    make(iskandar, slug, **{f"pick-{six['q3']}": "1"})
    quiz, _ = version_of(house, "practice.1")
    address = f"/quizzes/{quiz.id}/edit"
    assert f'name="pick-{six["q3"]}" value="1"' in iskandar.get(address).text
    form = {"title_id": "Kuis baru", f"pick-{six['q5']}": "1", "attempts": "2"}
    assert iskandar.post(address, data=form).status_code == 302
    assert iskandar.post(address, data=form).status_code == 302
    quiz, settings = version_of(house, "practice.1")
    assert (quiz.version, settings.title.id, settings.attempts, quiz.purpose) == (2, "Kuis baru", 2, "practice")
    house.sync(source())
    assert version_of(house, "practice.1")[0].archived_at is None
    iskandar.post(f"/quizzes/{quiz.id}/archive")
    assert as_person(house.ayu).post(f"/quizzes/{quiz.id}/start").status_code == 409
    assert iskandar.get(f"/quizzes/{house.quiz()}/edit").status_code == 409


def test_a_quiz_of_nothing_or_too_little_is_refused(house, slug, iskandar, six):
    assert make(iskandar, slug).status_code == 422
    refused = make(iskandar, slug, **{"draw-0-topic": "kebersihan", "draw-0-count": "9"})
    assert refused.status_code == 422 and "only 3" in refused.text
    assert make(iskandar, slug, **{"pick-999999": "1"}).status_code == 404
    with reading() as db:
        assert db.scalars(select(Quiz.key)).all() == ["pre"]


FROM = QUIZ + '\n[[section]]\nkey = "pool"\ntitle = "Undian"\nfrom = "layanan"\ndraw = 2\n'


def test_a_file_draws_from_the_bank_by_topic(house, slug, iskandar, six):
    house.sync(source(text=FROM))
    assert version_of(house, "pre")[1].sections[-1].count == 3
    attempt = house.attempt(house.start("ayu"))
    assert len(attempt.drawn) == 7
    assert house.sync(source(text=FROM)).changed == ()
    write(iskandar, slug, key="q8", topic="layanan")
    assert version_of(house, "pre")[1].sections[-1].count == 4
    assert house.sync(source(text=FROM)).changed == ()


def test_questions_of_one_key_in_file_and_bank_are_both_scored(house, slug, iskandar):
    write(iskandar, slug, key="yes", topic="layanan")
    house.sync(source(text=FROM))
    attempt = house.start("ayu")
    assert house.submit(attempt).possible == 7.0


def test_the_bank_is_for_those_who_edit_quizzes_of_the_course(house, slug, as_person, six):
    pages = ["questions", "questions/new", f"questions/{six['q3']}", f"questions/{six['q3']}/edit", "quizzes/new"]
    for page in pages:
        for person, status in (("ayu", 403), ("citra", 403), ("iskandar", 200), ("admin", 200)):
            assert as_person(house.ids[person]).get(f"/courses/{slug}/{page}").status_code == status
    assert as_person(house.ayu).post(f"/courses/{slug}/questions/new", data=FIELDS).status_code == 403
    assert as_person(house.iskandar).get(f"/courses/{slug}/questions/999999").status_code == 404
    assert as_person(house.iskandar).get("/courses/nowhere/questions").status_code == 404
