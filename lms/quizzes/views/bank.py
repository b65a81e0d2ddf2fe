"""A course's bank of questions: the list, one question with its versions, and putting questions aside."""

import secrets

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission as P
from lms.courses.models import Course
from lms.db import Db, reading, writing
from lms.kernel.errors import Conflict
from lms.quizzes.editing import fields_of
from lms.quizzes.rules.bank import STATES, BankWish
from lms.quizzes.rules.stored import load_question
from lms.quizzes.service import bank
from lms.quizzes.service.library import BANK
from lms.quizzes.service.sheet import Sheet
from lms.quizzes.source_questions import TYPES
from lms.quizzes.views.blueprint import blueprint
from lms.web.i18n import say


@blueprint.get("/courses/<slug>/questions")
def questions(slug: str) -> str:
    """The course's questions, narrowed by what the address asks for."""
    wish = BankWish.read(request.args.to_dict())
    with reading() as db:
        course = load_course(db, slug)
        found = bank.read_bank(db, course, wish)
    return render_template("quizzes/questions.html", course=course, bank=found, wish=wish, kinds=TYPES, states=STATES)


@blueprint.get("/courses/<slug>/questions/<int:question_id>")
def question(slug: str, question_id: int) -> str:
    """One question with its solution, and how it was worded before."""
    with reading() as db:
        course = load_course(db, slug)
        row, version = bank.find_question(db, course, question_id)
        versions = bank.versions_of(db, row.id)
    shown = load_question(version.content)
    sheet = Sheet(0, 1, shown, version.html, getattr(shown, "choices", ()), None)
    return render_template(
        "quizzes/question.html",
        course=course,
        question=row,
        sheet=sheet,
        is_here=row.origin == BANK,
        versions=[(one, load_question(one.content), count) for one, count in versions],
    )


@blueprint.post("/courses/<slug>/questions/<int:question_id>/copy")
def copy_question(slug: str, question_id: int) -> Response:
    """Begin a new question of the bank with what this one says."""
    with writing() as db:
        course = load_course(db, slug)
        _, version = bank.find_question(db, course, question_id)
        fields, says_all = fields_of(load_question(version.content))
        fields["key"] = new_key()
        draft = bank.save_draft(
            db, course, fields, draft=None, question_id=None, by=guard.principal().id, at=clock.now()
        )
    if not says_all:
        flash(gettext("Not everything could be taken over: look at weights and further answers."), "warning")
    return redirect(url_for("quizzes.question_draft", slug=slug, draft_id=draft.id))


@blueprint.post("/courses/<slug>/questions/<int:question_id>/archive")
def archive_question(slug: str, question_id: int) -> Response:
    """Ask a question of the bank no more, or again."""
    act = bank.take_back if request.form.get("back") else bank.put_aside
    try:
        with writing() as db:
            course = load_course(db, slug)
            row, _ = bank.find_question(db, course, question_id)
            if row.origin != BANK:
                raise Conflict("quiz_of_a_file")
            act(db, course, row, by=guard.principal().id, at=clock.now())
    except Conflict as refused:
        flash(say(refused.said), "error")
        return redirect(url_for("quizzes.question", slug=slug, question_id=question_id))
    flash(gettext("Done."), "success")
    return redirect(url_for("quizzes.questions", slug=slug))


def load_course(db: Db, slug: str) -> Course:
    """Return the course whose quizzes the asker edits."""
    return guard.load(db, Course, slug=slug, needs=P.QUIZ_EDIT)


def new_key() -> str:
    """Return a key that no question has; nobody types or reads it."""
    return f"q{secrets.token_hex(4)}"
