"""Bringing questions from a file: handed in, looked at beside the bank, taken in."""

import hashlib
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext

from lms import clock
from lms.accounts import guard
from lms.courses import files
from lms.courses.files import Stored
from lms.courses.rules import PICTURES, FileKind, FindMedia
from lms.courses.service.publishing import find_media_of
from lms.db import reading, writing
from lms.kernel.errors import Conflict, Invalid, Problem
from lms.quizzes.formats.found import MOST_BYTES, Bundle
from lms.quizzes.formats.pictures import pictures_of
from lms.quizzes.formats.reading import read_file
from lms.quizzes.rendering import render_question
from lms.quizzes.rules.importing import Fate, differing
from lms.quizzes.rules.questions import AnyQuestion
from lms.quizzes.service import importing
from lms.quizzes.service.importing import Line
from lms.quizzes.service.sheet import Sheet
from lms.quizzes.views.bank import load_course
from lms.quizzes.views.blueprint import blueprint
from lms.web.i18n import say

LANGUAGES = ("id", "en", "both")
# Of longer files only the beginnings are shown; each question can be opened once it is in the bank.
MOST_SHOWN_WHOLE = 100


@blueprint.get("/courses/<slug>/questions/import")
def import_questions(slug: str) -> Any:
    """Show where a file is handed in, and which were before."""
    return _upload_page(slug)


@blueprint.post("/courses/<slug>/questions/import")
def read_questions_file(slug: str) -> Any:
    """Read a file and show what it would do; the bank stays as it is."""
    with reading() as db:
        course = load_course(db, slug)
        known = importing.media_by_hash(db, course)
    try:
        name, content = _file()
        language = request.form.get("language", "")
        bundle = read_file(content, language if language in LANGUAGES else LANGUAGES[0])
        pictures = _keep_pictures(bundle, known)
    except Invalid as refused:
        return _upload_page(slug, refused.problems), 422
    with writing() as db:
        row = importing.keep(
            db, load_course(db, slug), bundle, pictures, file_name=name, sha256=hashlib.sha256(content).hexdigest(),
            by=guard.principal().id, at=clock.now(),
        )  # fmt: skip
    return redirect(url_for("quizzes.question_import", slug=slug, import_id=row.id), 303)


@blueprint.get("/courses/<slug>/questions/imports/<int:import_id>")
def question_import(slug: str, import_id: int) -> Any:
    """What a file holds, beside the bank as it is now."""
    return _preview(slug, import_id)


@blueprint.post("/courses/<slug>/questions/imports/<int:import_id>")
def take_in_questions(slug: str, import_id: int) -> Any:
    """Store the questions that were ticked."""
    numbers = {int(one) for one in request.form.getlist("take") if one.isascii() and one.isdecimal() and len(one) < 5}
    if not numbers:
        return _preview(slug, import_id, [Problem.of("import_none_ticked", field="take")]), 422
    try:
        with writing() as db:
            course = load_course(db, slug)
            row = importing.find_import(db, course, import_id)
            counts = importing.take_in(db, course, row, numbers, by=guard.principal().id, at=clock.now())
    except Conflict as refused:
        return _preview(slug, import_id, [Problem.of(refused.code, **refused.said.params)]), 409
    stored = sum(counts.values())
    if not stored:
        flash(gettext("Nothing of it was new."), "info")
        return redirect(url_for("quizzes.question_import", slug=slug, import_id=import_id))
    flash(ngettext("One question is in the bank.", "%(num)s questions are in the bank.", stored), "success")
    return redirect(url_for("quizzes.questions", slug=slug))


def _file() -> tuple[str, bytes]:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid(Problem.of("file_missing", field="file"))
    # Not before it is known that it is small enough: it is held in memory whole.
    content = sent.stream.read(MOST_BYTES + 1)
    return sent.filename.replace("\\", "/").rpartition("/")[2][:160], content


def _keep_pictures(bundle: Bundle, known: Mapping[str, str]) -> dict[str, Stored]:
    """Return the pictures that questions show, in the store already; what is no picture is left out and told later."""
    wanted = {name for one in bundle.entries if one.question for name in pictures_of(one.question)}
    kept = {}
    settings = current_app.config["SETTINGS"]
    for name, content in bundle.pictures.items():
        sha256 = hashlib.sha256(content).hexdigest()
        if name not in wanted:
            continue
        if sha256 in known:
            # It is one of the course's already and goes by that name; its kind is not asked.
            kept[name] = Stored(sha256, len(content), FileKind.PNG)
            continue
        try:
            stored = files.keep(settings.uploads, BytesIO(content), most=settings.upload_limit)
        except Invalid:
            # The question says of it that its picture is missing.
            continue
        if stored.kind in PICTURES:
            kept[name] = stored
    return kept


def _upload_page(slug: str, problems: Sequence[Problem] = ()) -> str:
    with reading() as db:
        course = load_course(db, slug)
        past = importing.past_imports(db, course)
    return render_template(
        "quizzes/import_questions.html", course=course, past=past, problems=problems,
        language_chosen=request.form.get("language", LANGUAGES[0]), megabytes=MOST_BYTES // 1024**2,
    )  # fmt: skip


def _preview(slug: str, import_id: int, problems: Sequence[Problem] = ()) -> str:
    with reading() as db:
        course = load_course(db, slug)
        row = importing.find_import(db, course, import_id)
        lines = importing.look(db, course, row)
        find_media = find_media_of(db, course)
    shown = [line for line in lines if line.may_be_taken][:MOST_SHOWN_WHOLE]
    sheets = {line.number: _sheet(line, line.question, find_media) for line in shown if line.question}
    counts = {fate: sum(line.fate is fate for line in lines) for fate in Fate}
    return render_template(
        "quizzes/question_import.html", course=course, row=row, lines=lines, sheets=sheets, counts=counts, fates=Fate,
        changes={line.number: _changes(line) for line in lines if line.fate is Fate.CHANGED},
        ticked=set(request.form.getlist("take")) if request.method == "POST" else None, problems=problems,
    )  # fmt: skip


def _sheet(line: Line, question: AnyQuestion, find_media: FindMedia) -> Sheet:
    html = render_question(question, find_media)
    return Sheet(line.number, line.number + 1, question, html, getattr(question, "choices", ()), None)


def _changes(line: Line) -> str:
    """Return in words which parts of a known question the file changes."""
    if line.question is None or line.sorted.known is None:
        return ""
    return ", ".join(say(f"question_part_{part}") for part in differing(line.question, line.sorted.known.question))
