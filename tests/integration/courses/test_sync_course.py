"""A folder becomes rows: revisions where texts differ, nothing where nothing does."""

from sqlalchemy import func, select, update

from lms.accounts.models import AuditEntry
from lms.courses import render
from lms.courses.models import Course, Media, Module, Progress, Revision
from lms.courses.rules import TextDraft
from lms.courses.service import publishing
from lms.courses.service import reading as service
from lms.db import reading, writing
from tests.factories import NINE, World
from tests.integration.courses.conftest import FILES, Library


def count(model: type) -> int:
    with reading() as db:
        return db.scalar(select(func.count()).select_from(model)) or 0


def test_a_folder_becomes_a_course_with_revisions(library: Library) -> None:
    (first,) = library.revisions("sopan")
    assert (first.number, first.is_current, first.title, first.origin) == (1, True, "Sopan santun", "folder")
    assert first.headings == [[2, "b-salam", "Salam"]]
    with reading() as db:
        course = db.scalars(select(Course).where(Course.slug == "prima")).one()
        assert (course.title_en, course.languages, course.origin) == ("Service Excellence", ["id", "en"], "folder")


def test_syncing_again_changes_nothing_at_all(library: Library, counted: list[str]) -> None:
    before = [count(model) for model in (Course, Module, Revision, Media, AuditEntry)]
    counted.clear()
    assert not library.sync()
    assert [sql for sql in counted if not sql.lstrip().upper().startswith("SELECT")] == []
    assert [count(model) for model in (Course, Module, Revision, Media, AuditEntry)] == before


def test_only_the_text_that_changed_gets_a_new_revision(library: Library) -> None:
    library.write("01-sopan.id.md", "# Sopan santun\n\nBaru.\n")
    synced = library.sync()
    assert synced.revised == ("sopan.id",)
    old, new = library.revisions("sopan")
    assert (old.is_current, new.is_current, new.number) == (False, True, 2)
    assert len(library.revisions("sopan", "en")) == 1


def test_a_file_that_is_gone_archives_its_module_and_keeps_what_was_read(library: Library, world: World) -> None:
    module_id = library.module("lapor").id
    with writing() as db:
        service.mark_read(db, module_id, world.ayu, at=NINE)
    text = (library.folder / "03-lapor.id.md").read_text()
    library.write("03-lapor.id.md", None)
    assert library.sync().archived == ("lapor",)
    assert library.module("lapor").archived_at is not None
    library.write("03-lapor.id.md", text)
    assert library.sync().restored == ("lapor",)
    assert library.module("lapor").archived_at is None
    assert len(library.revisions("lapor")) == 1
    assert count(Progress) == 1


def test_another_number_moves_the_module_and_makes_no_revision(library: Library) -> None:
    (library.folder / "02-antre.id.md").rename(library.folder / "09-antre.id.md")
    (library.folder / "02-antre.en.md").rename(library.folder / "09-antre.en.md")
    synced = library.sync()
    assert (synced.moved, synced.revised) == (("antre",), ())
    assert library.module("antre").position == 9


def test_what_was_published_in_the_browser_stays_until_its_file_changes(library: Library, world: World) -> None:
    draft = TextDraft(language="id", title="Sopan", markdown="Dari peramban.", base=1)
    with writing() as db:
        course = db.get_one(Course, library.id())
        module = db.get_one(Module, library.module("sopan").id)
        rendered = publishing.render_draft(db, course, "id", draft.markdown)
        publishing.publish(db, course, module, draft, rendered, by=world.iskandar, at=NINE)
    assert not library.sync()
    assert library.revisions("sopan")[-1].origin == "web"
    library.write("01-sopan.id.md", "# Sopan santun\n\nDari berkas.\n")
    assert library.sync().revised == ("sopan.id",)
    assert [revision.is_current for revision in library.revisions("sopan")] == [False, False, True]


def test_html_of_an_older_renderer_is_made_again_without_a_revision(library: Library) -> None:
    with writing() as db:
        for revision in db.scalars(select(Revision)):
            revision.renderer = render.VERSION - 1
    assert len(library.sync().rendered) == 5
    assert len(library.revisions("sopan")) == 1
    assert not library.sync()


def test_the_bytes_of_media_lie_in_the_store_and_follow_their_file(library: Library) -> None:
    def stored() -> Media:
        with reading() as db:
            return db.scalars(select(Media)).one()

    first = stored()
    assert (library.uploads / first.sha256[:2] / first.sha256).read_text().startswith("<svg")
    library.write("media/loket.svg", '<svg xmlns="http://www.w3.org/2000/svg"></svg>')
    assert library.sync().media == ("loket.svg",)
    assert stored().sha256 != first.sha256
    library.write("01-sopan.id.md", "# Sopan santun\n\nTanpa gambar.\n")
    library.write("media/loket.svg", None)
    assert library.sync().media == ("loket.svg",)
    assert count(Media) == 0


def test_a_picture_of_another_size_under_the_same_name_is_shown_in_its_own(library: Library) -> None:
    def html() -> str:
        with reading() as db:
            module = library.module("sopan").id
            shown = select(Revision.html).where(Revision.module_id == module, Revision.language == "id")
            return db.scalars(shown.where(Revision.is_current)).one()

    assert 'width="1000"' in html() and 'height="1000"' in html()
    library.write("media/loket.svg", FILES["media/loket.svg"].replace("0 0 10 10", "0 0 10 4"))
    synced = library.sync()
    assert synced.media == ("loket.svg",) and synced.revised == () and "sopan.id" in synced.rendered
    assert 'width="1000"' in html() and 'height="400"' in html()
    # Another drawing of the same size changes no page.
    library.write("media/loket.svg", FILES["media/loket.svg"].replace("0 0 10 10", "0 0 20 8"))
    synced = library.sync()
    assert synced.media == ("loket.svg",) and synced.rendered == ()


def test_pictures_from_before_they_were_measured_are_measured(library: Library) -> None:
    with writing() as db:
        db.execute(update(Media).values(width=None, height=None))
    assert library.sync().media == ("loket.svg",)
    with reading() as db:
        assert db.scalars(select(Media)).one().pixels == (1000, 1000)
    assert not library.sync()
