"""Writing questions in the browser: a draft is kept as it was typed, looked at, and published as a version."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts import guard
from lms.courses.models import Course
from lms.courses.service.publishing import find_media_of
from lms.db import Db, reading, writing
from lms.kernel.errors import Conflict, Invalid, Problem
from lms.quizzes.editing import fields_of, next_row, read_fields
from lms.quizzes.models import Question, QuestionDraft
from lms.quizzes.rendering import render_question
from lms.quizzes.rules.question_form import Fields, keep_fields, rows_of
from lms.quizzes.rules.stored import load_question
from lms.quizzes.service import bank
from lms.quizzes.service.library import BANK
from lms.quizzes.service.sheet import Sheet
from lms.quizzes.source_questions import TYPES
from lms.quizzes.source_structured import FILE_GROUPS
from lms.quizzes.views.bank import load_course, new_key
from lms.quizzes.views.blueprint import blueprint

FIRST_ROWS = {"choice": 4, "pair": 4, "extra": 1, "step": 4, "gap": 2, "criterion": 2}
MORE_ROWS = 2
# What is said of a file by its keys, said of a form.
_IN_A_FORM = {
    "quiz_key_missing": "input_missing",
    "quiz_answer_or_range": "question_needs_number",
    "quiz_range_reversed": "question_range_reversed",
    "quiz_parts_count": "question_rows_count",
}


@blueprint.get("/courses/<slug>/questions/new")
def new_question(slug: str) -> str:
    """An empty form of the kind the address asks for."""
    kind = request.args.get("type", "single")
    fields = {
        "key": new_key(),
        "type": kind if kind in TYPES else "single",
        "topic": request.args.get("topic", "")[:120],
    }
    with reading() as db:
        course = load_course(db, slug)
    return _page(course, fields)


@blueprint.post("/courses/<slug>/questions/new")
def write_question(slug: str) -> Any:
    """Keep or publish a question nothing of which is kept yet."""
    return _take(slug)


@blueprint.get("/courses/<slug>/questions/drafts/<int:draft_id>")
def question_draft(slug: str, draft_id: int) -> str:
    """A question that was begun, as it was left."""
    with reading() as db:
        course = load_course(db, slug)
        draft = bank.find_draft(db, course, draft_id)
        html = _html(db, course, draft.fields)
    return _page(course, draft.fields, draft_id=draft.id, html=html)


@blueprint.post("/courses/<slug>/questions/drafts/<int:draft_id>")
def write_draft(slug: str, draft_id: int) -> Any:
    """Keep, publish or throw away a question that was begun."""
    return _take(slug, draft_id=draft_id)


@blueprint.get("/courses/<slug>/questions/<int:question_id>/edit")
def edit_question(slug: str, question_id: int) -> str:
    """The form of a published question: as somebody left it, else as it is in force."""
    with reading() as db:
        course = load_course(db, slug)
        row, version = bank.find_question(db, course, question_id)
        if row.origin != BANK:
            raise Conflict("quiz_of_a_file")
        draft = bank.draft_of(db, row.id)
        fields = draft.fields if draft else fields_of(load_question(version.content))[0]
        html = _html(db, course, fields)
    return _page(course, fields, question_id=row.id, html=html, is_draft=draft is not None)


@blueprint.post("/courses/<slug>/questions/<int:question_id>/edit")
def change_question(slug: str, question_id: int) -> Any:
    """Keep or publish a change of a published question."""
    return _take(slug, question_id=question_id)


def _take(slug: str, *, draft_id: int | None = None, question_id: int | None = None) -> Any:
    fields = keep_fields(request.form)
    if fields.get("type") not in TYPES:
        raise Invalid(Problem.of("quiz_choice_unknown", field="type"))
    match request.form.get("action", "save"):
        case "more":
            with reading() as db:
                course = load_course(db, slug)
            return _page(course, fields, more=MORE_ROWS, draft_id=draft_id, question_id=question_id)
        case "discard":
            return _discard(slug, draft_id, question_id)
        case "publish":
            return _publish(slug, fields, draft_id, question_id)
    with writing() as db:
        course, known, draft = _load(db, slug, draft_id, question_id)
        kept = bank.save_draft(
            db, course, fields, draft=draft, question_id=known.id if known else None,
            by=guard.principal().id, at=clock.now(),
        )  # fmt: skip
    flash(gettext("The draft is saved. Look at it below, then publish it."), "success")
    if known is not None:
        return redirect(url_for("quizzes.edit_question", slug=slug, question_id=known.id, _anchor="preview"))
    return redirect(url_for("quizzes.question_draft", slug=slug, draft_id=kept.id, _anchor="preview"))


def _publish(slug: str, fields: Fields, draft_id: int | None, question_id: int | None) -> Any:
    read, problems = read_fields(fields)
    try:
        if read is None:
            raise Invalid(problems)
        with writing() as db:
            course, known, draft = _load(db, slug, draft_id, question_id)
            if known is not None and read.key != known.key:
                raise Invalid(Problem.of("quiz_key_form", field="key", key=read.key))
            done = bank.publish(db, course, read, draft=draft, known=known, by=guard.principal().id, at=clock.now())
    except Invalid as refused:
        with reading() as db:
            course = load_course(db, slug)
        problems = [_as_field(problem) for problem in refused.problems]
        return _page(course, fields, problems=problems, draft_id=draft_id, question_id=question_id), 422
    flash(gettext("Published. Quizzes that ask this question ask its new version from now on."), "success")
    return redirect(url_for("quizzes.question", slug=slug, question_id=done.id))


def _discard(slug: str, draft_id: int | None, question_id: int | None) -> Response:
    with writing() as db:
        _, _, draft = _load(db, slug, draft_id, question_id)
        if draft is not None:
            bank.discard(db, draft)
    flash(gettext("The draft is thrown away."), "success")
    return redirect(url_for("quizzes.questions", slug=slug))


def _load(
    db: Db, slug: str, draft_id: int | None, question_id: int | None
) -> tuple[Course, Question | None, QuestionDraft | None]:
    course = load_course(db, slug)
    if question_id is not None:
        row, _ = bank.find_question(db, course, question_id)
        if row.origin != BANK:
            raise Conflict("quiz_of_a_file")
        return course, row, bank.draft_of(db, row.id)
    return course, None, bank.find_draft(db, course, draft_id) if draft_id is not None else None


def _html(db: Db, course: Course, fields: Fields) -> dict[str, Any] | None:
    """Return the question's HTML for a look at it; None while it is none yet."""
    read, _ = read_fields(fields)
    return None if read is None else render_question(read, find_media_of(db, course))


def _as_field(problem: Problem) -> Problem:
    """Return the problem as an editor reads it: a file names its keys, a form shows the field."""
    code = _IN_A_FORM.get(problem.code) if problem.field is not None else None
    return replace(problem, code=code) if code else problem


def _page(
    course: Course,
    fields: Fields,
    *,
    draft_id: int | None = None,
    question_id: int | None = None,
    html: dict[str, Any] | None = None,
    more: int = 0,
    is_draft: bool = False,
    problems: Sequence[Problem] = (),
) -> str:
    read, missing = read_fields(fields)
    sheet = None
    if read is not None and html is not None:
        sheet = Sheet(0, 1, read, html, getattr(read, "choices", ()), None, seed="preview")
    rows = {name: _rows(fields, name, more) for name in FIRST_ROWS}
    return render_template(
        "quizzes/edit_question.html",
        course=course,
        fields=fields,
        kind=fields["type"],
        rows=rows,
        groups=list(FILE_GROUPS),
        draft_id=draft_id,
        question_id=question_id,
        is_draft=is_draft or draft_id is not None,
        sheet=sheet,
        # Under another number, so that what is shown twice in one page has its own ids.
        solution=replace(sheet, item_id=1) if sheet else None,
        missing=[_as_field(problem) for problem in missing],
        problems=problems,
    )


def _rows(fields: Fields, name: str, more: int) -> list[tuple[int, Fields]]:
    """Return the rows to show: those filled in, and empty ones up to a first number or some more."""
    filled = rows_of(fields, name)
    shown = next_row(fields, name) if more else len(filled) + 1
    wanted = max(FIRST_ROWS[name], shown) + more
    free = (number for number in range(100) if number not in {number for number, _ in filled})
    empty: Fields = {}
    return filled + [(next(free), empty) for _ in range(wanted - len(filled))]
