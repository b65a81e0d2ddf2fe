"""Two at once: coordinators deciding the same mark, and the signature against what arrives in the same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms.attendance.models import Amendment, Correction, Evidence, Mark, Register
from lms.attendance.rules.evidence import Kind
from lms.attendance.rules.judgement import judge
from lms.attendance.rules.presence import presence
from lms.attendance.service import decisions, marks, register
from lms.attendance.service.standing import read_standing
from lms.db import Db, reading, writing
from lms.kernel.errors import Conflict
from lms.outbox.models import Notice
from lms.sessions.models import LiveSession
from tests.factories import World, enrol, make_person
from tests.integration.attendance.conftest import Tell, at, attend


def count(model: type) -> int:
    with reading() as db:
        return db.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def dewi(world: World, lecture: int) -> int:
    """A second coordinator of the batch."""
    with writing() as db:
        person = make_person(db, "Dewi Anggraini")
        enrol(db, world.batch, person.id, "coordinator")
    return person.id


def form(status: str, reason: str, key: str, seen: int = 0) -> dict[str, str]:
    return {"status": status, "excuse": "izin", "reason": reason, "key": key * 20, "seen": str(seen)}


def test_of_two_coordinators_deciding_at_once_one_wins_and_the_other_is_told(
    world: World, lecture: int, dewi: int, as_person: Callable[[int], FlaskClient]
) -> None:
    with writing() as db:
        marks.judge_marks(db, db.get_one(LiveSession, lecture), at=at(100))
    address = f"/sessions/{lecture}/register/{world.ayu}/correct"
    with time_machine.travel(at(110), tick=False):
        browsers = [(as_person(world.citra), "a"), (as_person(dewi), "b")]
        at_once = threading.Barrier(2)

        def decide(browser: FlaskClient, key: str) -> tuple[int, str]:
            at_once.wait()
            answer = browser.post(address, data=form("excused", f"Alasan dari {key * 5}", key))
            return answer.status_code, answer.text

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda pair: decide(*pair), browsers))
        assert sorted(status for status, _ in answers) == [302, 409]
        loser, (_, page) = next((n, answer) for n, answer in enumerate(answers) if answer[0] == 409)
        winner = ("Dewi Anggraini", "Citra Dewi")[loser]
        # She sees who decided what, and what she typed herself is not lost.
        assert (
            winner in page and f"Alasan dari {'ab'[loser] * 5}" in page and f"Alasan dari {'ab'[1 - loser] * 5}" in page
        )
        assert count(Correction) == 1 and count(Notice) == 1
        # Knowing of it she may still decide otherwise.
        with reading() as db:
            first = db.scalars(select(Correction.id)).one()
        again = browsers[loser][0].post(address, data=form("absent", "Tidak ada surat", "c", first))
        assert again.status_code == 302
    with reading() as db:
        mark = db.scalars(select(Mark).where(Mark.person_id == world.ayu)).one()
        assert mark.status == "absent" and len(db.scalars(select(Correction)).all()) == 2


def test_the_same_click_twice_at_once_is_one_decision(
    world: World, lecture: int, as_person: Callable[[int], FlaskClient]
) -> None:
    address = f"/sessions/{lecture}/register/{world.ayu}/correct"
    with time_machine.travel(at(110), tick=False):
        browsers = [as_person(world.citra) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            sent = list(pool.map(lambda b: b.post(address, data=form("absent", "Tidak datang", "k")), browsers))
    assert [answer.status_code for answer in sent] == [302] * 4
    assert count(Correction) == 1


def judged_on(db: Db, session: LiveSession, ids: set[int], person: int, when: float) -> tuple[str, int]:
    """Return status and seconds by exactly this evidence, worked out anew."""
    standing = read_standing(db, session)
    facts = [fact for fact in standing.facts.get(person, []) if fact.id in ids]
    found = presence(facts, standing.lines.get(person, {}), standing.world, at=at(when))
    verdict = judge(found, standing.window, [], standing.policy, at=at(when), decision=standing.decisions.get(person))
    return verdict.status.value, int(verdict.attended.total_seconds())


def test_a_signature_and_a_late_event_at_once_leave_a_register_that_says_what_it_rests_on(
    world: World, lecture: int, tell: Tell
) -> None:
    attend(tell, world.ayu, 0, 30)
    outcomes = set()
    for n in range(12):
        with writing() as db:
            # Unsigned again, as nobody can do but a test.
            for row in db.scalars(select(Register)):
                db.delete(row)
        with reading() as db:
            seen = register.version(db, lecture)
        at_once = threading.Barrier(2)

        def sign(seen: str = seen, at_once: threading.Barrier = at_once) -> str:
            at_once.wait()
            try:
                with writing() as db:
                    session = db.scalars(select(LiveSession).where(LiveSession.id == lecture).with_for_update()).one()
                    decisions.sign(db, session, seen_version=seen, by=world.citra, at=at(95))
            except Conflict as conflict:
                return conflict.code
            return "signed"

        def arrive(n: int = n, at_once: threading.Barrier = at_once) -> str:
            at_once.wait()
            assert tell(world.ayu, Kind.JOINED, 40 + n, line=f"late{n}")
            with writing() as db:
                marks.judge_marks(db, db.get_one(LiveSession, lecture), at=at(96), person_ids=[world.ayu])
            return "stored"

        with ThreadPoolExecutor(2) as pool:
            signing, arriving = pool.submit(sign), pool.submit(arrive)
            outcomes.add(signing.result())
            assert arriving.result() == "stored"
        with reading() as db:
            session = db.get_one(LiveSession, lecture)
            signed = db.get(Register, lecture)
            newest = db.scalars(select(Evidence.id).order_by(Evidence.id.desc()).limit(1)).one()
            (line,) = register.read_lines(db, session, at=at(96), person_ids=[world.ayu])
            if signed is None:
                continue
            # Kept either way: signed with it, or shown as having come after the signature.
            assert line.late_evidence == (0 if newest in signed.evidence_ids else 1)
            assert decisions.verify(db, lecture)
            (mark,) = [mark for mark in signed.marks if mark["person"] == world.ayu]
            rests_on = judged_on(db, session, set(signed.evidence_ids), world.ayu, 95)
            assert (mark["status"], mark["attended_seconds"]) == rests_on
    assert outcomes <= {"signed", "register_changed_meanwhile"}


def test_evidence_that_comes_between_judging_and_reading_is_not_signed_unseen(
    world: World, lecture: int, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    attend(tell, world.ayu, 0, 30)
    with reading() as db:
        seen = register.version(db, lecture)
    real = decisions._ground

    def ground_after_an_event(db: Db, session_id: int) -> object:
        evidence, corrections, written = real(db, session_id)
        return [*evidence, Evidence(id=10**6, session_id=session_id)], corrections, written

    monkeypatch.setattr(decisions, "_ground", ground_after_an_event)
    with writing() as db, pytest.raises(Conflict, match="register_changed_meanwhile"):
        decisions.sign(db, db.get_one(LiveSession, lecture), seen_version=seen, by=world.citra, at=at(95))
    assert count(Register) == 0 and count(Amendment) == 0
