"""Quizzes on real servers: killed, cut off, all at once in the last seconds. What was acknowledged is scored once."""

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from lms.programmes.models import Batch, ProgrammeCourse
from lms.quizzes.models import Answer, Attempt, LateAnswer, QuizItem, QuizVersion
from tests.factories import make_quiz
from tests.integration.live.quiz_page import Cut, QuizPage
from tests.integration.live.serving import Server, Site, now, wait_until

on_both_engines = pytest.mark.parametrize(
    "site", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
QUESTIONS = 8
MORE = "".join(
    f'[[question]]\nkey = "q{n}"\ntype = "text"\ntext = "Berapa?"\nanswer = "benar"\n' for n in range(QUESTIONS)
)
_serial = iter(range(1000))


class Exam:
    """A quiz of the site's batch, its attempts, and what its tables hold."""

    def __init__(self, site: Site) -> None:
        self.site = site
        with site.database.writing() as db:
            programme_id = db.get_one(Batch, site.batch).programme_id
            course_id = db.scalars(
                select(ProgrammeCourse.course_id).where(ProgrammeCourse.programme_id == programme_id)
            ).first()
            assert course_id is not None
            quiz = make_quiz(db, course_id, f"practice-{next(_serial)}", MORE)
            version = db.scalars(select(QuizVersion).where(QuizVersion.quiz_id == quiz.id)).one()
            items = db.scalars(
                select(QuizItem.id).where(QuizItem.quiz_version_id == version.id).order_by(QuizItem.position)
            ).all()
            self.quiz_id, self.version_id, self.items = quiz.id, version.id, list(items)[1:]

    def pages(self, number: int, *, ends_at: datetime | None = None, **options: Any) -> list[QuizPage]:
        """Return so many people's pages, each with an attempt begun a moment ago."""
        people = self.site.people(number)
        with self.site.database.writing() as db:
            attempts = [
                Attempt(
                    quiz_id=self.quiz_id, version_id=self.version_id, batch_id=self.site.batch, person_id=person,
                    number=1, seed=f"{person:024x}", started_at=now(), ends_at=ends_at, reached=0, ungraded=0,
                )
                for person in people
            ]  # fmt: skip
            db.add_all(attempts)
            db.flush()
            ids = [attempt.id for attempt in attempts]
        return [
            QuizPage(person, attempt, chance=random.Random(person), **options)
            for person, attempt in zip(people, ids, strict=True)
        ]

    def check(self, pages: Sequence[QuizPage]) -> None:
        """Assert that each attempt was scored once, by exactly what was acknowledged or a later change."""
        with self.site.database.reading() as db:
            attempts = {one.id: one for one in db.scalars(select(Attempt).where(Attempt.quiz_id == self.quiz_id))}
            answers: dict[int, dict[int, Answer]] = {}
            for answer in db.scalars(select(Answer).where(Answer.attempt_id.in_(attempts))):
                answers.setdefault(answer.attempt_id, {})[answer.item_id] = answer
            kept_late = set(db.execute(select(LateAnswer.attempt_id, LateAnswer.item_id)).all())
        assert len(attempts) == len(pages)
        for page in pages:
            attempt, own = attempts[page.attempt_id], answers[page.attempt_id]
            assert attempt.submitted_at is not None and attempt.number == 1
            assert len(own) == QUESTIONS + 1
            for item, (seq, response) in page.acknowledged.items():
                assert own[item].seq >= seq
                if own[item].seq == seq:
                    assert own[item].response == response
            assert {(page.attempt_id, item) for item in page.late} <= kept_late
            right = [item for item, answer in own.items() if answer.response == "benar"]
            assert attempt.earned == len(right)
            assert {item for item, answer in own.items() if answer.verdict == "right"} == set(right)


@pytest.fixture
def exam(site: Site) -> Iterator[Exam]:
    yield Exam(site)
    for server in site.servers:
        if server.process.poll() is None:
            server.stop()


def at_once(pages: Sequence[QuizPage], do: Callable[[QuizPage], None], threads: int = 40) -> None:
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(do, page) for page in pages]:
            done.result()


def turn_to(pages: Sequence[QuizPage], server: Server) -> None:
    for page in pages:
        page.close()
        page.server = server


@on_both_engines
def test_a_kill_in_the_middle_loses_no_acknowledged_answer(site: Site, exam: Exam) -> None:
    first, pages = site.start(), exam.pages(8)
    turn_to(pages, first)
    unsent: dict[int, tuple[int, str, int]] = {}

    def type_on_and_on(page: QuizPage) -> None:
        while True:
            item, response = page.chance.choice(exam.items), page.chance.choice(["benar", "salah"])
            seq = page.seqs[item] = page.seqs.get(item, 0) + 1
            # As the page's own queue: what is not acknowledged is kept, and sent again as it was.
            unsent[page.person_id] = (item, response, seq)
            try:
                page.send(item, response, seq)
            except Cut:
                return

    threads = [threading.Thread(target=type_on_and_on, args=(page,)) for page in pages]
    for thread in threads:
        thread.start()
    wait_until(lambda: sum(sum(page.seqs.values()) for page in pages) > 200)
    first.kill()
    for thread in threads:
        thread.join()

    turn_to(pages, site.start())

    def go_on(page: QuizPage) -> None:
        item, response, seq = unsent[page.person_id]
        assert page.send(item, response, seq) == "saved"
        for item in exam.items:
            assert page.answer(item, page.chance.choice(["benar", "salah"])) == "saved"
        page.submit()
        page.submit()

    at_once(pages, go_on)
    exam.check(pages)


@on_both_engines
def test_a_line_cut_three_times_in_ten_scores_every_acknowledged_answer_once(site: Site, exam: Exam) -> None:
    server, pages = site.start(), exam.pages(16, cuts=0.3)
    turn_to(pages, server)

    def answer_everything(page: QuizPage) -> None:
        # The device's clock is of no account: it claims that each change is days old.
        for _ in range(2):
            for item in exam.items:
                page.answer(item, page.chance.choice(["benar", "salah"]), age=page.chance.choice([0, 90, 300_000]))
        while True:
            try:
                page.submit()
                return
            except Cut:
                continue

    at_once(pages, answer_everything)
    assert all(len(page.acknowledged) == QUESTIONS for page in pages)
    exam.check(pages)


@on_both_engines
def test_five_hundred_people_submit_in_the_last_ten_seconds(site: Site, exam: Exam) -> None:
    """Every third submits twice, every fifth leaves it to the server; who comes too late is told so and kept."""
    server = site.start()
    ends_at = now() + timedelta(seconds=10)
    pages = exam.pages(500, ends_at=ends_at)
    turn_to(pages, server)

    def hurry(page: QuizPage) -> None:
        for item in exam.items[:2]:
            page.answer(item, page.chance.choice(["benar", "salah"]))
        if page.person_id % 5:
            page.submit()
        if page.person_id % 3 == 0:
            page.submit()
        page.close()

    at_once(pages, hurry, threads=60)
    wait_until(lambda: site.count(Attempt, Attempt.quiz_id == exam.quiz_id, Attempt.submitted_at.is_(None)) == 0)
    exam.check(pages)
    told = sum(len(page.acknowledged) + len(page.late) for page in pages)
    assert told == 1000
    with site.database.reading() as db:
        by = dict(
            db.execute(
                select(Attempt.submitted_by, func.count())
                .where(Attempt.quiz_id == exam.quiz_id)
                .group_by(Attempt.submitted_by)
            ).all()
        )
    # How many were too late depends on the machine; that nobody is missing or doubled does not.
    assert sum(by.values()) == 500
