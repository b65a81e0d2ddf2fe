"""Who may watch a recording, piece by piece, and what of it counts as watched."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lms import clock
from lms.accounts.models import AuditEntry
from lms.attendance.models import Evidence, Mark
from lms.db import reading, writing
from lms.demo import film
from lms.sessions.recordings import files, views
from lms.sessions.recordings.models import Recording
from tests.factories import NINE, World, make_recording, make_session

AsPerson = Callable[[int], FlaskClient]
CONTENT = film.make(120)


@pytest.fixture
def recording(app: Flask, world: World) -> Iterator[int]:
    """A film of two minutes that the batch may watch; the clock stands at eleven."""
    with time_machine.travel(NINE + timedelta(hours=2), tick=False) as moving:
        with writing() as db:
            session_id = make_session(db, world.batch).id
            recording_id = make_recording(db, session_id, at=clock.now()).id
        path = files.path_of(app.config["SETTINGS"], recording_id)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(CONTENT)
        app.config["MOVE"] = moving.shift
        yield recording_id
        path.unlink(missing_ok=True)


def played(client: FlaskClient, recording_id: int, *spans: tuple[float, float]) -> Any:
    return client.post(f"/recordings/{recording_id}/played", json={"spans": spans})


def set_recording(recording_id: int, **fields: Any) -> None:
    with writing() as db:
        found = db.get_one(Recording, recording_id)
        for name, value in fields.items():
            setattr(found, name, value)


def test_the_batch_watches_and_nobody_else(as_person: AsPerson, world: World, recording: int) -> None:
    for address in (f"/recordings/{recording}", f"/recordings/{recording}/film"):
        statuses = [as_person(who).get(address).status_code for who in (world.ayu, world.iskandar, world.mallory)]
        assert statuses == [200, 200, 404]
    assert played(as_person(world.mallory), recording).status_code == 404


def test_a_film_held_back_is_there_for_its_leaders_alone(as_person: AsPerson, world: World, recording: int) -> None:
    set_recording(recording, shown_at=None)
    for address in (f"/recordings/{recording}", f"/recordings/{recording}/film"):
        assert as_person(world.ayu).get(address).status_code == 404
        assert as_person(world.citra).get(address).status_code == 200
    assert as_person(world.ayu).post(f"/recordings/{recording}/release").status_code == 403
    assert as_person(world.citra).post(f"/recordings/{recording}/release").status_code == 302
    assert as_person(world.ayu).get(f"/recordings/{recording}").status_code == 200
    assert as_person(world.citra).post(f"/recordings/{recording}/release").status_code == 409


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("bytes=0-", 0, 4096), ("bytes=100-", 100, 4196), ("bytes=100-149", 100, 150), ("bytes=-10", -10, None)],
)
def test_the_film_comes_in_pieces(
    as_person: AsPerson,
    world: World,
    recording: int,
    monkeypatch: pytest.MonkeyPatch,
    asked: str,
    start: int,
    stop: int | None,
) -> None:
    monkeypatch.setattr(views, "PIECE", 4096)
    answer = as_person(world.ayu).get(f"/recordings/{recording}/film", headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.data == CONTENT[start:stop]
    assert answer.headers["Content-Range"].endswith(f"/{len(CONTENT)}")
    assert answer.mimetype == "video/mp4"
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_range_behind_the_end_is_refused(as_person: AsPerson, world: World, recording: int) -> None:
    answer = as_person(world.ayu).get(f"/recordings/{recording}/film", headers={"Range": "bytes=99999999-"})
    assert answer.status_code == 416


def test_watched_seconds_are_the_union_of_what_played(
    as_person: AsPerson, app: Flask, world: World, recording: int
) -> None:
    ayu = as_person(world.ayu)
    assert played(ayu, recording).get_json() == {"ok": True, "seconds": 0}
    app.config["MOVE"](30)
    assert played(ayu, recording, (0, 30)).get_json()["seconds"] == 30
    app.config["MOVE"](30)
    assert played(ayu, recording, (0, 20), (100, 110)).get_json()["seconds"] == 40
    page = as_person(world.citra).get(f"/recordings/{recording}").text
    assert "Ayu" in page and re.search(r"33\s%", page)


def test_a_browser_that_claims_more_than_time_allows_is_not_believed(
    as_person: AsPerson, app: Flask, world: World, recording: int
) -> None:
    ayu = as_person(world.ayu)
    played(ayu, recording)
    app.config["MOVE"](10)
    assert played(ayu, recording, (0, 120)).get_json()["seconds"] == 30


@pytest.mark.parametrize("spans", [[[5, 1]], [[-1, 4]], [[0, 1e9]], [[0, 1]] * 501, "x", None])
def test_nonsense_from_a_player_is_refused(as_person: AsPerson, world: World, recording: int, spans: Any) -> None:
    answer = as_person(world.ayu).post(f"/recordings/{recording}/played", json={"spans": spans})
    assert answer.status_code == 422


def test_watching_is_shown_as_catching_up_and_never_as_attendance(
    as_person: AsPerson, app: Flask, world: World, recording: int
) -> None:
    ayu = as_person(world.ayu)
    played(ayu, recording)
    app.config["MOVE"](120)
    played(ayu, recording, (0, 120))
    with reading() as db:
        session_id = db.get_one(Recording, recording).session_id
        assert db.scalars(select(Evidence)).all() == []
        assert db.scalars(select(Mark)).all() == []
    for client, address in (
        (ayu, f"/attendance/{session_id}"),
        (as_person(world.citra), f"/sessions/{session_id}/register/{world.ayu}"),
    ):
        page = client.get(address).text
        assert "Watched afterwards" in page and re.search(r"100\s%", page)
    assert "Watched afterwards" not in as_person(world.budi).get(f"/attendance/{session_id}").text


def test_a_recording_is_kept_longer_within_reason_or_deleted_and_both_are_on_record(
    as_person: AsPerson, app: Flask, world: World, recording: int
) -> None:
    citra, address = as_person(world.citra), f"/recordings/{recording}"
    assert as_person(world.ayu).post(f"{address}/delete").status_code == 403
    assert citra.post(f"{address}/kept-until", data={"until": "2027-02-01"}).status_code == 302
    assert 'value="2027-02-01"' in citra.get(address).text
    for wrong in ("2026-11-01", "2031-01-01", "soon", ""):
        answer = citra.post(f"{address}/kept-until", data={"until": wrong})
        assert answer.status_code == 422
    assert citra.post(f"{address}/delete").status_code == 302
    assert not files.path_of(app.config["SETTINGS"], recording).exists()
    assert "Deleted on" in as_person(world.ayu).get(address).text
    assert as_person(world.ayu).get(f"{address}/film").status_code == 404
    with reading() as db:
        acts = set(db.scalars(select(AuditEntry.action).where(AuditEntry.subject_kind == "recording")))
    assert acts == {"recording_kept_until", "recording_deleted"}


def test_a_link_added_by_hand_is_shown_at_once(as_person: AsPerson, world: World, recording: int) -> None:
    with reading() as db:
        session_id = db.get_one(Recording, recording).session_id
    where, link = f"/sessions/{session_id}/recordings", {"link": "https://films.example/7"}
    assert as_person(world.ayu).post(where, data=link).status_code == 403
    assert as_person(world.iskandar).post(where, data={"link": "javascript:alert(1)"}).status_code == 422
    assert as_person(world.iskandar).post(where, data=link).status_code == 302
    assert as_person(world.iskandar).post(where, data=link).status_code == 409
    page = as_person(world.ayu).get(f"/sessions/{session_id}").text
    assert "Recording 2" in page
    with reading() as db:
        added = db.scalars(select(Recording).where(Recording.source == "link")).one()
    assert 'href="https://films.example/7"' in as_person(world.ayu).get(f"/recordings/{added.id}").text
