"""Writing in the browser: draft → preview → publish, and who may."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms.accounts import principal
from lms.courses.models import Course, Module, ModuleDraft, Revision
from lms.db import reading, writing
from tests.factories import World
from tests.integration.courses.conftest import Library

AsPerson = Callable[[int], FlaskClient]


def text(**changes: Any) -> dict[str, Any]:
    values = {"language": "id", "title": "Sopan santun", "markdown": "## Baru\n\nTeks **baru**.", "base": 1, "seen": 0}
    return {**values, **changes}


def count(model: type) -> int:
    with reading() as db:
        return db.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def iskandar(as_person: AsPerson, world: World) -> FlaskClient:
    return as_person(world.iskandar)


def test_a_draft_is_kept_and_readers_do_not_see_it(
    library: Library, iskandar: FlaskClient, as_person: AsPerson, world: World
) -> None:
    answer = iskandar.post("/courses/prima/sopan/edit", data=text())
    assert answer.status_code == 302
    assert "Teks **baru**." in iskandar.get("/courses/prima/sopan/edit?language=id").text
    assert "baru" not in as_person(world.ayu).get("/courses/prima/sopan?in=id").text
    assert "draft" in iskandar.get("/courses/prima/edit").text


def test_publishing_makes_a_revision_that_readers_see(
    library: Library, iskandar: FlaskClient, as_person: AsPerson, world: World
) -> None:
    iskandar.post("/courses/prima/sopan/edit", data=text())
    answer = iskandar.post("/courses/prima/sopan/publish", data=text(seen=1))
    assert answer.location == "/courses/prima/sopan?in=id"
    assert "<strong>baru</strong>" in as_person(world.ayu).get("/courses/prima/sopan?in=id").text
    assert [(one.number, one.is_current) for one in library.revisions("sopan")] == [(1, False), (2, True)]
    assert library.revisions("sopan")[1].published_by == world.iskandar
    assert count(ModuleDraft) == 0


def test_publishing_the_same_text_again_makes_no_revision(library: Library, iskandar: FlaskClient) -> None:
    iskandar.post("/courses/prima/sopan/publish", data=text())
    iskandar.post("/courses/prima/sopan/publish", data=text(base=2, markdown="## Baru\r\n\r\nTeks **baru**.\r\n"))
    assert len(library.revisions("sopan")) == 2


def test_every_publication_can_be_looked_at_and_written_on_from(library: Library, iskandar: FlaskClient) -> None:
    iskandar.post("/courses/prima/sopan/publish", data=text())
    page = iskandar.get("/courses/prima/sopan/revisions").text
    assert "revision 1" in page
    assert "revision 2" in page
    assert "Iskandar Rahman" in page
    assert "Senyum." in iskandar.get("/courses/prima/sopan/revisions/id/1").text
    assert "Senyum." in iskandar.get("/courses/prima/sopan/edit?language=id&from=1").text
    assert iskandar.get("/courses/prima/sopan/revisions/id/9").status_code == 404


def test_a_preview_is_the_published_html_and_stores_nothing(library: Library, iskandar: FlaskClient) -> None:
    sent = {"language": "id", "markdown": "**a** <script>alert(1)</script>\n\n![x](media/tidak.png)"}
    answer = iskandar.post("/courses/prima/sopan/preview", json=sent)
    assert answer.status_code == 200
    assert "<strong>a</strong> &lt;script&gt;" in answer.json["html"]
    assert [(one["line"], one["error"]) for one in answer.json["problems"]] == [(3, True)]
    assert count(ModuleDraft) == 0
    without_script = iskandar.post("/courses/prima/sopan/edit", data=text(action="preview"))
    assert "<strong>baru</strong>" in without_script.text
    assert count(ModuleDraft) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"markdown": "![x](media/tidak.png)"},
        {"markdown": "[x](99-tidak.id.md)"},
        {"markdown": "[" * 500},
        {"markdown": " \n "},
        {"markdown": "x" * 100_001},
        {"title": " "},
        {"title": "x" * 201},
        {"language": "fr"},
        {"base": "-1"},
        {"base": "x"},
    ],
)
def test_what_cannot_be_published_is_refused_and_nothing_stored(
    library: Library, iskandar: FlaskClient, changes: dict[str, Any]
) -> None:
    answer = iskandar.post("/courses/prima/sopan/publish", data=text(**changes))
    assert answer.status_code == 422
    assert len(library.revisions("sopan")) == 1
    assert count(ModuleDraft) == 0


def test_a_refused_text_is_still_in_the_editor(library: Library, iskandar: FlaskClient) -> None:
    answer = iskandar.post("/courses/prima/sopan/publish", data=text(markdown="Panjang sekali ![x](media/no.png)"))
    assert "Panjang sekali ![x](media/no.png)" in answer.text


def test_a_colleagues_newer_publication_is_not_overwritten_unknowingly(
    library: Library, iskandar: FlaskClient, as_person: AsPerson, world: World
) -> None:
    as_person(world.admin).post("/courses/prima/sopan/publish", data=text(markdown="Dari admin."))
    answer = iskandar.post("/courses/prima/sopan/publish", data=text())
    assert answer.status_code == 409
    assert "Admin Jembatan" in answer.text
    assert "Teks **baru**." in answer.text
    assert 'name="base" value="2"' in answer.text
    assert len(library.revisions("sopan")) == 2
    assert iskandar.post("/courses/prima/sopan/publish", data=text(base=2)).status_code == 302


def test_a_colleagues_draft_is_not_overwritten_unknowingly(
    library: Library, iskandar: FlaskClient, as_person: AsPerson, world: World
) -> None:
    as_person(world.admin).post("/courses/prima/sopan/edit", data=text(markdown="Dari admin."))
    answer = iskandar.post("/courses/prima/sopan/edit", data=text())
    assert answer.status_code == 409
    assert 'name="seen" value="1"' in answer.text
    with reading() as db:
        assert db.scalars(select(ModuleDraft.markdown)).one() == "Dari admin."


def test_two_publications_at_once_give_two_numbers_or_one_refusal(
    app: Flask, library: Library, as_person: AsPerson, world: World
) -> None:
    clients = [as_person(world.iskandar), as_person(world.admin)]

    def publish(number: int) -> int:
        return clients[number].post("/courses/prima/sopan/publish", data=text(markdown=f"Teks {number}.")).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(publish, range(2))) == [302, 409]
    assert [one.is_current for one in library.revisions("sopan")] == [False, True]


def test_a_draft_can_be_thrown_away(library: Library, iskandar: FlaskClient) -> None:
    iskandar.post("/courses/prima/sopan/edit", data=text())
    iskandar.post("/courses/prima/sopan/discard", data={"language": "id"})
    assert count(ModuleDraft) == 0
    assert "Senyum." in iskandar.get("/courses/prima/sopan/edit?language=id").text


PAGES = [
    ("GET", "/courses/prima/edit"),
    ("GET", "/courses/prima/sopan/edit"),
    ("GET", "/courses/prima/sopan/revisions"),
    ("GET", "/courses/prima/sopan/revisions/id/1"),
    ("GET", "/courses/prima/sopan/attachments"),
    ("POST", "/courses/prima/edit"),
    ("POST", "/courses/prima/new"),
    ("POST", "/courses/prima/move"),
    ("POST", "/courses/prima/media"),
    ("POST", "/courses/prima/sopan/edit"),
    ("POST", "/courses/prima/sopan/publish"),
    ("POST", "/courses/prima/sopan/discard"),
    ("POST", "/courses/prima/sopan/archive"),
    ("POST", "/courses/prima/sopan/attachments"),
    ("POST", "/courses/prima/sopan/attachments/1/remove"),
]
SENT = {**text(), "title_id": "X", "module": "1", "step": "1"}


@pytest.mark.parametrize(("method", "path"), PAGES)
def test_readers_may_not_edit_and_strangers_do_not_know_the_course(
    library: Library, hidden: str, as_person: AsPerson, world: World, method: str, path: str
) -> None:
    for person in (world.ayu, world.citra):
        fields = {name: SENT[name] for name in fields_of(path)}
        assert as_person(person).open(path, method=method, data=fields).status_code == 403
    fields = {name: SENT[name] for name in fields_of(path)}
    stranger = as_person(world.iskandar).open(path.replace("prima", hidden), method=method, data=fields)
    assert stranger.status_code == 404
    assert len(library.revisions("sopan")) == 1
    assert count(ModuleDraft) == 0


def fields_of(path: str) -> tuple[str, ...]:
    if path.endswith("/new"):
        return ("title", "language")
    if path.endswith("/move"):
        return ("module", "step")
    if path == "/courses/prima/edit":
        return ("title_id",)
    return ("language", "title", "markdown", "base", "seen") if "/sopan/" in path else ()


def test_an_instructor_begins_a_course_and_may_go_on_with_it(iskandar: FlaskClient, world: World) -> None:
    answer = iskandar.post("/courses/new", data={"title_en": "Listening Well", "summary_en": "To people."})
    assert answer.location == "/courses/listening-well/edit"
    answer = iskandar.post("/courses/listening-well/new", data={"language": "en", "title": "First things"})
    assert answer.location == "/courses/listening-well/first-things/edit?language=en"
    assert "First things" in iskandar.get(answer.location).text
    published = text(language="en", title="First things", base=0, seen=1)
    assert iskandar.post("/courses/listening-well/first-things/publish", data=published).status_code == 302
    assert "First things" in iskandar.get("/courses/listening-well").text


def test_a_trainee_may_not_begin_a_course(as_person: AsPerson, world: World) -> None:
    before = count(Course)
    assert as_person(world.ayu).post("/courses/new", data={"title_id": "X"}).status_code == 403
    assert count(Course) == before


def test_a_course_needs_a_title_in_one_language(iskandar: FlaskClient, world: World) -> None:
    before = count(Course)
    assert iskandar.post("/courses/new", data={"summary_id": "x"}).status_code == 422
    assert iskandar.post("/courses/new", data={"title_id": "x" * 201}).status_code == 422
    assert count(Course) == before


def test_two_courses_of_one_title_have_two_addresses(iskandar: FlaskClient, world: World) -> None:
    slugs = [iskandar.post("/courses/new", data={"title_id": "New"}).location for _ in range(2)]
    assert slugs == ["/courses/new-2/edit", "/courses/new-3/edit"]


def test_modules_move_up_and_down(iskandar: FlaskClient, world: World) -> None:
    iskandar.post("/courses/new", data={"title_id": "Kursus"})
    for title in ("Satu", "Dua", "Tiga"):
        iskandar.post("/courses/kursus/new", data={"language": "id", "title": title})

    def order() -> list[tuple[str, int]]:
        with reading() as db:
            rows = db.execute(select(Module.key, Module.id).order_by(Module.position))
            return [(row.key, row.id) for row in rows]

    ids = dict(order())
    iskandar.post("/courses/kursus/move", data={"module": ids["tiga"], "step": "-1"})
    assert [key for key, _ in order()] == ["satu", "tiga", "dua"]
    iskandar.post("/courses/kursus/move", data={"module": ids["satu"], "step": "-1"})
    assert [key for key, _ in order()] == ["satu", "tiga", "dua"]
    assert iskandar.post("/courses/kursus/move", data={"module": 999, "step": "1"}).status_code == 404
    assert iskandar.post("/courses/kursus/move", data={"module": ids["satu"], "step": "7"}).status_code == 422


def test_a_course_from_a_folder_keeps_its_head_and_order(library: Library, iskandar: FlaskClient) -> None:
    assert iskandar.post("/courses/prima/edit", data={"title_id": "Lain"}).status_code == 409
    module_id = library.module("sopan").id
    assert iskandar.post("/courses/prima/move", data={"module": module_id, "step": "1"}).status_code == 409


def test_an_archived_module_can_be_put_back(library: Library, iskandar: FlaskClient) -> None:
    iskandar.post("/courses/prima/sopan/archive")
    assert iskandar.get("/courses/prima/sopan").status_code == 404
    assert "Put back" in iskandar.get("/courses/prima/edit").text
    iskandar.post("/courses/prima/sopan/archive", data={"undo": "1"})
    assert iskandar.get("/courses/prima/sopan").status_code == 200


def test_the_database_keeps_one_current_revision_a_language(library: Library) -> None:
    principal.forget()
    with pytest.raises(Exception, match=r"(?i)unique"), writing() as db:
        for revision in db.scalars(select(Revision).where(Revision.module_id == library.module("sopan").id)):
            db.add(
                Revision(
                    module_id=revision.module_id,
                    language=revision.language,
                    number=99,
                    is_current=True,
                    title="x",
                    markdown="x",
                    html="x",
                    renderer=1,
                    hash="x",
                    origin="web",
                    published_at=revision.published_at,
                )
            )
