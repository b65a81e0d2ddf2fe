"""The grading page: an answer on the left, its points on the right, and the next one with one key."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission as P
from lms.db import Db, reading, writing
from lms.kernel.errors import Invalid, NotFound, Problem
from lms.programmes.models import Batch
from lms.quizzes.models import Attempt, Quiz
from lms.quizzes.rules.drafts import GradingDraft
from lms.quizzes.rules.grading import count_words
from lms.quizzes.rules.settings import load_settings
from lms.quizzes.service import grading, library, paper
from lms.quizzes.service.grading import Readable
from lms.quizzes.views.blueprint import blueprint
from lms.web.forms import form

PREFIX = "level-"


@blueprint.get("/quizzes/<int:quiz_id>/batches/<int:batch_id>/grading")
def grade(quiz_id: int, batch_id: int) -> str:
    """The answer the address names, else the first that waits; nobody's name unless asked for."""
    return _page(quiz_id, batch_id, request.args.get("answer"), request.args.get("names") == "1", ())


@blueprint.post("/quizzes/<int:quiz_id>/batches/<int:batch_id>/grading")
def grade_now(quiz_id: int, batch_id: int) -> str | Response | tuple[str, int]:
    """Give one answer its points and go on to the next."""
    address, names = request.form.get("answer", ""), request.form.get("names") == "1"
    attempt_id, item_id = _parts(address)
    sent = {name.removeprefix(PREFIX): value for name, value in request.form.items() if name.startswith(PREFIX)}
    try:
        comment = form(GradingDraft).comment
        with writing() as db:
            attempt = guard.load(db, Attempt, attempt_id, needs=P.QUIZ_EDIT, lock=True)
            if (attempt.quiz_id, attempt.batch_id) != (quiz_id, batch_id):
                raise NotFound()
            grading.grade(db, attempt, item_id, sent, comment, by=guard.principal().id, at=clock.now())
    except Invalid as refused:
        return _page(quiz_id, batch_id, address, names, refused.problems), 422
    flash(gettext("Graded."), "success")
    with reading() as db:
        quiz, batch = _load(db, quiz_id, batch_id)
        following = _next(grading.queue(db, quiz, batch.id), address)
    answer = following.address if following else None
    address = url_for("quizzes.grade", quiz_id=quiz_id, batch_id=batch_id, answer=answer, names="1" if names else None)
    return redirect(address)


def _page(quiz_id: int, batch_id: int, address: str | None, names: bool, problems: tuple[Problem, ...]) -> str:
    with reading() as db:
        quiz, batch = _load(db, quiz_id, batch_id)
        settings = load_settings(library.current_version(db, quiz).settings)
        found = grading.queue(db, quiz, batch.id)
        shown = _asked(found, address)
        sheet = None
        if shown is not None:
            laid = paper.lay_out(db, shown.attempt.version_id, attempt=shown.attempt)
            sheet = next(one for one in laid.sheets if one.item_id == shown.item_id)
    place = found.index(shown) if shown is not None else 0
    return render_template(
        "quizzes/grade.html",
        quiz=quiz,
        settings=settings,
        batch=batch,
        queue=found,
        waiting=sum(not one.is_graded for one in found),
        shown=shown,
        sheet=sheet,
        # Among those that wait, which is what the page counts.
        place=sum(not one.is_graded for one in found[: place + 1]),
        before=found[place - 1] if place > 0 else None,
        after=found[place + 1] if place + 1 < len(found) else None,
        words=count_words(sheet.response) if sheet and sheet.question.type == "essay" else 0,
        names=names,
        sent=request.form if problems else {},
        problems=problems,
    )


def _load(db: Db, quiz_id: int, batch_id: int) -> tuple[Quiz, Batch]:
    quiz = guard.load(db, Quiz, quiz_id, needs=P.QUIZ_EDIT, options=[joinedload(Quiz.course)])
    # The right on the quiz may come from another batch; the batch named must be the asker's too.
    return quiz, guard.load(db, Batch, batch_id, needs=P.QUIZ_EDIT)


def _parts(address: str) -> tuple[int, int]:
    attempt, _, item = address.partition("-")
    if not all(one.isascii() and one.isdecimal() and len(one) < 10 for one in (attempt, item)):
        raise NotFound()
    return int(attempt), int(item)


def _asked(found: list[Readable], address: str | None) -> Readable | None:
    """Return the answer the address names, else the first that waits. Raises NotFound for one that is not here."""
    if not address:
        return next((one for one in found if not one.is_graded), None)
    shown = next((one for one in found if one.address == address), None)
    if shown is None:
        raise NotFound()
    return shown


def _next(found: list[Readable], address: str) -> Readable | None:
    """Return the next answer that waits, after this one first and then from the beginning."""
    places = [one.address for one in found]
    at = places.index(address) + 1 if address in places else 0
    return next((one for one in [*found[at:], *found[:at]] if not one.is_graded), None)
