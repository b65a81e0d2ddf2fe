"""What everybody in a course sees: the library, the outline with ticks, a lesson."""

from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy import select

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.courses.models import Course
from lms.courses.service import reading as service
from lms.courses.views.blueprint import blueprint
from lms.courses.views.wording import LANGUAGE_NAMES, language_or_own, summary_of, title_of
from lms.db import reading, writing
from lms.kernel.errors import NotFound
from lms.web.i18n import reader


@blueprint.get("/courses")
def library() -> Any:
    """The courses the reader may open, with how far they are; `q` looks for words in their titles and summaries."""
    who = guard.require(needs=Permission.COURSE_READ)
    wanted = request.args.get("q", "").strip()[:100]
    statement = select(Course).where(Course.archived_at.is_(None)).order_by(Course.position, Course.id)
    with reading() as db:
        courses = db.scalars(guard.visible(statement, Course, needs=Permission.COURSE_READ)).all()
        summaries = service.summaries(db, [one for one in courses if _tells_of(one, wanted)], who.id)
    return render_template(
        "courses/library.html",
        summaries=summaries,
        count=len(courses),
        q=wanted,
        title_of=title_of,
        summary_of=summary_of,
    )


def _tells_of(course: Course, words: str) -> bool:
    """Return whether each of the words stands in a title or summary of the course, in whatever language."""
    told = (course.title_id, course.title_en, course.summary_id, course.summary_en)
    text = " ".join(one or "" for one in told).casefold()
    return all(word in text for word in words.casefold().split())


@blueprint.get("/courses/<slug>")
def course(slug: str) -> Any:
    """A course's modules in order, ticked where read."""
    who = guard.principal()
    with reading() as db:
        found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_READ)
        outline = service.outline(db, found, who.id, reader().language)
    return render_template(
        "courses/course.html",
        course=found,
        title=title_of(found),
        summary=summary_of(found),
        outline=outline,
        language_names=LANGUAGE_NAMES,
    )


@blueprint.get("/courses/<slug>/<key>")
def module(slug: str, key: str) -> Any:
    """A lesson with its files, and the way to the next one. `?in=en` shows it in another language."""
    who = guard.principal()
    wanted = language_or_own(request.args.get("in"))
    with reading() as db:
        found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_READ)
        outline = service.outline(db, found, who.id, wanted)
        place = next((place for place in outline.places if place.key == key), None)
        if place is None or place.language is None:
            raise NotFound()
        revision = service.lesson(db, place.id, place.language)
        files = service.attachments(db, place.id)
    before, after = outline.around(key)
    return render_template(
        "courses/module.html",
        course=found,
        title=title_of(found),
        outline=outline,
        place=place,
        wanted=wanted,
        revision=revision,
        attachments=files,
        before=before,
        after=after,
        language_names=LANGUAGE_NAMES,
    )


@blueprint.post("/courses/<slug>/<key>/read")
def read(slug: str, key: str) -> Any:
    """Tick the module and go on to the next one, or take the tick away and stay."""
    who = guard.principal()
    with writing() as db:
        found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_READ)
        outline = service.outline(db, found, who.id, reader().language)
        place = next((place for place in outline.places if place.key == key), None)
        if place is None:
            raise NotFound()
        if "undo" in request.form:
            service.mark_unread(db, place.id, who.id)
            return redirect(url_for("courses.module", slug=slug, key=key))
        service.mark_read(db, place.id, who.id, at=clock.now())
    _, after = outline.around(key)
    if after is None:
        return redirect(url_for("courses.course", slug=slug))
    return redirect(url_for("courses.module", slug=slug, key=after.key))
