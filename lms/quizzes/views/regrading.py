"""The page on which a corrected question is applied to attempts that saw it wrong: first the effect, then the deed."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission as P
from lms.db import Db, reading, writing
from lms.kernel.errors import Invalid, Problem
from lms.programmes.models import Batch
from lms.quizzes.models import Quiz
from lms.quizzes.rules.drafts import RegradeDraft
from lms.quizzes.rules.regrading import Ruling
from lms.quizzes.rules.settings import load_settings
from lms.quizzes.service import library, regrading
from lms.quizzes.views.blueprint import blueprint
from lms.web.forms import form

PREFIX = "ruling-"


@blueprint.get("/quizzes/<int:quiz_id>/batches/<int:batch_id>/regrade")
def regrade(quiz_id: int, batch_id: int) -> str:
    """What may be ruled about each question, whose result the rulings asked for would change, and what was done."""
    return _page(quiz_id, batch_id, _rulings(request.args), ())


@blueprint.post("/quizzes/<int:quiz_id>/batches/<int:batch_id>/regrade")
def regrade_now(quiz_id: int, batch_id: int) -> str | Response | tuple[str, int]:
    """Score the batch's attempts again by these rulings."""
    rulings = _rulings(request.form)
    try:
        reason = form(RegradeDraft).reason
        if not rulings:
            raise Invalid(Problem.of("quiz_nothing_ruled"))
    except Invalid as refused:
        return _page(quiz_id, batch_id, rulings, refused.problems), 422
    with writing() as db:
        quiz, batch = _load(db, quiz_id, batch_id)
        known = {one.question_id for one in regrading.correctable(db, quiz, batch.id)}
        wanted = {question_id: ruling for question_id, ruling in rulings.items() if question_id in known}
        done = regrading.regrade(db, quiz, batch.id, wanted, reason, by=guard.principal().id, at=clock.now())
    if done is None:
        flash(gettext("Everything is scored like that already."), "info")
    else:
        changed = len(done.changes)
        told = ngettext("%(num)s result has changed.", "%(num)s results have changed.", changed)
        flash(gettext("Scored again.") + " " + told, "success")
    return redirect(url_for("quizzes.regrade", quiz_id=quiz_id, batch_id=batch_id))


def _page(quiz_id: int, batch_id: int, rulings: Mapping[int, Ruling], problems: tuple[Problem, ...]) -> str:
    with reading() as db:
        quiz, batch = _load(db, quiz_id, batch_id)
        settings = load_settings(library.current_version(db, quiz).settings)
        questions = regrading.correctable(db, quiz, batch.id)
        wanted = {
            one.question_id: rulings[one.question_id]
            for one in questions
            if one.question_id in rulings and rulings[one.question_id] is not one.ruling
        }
        changes = regrading.preview(db, quiz, batch.id, wanted) if wanted else []
        done = regrading.history(db, quiz.id, batch.id)
        names = regrading.names_in(db, done)
    return render_template(
        "quizzes/regrade.html",
        quiz=quiz,
        settings=settings,
        batch=batch,
        questions=questions,
        wanted=wanted,
        changes=changes,
        history=done,
        names=names,
        problems=problems,
    )


def _load(db: Db, quiz_id: int, batch_id: int) -> tuple[Quiz, Batch]:
    quiz = guard.load(db, Quiz, quiz_id, needs=P.QUIZ_EDIT, options=[joinedload(Quiz.course)])
    # The right on the quiz may come from another batch; the batch named must be the asker's too.
    return quiz, guard.load(db, Batch, batch_id, needs=P.QUIZ_EDIT)


def _rulings(sent: Mapping[str, Any]) -> dict[int, Ruling]:
    """Return what is asked for, by question id; anything else in the form or address is left aside."""
    found = {}
    for name, value in sent.items():
        number = name.removeprefix(PREFIX)
        is_id = number.isascii() and number.isdecimal() and len(number) < 10
        if name.startswith(PREFIX) and is_id and value in list(Ruling):
            found[int(number)] = Ruling(value)
    return found
