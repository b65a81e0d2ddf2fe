"""The daftar hadir as PDF: empty or filled, the same bytes every time, and nothing in it but what it should be."""

import contextlib
import re
import zlib
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.accounts.models import Person
from lms.attendance.service import register
from lms.attendance.service.sealing import read_seal
from lms.attendance.views.blueprint import WITH_BATCH
from lms.attendance.views.papers import on_paper
from lms.db import reading, writing
from lms.sessions.models import LiveSession
from tests.factories import World, enrol, make_person
from tests.integration.attendance.conftest import Tell, at, attend
from tests.integration.attendance.test_why import see
from tests.integration.attendance.witnessing import judge

As = Callable[[int], FlaskClient]


def pages_of(pdf: bytes) -> int:
    """Return how many pages the file says it has."""
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    text = pdf
    for part in packed:
        with contextlib.suppress(zlib.error):
            text += zlib.decompress(part)
    return max(int(count) for count in re.findall(rb"/Count (\d+)", text))


def content_of(lecture: int, filled: bool, minutes: float = 95) -> dict[str, Any]:
    with reading() as db:
        session = db.scalars(select(LiveSession).where(LiveSession.id == lecture).options(WITH_BATCH)).one()
        return on_paper(
            session,
            register.read_lines(db, session, at=at(minutes)),
            read_seal(db, session, at=at(minutes)),
            filled=filled,
            unit_names={},
            officer=None,
            instructors=[],
        )


def test_the_filled_sheet_has_times_minutes_way_and_letter(world: World, lecture: int, tell: Tell) -> None:
    attend(tell, world.ayu, 12, 90)
    see(lecture, world.budi, world.citra, 0)
    judge(lecture)
    ayu, budi = content_of(lecture, True)["lines"]
    assert (ayu["entered"], ayu["left"], ayu["minutes"], ayu["method"]) == ("09.12", "10.30", "78", "telekonferensi")
    assert ayu["letter"] == "H T"
    assert (budi["entered"], budi["method"], budi["letter"]) == ("09.00", "panitia", "H")
    assert ayu["nip"] == "19860926 201505 2 001"


def test_the_empty_sheet_has_room_for_those_who_are_not_on_it(world: World, lecture: int) -> None:
    lines = content_of(lecture, False)["lines"]
    assert [line["number"] for line in lines] == [1, 2, 3, 4, 5]
    assert [line["name"] for line in lines][2:] == ["", "", ""]


def test_the_foot_tells_state_version_and_hash(
    world: World, lecture: int, tell: Tell, as_person: As, clock: time_machine.Traveller
) -> None:
    attend(tell, world.ayu)
    clock.move_to(at(95))
    assert str(content_of(lecture, True)["foot"]).startswith("['SEMENTARA: belum disahkan. Versi ")
    with reading() as db:
        seen = register.version(db, lecture)
    as_person(world.citra).post(f"/sessions/{lecture}/register/sign", data={"version": seen, "confirmed": "1"})
    state, fingerprint = content_of(lecture, True)["foot"]
    assert state.startswith("Disahkan 1 Desember 2026 pukul 10.35 WITA. Versi ")
    assert re.fullmatch(r"SHA-256 [0-9a-f]{64}", fingerprint)


def test_the_hash_before_the_signature_is_the_one_it_will_have(
    world: World, lecture: int, tell: Tell, as_person: As, clock: time_machine.Traveller
) -> None:
    attend(tell, world.ayu)
    judge(lecture, 92)
    clock.move_to(at(95))
    with reading() as db:
        before = read_seal(db, db.get_one(LiveSession, lecture), at=at(95))
    as_person(world.citra).post(
        f"/sessions/{lecture}/register/sign", data={"version": before.version, "confirmed": "1"}
    )
    with reading() as db:
        after = read_seal(db, db.get_one(LiveSession, lecture), at=at(96))
    assert (before.state, after.state) == ("provisional", "signed")
    assert before.fingerprint == after.fingerprint


def test_the_same_register_gives_the_same_bytes_and_a_large_one_several_pages(
    world: World, lecture: int, as_person: As, clock: time_machine.Traveller
) -> None:
    with writing() as db:
        for number in range(100):
            enrol(db, world.batch, make_person(db, f"Peserta {number:02d}").id)
    clock.move_to(at(95))
    citra = as_person(world.citra)
    answers = [citra.get(f"/sessions/{lecture}/sheet.pdf?filled=1") for _ in range(2)]
    assert answers[0].status_code == 200
    assert answers[0].mimetype == "application/pdf"
    assert answers[0].headers["Cache-Control"] == "no-store"
    assert "daftar-hadir-2026-12-01" in answers[0].headers["Content-Disposition"]
    assert answers[0].data.startswith(b"%PDF-")
    assert answers[0].data == answers[1].data
    assert pages_of(answers[0].data) >= 3
    assert "daftar-hadir-kosong" in citra.get(f"/sessions/{lecture}/sheet.pdf?filled=0").headers["Content-Disposition"]


@pytest.mark.parametrize(
    "name", ['#panic("x")', "$x^2$ *tebal* `kode` <a>", "Łukasz 'Ngūrah' \"X\" \\ {}[]", "@all #link"]
)
def test_what_people_typed_is_text_and_never_markup(
    world: World, lecture: int, as_person: As, clock: time_machine.Traveller, name: str
) -> None:
    with writing() as db:
        db.get_one(Person, world.ayu).name = name
        db.get_one(LiveSession, lecture).title_id = name
    clock.move_to(at(95))
    assert as_person(world.citra).get(f"/sessions/{lecture}/sheet.pdf?filled=1").data.startswith(b"%PDF-")


def test_strangers_trainees_and_instructors_get_no_sheet_with_whole_nips(
    world: World, lecture: int, as_person: As, clock: time_machine.Traveller
) -> None:
    assert as_person(world.mallory).get(f"/sessions/{lecture}/sheet.pdf").status_code == 404
    assert as_person(world.ayu).get(f"/sessions/{lecture}/sheet.pdf").status_code == 403
    assert as_person(world.iskandar).get(f"/sessions/{lecture}/sheet.pdf").status_code == 403
