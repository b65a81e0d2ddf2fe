"""Notices in the app: told, counted, read."""

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from lms.db import reading, writing
from lms.kernel.errors import Said
from lms.outbox.models import Notice
from lms.outbox.service import PER_PAGE, count_unread, mark_read, notify
from tests.factories import NINE, World

AsPerson = Callable[[int], FlaskClient]


def tell_ayu(world: World, link: str = "/settings") -> int:
    with writing() as db:
        # Worded by a code of the catalogue that takes parameters; the notice itself is an invented kind.
        notice = notify(db, world.ayu, "of_a_test", {"why": Said("not_signed_in"), "at": NINE}, link, at=NINE)
        db.flush()
        return notice.id


def test_a_notice_shows_a_count_until_it_is_opened(as_person: AsPerson, world: World) -> None:
    client, notice_id = as_person(world.ayu), tell_ayu(world)
    page = client.get("/notices").text
    assert "1 new notice" in page
    assert "1 December 2026 09:00 WITA" in page
    answer = client.post(f"/notices/{notice_id}/open")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/settings")
    assert "1 new notice" not in client.get("/notices").text


def test_all_are_marked_read_at_once(as_person: AsPerson, world: World) -> None:
    client = as_person(world.ayu)
    tell_ayu(world)
    tell_ayu(world)
    assert client.post("/notices/read").status_code == 302
    with reading() as db:
        assert count_unread(db, world.ayu) == 0


def test_reading_again_keeps_when_it_was_first_read(world: World, as_person: AsPerson) -> None:
    notice_id = tell_ayu(world)
    with writing() as db:
        assert mark_read(db, world.ayu, notice_id, at=NINE) == 1
    as_person(world.ayu).post(f"/notices/{notice_id}/open")
    with reading() as db:
        assert db.get_one(Notice, notice_id).read_at == NINE


def test_another_persons_notice_is_not_found_and_stays_unread(as_person: AsPerson, world: World) -> None:
    notice_id = tell_ayu(world)
    assert as_person(world.budi).post(f"/notices/{notice_id}/open").status_code == 404
    as_person(world.budi).post("/notices/read")
    with reading() as db:
        assert db.scalars(select(Notice.read_at)).all() == [None]


def test_a_notice_leads_to_no_other_site(as_person: AsPerson, world: World) -> None:
    notice_id = tell_ayu(world, "//evil.test/")
    assert as_person(world.ayu).post(f"/notices/{notice_id}/open").headers["Location"] == "/notices"


def test_a_visitor_has_no_notices(client: FlaskClient, world: World) -> None:
    assert client.get("/notices").status_code == 302


def test_the_count_costs_a_page_one_statement_and_an_answer_without_a_bell_none(
    as_person: AsPerson, world: World, counted: list[str]
) -> None:
    client = as_person(world.ayu)
    tell_ayu(world)
    client.get("/notices")
    counted.clear()
    client.get("/notices")
    assert (
        len([statement for statement in counted if "count(" in statement.lower() and "is null" in statement.lower()])
        == 1
    )
    counted.clear()
    client.get("/people/1", headers={"Accept": "application/json"})
    assert [statement for statement in counted if "notice" in statement] == []


def test_a_notice_stored_without_a_parameter_its_words_have_since_been_given_hides_no_other(
    as_person: AsPerson, world: World
) -> None:
    with writing() as db:
        notify(db, world.ayu, "enrolled", {"batch": "Angkatan II"}, at=NINE)
        params = {"batch": "Angkatan I", "programme": {"id": "Prima", "en": "Excellence"}, "role": Said("role_trainee")}
        notify(db, world.ayu, "enrolled", params, at=NINE)
    page = as_person(world.ayu).get("/notices").text
    assert "Angkatan II" in page and "–" in page
    assert "Angkatan I " in page or "Angkatan I<" in page or "Angkatan I," in page


def test_older_notices_are_on_further_pages_and_those_not_read_on_a_view_of_their_own(
    as_person: AsPerson, world: World
) -> None:
    first = tell_ayu(world)
    for _ in range(PER_PAGE):
        tell_ayu(world)
    client = as_person(world.ayu)
    assert client.get("/notices").text.count("list-item") == PER_PAGE
    last = client.get("/notices?page=2").text
    assert last.count("list-item") == 1 and f"/notices/{first}/open" in last
    # A page there is not is the last; so is one beyond any number.
    assert f"/notices/{first}/open" in client.get("/notices?page=999999999999999999999").text
    client.post(f"/notices/{first}/open")
    assert client.get("/notices?show=unread&page=2").text.count("list-item") == PER_PAGE
    client.post("/notices/read")
    assert "All is read" in client.get("/notices?show=unread").text
