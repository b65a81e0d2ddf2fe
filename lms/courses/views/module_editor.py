"""Writing a module: draft → preview → publish, its earlier revisions, its attachments."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.courses import files
from lms.courses.models import Course
from lms.courses.rules import AttachmentDraft, PreviewDraft, Rendered, TextDraft, is_error
from lms.courses.service import attaching, publishing
from lms.courses.service import reading as service
from lms.courses.views.blueprint import blueprint
from lms.courses.views.wording import LANGUAGE_NAMES, language_or_own, title_of
from lms.db import reading, writing
from lms.kernel.errors import Conflict, Invalid, Problem, Said
from lms.web.forms import form, json_draft
from lms.web.i18n import say
from lms.web.row_numbers import row_number


@dataclass(frozen=True)
class Sheet:
    """What stands in the editor: the text, and where it started from."""

    language: str
    title: str
    markdown: str
    base: int
    seen: int


@blueprint.get("/courses/<slug>/<key>/edit")
def edit_module(slug: str, key: str) -> Any:
    """The editor. `?language=` chooses the language, `?from=` starts from an earlier revision."""
    language = language_or_own(request.args.get("language"))
    with reading() as db:
        found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_EDIT)
        module = service.find_module(db, found, key)
        earlier = request.args.get("from", type=row_number)
        draft = service.find_draft(db, module, language)
        current = publishing.current_revisions(db, [module.id]).get((module.id, language))
        base, seen = current.number if current else 0, draft.version if draft else 0
        if earlier:
            shown = service.find_revision(db, module, language, earlier)
            sheet = Sheet(language, shown.title, shown.markdown, base, seen)
        elif draft is not None:
            sheet = Sheet(language, draft.title, draft.markdown, draft.base, seen)
        elif current is not None:
            shown = service.find_revision(db, module, language, current.number)
            sheet = Sheet(language, shown.title, shown.markdown, base, seen)
        else:
            sheet = Sheet(language, "", "", 0, 0)
    return _page(slug, key, sheet)


@blueprint.post("/courses/<slug>/<key>/edit")
def save_module(slug: str, key: str) -> Any:
    """Keep the draft, or look at it (`action=preview`, for browsers without script)."""
    who = guard.principal()
    with reading() as db:
        guard.load(db, Course, slug=slug, needs=Permission.COURSE_EDIT)
    try:
        draft = form(TextDraft)
        if request.form.get("action") == "preview":
            return _page(slug, key, _sheet(draft), rendered=_render(slug, draft))
        with writing() as db:
            found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_EDIT)
            publishing.save_draft(db, service.find_module(db, found, key), draft, by=who.id, at=clock.now())
    except Invalid as refused:
        return _page(slug, key, _sent(), problems=refused.problems, status=422)
    except Conflict as conflict:
        return _page(slug, key, _caught_up(slug, key, draft), conflict=conflict.said, status=409)
    flash(gettext("The draft is saved. Readers do not see it yet."), "success")
    return redirect(url_for("courses.edit_module", slug=slug, key=key, language=draft.language))


@blueprint.post("/courses/<slug>/<key>/publish")
def publish_module(slug: str, key: str) -> Any:
    """Make the text what readers see, as a new revision."""
    who = guard.principal()
    with reading() as db:
        guard.load(db, Course, slug=slug, needs=Permission.COURSE_PUBLISH)
    try:
        draft = form(TextDraft)
        # Rendered before the transaction: a long text must not hold up everybody else's writing.
        rendered = _render(slug, draft)
        with writing() as db:
            found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_PUBLISH, lock=True)
            module = service.find_module(db, found, key)
            publishing.publish(db, found, module, draft, rendered, by=who.id, at=clock.now())
    except Invalid as refused:
        return _page(slug, key, _sent(), problems=refused.problems, status=422)
    except Conflict as conflict:
        return _page(slug, key, _caught_up(slug, key, draft), conflict=conflict.said, status=409)
    flash(gettext("Published. Readers see this text from now on."), "success")
    shown: dict[str, Any] = {"in": draft.language}
    return redirect(url_for("courses.module", slug=slug, key=key, **shown))


@blueprint.post("/courses/<slug>/<key>/discard")
def discard_draft(slug: str, key: str) -> Any:
    """Throw away what was written since the last publication."""
    language = language_or_own(request.form.get("language"))
    with writing() as db:
        found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_EDIT)
        publishing.discard_draft(db, service.find_module(db, found, key), language)
    return redirect(url_for("courses.edit_module", slug=slug, key=key, language=language))


@blueprint.post("/courses/<slug>/<key>/preview")
def preview(slug: str, key: str) -> Any:
    """The text as HTML by the same renderer, with its problems; stores nothing."""
    draft = json_draft(PreviewDraft)
    with reading() as db:
        found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_EDIT)
        service.find_module(db, found, key)
        rendered = publishing.render_draft(db, found, draft.language, draft.markdown)
    problems = [
        {"line": problem.params["line"], "text": say(problem), "error": is_error(problem)}
        for problem in rendered.problems
    ]
    return jsonify(ok=True, html=rendered.html, minutes=rendered.minutes, problems=problems)


@blueprint.get("/courses/<slug>/<key>/revisions")
def revisions(slug: str, key: str) -> Any:
    """Every publication of the module, the newest first."""
    with reading() as db:
        found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_EDIT)
        listed = service.revisions(db, service.find_module(db, found, key))
    return render_template(
        "courses/revisions.html",
        course=found,
        title=title_of(found),
        key=key,
        revisions=listed,
        language_names=LANGUAGE_NAMES,
    )


@blueprint.get("/courses/<slug>/<key>/revisions/<language>/<int:number>")
def revision(slug: str, key: str, language: str, number: int) -> Any:
    """One publication as readers saw it."""
    with reading() as db:
        found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_EDIT)
        shown = service.find_revision(db, service.find_module(db, found, key), language, number)
    return render_template(
        "courses/revision.html",
        course=found,
        title=title_of(found),
        key=key,
        revision=shown,
        language_names=LANGUAGE_NAMES,
    )


@blueprint.post("/courses/<slug>/<key>/attachments")
def attach(slug: str, key: str) -> Any:
    """Take a file that is handed out with the module."""
    who = guard.principal()
    settings = current_app.config["SETTINGS"]
    language = language_or_own(request.form.get("language"))
    with reading() as db:
        guard.load(db, Course, slug=slug, needs=Permission.COURSE_EDIT)
    try:
        draft = form(AttachmentDraft)
        upload = request.files.get("file")
        if upload is None or not upload.filename:
            raise Invalid(Problem.of("file_missing", field="file"))
        stored = files.keep(settings.uploads, upload.stream, most=settings.upload_limit)
        with writing() as db:
            found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_EDIT, lock=True)
            module = service.find_module(db, found, key)
            attaching.attach(db, module, stored, upload.filename, draft, by=who.id, at=clock.now())
    except Invalid as refused:
        return _attachments(slug, key, language, refused.problems), 422
    flash(gettext("The file is attached."), "success")
    return redirect(url_for("courses.attachments", slug=slug, key=key, language=language))


@blueprint.get("/courses/<slug>/<key>/attachments")
def attachments(slug: str, key: str) -> Any:
    """The files handed out with the module, for those who edit it."""
    with reading() as db:
        guard.load(db, Course, slug=slug, needs=Permission.COURSE_EDIT)
    return _attachments(slug, key, language_or_own(request.args.get("language")))


@blueprint.post("/courses/<slug>/<key>/attachments/<int:attachment_id>/remove")
def remove_attachment(slug: str, key: str, attachment_id: int) -> Any:
    """Stop handing a file out."""
    who = guard.principal()
    with writing() as db:
        found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_EDIT, lock=True)
        attached = attaching.find_attachment(db, service.find_module(db, found, key), attachment_id)
        attaching.remove_attachment(db, attached, by=who.id, at=clock.now())
    return redirect(url_for("courses.attachments", slug=slug, key=key))


def _attachments(slug: str, key: str, language: str, problems: Sequence[Problem] = ()) -> str:
    with reading() as db:
        found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_EDIT)
        module = service.find_module(db, found, key)
        listed = service.attachments(db, module.id)
    return render_template(
        "courses/attachments.html",
        course=found,
        title=title_of(found),
        key=key,
        language=language,
        attachments=listed,
        problems=problems,
        megabytes=current_app.config["SETTINGS"].upload_limit // 1024**2,
    )


def _render(slug: str, draft: TextDraft) -> Rendered:
    with reading() as db:
        found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_EDIT)
        return publishing.render_draft(db, found, draft.language, draft.markdown)


def _sheet(draft: TextDraft) -> Sheet:
    return Sheet(draft.language, draft.title, draft.markdown, draft.base, draft.seen)


def _sent() -> Sheet:
    """Return what was sent although it was refused, so that no written word is lost."""
    sent = request.form
    return Sheet(
        language_or_own(sent.get("language")),
        sent.get("title", ""),
        sent.get("markdown", ""),
        sent.get("base", 0, type=int),
        sent.get("seen", 0, type=int),
    )


def _caught_up(slug: str, key: str, draft: TextDraft) -> Sheet:
    """Return the writer's own text over the colleague's newer state: sending it again is then meant."""
    with reading() as db:
        found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_EDIT)
        module = service.find_module(db, found, key)
        current = publishing.current_revisions(db, [module.id]).get((module.id, draft.language))
        kept = service.find_draft(db, module, draft.language)
    base, seen = current.number if current else 0, kept.version if kept else 0
    return Sheet(draft.language, draft.title, draft.markdown, base, seen)


def _page(
    slug: str,
    key: str,
    sheet: Sheet,
    *,
    problems: Sequence[Problem] = (),
    rendered: Rendered | None = None,
    conflict: Said | None = None,
    status: int = 200,
) -> Any:
    with reading() as db:
        found = guard.load(db, Course, slug=slug, needs=Permission.COURSE_EDIT)
        module = service.find_module(db, found, key)
        published = publishing.current_revisions(db, [module.id])
        draft = service.find_draft(db, module, sheet.language)
        shown = rendered or publishing.render_draft(db, found, sheet.language, sheet.markdown)
        listed = service.attachments(db, module.id)
    page = render_template(
        "courses/edit_module.html",
        course=found,
        title=title_of(found),
        module=module,
        sheet=sheet,
        published={language: revision for (_, language), revision in published.items()},
        draft=draft,
        rendered=shown,
        attachments=listed,
        conflict=conflict,
        problems=problems,
        is_error=is_error,
        language_names=LANGUAGE_NAMES,
    )
    return page, status
