"""A signed register says what was signed, whatever arrives later; an amendment covers whoever shares a screen."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.attendance.models import Correction, Evidence, Outage
from lms.attendance.rules.codes import Purpose, Scan
from lms.attendance.rules.drafts import CorrectionDraft
from lms.attendance.rules.evidence import Kind
from lms.attendance.service import amnesties, checking, decisions, recording, register
from lms.attendance.tasks import judge_ended_sessions, judge_sessions_of_long_ago, locked_session, propose_amnesties
from lms.db import reading, writing
from lms.kernel.errors import Conflict
from lms.programmes.models import Enrolment
from lms.sessions.models import LiveSession
from lms.sessions.service import ending
from tests.factories import World, enrol, make_person
from tests.integration.attendance.conftest import BOOT, Tell, at, attend
from tests.integration.attendance.test_shared_screen import visit_of
from tests.integration.attendance.witnessing import judge, line_of, mark_of, session_of, templates, told

Client = Callable[[int], FlaskClient]


def sign(session: int, world: World, minutes: float = 95) -> None:
    with reading() as db:
        seen = register.version(db, session)
    with writing() as db:
        decisions.sign(db, locked_session(db, session), seen_version=seen, by=world.citra, at=at(minutes))


def accept(session: int, world: World, person: int, minutes: float = 120) -> None:
    with writing() as db:
        decisions.accept_late_evidence(
            db, locked_session(db, session), person, reason="Datang terlambat", by=world.citra, at=at(minutes)
        )


def watch_at(session: int, guest: int, host: int, minutes: float) -> None:
    """The guest confirms at the host's screen."""
    scan = Scan(Purpose.SHARED, visit_of(host), 1, at(minutes))
    with writing() as db:
        trace = checking.Trace("f" * 24, "10.0.0.0/24")
        checking.claim(db, session_of(db, session), guest, scan, trace, at=at(minutes))


def correct(session: int, world: World, person: int, status: str, minutes: float) -> None:
    draft = CorrectionDraft.model_validate(
        {"status": status, "excuse": "", "reason": "Saya melihatnya di sana", "key": f"{status:a<16}{int(minutes):04}"}
    )
    with writing() as db:
        decisions.correct(db, locked_session(db, session), person, draft, by=world.citra, at=at(minutes))


def test_the_page_shows_the_signed_mark_and_not_what_late_evidence_would_make_of_it(
    world: World, lecture: int, tell: Tell, as_person: Client, clock: time_machine.Traveller
) -> None:
    attend(tell, world.ayu, 0, 30)
    sign(lecture, world)
    tell(world.ayu, Kind.JOINED, 30, line="late")
    line = line_of(lecture, world.ayu, 119)
    assert (line.verdict.status, line.verdict.attended) == ("partial", timedelta(minutes=30))
    assert line.late_evidence == 1 and line.presence.seen[-1].end == at(30)
    clock.move_to(at(119))
    own = as_person(world.ayu).get(f"/attendance/{lecture}").text
    assert "30 of 90" in own and "90 of 90" not in own
    accept(lecture, world, world.ayu)
    assert line_of(lecture, world.ayu, 121).verdict.status == "attended" == mark_of(lecture, world.ayu)[0]  # type: ignore[index]


def test_a_correction_of_a_signed_mark_keeps_the_signed_one_as_the_old(world: World, lecture: int, tell: Tell) -> None:
    attend(tell, world.ayu, 0, 30)
    sign(lecture, world)
    tell(world.ayu, Kind.JOINED, 30, line="late")
    correct(lecture, world, world.ayu, "absent", 119)
    with reading() as db:
        assert db.scalars(select(Correction)).one().old["status"] == "partial"


def test_somebody_who_is_on_it_only_since_the_signature_has_no_mark_on_it(world: World, lecture: int) -> None:
    sign(lecture, world)
    with writing() as db:
        late = make_person(db, "Dian").id
        enrol(db, world.batch, late)
    line = line_of(lecture, late, 120)
    assert line.verdict.status == "unknown" and [r.code for r in line.verdict.reasons] == ["not_on_signed_register"]
    correct(lecture, world, late, "attended", 125)
    assert mark_of(lecture, late) == ("attended", None) == (line_of(lecture, late, 126).verdict.status.value, None)


def test_late_evidence_about_a_screen_is_taken_in_for_everyone_who_watched_there(
    world: World, lecture: int, tell: Tell
) -> None:
    tell(world.ayu, Kind.JOINED, 0)
    watch_at(lecture, world.budi, world.ayu, 0)
    tell(world.ayu, Kind.LEFT, 50)
    sign(lecture, world)
    # Her device tells after the signature that the screen went on to the end.
    tell(world.ayu, Kind.RESUMED, 52, line="b")
    tell(world.ayu, Kind.LEFT, 90, line="b")
    for person in (world.ayu, world.budi):
        line = line_of(lecture, person, 110)
        assert (line.verdict.status, line.late_evidence) == ("partial", 2)
    accept(lecture, world, world.budi)
    with reading() as db:
        assert decisions.verify(db, lecture)
    for person in (world.ayu, world.budi):
        line = line_of(lecture, person, 121)
        assert (line.verdict.status, line.late_evidence) == ("attended", 0)
        assert mark_of(lecture, person) == ("attended", None) and "mark_changed" in templates(person)


def test_a_correction_that_changes_nothing_is_kept_and_tells_nobody(world: World, lecture: int, tell: Tell) -> None:
    attend(tell, world.ayu)
    judge(lecture, 95)
    correct(lecture, world, world.ayu, "attended", 100)
    with reading() as db:
        assert db.scalars(select(Correction)).one().new["status"] == "attended"
    assert templates(world.ayu) == []
    correct(lecture, world, world.ayu, "partial", 101)
    assert templates(world.ayu) == ["mark_corrected"]


def test_times_that_changed_since_the_signer_looked_are_not_signed_unseen(
    world: World, lecture: int, tell: Tell
) -> None:
    attend(tell, world.ayu, 0, 50)
    with reading() as db:
        seen = register.version(db, lecture)
    with writing() as db:
        ending.end_now(db, locked_session(db, lecture), sequence=0, by=world.iskandar, at=at(60))
    with writing() as db, pytest.raises(Conflict, match="register_changed_meanwhile"):
        decisions.sign(db, locked_session(db, lecture), seen_version=seen, by=world.citra, at=at(95))


def test_an_outage_of_ours_that_is_known_only_after_judging_still_counts(
    world: World, lecture: int, tell: Tell
) -> None:
    tell(world.ayu, Kind.JOINED, 17.5)
    with writing() as db:
        recording.drop(db, f"a{world.ayu}", last_heard=at(40), reason="ping timeout", at=at(40.4))
    tell(world.ayu, Kind.RESUMED, 41.6, line="b")
    tell(world.ayu, Kind.LEFT, 90, line="b")
    judge_ended_sessions(at(92))
    assert mark_of(lecture, world.ayu) == ("partial", None)
    # A process thaws: from the 39th minute on it could not see.
    with writing() as db:
        db.add(Outage(kind="freeze", started_at=at(39), ended_at=at(93), boot_id=BOOT))
    assert judge_ended_sessions(at(93.5)) == 1
    assert mark_of(lecture, world.ayu) == ("attended", None)
    assert told(world.ayu)[-1].params["reason"]["code"] == "mark_changed_by_outage"
    assert judge_ended_sessions(at(94)) == 0


def test_an_outage_that_struck_a_screen_struck_whoever_watched_there(world: World, lecture: int, tell: Tell) -> None:
    with writing() as db:
        people = [make_person(db, name, unit_id=world.other_unit).id for name in ("Dian", "Eko", "Fitri")]
        for person in people:
            enrol(db, world.batch, person)
    tell(people[0], Kind.JOINED, 0)
    for guest in people[1:]:
        watch_at(lecture, guest, people[0], 0)
    with writing() as db:
        recording.drop(db, f"a{people[0]}", last_heard=at(40), reason="ping timeout", at=at(41))
    tell(people[0], Kind.RESUMED, 44, line="b")
    tell(people[0], Kind.LEFT, 90, line="b")
    assert propose_amnesties(at(60)) == 1
    with reading() as db:
        (found,) = amnesties.of_session(db, lecture)
        assert found.people == people and found.unit == "Dinas Kesehatan"
    with writing() as db:
        amnesties.decide_amnesty(
            db, locked_session(db, lecture), found.id, grant=True, seen="proposed", by=world.citra, at=at(61)
        )
    assert [line_of(lecture, person, 100).verdict.attended / timedelta(minutes=1) for person in people] == [90] * 3


@pytest.mark.parametrize(
    ("enrolled", "there", "status", "counted"),
    [
        ((45, None), (45, 90), "attended", 45),  # came with her enrolment
        ((45, None), (45, 60), "partial", 45),
        ((45, None), None, "unknown", 45),  # nobody can say that she should have been there
        ((-600, 30), (0, 28), "attended", 30),  # left the batch
        ((-600, 95), (0, 28), "partial", 90),
    ],
)
def test_who_joins_the_batch_or_leaves_it_during_a_session_answers_for_her_part(
    world: World,
    lecture: int,
    tell: Tell,
    enrolled: tuple[float, float | None],
    there: tuple[float, float] | None,
    status: str,
    counted: int,
) -> None:
    since, until = enrolled
    with writing() as db:
        dian = make_person(db, "Dian").id
        ends = None if until is None else at(until)
        db.add(Enrolment(batch_id=world.batch, person_id=dian, role="trainee", starts_at=at(since), ends_at=ends))
    if there:
        attend(tell, dian, *there)
    judge(lecture)
    line = line_of(lecture, dian, 100)
    assert mark_of(lecture, dian) == (status, None)
    assert line.verdict.counted == timedelta(minutes=counted)
    bar = sum((span.end - span.start for span in line.spans(session(lecture)) if span.kind != "break"), timedelta())
    assert bar == line.verdict.attended
    assert ("enrolled_in_part" in {said.code for said in line.verdict.reasons}) == (counted < 90)


def session(lecture: int) -> LiveSession:
    with reading() as db:
        return session_of(db, lecture)


def test_withdrawn_and_back_within_a_session_only_the_time_between_is_left_out(
    world: World, lecture: int, tell: Tell
) -> None:
    with writing() as db:
        dian = make_person(db, "Dian").id
        for start, end in ((-600, 30), (40, None)):
            ends = None if end is None else at(end)
            db.add(Enrolment(batch_id=world.batch, person_id=dian, role="trainee", starts_at=at(start), ends_at=ends))
    attend(tell, dian)
    judge(lecture)
    assert line_of(lecture, dian, 100).verdict.counted == timedelta(minutes=80)


def test_enrolled_with_a_day_of_months_ago_she_gets_the_marks_of_sessions_of_then(world: World, lecture: int) -> None:
    judge_ended_sessions(at(95))
    with writing() as db:
        late = make_person(db, "Dian").id
        enrol(db, world.batch, late)
    months = 100 * 24 * 60
    assert judge_ended_sessions(at(months)) == 0
    assert judge_sessions_of_long_ago(at(months)) == 1
    assert mark_of(lecture, late) == ("absent", None)
    with reading() as db:
        assert db.scalars(select(Evidence)).all() == []
