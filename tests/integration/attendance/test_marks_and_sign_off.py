"""From evidence to marks, corrections, the signature and what comes after it."""

from collections.abc import Callable

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms.attendance.models import Amendment, Correction, Evidence, Mark, Register
from lms.attendance.rules.drafts import CorrectionDraft
from lms.attendance.rules.evidence import Kind
from lms.attendance.rules.judgement import Excuse, Status
from lms.attendance.service import decisions, marks, register, seeing
from lms.attendance.tasks import judge_ended_sessions
from lms.db import Db, reading, writing
from lms.kernel.errors import Conflict, NotFound
from lms.outbox.models import Notice
from lms.sessions.models import LiveSession
from tests.factories import World, enrol, make_person
from tests.integration.attendance.conftest import Tell, at, attend


def session_of(db: Db, lecture: int) -> LiveSession:
    return db.get_one(LiveSession, lecture)


def mark_of(lecture: int, person: int) -> Mark | None:
    with reading() as db:
        return db.scalar(select(Mark).where(Mark.session_id == lecture, Mark.person_id == person))


def judged(lecture: int, minutes: float = 100) -> int:
    with writing() as db:
        return marks.judge_marks(db, session_of(db, lecture), at=at(minutes))


def decide(lecture: int, person: int, world: World, minutes: float = 110, key: str = "k" * 20, **fields: object) -> int:
    draft = CorrectionDraft.model_validate(
        {"status": "excused", "excuse": "dinas_luar", "reason": "Surat tugas 800/12/2026", "key": key} | fields
    )
    with writing() as db:
        return decisions.correct(db, session_of(db, lecture), person, draft, by=world.citra, at=at(minutes)).id


def sign(lecture: int, world: World, minutes: float = 120) -> Register:
    with reading() as db:
        seen = register.version(db, lecture)
    with writing() as db:
        return decisions.sign(db, session_of(db, lecture), seen_version=seen, by=world.citra, at=at(minutes))


def test_no_mark_is_written_before_every_witness_had_time_to_speak(world: World, lecture: int, tell: Tell) -> None:
    attend(tell, world.ayu)
    assert judged(lecture, 90.5) == 0
    assert judged(lecture, 91) == 2
    assert judged(lecture, 92) == 0


def test_everyone_expected_gets_a_mark_with_its_reasons(world: World, lecture: int, tell: Tell) -> None:
    attend(tell, world.ayu, 2, 90)
    judged(lecture)
    mark = mark_of(lecture, world.ayu)
    assert mark is not None and mark.status == "attended"
    assert mark.attended_seconds == 88 * 60
    assert mark.reasons[0][0] == "attended_of"
    absent = mark_of(lecture, world.budi)
    assert absent is not None and absent.status == "absent"
    assert mark_of(lecture, world.mallory) is None


def test_somebody_enrolled_after_the_session_is_not_expected(world: World, lecture: int) -> None:
    with writing() as db:
        late = make_person(db, "Dian")
        enrol(db, world.batch, late.id, starts_at=at(200))
    judged(lecture)
    assert mark_of(lecture, late.id) is None


def test_evidence_that_comes_after_judging_changes_the_provisional_mark(world: World, lecture: int, tell: Tell) -> None:
    attend(tell, world.ayu, 0, 30)
    judged(lecture)
    assert tell(world.ayu, Kind.JOINED, 30, line="b")
    tell(world.ayu, Kind.LEFT, 90, line="b")
    assert judged(lecture, 119) == 1
    mark = mark_of(lecture, world.ayu)
    assert mark is not None and mark.status == "attended"


def test_the_job_judges_what_has_ended_once(world: World, lecture: int, tell: Tell) -> None:
    attend(tell, world.ayu)
    assert judge_ended_sessions(at(95)) == 2
    assert judge_ended_sessions(at(95)) == 0


def test_a_correction_keeps_old_and_new_and_tells_the_person(world: World, lecture: int) -> None:
    judged(lecture)
    decide(lecture, world.ayu, world)
    mark = mark_of(lecture, world.ayu)
    assert mark is not None and (mark.status, mark.excuse) == ("excused", "dinas_luar")
    with reading() as db:
        row = db.scalars(select(Correction)).one()
        assert row.old["status"] == "absent"
        assert row.new == {"status": "excused", "excuse": "dinas_luar"}
        assert row.reason == "Surat tugas 800/12/2026"
        notice = db.scalars(select(Notice).where(Notice.person_id == world.ayu)).one()
        assert notice.template == "mark_corrected"


def test_the_same_correction_sent_twice_is_one(world: World, lecture: int) -> None:
    judged(lecture)
    assert decide(lecture, world.ayu, world) == decide(lecture, world.ayu, world)
    with reading() as db:
        assert db.scalar(select(func.count()).select_from(Correction)) == 1
        assert db.scalar(select(func.count()).select_from(Notice)) == 1


def test_the_latest_decision_stands_and_can_be_given_back_to_the_evidence(
    world: World, lecture: int, tell: Tell
) -> None:
    attend(tell, world.ayu)
    judged(lecture)
    decide(lecture, world.ayu, world, key="a" * 20, status="absent")
    assert (mark := mark_of(lecture, world.ayu)) is not None and mark.status == "absent"
    decide(lecture, world.ayu, world, key="b" * 20, status="evidence", excuse="", reason="Salah orang")
    assert (mark := mark_of(lecture, world.ayu)) is not None and mark.status == "attended"


def test_somebody_of_another_batch_cannot_be_corrected_here(world: World, lecture: int) -> None:
    with pytest.raises(NotFound):
        decide(lecture, world.mallory, world)


def test_signing_locks_the_marks_and_keeps_what_they_rest_on(world: World, lecture: int, tell: Tell) -> None:
    attend(tell, world.ayu)
    decide(lecture, world.budi, world, minutes=95)
    signed = sign(lecture, world)
    with reading() as db:
        assert signed.evidence_ids == list(db.scalars(select(Evidence.id).order_by(Evidence.id)))
        assert signed.correction_ids == list(db.scalars(select(Correction.id)))
        assert len(signed.fingerprint) == 64
        assert {mark["status"] for mark in signed.marks} == {"attended", "excused"}
        assert decisions.verify(db, lecture)


def test_a_register_is_signed_once(world: World, lecture: int) -> None:
    sign(lecture, world)
    with pytest.raises(Conflict, match="register_already_signed"):
        sign(lecture, world)


def test_a_register_is_not_signed_before_it_can_be_judged(world: World, lecture: int) -> None:
    with pytest.raises(Conflict, match="register_not_ready"):
        sign(lecture, world, minutes=90)


def test_a_signature_on_an_older_view_is_refused(world: World, lecture: int, tell: Tell) -> None:
    with reading() as db:
        seen = register.version(db, lecture)
    tell(world.ayu, Kind.JOINED, 80)
    with writing() as db, pytest.raises(Conflict, match="register_changed_meanwhile"):
        decisions.sign(db, session_of(db, lecture), seen_version=seen, by=world.citra, at=at(120))


def test_what_arrives_after_the_signature_is_kept_and_changes_nothing_by_itself(
    world: World, lecture: int, tell: Tell
) -> None:
    attend(tell, world.ayu, 0, 30)
    sign(lecture, world, minutes=95)
    tell(world.ayu, Kind.JOINED, 100, line="late")
    judged(lecture, 119)
    assert (mark := mark_of(lecture, world.ayu)) is not None and mark.status == "partial"
    with reading() as db:
        line = register.read_lines(db, session_of(db, lecture), at=at(119), person_ids=[world.ayu])[0]
        assert line.late_evidence == 1
        assert decisions.verify(db, lecture)


def test_a_correction_after_the_signature_is_a_numbered_amendment(
    world: World, lecture: int, as_person: Callable[[int], FlaskClient], clock: time_machine.Traveller
) -> None:
    first = sign(lecture, world).fingerprint
    decide(lecture, world.ayu, world, minutes=130, key="a" * 20)
    decide(lecture, world.budi, world, minutes=131, key="b" * 20)
    with reading() as db:
        amendments = db.scalars(select(Amendment).order_by(Amendment.number)).all()
        assert [amendment.number for amendment in amendments] == [1, 2]
        assert len({first, *(amendment.fingerprint for amendment in amendments)}) == 3
        assert all(c.amendment_id for c in db.scalars(select(Correction)))
        assert decisions.verify(db, lecture)
    assert (mark := mark_of(lecture, world.ayu)) is not None and mark.status == "excused"
    clock.move_to(at(140))
    page = as_person(world.citra).get(f"/sessions/{lecture}/register").text
    told = page[page.index('id="signature"') :]
    # Whose mark each of them changed, and who made it.
    assert all(f"/register/{person}" in told for person in (world.ayu, world.budi)) and told.count("Citra") == 3


def test_a_mark_changed_behind_the_registers_back_is_found_out(world: World, lecture: int) -> None:
    sign(lecture, world)
    with writing() as db:
        db.scalars(select(Mark).where(Mark.person_id == world.ayu)).one().status = "attended"
    with reading() as db:
        assert not decisions.verify(db, lecture)


def test_late_evidence_can_be_accepted_as_an_amendment(world: World, lecture: int, tell: Tell) -> None:
    sign(lecture, world, minutes=92)
    with writing() as db:
        seeing.see(db, session_of(db, lecture), [world.ayu], since=at(0), key="s" * 20, by=world.citra, at=at(60))
    with writing() as db:
        decisions.accept_late_evidence(
            db, session_of(db, lecture), world.ayu, reason="Terlihat di kelas", by=world.citra, at=at(140)
        )
    assert (mark := mark_of(lecture, world.ayu)) is not None and mark.status == "attended"
    with reading() as db:
        assert decisions.verify(db, lecture)


def test_an_amendment_for_one_person_does_not_swallow_late_evidence_about_another(
    world: World, lecture: int, tell: Tell
) -> None:
    sign(lecture, world, minutes=92)
    tell(world.budi, Kind.JOINED, 100)
    decide(lecture, world.ayu, world, minutes=110)
    with reading() as db:
        lines = {line.person.id: line for line in register.read_lines(db, session_of(db, lecture), at=at(119))}
        assert lines[world.budi].late_evidence == 1
        assert decisions.verify(db, lecture)


def test_a_cancelled_session_has_no_marks(app: Flask, world: World, lecture: int) -> None:
    with writing() as db:
        session_of(db, lecture).status = "cancelled"
    assert judged(lecture) == 0


def test_a_correction_needs_a_reason_and_an_excuse_its_kind(world: World, lecture: int) -> None:
    with pytest.raises(ValueError):
        CorrectionDraft(status=Status.ABSENT, reason="x", key="k" * 20)
    with pytest.raises(ValueError, match="correction_excuse_missing"):
        CorrectionDraft(status=Status.EXCUSED, reason="Tidak ada kabar", key="k" * 20)
    with pytest.raises(ValueError, match="correction_status_missing"):
        CorrectionDraft(status="", reason="Tidak ada kabar", key="k" * 20)  # type: ignore[arg-type]
    draft = CorrectionDraft(status=Status.ATTENDED, excuse=Excuse.SICK, reason="Hadir di kelas", key="k" * 20)
    assert draft.excuse is None
