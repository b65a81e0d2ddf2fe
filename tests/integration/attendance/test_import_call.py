"""A file from a call held elsewhere: looked at, applied, applied again, corrected by aliases, taken back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from lms.attendance.callfiles.callers import Caller
from lms.attendance.models import CallAlias, CallImport, Evidence, Register
from lms.attendance.rules.evidence import Kind
from lms.attendance.service import decisions, importing, marks, register
from lms.attendance.service.previewing import How
from lms.db import reading, writing
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.sessions.models import LiveSession
from tests.factories import World, make_session
from tests.integration.attendance.call_files import (
    BUDI_IN_ZOOM,
    LATER,
    UTC,
    WIB,
    WITA,
    apply,
    count,
    look,
    mark_of,
    status_of,
)
from tests.integration.attendance.conftest import Tell, at, attend
from tests.unit.attendance.callfiles.files import ZOOM_ROWS, teams, zoom, zoom_unique_users


def test_looking_at_a_file_tells_who_is_whom_and_stores_nothing(world: World, call: int) -> None:
    shown = look(call, zoom())
    assert [(entry.how, person.id, entry.new) for entry, person in shown.matched] == [(How.EMAIL, world.ayu, 2)]
    assert [(e.caller.name, e.why.code if e.why else "") for e in shown.unmatched] == [
        ("Santoso, Budi", "call_name_unconfirmed"),
        ("Tuan Rumah CSC", "call_is_staff"),
    ]
    assert count(Evidence) == count(CallImport) == count(CallAlias) == 0


@pytest.mark.parametrize("raw", [zoom(), teams()], ids=["zoom", "teams"])
def test_applying_gives_each_recognised_person_her_stretches_and_her_mark(raw: bytes, world: World, call: int) -> None:
    assert apply(call, raw, world) == 2
    mark = mark_of(call, world.ayu)
    # From nine to 9.41.02 and from 9.47.30 to half past ten: five minutes missed of ninety.
    assert mark is not None and mark.status == "attended"
    assert mark.attended_seconds == (41 * 60 + 2) + (42 * 60 + 30)
    with reading() as db:
        facts = db.scalars(select(Evidence)).all()
        assert {(fact.source, fact.kind, fact.by_id) for fact in facts} == {("import", "in_call", world.citra)}
        row = db.scalars(select(CallImport)).one()
        assert (row.file_name, row.people, row.imported_by, len(row.sha256)) == ("peserta.csv", 1, world.citra, 64)
        assert "Tuan Rumah CSC" in {left["name"] for left in row.left_out} or row.provider == "teams"


def test_a_file_makes_nobody_absent(world: World, call: int, tell: Tell) -> None:
    attend(tell, world.budi)
    with writing() as db:
        marks.judge_marks(db, db.get_one(LiveSession, call), at=at(100))
    apply(call, zoom(), world)
    assert status_of(call, world.budi) == "attended"


def test_the_same_file_again_changes_nothing_and_leaves_no_trace(world: World, call: int) -> None:
    apply(call, zoom(), world)
    before = count(Evidence), count(CallImport), count(CallAlias)
    assert apply(call, zoom(), world, minutes=140) == 0
    # Exported again without the meeting's own row it is another file of the same content.
    assert apply(call, zoom(preamble=False), world, minutes=141) == 0
    assert (count(Evidence), count(CallImport), count(CallAlias)) == before


def test_applied_by_two_coordinators_at_once_it_is_stored_once(world: World, call: int) -> None:
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(lambda _: apply(call, zoom(), world, {BUDI_IN_ZOOM: world.budi}), range(4)))
    assert sorted(given) == [0, 0, 0, 3]
    assert (count(Evidence), count(CallImport), count(CallAlias)) == (3, 1, 1)


def test_a_confirmed_name_is_known_in_the_next_file_of_the_batch_and_in_no_other(world: World, call: int) -> None:
    assert apply(call, zoom(), world, {BUDI_IN_ZOOM: world.budi}) == 3
    assert status_of(call, world.budi) == "partial"
    with writing() as db:
        next_week = make_session(db, world.batch, starts_at=at(0) + timedelta(days=7)).id
        elsewhere = make_session(db, world.other_batch).id
    later = zoom([row.replace("12/01/2026", "12/08/2026") for row in ZOOM_ROWS])
    shown = look(next_week, later, at=at(LATER) + timedelta(days=7))
    assert {(entry.how, person.id) for entry, person in shown.matched} == {
        (How.EMAIL, world.ayu),
        (How.ALIAS, world.budi),
    }
    assert look(elsewhere, zoom()).matched == []
    # Another provider's same name was not confirmed.
    assert [p.id for _, p in look(call, teams()).matched] == [world.ayu]


def test_names_that_look_alike_are_never_matched(world: World, call: int) -> None:
    rows = ["Budi Santoso,,12/01/2026 09:00:00 AM,12/01/2026 10:30:00 AM,90,Yes,"]
    shown = look(call, zoom(rows))
    assert shown.matched == []
    assert [entry.caller.name for entry in shown.unmatched] == ["Budi Santoso"]


def test_a_confirmation_that_was_wrong_is_changed_or_forgotten(world: World, call: int) -> None:
    apply(call, zoom(), world, {BUDI_IN_ZOOM: world.budi})
    assert [p.id for e, p in look(call, zoom()).matched if e.how is How.ALIAS] == [world.budi]
    apply(call, zoom(), world, {BUDI_IN_ZOOM: world.ayu}, minutes=135)
    assert [p.id for e, p in look(call, zoom()).matched if e.how is How.ALIAS] == [world.ayu]
    apply(call, zoom(), world, {BUDI_IN_ZOOM: 0}, minutes=136)
    assert count(CallAlias) == 0


def test_somebody_of_another_batch_cannot_be_chosen(world: World, call: int) -> None:
    assert apply(call, zoom(), world, {BUDI_IN_ZOOM: world.mallory}) == 2
    assert count(CallAlias) == 0 and count(Evidence, Evidence.person_id == world.mallory) == 0


def test_an_unknown_e_mail_can_be_confirmed_like_a_name(world: World, call: int) -> None:
    rows = ["Budi,budi.pribadi@mail.example,12/01/2026 09:00:00 AM,12/01/2026 10:30:00 AM,90,Yes,"]
    key = Caller("budi.pribadi@mail.example", "", "", ()).key
    assert apply(call, zoom(rows), world, {key: world.budi}) == 1
    assert status_of(call, world.budi) == "attended"


def test_minutes_without_times_are_kept_as_a_note_and_give_no_presence(world: World, call: int) -> None:
    with writing() as db:
        marks.judge_marks(db, db.get_one(LiveSession, call), at=at(100))
    shown = look(call, zoom_unique_users())
    assert shown.extent is None and [entry.caller.minutes for entry, _ in shown.matched] == [117]
    assert apply(call, zoom_unique_users(), world) == 1
    assert apply(call, zoom_unique_users(), world) == 0
    with reading() as db:
        fact = db.scalars(select(Evidence)).one()
        assert (fact.kind, fact.detail["minutes"]) == (Kind.CALL_TOTAL.value, 117)
    assert status_of(call, world.ayu) == "absent"


def test_taken_back_it_counts_no_more_and_can_be_given_again(world: World, call: int) -> None:
    apply(call, zoom(), world)
    with writing() as db:
        session = db.get_one(LiveSession, call)
        (row,) = db.scalars(select(CallImport.id)).all()
        assert importing.take_back(db, session, row, units=None, by=world.citra, at=at(140)) == 2
        with pytest.raises(NotFound):
            importing.take_back(db, session, row, units=None, by=world.citra, at=at(141))
    assert status_of(call, world.ayu) == "absent"
    assert count(Evidence) == 4
    assert apply(call, zoom(), world, minutes=150) == 2
    assert status_of(call, world.ayu) == "attended"


def test_an_import_of_another_session_cannot_be_taken_back_here(world: World, call: int) -> None:
    apply(call, zoom(), world)
    with writing() as db:
        other = make_session(db, world.batch)
        row = db.scalars(select(CallImport.id)).one()
        with pytest.raises(NotFound):
            importing.take_back(db, other, row, units=None, by=world.citra, at=at(140))


def test_after_the_signature_it_is_kept_and_changes_no_mark(world: World, call: int) -> None:
    with reading() as db:
        seen = register.version(db, call)
    with writing() as db:
        decisions.sign(db, db.get_one(LiveSession, call), seen_version=seen, by=world.citra, at=at(100))
    assert apply(call, zoom(), world) == 2
    assert status_of(call, world.ayu) == "absent"
    with reading() as db:
        session = db.get_one(LiveSession, call)
        (line,) = register.read_lines(db, session, at=at(LATER), person_ids=[world.ayu])
        assert line.late_evidence == 2
        assert db.get(Register, call) is not None and decisions.verify(db, call)


def test_the_zone_is_found_from_the_session_and_a_wrong_one_is_refused(world: World, call: int) -> None:
    by_utc = zoom([row.replace(" 09:", " 01:").replace(" 08:", " 00:").replace(" 11:", " 03:") for row in ZOOM_ROWS])
    assert look(call, by_utc, zone=None).zone == UTC
    assert look(call, zoom(), zone=None).zone == WITA
    with pytest.raises(Invalid, match="call_file_other_zone"):
        look(call, by_utc, zone=WITA)
    with pytest.raises(Invalid, match="call_file_other_time"):
        look(call, zoom([row.replace("12/01/2026", "11/24/2026") for row in ZOOM_ROWS]))
    with pytest.raises(Invalid, match="call_file_in_the_future"):
        look(call, zoom(), at=at(60))
    assert look(call, zoom(), zone=WIB, at=at(300)).better == WITA


def test_a_cancelled_session_takes_no_file(world: World, call: int) -> None:
    with writing() as db:
        db.get_one(LiveSession, call).status = "cancelled"
    with pytest.raises(Conflict):
        look(call, zoom())


def test_a_coordinator_of_units_imports_for_her_people_alone(world: World, call: int) -> None:
    apply(call, zoom(), world, {BUDI_IN_ZOOM: world.budi})
    shown = look(call, zoom(), units={world.unit})
    assert [person.id for _, person in shown.matched] == [world.ayu]
    assert {person.id for person in shown.choices} == {world.ayu}
    (budi,) = [entry for entry in shown.unmatched if entry.caller.name == "Santoso, Budi"]
    assert not budi.may_choose
