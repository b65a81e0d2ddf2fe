"""Quizzes measured: saving an answer beside the barest save there is, the analysis of a large quiz, its results."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import select

from lms import db as database
from lms.app import create_app
from lms.programmes.models import ProgrammeCourse
from lms.quizzes.models import Attempt, QuizItem, QuizVersion
from lms.quizzes.rules.item_analysis import analyse
from lms.settings import Settings
from tests.factories import make_quiz
from tests.integration.live.quiz_page import headers
from tests.integration.live.serving import SECRET, Server, Site, now
from tests.load.measuring import CONNECTIONS, bare_server, median, tell
from tests.load.pages import counter
from tests.load.stage import Class, make_crowd

HERE = Path(__file__).resolve().parent
SECONDS = 5.0
ROUNDS = 3
QUESTIONS = 40
ATTEMPTS = 500


def measure_saving(site: Site, _number: int) -> None:
    """Print how many changed answers a second are acknowledged, durably, beside a bare Flask view with one insert."""
    crowd = make_crowd(site, CONNECTIONS)
    _, attempts, items = _begun(site, crowd)
    ours = [
        {"path": f"/attempts/{attempt}/answers", "headers": headers(person), "items": items}
        for person, attempt in attempts.items()
    ]
    bare = [{"path": "/answer", "headers": {}, "items": items}] * CONNECTIONS
    found: list[float] = []
    baseline: list[float] = []
    server = site.start()
    with bare_server() as other:
        # Turn by turn, so that a busy moment of the machine falls on both.
        for _ in range(ROUNDS):
            found.append(_saved_a_second(server, ours))
            baseline.append(_saved_a_second(other, bare))
    server.stop()
    tell(
        "answers_saved", median(found), "saves/s", baseline=median(baseline), baseline_is="Flask with one SQLite insert"
    )


def _saved_a_second(server: Server, attempts: list[dict[str, Any]]) -> float:
    command = [sys.executable, str(HERE / "saving.py"), str(server.port), str(SECONDS)]
    done = subprocess.run(command, input=json.dumps(attempts), text=True, capture_output=True, check=True)
    found = json.loads(done.stdout)
    assert found["answers"] and not found["wrong"], found
    return float(found["answers"] / found["seconds"])


def measure_analysis(_site: Site, _number: int) -> None:
    """Print how long the analysis of five hundred attempts of forty questions takes."""
    chance = random.Random(1)
    highest = dict.fromkeys(range(QUESTIONS), 1.0)
    attempts = [{item: chance.choice((0.0, 0.5, 1.0)) for item in highest} for _ in range(ATTEMPTS)]
    found = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        figures, items = analyse(attempts, highest)
        found.append(time.perf_counter() - begun)
        assert figures is not None and len(items) == QUESTIONS
    tell("item_analysis", median(found), "s", attempts=ATTEMPTS, questions=QUESTIONS)


def measure_results(site: Site, _number: int) -> None:
    """Print how many statements a results page takes for ten people and for forty."""
    crowds = [make_crowd(site, number) for number in (10, 40)]
    quizzes = [_begun(site, crowd, is_submitted=True)[0] for crowd in crowds]
    environment = {"JEMBATAN_HOME": str(site.home), "DATABASE_URL": site.url, "SECRET_KEY": SECRET}
    count = counter(create_app(Settings.read(environment)))
    ten, forty = (
        count(f"/quizzes/{quiz}/results?batch={crowd.batch}", crowd.coordinator)
        for quiz, crowd in zip(quizzes, crowds, strict=True)
    )
    tell("statements_results_40_people", forty, "statements", baseline=ten, baseline_is="the same with 10 people")
    database.current().dispose()


def _begun(site: Site, crowd: Class, *, is_submitted: bool = False) -> tuple[int, dict[int, int], list[int]]:
    """Return a quiz of forty typed answers, an attempt at it for each person of the crowd, and its items."""
    more = "".join(
        f'[[question]]\nkey = "q{n}"\ntype = "text"\ntext = "Berapa?"\nanswer = "benar"\n' for n in range(QUESTIONS)
    )
    with site.database.writing() as db:
        taught = select(ProgrammeCourse.course_id).where(ProgrammeCourse.programme_id == site.programme)
        course = db.scalars(taught).first()
        assert course is not None
        quiz = make_quiz(db, course, f"practice-{crowd.batch}", more)
        version = db.scalars(select(QuizVersion).where(QuizVersion.quiz_id == quiz.id)).one()
        items = db.scalars(
            select(QuizItem.id).where(QuizItem.quiz_version_id == version.id).order_by(QuizItem.position)
        )
        done = {"submitted_at": now(), "submitted_by": "person", "earned": 20.0, "possible": 41.0, "percent": 48.7}
        rows = [
            Attempt(
                quiz_id=quiz.id, version_id=version.id, batch_id=crowd.batch, person_id=person, number=1,
                seed=f"{person:024x}", started_at=now(), reached=0, ungraded=0, **(done if is_submitted else {}),
            )
            for person in crowd.people
        ]  # fmt: skip
        db.add_all(rows)
        db.flush()
        return quiz.id, {row.person_id: row.id for row in rows}, list(items)[1:]


PARTS = {"saving": measure_saving, "analysis": measure_analysis, "results": measure_results}
