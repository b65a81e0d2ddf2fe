"""Scheduling, changing, moving, cancelling and restoring sessions."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select, update

from lms.courses.models import Module, Revision
from lms.db import reading, writing
from lms.kernel.errors import Conflict
from lms.kernel.intervals import Interval
from lms.outbox.models import Message, Notice
from lms.programmes.models import Programme
from lms.sessions.models import LiveSession, SessionInstructor
from lms.sessions.rules import Policy, read_breaks
from lms.sessions.service import listing, scheduling
from tests.factories import NINE, World, make_person, make_session, teach

AsPerson = Callable[[int], FlaskClient]
FORM: dict[str, Any] = {
    "mode": "teleconference",
    "title_id": "Menangani keluhan",
    "title_en": "Handling complaints",
    "zone": "Asia/Makassar",
    "on": "2026-12-01",
    "starts": "09:00",
    "ends": "10:30",
    "place": "",
}


def all_sessions() -> list[LiveSession]:
    with reading() as db:
        return list(db.scalars(select(LiveSession).order_by(LiveSession.id)))


def stored(session_id: int) -> LiveSession:
    with reading() as db:
        return db.get_one(LiveSession, session_id)


def lecture(world: World, **fields: Any) -> int:
    with writing() as db:
        return make_session(db, world.batch, **fields).id


def told(template: str) -> list[int]:
    """Return who has a letter of this template waiting."""
    with reading() as db:
        return sorted(db.scalars(select(Message.person_id).where(Message.template == template)))


def module_of(course_id: int, title: str = "Keramahan") -> int:
    with writing() as db:
        module = Module(course_id=course_id, key=title.lower(), position=1, created_at=NINE)
        db.add(module)
        db.flush()
        db.add(
            Revision(
                module_id=module.id,
                language="id",
                number=1,
                is_current=True,
                title=title,
                markdown="",
                html="",
                renderer=1,
                hash="",
                origin="web",
                published_at=NINE,
            )
        )
        return module.id


def test_a_session_is_scheduled_with_its_breaks_people_and_reading(as_person: AsPerson, world: World) -> None:
    module = module_of(world.course)
    with writing() as db:
        db.execute(update(Programme).values(minimum_share=0.75))
    form = FORM | {
        "break_starts": ["09:40", "", ""],
        "break_ends": ["09:55", "", ""],
        "instructor_ids": [str(world.iskandar)],
        "module_ids": [str(module)],
    }
    answer = as_person(world.citra).post(f"/batches/{world.batch}/sessions/new", data=form)
    (session,) = all_sessions()
    assert answer.headers["Location"] == f"/sessions/{session.id}"
    assert (session.starts_at, session.ends_at) == (NINE, NINE + timedelta(minutes=90))
    assert read_breaks(session.breaks) == [Interval(NINE + timedelta(minutes=40), NINE + timedelta(minutes=55))]
    assert float(session.lesson_hours) == 1
    assert Policy.of(session.policy).minimum_share == 0.75
    assert (session.sequence, session.course_id, session.created_by) == (0, world.course, world.citra)
    assert session.room_name.startswith("pelayanan-prima-")
    with reading() as db:
        assert listing.instructor_ids(db, session.id) == [world.iskandar]
        assert listing.module_ids(db, session.id) == [module]
    assert told("session_scheduled") == sorted([world.ayu, world.budi, world.iskandar])


def test_times_are_those_of_the_zone_that_is_named(as_person: AsPerson, world: World) -> None:
    as_person(world.citra).post(f"/batches/{world.batch}/sessions/new", data=FORM | {"zone": "Asia/Jakarta"})
    assert all_sessions()[0].starts_at == NINE + timedelta(hours=1)


def test_the_form_offers_the_readers_own_zone(as_person: AsPerson, world: World) -> None:
    page = as_person(world.iskandar).get(f"/batches/{world.batch}/sessions/new").text
    assert '<option value="Asia/Singapore" selected>SGT' in page


def test_who_may_not_schedule_is_turned_away_and_nothing_is_stored(as_person: AsPerson, world: World) -> None:
    own = lecture(world)
    for person, status in ((world.mallory, 404), (world.ayu, 403)):
        client = as_person(person)
        assert client.post(f"/batches/{world.batch}/sessions/new", data=FORM).status_code == status
        assert client.post(f"/sessions/{own}/edit", data=FORM).status_code == status
        assert client.post(f"/sessions/{own}/cancel", data={"reason": "no reason"}).status_code == status
        assert client.post(f"/sessions/{own}/restore").status_code == status
        assert client.post(f"/sessions/{own}/policy", data={}).status_code in (status, 422)
        assert client.get(f"/sessions/{own}/policy").status_code == status
    assert [session.sequence for session in all_sessions()] == [0]


def test_a_coordinator_of_units_does_not_schedule_for_the_whole_batch(as_person: AsPerson, world: World) -> None:
    with writing() as db:
        sari = make_person(db, "Sari", role="coordinator", scope="unit", scope_id=world.unit).id
    assert as_person(sari).get(f"/batches/{world.batch}").status_code == 200
    assert as_person(sari).post(f"/batches/{world.batch}/sessions/new", data=FORM).status_code == 403


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"ends": "08:00"}, "must end after it starts"),
        ({"title_id": ""}, ""),
        ({"mode": "in_person"}, "where it is"),
        ({"break_starts": ["08:00"], "break_ends": ["08:30"]}, "within the session"),
        ({"instructor_ids": ["999"]}, "enrolled in this batch"),
        ({"module_ids": ["999"]}, "modules of the programme"),
        ({"on": "nonsense"}, ""),
    ],
)
def test_nonsense_is_refused_with_words_and_what_was_typed_stays(
    as_person: AsPerson, world: World, changed: dict[str, Any], words: str
) -> None:
    page = as_person(world.citra).post(f"/batches/{world.batch}/sessions/new", data=FORM | changed)
    assert page.status_code == 422
    assert words in page.text
    assert "Handling complaints" in page.text
    assert all_sessions() == []


def test_a_session_recorded_afterwards_is_told_to_nobody(as_person: AsPerson, world: World) -> None:
    as_person(world.citra).post(f"/batches/{world.batch}/sessions/new", data=FORM | {"on": "2026-11-02"})
    assert len(all_sessions()) == 1
    assert told("session_scheduled") == []


def test_moving_tells_everyone_and_raises_the_sequence(as_person: AsPerson, world: World) -> None:
    own = lecture(world)
    room = stored(own).room_name
    form = FORM | {"title_id": "Layanan yang ramah", "starts": "13:00", "ends": "14:30", "sequence": "0"}
    assert as_person(world.citra).post(f"/sessions/{own}/edit", data=form).status_code == 302
    session = stored(own)
    assert (session.starts_at, session.sequence) == (NINE + timedelta(hours=4), 1)
    assert (session.uid, session.room_name) == (stored(own).uid, room)
    assert told("session_moved") == sorted([world.ayu, world.budi, world.iskandar])
    shown = as_person(world.ayu).get("/notices").text
    assert "now 1 December 2026 13:00 WITA" in shown
    assert "(was 1 December 2026 09:00 WITA)" in shown


def test_a_typing_error_is_corrected_without_bothering_anyone(as_person: AsPerson, world: World) -> None:
    own = lecture(world)
    as_person(world.citra).post(f"/sessions/{own}/edit", data=FORM | {"sequence": "0"})
    session = stored(own)
    assert (session.title_en, session.sequence) == ("Handling complaints", 1)
    assert told("session_moved") == []


def test_of_two_who_edit_one_session_the_second_is_told(as_person: AsPerson, world: World) -> None:
    own = lecture(world)
    client = as_person(world.citra)
    assert client.post(f"/sessions/{own}/edit", data=FORM | {"sequence": "0"}).status_code == 302
    late = client.post(f"/sessions/{own}/edit", data=FORM | {"sequence": "0", "title_id": "Anders"})
    assert late.status_code == 422
    assert "Somebody else has just changed this session" in late.text
    assert "Anders" in late.text
    assert stored(own).title_id == "Menangani keluhan"


def test_breaks_move_with_the_session(world: World) -> None:
    pause = Interval(NINE + timedelta(minutes=30), NINE + timedelta(minutes=45))
    own = lecture(world, breaks=[[pause.start.isoformat(), pause.end.isoformat()]])
    day = timedelta(days=1)
    with writing() as db:
        session = db.get_one(LiveSession, own)
        scheduling.move(db, session, Interval(session.starts_at + day, session.ends_at + day), by=world.citra, at=NINE)
    assert read_breaks(stored(own).breaks) == [Interval(pause.start + day, pause.end + day)]


def test_what_is_over_cannot_move_but_its_title_can_be_corrected(as_person: AsPerson, world: World) -> None:
    own = lecture(world)
    client = as_person(world.citra)
    with time_machine.travel(NINE + timedelta(days=1)):
        late = client.post(f"/sessions/{own}/edit", data=FORM | {"starts": "08:00"})
        assert late.status_code == 422
        assert "no longer be moved" in late.text
        assert stored(own).starts_at == NINE
        assert client.post(f"/sessions/{own}/edit", data=FORM).status_code == 302
    assert stored(own).title_id == "Menangani keluhan"
    assert told("session_moved") == []


def test_a_lecture_that_begins_late_can_still_be_moved(as_person: AsPerson, world: World) -> None:
    own = lecture(world, has_evidence=True)
    with time_machine.travel(NINE + timedelta(minutes=5)):
        form = FORM | {"starts": "09:30", "ends": "11:00"}
        assert as_person(world.iskandar).post(f"/sessions/{own}/edit", data=form).status_code == 302
        settled = as_person(world.citra).post(
            f"/sessions/{own}/edit", data=form | {"mode": "in_person", "place": "Aula"}
        )
    assert stored(own).starts_at == NINE + timedelta(minutes=30)
    assert settled.status_code == 422
    assert "Attendance has been recorded" in settled.text


def test_it_cannot_become_recorded_once_somebody_entered_without_being_told(as_person: AsPerson, world: World) -> None:
    own, recorded = lecture(world, has_evidence=True), lecture(world, has_evidence=True, may_be_recorded=True)
    ticked = FORM | {"may_be_recorded": "1"}
    client = as_person(world.citra)
    late = client.post(f"/sessions/{own}/edit", data=ticked)
    assert late.status_code == 422 and "may be recorded" in late.text
    assert client.post(f"/sessions/{recorded}/edit", data=ticked).status_code == 302
    assert (stored(own).may_be_recorded, stored(recorded).may_be_recorded) == (False, True)


def test_a_cancelled_session_stays_with_its_reason_and_everyone_is_told(as_person: AsPerson, world: World) -> None:
    own = lecture(world)
    client = as_person(world.citra)
    assert "3 people will be told" in client.get(f"/sessions/{own}/cancel").text
    assert client.post(f"/sessions/{own}/cancel", data={"reason": "x"}).status_code == 422
    assert stored(own).status == "scheduled"
    assert client.post(f"/sessions/{own}/cancel", data={"reason": "The speaker is ill."}).status_code == 302
    session = stored(own)
    assert (session.status, session.cancelled_reason, session.sequence) == ("cancelled", "The speaker is ill.", 1)
    assert told("session_cancelled") == sorted([world.ayu, world.budi, world.iskandar])
    assert "The speaker is ill." in as_person(world.ayu).get(f"/sessions/{own}").text
    again = client.post(f"/sessions/{own}/cancel", data={"reason": "Once more."})
    assert again.status_code == 422
    assert client.post(f"/sessions/{own}/edit", data=FORM).status_code == 422
    assert stored(own).sequence == 1


def test_a_cancellation_can_be_taken_back_until_its_time_is_over(as_person: AsPerson, world: World) -> None:
    own = lecture(world)
    client = as_person(world.citra)
    assert client.post(f"/sessions/{own}/restore").status_code == 409
    client.post(f"/sessions/{own}/cancel", data={"reason": "A mistake"})
    assert client.post(f"/sessions/{own}/restore").status_code == 302
    session = stored(own)
    assert (session.status, session.cancelled_reason, session.sequence) == ("scheduled", "", 2)
    assert told("session_restored") == sorted([world.ayu, world.budi, world.iskandar])
    client.post(f"/sessions/{own}/cancel", data={"reason": "After all"})
    with time_machine.travel(NINE + timedelta(days=1)):
        assert client.post(f"/sessions/{own}/restore").status_code == 409


def test_what_took_place_cannot_be_called_off_but_what_nobody_came_to_can(world: World) -> None:
    after = NINE + timedelta(days=1)
    attended, empty = lecture(world, has_evidence=True), lecture(world)
    with writing() as db, pytest.raises(Conflict) as refused:
        scheduling.cancel(db, db.get_one(LiveSession, attended), "Too late", by=world.citra, at=after)
    assert refused.value.code == "session_took_place"
    with writing() as db:
        scheduling.cancel(db, db.get_one(LiveSession, empty), "Nobody came", by=world.citra, at=after)
    assert stored(empty).status == "cancelled"


def test_two_who_cancel_at_once_tell_everyone_once(world: World) -> None:
    own = lecture(world)
    outcomes: list[str] = []

    def cancel() -> None:
        try:
            with writing() as db:
                session = db.get_one(LiveSession, own, with_for_update=True)
                scheduling.cancel(db, session, "Rain", by=world.citra, at=datetime.now(UTC))
            outcomes.append("done")
        except Conflict as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=cancel) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "session_cancelled", "session_cancelled"]
    assert len(told("session_cancelled")) == 3
    with reading() as db:
        assert len(db.scalars(select(Notice).where(Notice.template == "session_cancelled")).all()) == 3


POLICY = {
    "minimum_percent": "70",
    "late_after_minutes": "5",
    "left_early_minutes": "5",
    "grace_seconds": "60",
    "bridged_limit_minutes": "5",
}


def test_the_policy_is_settled_once_the_doors_open(as_person: AsPerson, world: World) -> None:
    own = lecture(world)
    client = as_person(world.citra)
    assert client.post(f"/sessions/{own}/policy", data=POLICY | {"minimum_percent": "0"}).status_code == 422
    assert client.post(f"/sessions/{own}/policy", data=POLICY).status_code == 302
    assert Policy.of(stored(own).policy) == Policy(0.7, 60, 300, 300, 300)
    with time_machine.travel(NINE - timedelta(minutes=15)):
        late = client.post(f"/sessions/{own}/policy", data=POLICY | {"minimum_percent": "10"})
        assert late.status_code == 422
        assert "settled" in client.get(f"/sessions/{own}/policy").text
    assert Policy.of(stored(own).policy).minimum_share == 0.7


def test_overlaps_are_a_warning_not_a_refusal(as_person: AsPerson, world: World) -> None:
    own = lecture(world)
    with writing() as db:
        teach(db, own, world.iskandar)
        foreign = make_session(db, world.other_batch, starts_at=NINE + timedelta(minutes=60)).id
        teach(db, foreign, world.iskandar)
        make_session(db, world.batch, starts_at=NINE + timedelta(minutes=30))
        make_session(db, world.batch, starts_at=NINE + timedelta(minutes=90))
        make_session(db, world.batch, starts_at=NINE, status="cancelled", cancelled_reason="Rain")
    with reading() as db:
        found = listing.overlaps(db, db.get_one(LiveSession, own))
    assert [(one.batch, one.same_batch, one.instructors) for one in found] == [
        ("Angkatan I", True, ()),
        ("Angkatan II", False, ("Iskandar Rahman",)),
    ]
    shown = as_person(world.citra).get(f"/sessions/{own}").text
    assert "This batch has another session, 09:30–11:00 WITA." in shown
    assert "Iskandar Rahman also teaches Angkatan II, 10:00–11:30 WITA." in shown
    assert "At the same time" not in as_person(world.ayu).get(f"/sessions/{own}").text


def test_a_batch_put_aside_gets_no_new_session(as_person: AsPerson, world: World) -> None:
    as_person(world.citra).post(f"/batches/{world.batch}/archive", data={"archived": "1"})
    page = as_person(world.citra).post(f"/batches/{world.batch}/sessions/new", data=FORM)
    assert page.status_code == 422
    assert all_sessions() == []


def test_an_instructor_who_left_may_stay_named(as_person: AsPerson, world: World) -> None:
    own = lecture(world)
    client = as_person(world.citra)
    client.post(f"/sessions/{own}/edit", data=FORM | {"instructor_ids": [str(world.iskandar)]})
    with reading() as db:
        assert db.scalars(select(SessionInstructor.person_id)).all() == [world.iskandar]
    client.post(f"/sessions/{own}/edit", data=FORM)
    with reading() as db:
        assert db.scalars(select(SessionInstructor.person_id)).all() == []


def test_a_policy_form_without_its_fields_is_refused_with_the_form(world: World, as_person: AsPerson) -> None:
    with time_machine.travel(NINE, tick=False):
        session_id = lecture(world, starts_at=NINE + timedelta(days=1))
        citra = as_person(world.citra)
        page = citra.post(f"/sessions/{session_id}/policy", data={"minimum_percent": "lots"})
        assert page.status_code == 422 and 'value="lots"' in page.text
        past = lecture(world, starts_at=NINE - timedelta(days=1))
        settled = citra.post(f"/sessions/{past}/policy", data={})
        assert settled.status_code == 422
        assert Policy.of(stored(session_id).policy) == Policy.of(stored(past).policy) == Policy()
