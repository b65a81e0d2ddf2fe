"""Reading: the library, the outline with ticks, lessons in either language, ticking them."""

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms.courses.models import Module, Progress
from lms.db import reading, writing
from tests.factories import NINE, World
from tests.integration.courses.conftest import Library

AsPerson = Callable[[int], FlaskClient]


def ticks(person_id: int) -> int:
    with reading() as db:
        return db.scalar(select(func.count()).where(Progress.person_id == person_id)) or 0


def test_the_library_shows_what_one_is_taught_and_nothing_else(
    library: Library, hidden: str, as_person: AsPerson, world: World
) -> None:
    page = as_person(world.ayu).get("/courses").text
    assert "Service Excellence" in page
    assert "0 of 3" in page
    assert "Rahasia" not in page


def test_nobody_reads_without_signing_in(library: Library, client: FlaskClient) -> None:
    for path in ("/courses", "/courses/prima", "/courses/prima/sopan", "/courses/prima/media/loket.svg"):
        assert client.get(path).status_code == 302


def test_a_stranger_to_the_course_gets_404(library: Library, hidden: str, as_person: AsPerson, world: World) -> None:
    ayu = as_person(world.ayu)
    assert ayu.get(f"/courses/{hidden}").status_code == 404
    assert ayu.get("/courses/tidak-ada").status_code == 404
    assert ayu.get("/courses/prima/tidak-ada").status_code == 404


def test_a_lesson_comes_in_the_readers_language_and_in_the_other_on_request(
    library: Library, as_person: AsPerson, world: World
) -> None:
    ayu = as_person(world.ayu)
    page = ayu.get("/courses/prima/sopan").text
    assert "<h1>Courtesy</h1>" in page
    assert 'id="b-greeting"' in page
    other = ayu.get("/courses/prima/sopan?in=id").text
    assert '<article class="prose lesson" lang="id">' in other
    assert 'src="/courses/prima/media/loket.svg"' in other


def test_a_lesson_not_translated_comes_in_the_main_language_and_says_so(
    library: Library, as_person: AsPerson, world: World
) -> None:
    page = as_person(world.ayu).get("/courses/prima/lapor").text
    assert '<h1><span lang="id">Pengaduan</span></h1>' in page
    assert "not translated yet" in page


def test_a_lesson_names_its_neighbours(library: Library, as_person: AsPerson, world: World) -> None:
    page = as_person(world.ayu).get("/courses/prima/antre").text
    assert 'rel="prev" href="/courses/prima/sopan"' in page
    assert 'rel="next" href="/courses/prima/lapor"' in page


def test_ticking_a_module_leads_to_the_next_and_counts_once(
    library: Library, as_person: AsPerson, world: World
) -> None:
    ayu = as_person(world.ayu)
    for _ in range(2):
        answer = ayu.post("/courses/prima/sopan/read")
        assert answer.location == "/courses/prima/antre"
    assert ticks(world.ayu) == 1
    assert "1 of 3" in ayu.get("/courses/prima").text
    assert "1 of 3" in ayu.get("/courses").text
    assert "1 of 3" in ayu.get("/courses?q=PRIMA").text
    assert "Nothing matches" in ayu.get("/courses?q=zzz").text
    assert "0 of 3" in as_person(world.budi).get("/courses").text
    assert ayu.post("/courses/prima/lapor/read").location == "/courses/prima"


def test_a_tick_can_be_taken_away(library: Library, as_person: AsPerson, world: World) -> None:
    ayu = as_person(world.ayu)
    ayu.post("/courses/prima/sopan/read")
    assert ayu.post("/courses/prima/sopan/read", data={"undo": "1"}).location == "/courses/prima/sopan"
    assert ticks(world.ayu) == 0


def test_ticking_what_one_may_not_read_changes_nothing(hidden: str, as_person: AsPerson, world: World) -> None:
    assert as_person(world.ayu).post(f"/courses/{hidden}/x/read").status_code == 404
    assert ticks(world.ayu) == 0


def test_an_archived_or_unpublished_module_is_not_there_for_readers(
    library: Library, as_person: AsPerson, world: World
) -> None:
    with writing() as db:
        db.add(Module(course_id=library.id(), key="kosong", position=9, created_at=NINE))
        db.scalars(select(Module).where(Module.key == "antre")).one().archived_at = NINE
    ayu = as_person(world.ayu)
    page = ayu.get("/courses/prima").text
    assert "kosong" not in page
    assert "Queues" not in page
    assert ayu.get("/courses/prima/kosong").status_code == 404
    assert ayu.get("/courses/prima/antre").status_code == 404


def test_a_page_costs_the_same_statements_however_long_the_course_is(
    library: Library, as_person: AsPerson, world: World, counted: list[str]
) -> None:
    ayu = as_person(world.ayu)

    def cost(path: str) -> int:
        ayu.get(path)
        counted.clear()
        ayu.get(path)
        return len(counted)

    paths = ("/courses", "/courses/prima", "/courses/prima/sopan")
    before = [cost(path) for path in paths]
    for number in range(10, 40):
        library.write(f"{number}-modul-{number}.id.md", f"# Modul {number}\n\nIsi.\n")
    library.sync()
    assert [cost(path) for path in paths] == before
    assert max(before) <= 5
