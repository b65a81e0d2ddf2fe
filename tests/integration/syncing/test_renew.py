"""What an older version left is made anew at a start, what was written in the browser included."""

import io
import struct
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from lms import syncing
from lms.courses import files, render
from lms.courses.models import Course, Media, Revision
from lms.courses.rules import CourseDraft, FileKind, ModuleDraft, Size, TextDraft
from lms.courses.service import attaching, publishing
from lms.db import reading, writing
from lms.quizzes.models import QuestionVersion
from lms.quizzes.rules.questions import Choice, SingleChoice
from lms.quizzes.rules.wording import Wording
from lms.quizzes.service import bank
from tests.factories import NINE, World

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + struct.pack(">LLBBBBB", 640, 400, 8, 2, 0, 0, 0) + b"\0\0\0\0"
TEXT = "![Loket](media/loket.png)"


@pytest.fixture
def slug(app: Flask, world: World) -> str:
    """A course written in the browser: a picture, a lesson and a question of the bank that show it."""
    stored = files.keep(app.config["SETTINGS"].uploads, io.BytesIO(PNG), most=len(PNG))
    by: dict[str, Any] = {"by": world.iskandar, "at": NINE}
    with writing() as db:
        course = publishing.create_course(db, CourseDraft(title_id="Bergambar"), **by)
        attaching.add_picture(db, course, stored, "Loket.png", at=NINE)
        module = publishing.create_module(db, course, ModuleDraft(title="Satu", language="id"), **by)
        draft = TextDraft(language="id", title="Satu", markdown=TEXT, base=0, seen=1)
        publishing.publish(db, course, module, draft, publishing.render_draft(db, course, "id", TEXT), **by)
        choices = tuple(Choice(key, Wording(id=key), weight, None, "loket.png") for key, weight in (("a", 1), ("b", 0)))
        question = SingleChoice(key="q", text=Wording(id=TEXT), choices=choices)  # type: ignore[arg-type]
        bank.publish(db, course, question, draft=None, known=None, **by)
        return course.slug


def stored(slug: str) -> tuple[Media, str, dict[str, Any]]:
    with reading() as db:
        course = db.scalars(select(Course.id).where(Course.slug == slug)).one()
        media = db.scalars(select(Media).where(Media.course_id == course)).one()
        html = db.scalars(select(Revision.html).where(Revision.is_current, Revision.title == "Satu")).one()
        return media, html, db.scalars(select(QuestionVersion.html)).one()


def grow_old() -> None:
    """Leave the rows as a version before pictures were measured wrote them."""
    old = '<p><img src="/old.png" alt="Loket"></p>'
    with writing() as db:
        db.execute(update(Media).values(width=None, height=None))
        db.execute(update(Revision).values(html=old, renderer=render.VERSION - 1))
        pictures = {"id": old, "pictures": {"a": "/old.png", "b": "/old.png"}}
        db.execute(update(QuestionVersion).values(html=pictures, renderer=render.VERSION - 1))


def test_what_is_written_in_the_browser_says_its_pictures_sizes(slug: str) -> None:
    media, html, question = stored(slug)
    assert (media.kind, media.pixels) == (FileKind.PNG, Size(640, 400))
    assert 'width="640"' in html and 'height="400"' in html
    assert 'width="640"' in question["id"] and question["sizes"] == {"a": [640, 400], "b": [640, 400]}


def test_what_an_older_version_rendered_is_renewed_once(app: Flask, slug: str) -> None:
    before = stored(slug)
    grow_old()
    renewed = syncing.renew(app.config["SETTINGS"])
    assert f"{slug}/satu.id" in renewed and f"{slug}/quizzes" in renewed
    media, html, question = stored(slug)
    assert (media.pixels, html, question) == (before[0].pixels, before[1], before[2])
    assert syncing.renew(app.config["SETTINGS"]) == []


def test_a_picture_whose_file_is_away_is_shown_without_a_size(app: Flask, slug: str) -> None:
    settings = app.config["SETTINGS"]
    files.path_of(settings.uploads, stored(slug)[0].sha256).unlink()
    grow_old()
    assert syncing.renew(settings)
    media, html, question = stored(slug)
    assert media.pixels is None and "width" not in html and "sizes" not in question
    assert f"/courses/{slug}/media/loket.png" in html
