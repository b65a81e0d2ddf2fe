"""From files to quizzes: versions only where something changed."""

from datetime import timedelta

from sqlalchemy import func, select

from lms.db import reading
from lms.quizzes.models import Attempt, Question, QuestionVersion, Quiz, QuizItem, QuizVersion

from .conftest import NOW, QUIZ, source

LATER = NOW + timedelta(days=1)


TABLES = (Quiz, QuizVersion, Question, QuestionVersion, QuizItem)


def counts():
    with reading() as db:
        return [db.scalar(select(func.count()).select_from(table)) for table in TABLES]


def test_a_file_becomes_a_quiz_with_rendered_questions(house):
    assert counts() == [1, 1, 5, 5, 5]
    with reading() as db:
        html = db.scalars(select(QuestionVersion.html).order_by(QuestionVersion.id)).first()
    assert html == {"id": "<p>Pilih <em>satu</em></p>", "en": "<p>Choose <em>one</em></p>"}


def test_syncing_the_same_again_changes_nothing(house):
    before = counts()
    assert not house.sync(source(), at=LATER)
    assert counts() == before


def test_a_changed_question_makes_one_new_version_and_attempts_keep_theirs(house):
    attempt = house.start("ayu")
    changed = house.sync(source(text=QUIZ.replace('"Benar?"', '"Sungguh benar?"')), at=LATER)
    assert changed.changed == ("pre",)
    assert counts() == [1, 2, 5, 6, 10]
    with reading() as db:
        kept = db.get_one(QuizVersion, db.get_one(Attempt, attempt).version_id)
    assert kept.number == 1


def test_returning_to_old_wording_finds_the_old_question_version(house):
    house.sync(source(text=QUIZ.replace('"Benar?"', '"Sungguh benar?"')))
    house.sync(source(), at=LATER)
    assert counts() == [1, 3, 5, 6, 15]


def test_changed_settings_alone_keep_every_question(house):
    house.sync(source(text=QUIZ.replace("pass_mark = 60", "pass_mark = 70")))
    assert counts() == [1, 2, 5, 5, 10]


def test_a_quiz_whose_file_is_gone_is_archived_and_comes_back_with_its_file(house):
    assert house.sync(at=LATER).archived == ("pre",)
    assert not house.sync(at=LATER)
    assert house.sync(source(), at=LATER).changed == ("pre",)
    with reading() as db:
        assert db.scalars(select(Quiz.archived_at)).one() is None
    assert counts() == [1, 1, 5, 5, 5]


def test_the_same_key_in_two_files_is_two_questions(house):
    assert house.sync(source(), source("quiz-post.toml")).created == ("post",)
    assert counts() == [2, 2, 10, 10, 10]
