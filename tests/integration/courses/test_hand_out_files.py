"""Files: checked by content, kept outside the web root, handed to those who may read the course."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms.courses.models import Attachment, Media
from lms.db import reading
from tests.factories import World
from tests.integration.courses.conftest import Library

AsPerson = Callable[[int], FlaskClient]

PDF = b"%PDF-1.7\n" + b"slides " * 1000
MP4 = b"\0\0\0\x20ftypisom\0\0\x02\0" + b"\0" * 5000
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100


def pptx(*more: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("[Content_Types].xml", "ppt/presentation.xml", *more):
            # Without the time of day: the same twice is the same file.
            archive.writestr(zipfile.ZipInfo(name), "x")
    return packed.getvalue()


def send(client: FlaskClient, content: bytes, name: str, path: str = "attachments", **fields: Any) -> Any:
    where = f"/courses/prima/{path}" if path == "media" else f"/courses/prima/sopan/{path}"
    return client.post(where, data={"file": (io.BytesIO(content), name), **fields})


def attached() -> list[Attachment]:
    with reading() as db:
        return list(db.scalars(select(Attachment).order_by(Attachment.id)))


@pytest.fixture
def iskandar(as_person: AsPerson, world: World) -> FlaskClient:
    return as_person(world.iskandar)


def test_an_attachment_is_handed_to_readers_as_a_download(
    library: Library, iskandar: FlaskClient, as_person: AsPerson, world: World
) -> None:
    assert send(iskandar, PDF, "Bahan Tayang.pdf", title="Slides").status_code == 302
    (one,) = attached()
    ayu = as_person(world.ayu)
    assert "Slides" in ayu.get("/courses/prima/sopan").text
    answer = ayu.get(f"/courses/prima/sopan/attachments/{one.id}")
    assert answer.data == PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert "private" in answer.headers["Cache-Control"]


def test_a_film_is_sent_in_the_part_asked_for(
    library: Library, iskandar: FlaskClient, as_person: AsPerson, world: World
) -> None:
    send(iskandar, MP4, "film.mp4")
    path = f"/courses/prima/sopan/attachments/{attached()[0].id}"
    ayu = as_person(world.ayu)
    answer = ayu.get(path, headers={"Range": "bytes=4-7"})
    assert (answer.status_code, answer.data) == (206, b"ftyp")
    assert answer.headers["Content-Range"] == f"bytes 4-7/{len(MP4)}"
    assert answer.headers["Content-Disposition"].startswith("inline")
    whole = ayu.get(path)
    assert ayu.get(path, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304


def test_the_bytes_lie_outside_the_web_root_under_their_hash(library: Library, iskandar: FlaskClient) -> None:
    send(iskandar, PDF, "../../../../etc/passwd.pdf")
    (one,) = attached()
    assert one.filename == "passwd.pdf"
    assert (library.uploads / one.sha256[:2] / one.sha256).read_bytes() == PDF
    assert list(library.uploads.glob("incoming-*")) == []


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("laporan.pdf.exe", "laporan.pdf.exe.pdf"),
        ("\u202efdp.pdf", "fdp.pdf"),
        ("...pdf", "pdf.pdf"),
    ],
)
def test_a_file_is_called_what_its_content_is(library: Library, iskandar: FlaskClient, name: str, kept: str) -> None:
    send(iskandar, PDF, name)
    assert attached()[0].filename == kept


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "kosong.pdf"),
        (b"<html><script>alert(1)</script>", "bahan.pdf"),
        (b"MZ\x90\0", "bahan.pptx"),
        (b"PK\x03\x04 rusak", "bahan.pptx"),
        (pptx("ppt/vbaProject.bin"), "bahan.pptm"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"></svg>', "gambar.svg"),
        (b"GIF89a\0\0", "gambar.gif"),
    ],
)
def test_what_may_not_be_uploaded_is_refused_and_nothing_stored(
    library: Library, iskandar: FlaskClient, content: bytes, name: str
) -> None:
    assert send(iskandar, content, name).status_code == 422
    assert attached() == []
    assert list(library.uploads.glob("incoming-*")) == []


def test_an_upload_over_the_limit_is_refused(
    library: Library, iskandar: FlaskClient, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = app.config["SETTINGS"]
    monkeypatch.setitem(app.config, "SETTINGS", type(settings)(**{**settings.__dict__, "upload_limit": 1000}))
    assert send(iskandar, PDF, "besar.pdf").status_code == 422
    assert attached() == []


def test_a_form_without_a_file_is_refused(library: Library, iskandar: FlaskClient) -> None:
    assert iskandar.post("/courses/prima/sopan/attachments", data={"title": "x"}).status_code == 422


def test_the_same_file_attached_twice_is_one_attachment(library: Library, iskandar: FlaskClient) -> None:
    send(iskandar, pptx(), "bahan.pptx")
    send(iskandar, pptx(), "bahan lagi.pptx")
    assert len({one.sha256 for one in attached()}) == len(attached()) == 1


def test_a_removed_attachment_is_no_longer_handed_out(
    library: Library, iskandar: FlaskClient, as_person: AsPerson, world: World
) -> None:
    send(iskandar, PDF, "bahan.pdf")
    number = attached()[0].id
    iskandar.post(f"/courses/prima/sopan/attachments/{number}/remove")
    assert as_person(world.ayu).get(f"/courses/prima/sopan/attachments/{number}").status_code == 404
    assert attached()[0].removed_at is not None
    assert send(iskandar, PDF, "bahan.pdf").status_code == 302
    assert len(attached()) == 2


def test_files_are_for_readers_of_the_course_alone(
    library: Library, hidden: str, iskandar: FlaskClient, as_person: AsPerson, world: World, client: FlaskClient
) -> None:
    send(iskandar, PDF, "bahan.pdf")
    number = attached()[0].id
    ayu = as_person(world.ayu)
    assert ayu.get(f"/courses/{hidden}/sopan/attachments/{number}").status_code == 404
    assert ayu.get(f"/courses/prima/antre/attachments/{number}").status_code == 404
    assert client.get(f"/courses/prima/sopan/attachments/{number}").status_code == 302
    assert send(ayu, PDF, "punyaku.pdf").status_code == 403


def test_a_lessons_picture_is_shown_and_cannot_run(library: Library, as_person: AsPerson, world: World) -> None:
    answer = as_person(world.ayu).get("/courses/prima/media/loket.svg")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert as_person(world.ayu).get("/courses/prima/media/..%2f..%2fetc%2fpasswd").status_code == 404


def test_a_picture_added_in_the_browser_can_be_written_into_a_lesson(library: Library, iskandar: FlaskClient) -> None:
    assert send(iskandar, PNG, "Ruang Tunggu (baru).PNG", "media").status_code == 302
    with reading() as db:
        assert db.scalars(select(Media.name).where(Media.origin == "web")).one() == "ruang-tunggu-baru.png"
    sent = {"language": "id", "markdown": "![Ruang](media/ruang-tunggu-baru.png)"}
    answer = iskandar.post("/courses/prima/sopan/preview", json=sent)
    assert answer.json["problems"] == []
    assert not library.sync()


def test_a_document_is_no_picture(library: Library, iskandar: FlaskClient) -> None:
    assert send(iskandar, PDF, "bahan.pdf", "media").status_code == 422
    with reading() as db:
        assert db.scalar(select(func.count()).select_from(Media)) == 1
