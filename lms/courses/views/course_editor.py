"""Making a course in the browser: its title, its modules and their order, its pictures."""

from collections.abc import Sequence
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from lms import clock
from lms.accounts import guard, principal
from lms.accounts.permissions import Permission
from lms.courses import files
from lms.courses.models import Course, Media
from lms.courses.rules import CourseDraft, ModuleDraft, MoveDraft, Origin
from lms.courses.service import attaching, publishing
from lms.courses.service import reading as service
from lms.courses.views.blueprint import blueprint
from lms.courses.views.wording import LANGUAGE_NAMES, title_of
from lms.db import reading, writing
from lms.kernel.errors import Invalid, Problem
from lms.web.forms import form
from lms.web.i18n import reader


@blueprint.route("/courses/new", methods=["GET", "POST"])
def new_course() -> Any:
    """Begin a course."""
    who = guard.require(needs=Permission.COURSE_CREATE)
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        try:
            draft = form(CourseDraft)
            with writing() as db:
                created = publishing.create_course(db, draft, by=who.id, at=clock.now())
                db.after_commit(lambda: principal.forget([who.id]))
            return redirect(url_for("courses.edit_course", slug=created.slug))
        except Invalid as refused:
            problems = refused.problems
    page = render_template("courses/new_course.html", problems=problems, sent=request.form)
    return page, 422 if problems else 200


@blueprint.route("/courses/<slug>/edit", methods=["GET", "POST"])
def edit_course(slug: str) -> Any:
    """The course as its authors see it: unpublished modules and drafts included."""
    who = guard.principal()
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        try:
            draft = form(CourseDraft)
            with writing() as db:
                found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_EDIT, lock=True)
                publishing.edit_course(db, found, draft, by=who.id, at=clock.now())
            flash(gettext("The changes are saved."), "success")
            return redirect(url_for("courses.edit_course", slug=slug))
        except Invalid as refused:
            problems = refused.problems
    return _page(slug, problems)


@blueprint.post("/courses/<slug>/new")
def new_module(slug: str) -> Any:
    """Add a module and open it in the editor."""
    who = guard.principal()
    try:
        draft = form(ModuleDraft)
        with writing() as db:
            found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_EDIT, lock=True)
            created = publishing.create_module(db, found, draft, by=who.id, at=clock.now())
    except Invalid as refused:
        return _page(slug, refused.problems)
    return redirect(url_for("courses.edit_module", slug=slug, key=created.key, language=draft.language))


@blueprint.post("/courses/<slug>/move")
def move_module(slug: str) -> Any:
    """Put a module one place up or down."""
    who = guard.principal()
    draft = form(MoveDraft)
    with writing() as db:
        found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_EDIT, lock=True)
        publishing.move_module(db, found, draft.module, draft.step, by=who.id, at=clock.now())
    return redirect(url_for("courses.edit_course", slug=slug, _anchor="modules"))


@blueprint.post("/courses/<slug>/<key>/archive")
def archive_module(slug: str, key: str) -> Any:
    """Take a module out of the outline, or put it back."""
    who = guard.principal()
    with writing() as db:
        found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_PUBLISH, lock=True)
        module = service.find_module(db, found, key)
        publishing.archive_module(db, module, archived="undo" not in request.form, by=who.id, at=clock.now())
    return redirect(url_for("courses.edit_course", slug=slug, _anchor="modules"))


@blueprint.post("/courses/<slug>/media")
def add_picture(slug: str) -> Any:
    """Take a picture or film that lessons of this course may show."""
    settings = current_app.config["SETTINGS"]
    with reading() as db:
        guard.load(db, Course, slug=slug, needs=Permission.COURSE_EDIT)
    try:
        upload = request.files.get("file")
        if upload is None or not upload.filename:
            raise Invalid(Problem.of("file_missing", field="file"))
        stored = files.keep(settings.uploads, upload.stream, most=settings.upload_limit)
        with writing() as db:
            found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_EDIT, lock=True)
            added = attaching.add_picture(db, found, stored, upload.filename, at=clock.now())
    except Invalid as refused:
        return _page(slug, refused.problems)
    flash(gettext("Added. Write it into a lesson as %(words)s", words=f"![…](media/{added.name})"), "success")
    return redirect(url_for("courses.edit_course", slug=slug, _anchor="pictures"))


def _page(slug: str, problems: Sequence[Problem]) -> Any:
    with reading() as db:
        found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_EDIT)
        outline = service.outline(db, found, guard.principal().id, reader().language, for_editor=True)
        media = db.scalars(select(Media).where(Media.course_id == found.id).order_by(Media.name)).all()
    page = render_template(
        "courses/edit_course.html",
        course=found,
        title=title_of(found),
        outline=outline,
        media=media,
        is_from_folder=found.origin == Origin.FOLDER,
        language_names=LANGUAGE_NAMES,
        problems=problems,
        sent=request.form,
    )
    return page, 422 if problems else 200
