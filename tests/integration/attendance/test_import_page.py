"""The page on which a call's file is handed in: who may, what comes back, and what it never stores."""

import base64
import re
import zlib
from collections.abc import Callable
from io import BytesIO

import pytest
import time_machine
from flask.testing import FlaskClient

from lms.attendance.models import CallImport, Evidence
from lms.attendance.rules.evidence import Kind
from lms.db import writing
from tests.factories import World, grant, make_person
from tests.integration.attendance.call_files import BUDI_IN_ZOOM, LATER, count
from tests.integration.attendance.conftest import at
from tests.unit.attendance.callfiles.files import zoom


def upload(raw: bytes, name: str = "peserta.csv", **fields: str) -> dict[str, object]:
    return {"file": (BytesIO(raw), name), **fields}


def test_the_page_shows_the_file_and_stores_it_only_when_told(
    world: World, call: int, as_person: Callable[[int], FlaskClient]
) -> None:
    citra, address = as_person(world.citra), f"/sessions/{call}/import"
    with time_machine.travel(at(LATER), tick=False):
        shown = citra.post(address, data=upload(zoom(), "laporan.pdf"))
        assert shown.status_code == 200 and "Santoso, Budi" in shown.text
        assert count(Evidence) == 0
        (packed,) = re.findall(r'name="packed" value="([^"]+)"', shown.text)
        form = {"packed": packed, "file_name": "laporan.pdf", "zone": "Asia/Makassar", "act": "apply"}
        stored = citra.post(address, data=form | {f"who-{BUDI_IN_ZOOM}": str(world.budi)}, follow_redirects=True)
        assert stored.status_code == 200 and "laporan.pdf" in stored.text
        assert count(Evidence) == 3
        (row,) = re.findall(rf"/sessions/{call}/import/(\d+)/take-back", stored.text)
        citra.post(f"{address}/{row}/take-back")
        assert count(Evidence, Evidence.kind == Kind.RETRACTED.value) == 3


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"packed": "not base64"},
        {"packed": base64.b64encode(b"not zlib").decode()},
        # A bomb: unpacked no further than a file may be large.
        {"packed": base64.b64encode(zlib.compress(b"0" * 50_000_000)).decode()},
        {"packed": base64.b64encode(zlib.compress(zoom())).decode(), "zone": "Mars/Olympus"},
    ],
)
def test_what_cannot_be_read_comes_back_with_its_reason_and_nothing_is_stored(
    sent: dict[str, str], world: World, call: int, as_person: Callable[[int], FlaskClient]
) -> None:
    with time_machine.travel(at(LATER), tick=False):
        answer = as_person(world.citra).post(f"/sessions/{call}/import", data={"act": "apply"} | sent)
    assert answer.status_code == 422 and "error" in answer.text
    assert count(Evidence) == count(CallImport) == 0


def test_only_who_may_correct_the_register_imports(
    world: World, call: int, as_person: Callable[[int], FlaskClient]
) -> None:
    found = {}
    for person in (world.ayu, world.mallory, world.iskandar, world.citra):
        with time_machine.travel(at(LATER), tick=False):
            browser = as_person(person)
            found[person] = [
                browser.post(f"/sessions/{call}/import", data=upload(zoom())).status_code,
                browser.post(f"/sessions/{call}/import", data=upload(zoom(), act="apply", zone="UTC")).status_code,
                browser.post(f"/sessions/{call}/import/1/take-back").status_code,
            ]
    # In UTC the call would not have happened yet: refused, not stored.
    assert found == {
        world.ayu: [403, 403, 403],
        world.mallory: [404, 404, 404],
        world.iskandar: [403, 403, 403],
        world.citra: [200, 422, 404],
    }
    assert count(Evidence) == 0


def test_a_coordinator_of_another_unit_sees_neither_name_nor_match(
    world: World, call: int, as_person: Callable[[int], FlaskClient]
) -> None:
    with writing() as db:
        dewi = make_person(db, "Dewi")
        grant(db, dewi.id, "coordinator", "unit", world.other_unit)
    with time_machine.travel(at(LATER), tick=False):
        page = as_person(dewi.id).post(f"/sessions/{call}/import", data=upload(zoom()))
    assert page.status_code == 200
    assert "Budi Santoso" in page.text and "Ayu Lestari" not in page.text
