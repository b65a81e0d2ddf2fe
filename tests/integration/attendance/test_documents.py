"""A correction may come with the document it rests on; whence somebody scanned is forgotten after a while."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.attendance.models import Correction, Evidence
from lms.attendance.rules.evidence import Kind
from lms.attendance.service import checking, decisions, register
from lms.attendance.tasks import forget_scan_traces
from lms.db import reading, writing
from tests.factories import World
from tests.integration.attendance.conftest import Tell, at
from tests.integration.attendance.test_shared_screen import visit_of
from tests.integration.attendance.test_signed_register import sign, watch_at
from tests.integration.attendance.witnessing import count, judge, mark_of, session_of

Client = Callable[[int], FlaskClient]
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def form(content: bytes | None = PDF, name: str = "../surat tugas.pdf") -> dict[str, object]:
    sent = {"status": "excused", "excuse": "dinas_luar", "reason": "Surat tugas 800/12", "key": "k" * 20, "seen": "0"}
    return sent | ({"file": (io.BytesIO(content), name)} if content is not None else {})


def test_the_document_is_opened_by_whom_it_concerns_and_who_decides_alone(
    world: World, lecture: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    judge(lecture)
    clock.move_to(at(110))
    citra = as_person(world.citra)
    page = f"/sessions/{lecture}/register/{world.ayu}"
    assert citra.post(f"{page}/correct", data=form()).status_code == 302
    with reading() as db:
        stored = db.scalars(select(Correction)).one()
    assert stored.file_name == "surat tugas.pdf" and mark_of(lecture, world.ayu) == ("excused", "dinas_luar")
    address, own = f"{page}/corrections/{stored.id}/document", f"/attendance/{lecture}/corrections/{stored.id}/document"
    assert address in citra.get(page).text
    ayu = as_person(world.ayu)
    assert own in ayu.get(f"/attendance/{lecture}").text
    for browser, place in ((citra, address), (ayu, own)):
        answer = browser.get(place)
        assert answer.data == PDF and answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Disposition"].startswith("attachment")
    refused = [
        (world.ayu, address, 403),
        (world.iskandar, address, 403),
        (world.mallory, address, 404),
        (world.budi, own, 404),
        (world.mallory, own, 404),
        # Under another person's line it is not to be found either.
        (world.citra, address.replace(f"/{world.ayu}/", f"/{world.budi}/"), 404),
    ]
    for who, place, status in refused:
        assert as_person(who).get(place).status_code == status, place
    # An instructor reads that there is one.
    assert "With a document" in as_person(world.iskandar).get(page).text


@pytest.mark.parametrize(
    ("content", "name"), [(b"no letter at all", "surat.pdf"), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg")]
)
def test_what_is_no_document_is_refused_and_the_reason_comes_back(
    world: World, lecture: int, as_person: Client, clock: time_machine.Traveller, content: bytes, name: str
) -> None:
    clock.move_to(at(110))
    page = as_person(world.citra).post(f"/sessions/{lecture}/register/{world.ayu}/correct", data=form(content, name))
    assert page.status_code == 422 and "Surat tugas 800/12" in page.text and "error-summary" in page.text
    assert count(Correction) == 0


def test_the_signature_covers_the_document(
    world: World, lecture: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(at(110))
    as_person(world.citra).post(f"/sessions/{lecture}/register/{world.ayu}/correct", data=form())
    sign(lecture, world, 115)
    with reading() as db:
        assert decisions.verify(db, lecture)
    with writing() as db:
        db.scalars(select(Correction)).one().file_sha256 = "0" * 64
    with reading() as db:
        assert not decisions.verify(db, lecture)


def test_where_a_scan_came_from_is_forgotten_after_ninety_days_and_nothing_else_is(
    app: Flask, world: World, lecture: int, tell: Tell, as_person: Client, clock: time_machine.Traveller
) -> None:
    tell(world.ayu, Kind.JOINED, 0)
    watch_at(lecture, world.budi, world.ayu, 5)
    tell(world.ayu, Kind.LEFT, 90)
    sign(lecture, world)
    day = 24 * 60
    with app.app_context():
        assert forget_scan_traces(at(89 * day)) == 0
    with reading() as db:
        scan = db.scalars(select(Evidence).where(Evidence.person_id == world.budi)).one()
        assert scan.detail == {"device": "f" * 24, "address": "10.0.0.0/24"}
    with app.app_context():
        assert forget_scan_traces(at(91 * day)) == 1
        assert forget_scan_traces(at(91 * day)) == 0
    with reading() as db:
        scan = db.scalars(select(Evidence).where(Evidence.person_id == world.budi)).one()
        assert scan.detail == {} and scan.claimed_at == at(5) and scan.host_visit_id == visit_of(world.ayu)
        assert decisions.verify(db, lecture)
        assert checking.same_device(db, lecture, {world.ayu, world.budi}) == []
        line = register.read_lines(db, session_of(db, lecture), at=at(91 * day), person_ids=[world.budi])[0]
        assert line.verdict.attended == timedelta(minutes=85)
    clock.move_to(at(120))
    assert as_person(world.citra).get(f"/sessions/{lecture}/register/{world.budi}").status_code == 200
