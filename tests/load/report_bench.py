"""What the report of a programme costs with ten thousand people and five years of batches."""

import random
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select

from lms.accounts.models import Person, Unit
from lms.attendance.models import Mark
from lms.certificates.models.certificates import Certificate, NumberBook
from lms.certificates.models.hours import HourEntry
from lms.db import Db, writing
from lms.evaluations.models import Ballot, Survey, Turnout
from lms.evaluations.rules.questionnaires import item_keys, usual_content
from lms.programmes.models import Batch, Enrolment, Programme
from lms.quizzes.models import Attempt, Quiz, QuizVersion
from lms.sessions.models import LiveSession
from lms.sessions.rules import Policy
from tests.factories import make_quiz
from tests.integration.live.serving import Site
from tests.load.measuring import tell
from tests.load.people_bench import app_on, ask

CLASS, SESSIONS, YEARS = 40, 8, 5
PEOPLE = 10_000
BEGAN = datetime(2022, 1, 3, 1, 0, tzinfo=UTC)
REPORT = "/programmes/pelayanan-prima/report"


def measure_report(site: Site, _people: int) -> None:
    """Tell time and statements of the report's pages with forty people, and with ten thousand of five years."""
    app = app_on(site)
    chance = random.Random(7)
    with writing() as handle:
        tests = _tests(handle)
        units = [Unit(name=f"Dinas {number}") for number in range(30)]
        handle.add_all(units)
        handle.flush()
        unit_ids = [unit.id for unit in units]
    first = _fill(0, 1, tests, unit_ids, chance)
    pages = {
        "all": REPORT,
        "one batch": f"{REPORT}?batch={first}",
        "one unit": f"{REPORT}?unit={unit_ids[0]}",
        "people": f"{REPORT}/people?show=trouble",
        "paper": f"{REPORT}.pdf",
        "overview": "/reports",
    }
    few = {name: ask(app, page)[1] for name, page in pages.items()}
    _fill(1, PEOPLE // CLASS, tests, unit_ids, chance)
    for name, page in pages.items():
        seconds, statements = ask(app, page)
        tell(f"report: {name}", seconds * 1000, "ms", statements=statements, statements_with_40_people=few[name])


def _tests(handle: Db) -> list[tuple[int, int, str]]:
    """Return (quiz, version, purpose) of a pre-test and a post-test of the programme."""
    course = handle.scalars(select(Quiz.course_id).limit(1)).first() or 1
    found = []
    for purpose in ("pre", "post"):
        quiz = make_quiz(handle, course, purpose)
        quiz.purpose = purpose
        handle.flush()
        version = handle.scalars(select(QuizVersion.id).where(QuizVersion.quiz_id == quiz.id)).one()
        found.append((quiz.id, version, purpose))
    for quiz in handle.scalars(select(Quiz)):
        quiz.archived_at = None
    return found


def _fill(begin: int, end: int, tests: list[tuple[int, int, str]], units: list[int], chance: random.Random) -> int:
    """Store these batches with everything a report reads, straight into the tables; return the last one's id."""
    batch_id = 0
    for number in range(begin, end):
        with writing() as handle:
            batch_id = _batch(handle, number, tests, units, chance)
    return batch_id


def _batch(handle: Db, number: int, tests: list[tuple[int, int, str]], units: list[int], chance: random.Random) -> int:
    starts = BEGAN + timedelta(days=number * YEARS * 365 // (PEOPLE // CLASS))
    programme = handle.scalars(select(Programme.id).where(Programme.slug == "pelayanan-prima")).one()
    days = {"starts_on": starts.date(), "ends_on": starts.date() + timedelta(days=60)}
    batch = Batch(programme_id=programme, name=f"Angkatan {number + 10}", created_at=starts, **days)
    handle.add(batch)
    handle.flush()
    people = _people(handle, number, units, chance, starts)
    rows: dict[Any, list[dict[str, Any]]] = {model: [] for model in (Enrolment, Mark, HourEntry, Attempt, Certificate)}
    sessions = [_session(handle, batch.id, starts + timedelta(days=7 * week)) for week in range(SESSIONS)]
    book = handle.scalars(select(NumberBook.id)).first() or _book(handle)
    for place, person in enumerate(people):
        serial = number * CLASS + place + 1
        rows[Enrolment].append({"batch_id": batch.id, "person_id": person, "role": "trainee", "starts_at": starts})
        for session, at in sessions:
            status = chance.choices(("attended", "partial", "absent"), (90, 5, 5))[0]
            rows[Mark].append({"session_id": session, "person_id": person, "status": status, "judged_at": at})
            if status == "attended":
                rows[HourEntry].append(_hour(person, session, batch.id, at))
        for quiz, version, purpose in tests:
            percent = float(chance.randrange(30, 70) + (25 if purpose == "post" else 0))
            rows[Attempt].append(
                {
                    "quiz_id": quiz, "version_id": version, "batch_id": batch.id, "person_id": person, "number": 1,
                    "seed": "s", "percent": percent, "earned": percent, "possible": 100.0, "passed": percent >= 70,
                    "started_at": starts, "submitted_at": starts, "submitted_by": "person",
                }
            )  # fmt: skip
        if chance.random() < 0.8:
            rows[Certificate].append(
                {
                    "batch_id": batch.id, "person_id": person, "book_id": book, "serial": serial, "year": starts.year,
                    "number": f"S/{serial}/{starts.year}", "code": f"{serial:012}", "content": {},
                    "issued_on": starts.date(), "issued_at": starts,
                }
            )  # fmt: skip
    for model, found in rows.items():
        handle.execute(insert(model), found)
    _opinion(handle, batch.id, people, chance, starts + timedelta(days=60))
    return batch.id


def _people(handle: Db, number: int, units: list[int], chance: random.Random, at: datetime) -> list[int]:
    # Somebody of the first unit is in every class, so that its report has something to tell from the beginning.
    rows = [
        {
            "name": f"Pegawai {number}-{place}",
            "nip": f"{number:09}{place:09}",
            "unit_id": chance.choice(units) if place else units[0],
            "created_at": at,
        }
        for place in range(CLASS)
    ]
    handle.execute(insert(Person), rows)
    return list(handle.scalars(select(Person.id).where(Person.name.like(f"Pegawai {number}-%"))))


def _session(handle: Db, batch_id: int, at: datetime) -> tuple[int, datetime]:
    session = LiveSession(
        batch_id=batch_id, mode="in_person", title_id="Sesi", title_en="Session", lesson_hours=Decimal(4),
        starts_at=at, ends_at=at + timedelta(hours=3), room_name=uuid.uuid4().hex, policy=Policy().stored(),
        uid=uuid.uuid4().hex, created_at=at, changed_at=at,
    )  # fmt: skip
    handle.add(session)
    handle.flush()
    return session.id, at


def _hour(person: int, session: int, batch_id: int, at: datetime) -> dict[str, Any]:
    return {
        "person_id": person, "key": f"session:{session}", "year": at.year, "day": date(at.year, at.month, at.day),
        "kind": 3, "scope": "national", "held": Decimal(4), "hours": Decimal(4), "is_final": True, "title_id": "Sesi",
        "title_en": "", "batch_id": batch_id, "reasons": [], "derived_at": at,
    }  # fmt: skip


def _book(handle: Db) -> int:
    book = NumberBook(name="Sertifikat", pattern="S/{serial}/{year}", created_at=BEGAN)
    handle.add(book)
    handle.flush()
    return book.id


def _opinion(handle: Db, batch_id: int, people: list[int], chance: random.Random, at: datetime) -> None:
    """Have three quarters of the class answer the organiser's questionnaire."""
    content = usual_content("organiser")
    survey = Survey(
        batch_id=batch_id, kind="organiser", key=f"organiser-{batch_id}", content=content, opens_at=at,
        closes_at=at + timedelta(days=14),
    )  # fmt: skip
    handle.add(survey)
    handle.flush()
    voters = people[: CLASS * 3 // 4]
    keys = item_keys(content)
    handle.execute(insert(Turnout), [{"survey_id": survey.id, "person_id": person} for person in voters])
    ballots = [
        {
            "id": uuid.uuid4().hex,
            "survey_id": survey.id,
            "answers": {"marks": {key: chance.randrange(2, 5) for key in keys}, "texts": {}},
        }
        for _ in voters
    ]
    handle.execute(insert(Ballot), ballots)


PARTS: dict[str, Callable[[Site, int], None]] = {"report": measure_report}
