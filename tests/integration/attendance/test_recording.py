"""Recording evidence: once, in any order, within the doors, by whoever may."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.attendance.models import Connection, Evidence, Visit
from lms.attendance.rules.drafts import WitnessDraft
from lms.attendance.rules.evidence import Kind
from lms.attendance.service import recording, register, seeing
from lms.db import Db, reading, writing
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.sessions.models import LiveSession
from tests.factories import World
from tests.integration.attendance.conftest import BOOT, Tell, at, attend


def count(model: type) -> int:
    with reading() as db:
        return db.scalar(select(func.count()).select_from(model)) or 0


def test_a_join_is_stored_with_its_device_and_connection(world: World, lecture: int, tell: Tell) -> None:
    assert tell(world.ayu, Kind.JOINED, 2)
    assert (count(Evidence), count(Connection), count(Visit)) == (1, 1, 1)
    with reading() as db:
        assert db.get_one(LiveSession, lecture).has_evidence
        assert recording.recorded_since(db, lecture, world.ayu) == at(2)


def test_the_same_event_told_again_changes_nothing(world: World, lecture: int, tell: Tell) -> None:
    assert tell(world.ayu, Kind.JOINED, 2, key="k" * 20)
    assert not tell(world.ayu, Kind.JOINED, 3, key="k" * 20)
    assert not tell(world.ayu, Kind.JOINED, 4, line="b", key="k" * 20)
    assert count(Evidence) == 1


def test_another_persons_key_is_another_event(world: World, lecture: int, tell: Tell) -> None:
    tell(world.ayu, Kind.JOINED, 2, key="k" * 20)
    assert tell(world.budi, Kind.JOINED, 2, key="k" * 20)


@pytest.mark.parametrize("minutes", [-16, 121])
def test_nothing_is_recorded_while_the_doors_are_closed(world: World, lecture: int, tell: Tell, minutes: float) -> None:
    with pytest.raises(Conflict, match="session_not_open"):
        tell(world.ayu, Kind.JOINED, minutes)
    assert count(Evidence) == 0


def test_a_connection_speaks_for_one_person_only(world: World, lecture: int, tell: Tell) -> None:
    tell(world.ayu, Kind.JOINED, 2)
    draft = WitnessDraft(session=lecture, device="e" * 20, key="z" * 20, sequence=1)
    with writing() as db, pytest.raises(Conflict, match="connection_of_another_session"):
        session = db.get_one(LiveSession, lecture)
        recording.witness(
            db, session, Kind.JOINED, draft, connection_id=f"a{world.ayu}", boot_id=BOOT, by=world.budi, at=at(4)
        )
    assert count(Evidence) == 1


def test_a_drop_is_dated_to_when_the_client_was_last_heard(world: World, lecture: int, tell: Tell) -> None:
    tell(world.ayu, Kind.JOINED, 0)
    with writing() as db:
        assert recording.drop(db, f"a{world.ayu}", last_heard=at(10), reason="ping timeout", at=at(10.4))
        assert not recording.drop(db, f"a{world.ayu}", last_heard=at(11), reason="swept", at=at(12))
    with reading() as db:
        line = _line(db, lecture, world.ayu, 20)
    assert line.group == "missing"
    assert line.presence.last_heard == at(10)


def test_a_lost_connection_that_attended_nothing_is_nobodys_evidence(app: Flask, lecture: int) -> None:
    with writing() as db:
        assert not recording.drop(db, "unknown", last_heard=at(0), reason="x", at=at(1))
    assert count(Evidence) == 0


def test_a_clients_claim_never_reaches_back_before_its_connection(world: World, lecture: int) -> None:
    draft = WitnessDraft(session=lecture, device="d" * 20, key="k" * 20, sequence=1, ago_ms=50 * 60 * 1000)
    with writing() as db:
        session = db.get_one(LiveSession, lecture)
        recording.witness(db, session, Kind.JOINED, draft, connection_id="c", boot_id=BOOT, by=world.ayu, at=at(60))
    with reading() as db:
        assert recording.recorded_since(db, lecture, world.ayu) == at(60)


def test_what_the_coordinator_saw_can_be_taken_back_and_both_stay(world: World, lecture: int) -> None:
    with writing() as db:
        session = db.get_one(LiveSession, lecture)
        assert (
            seeing.see(db, session, [world.ayu, world.budi], since=at(0), key="k" * 20, by=world.citra, at=at(5)) == 2
        )
        assert seeing.see(db, session, [world.ayu], since=at(0), key="k" * 20, by=world.citra, at=at(6)) == 0
    with writing() as db:
        session = db.get_one(LiveSession, lecture)
        seeing.unsee(db, session, world.ayu, key="u" * 20, by=world.citra, at=at(7))
        with pytest.raises(NotFound):
            seeing.unsee(db, session, world.ayu, key="v" * 20, by=world.citra, at=at(8))
    with reading() as db:
        assert _line(db, lecture, world.ayu, 20).group == "missing"
        assert _line(db, lecture, world.budi, 20).group == "present"
    assert count(Evidence) == 3


def test_nobody_is_seen_before_the_doors_open_or_after_the_end(world: World, lecture: int) -> None:
    with writing() as db:
        session = db.get_one(LiveSession, lecture)
        with pytest.raises(Conflict):
            seeing.see(db, session, [world.ayu], since=at(0), key="k" * 20, by=world.citra, at=at(-20))
        with pytest.raises(Invalid):
            seeing.see(db, session, [world.ayu], since=at(95), key="k" * 20, by=world.citra, at=at(95))


def test_the_register_groups_everyone_expected(world: World, lecture: int, tell: Tell) -> None:
    tell(world.ayu, Kind.JOINED, 1)
    tell(world.budi, Kind.CONNECTED, 1)
    with reading() as db:
        session = db.get_one(LiveSession, lecture)
        lines = register.read_lines(db, session, at=at(5))
    assert {line.person.id: line.group for line in lines} == {world.ayu: "present", world.budi: "connected"}
    assert register.counts(lines)["expected"] == 2


def test_somebody_who_left_is_missing_with_the_time_she_had(world: World, lecture: int, tell: Tell) -> None:
    attend(tell, world.ayu, 0, 30)
    with reading() as db:
        line = _line(db, lecture, world.ayu, 40)
    assert line.group == "connected"
    assert line.verdict.attended == timedelta(minutes=30)


def _line(db: Db, lecture: int, person: int, minutes: float) -> register.RegisterLine:
    return register.read_lines(db, db.get_one(LiveSession, lecture), at=at(minutes), person_ids=[person])[0]
