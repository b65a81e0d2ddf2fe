"""Pages of quizzes for those who take them: the list, one quiz, its questions, saving, submitting, looking back."""

from datetime import datetime, timedelta
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission as P
from lms.db import Db, reading, writing
from lms.kernel.errors import Forbidden, Invalid
from lms.quizzes.models import Attempt, Quiz
from lms.quizzes.rules.deadlines import is_late
from lms.quizzes.rules.drafts import AnswerDraft, AnswersDraft
from lms.quizzes.service import due, library, paper, submitting, taking
from lms.quizzes.views.blueprint import blueprint
from lms.quizzes.views.handing_in import hand_in_form, keep_form_files
from lms.quizzes.views.results import late_sheets, taught_quizzes
from lms.web.forms import json_draft
from lms.web.i18n import say

SEEN_WITH = (joinedload(Attempt.quiz).joinedload(Quiz.course), joinedload(Attempt.batch))


@blueprint.get("/quizzes")
def quizzes() -> str:
    """The quizzes one may take, and those whose results one may read."""
    who = guard.require(needs=P.COURSE_READ)
    with reading() as db:
        own = due.own_quizzes(db, who.id, clock.now()) if who.can(P.QUIZ_TAKE) else []
        taught = taught_quizzes(db) if who.can(P.QUIZ_RESULTS) else []
    return render_template("quizzes/quizzes.html", own=own, taught=taught)


@blueprint.get("/quizzes/<int:quiz_id>")
def quiz(quiz_id: int) -> str:
    """One quiz before and between attempts: what awaits her, how often, what she reached so far."""
    at = clock.now()
    with reading() as db:
        asked = guard.load(db, Quiz, quiz_id, needs=P.QUIZ_TAKE, options=[joinedload(Quiz.course)])
        by = guard.principal().id
        batch_id = taking.batch_of(db, asked, by=by, at=at)
        laid = paper.lay_out(db, library.current_version(db, asked).id)
        attempts = taking.attempts_of(db, asked, batch_id, by)
    return render_template(
        "quizzes/quiz.html",
        quiz=asked,
        paper=laid,
        attempts=attempts,
        open_attempt=next((one for one in attempts if one.submitted_at is None), None),
        counted=taking.best(attempts),
        left=laid.settings.attempts_left(len(attempts)),
    )


@blueprint.post("/quizzes/<int:quiz_id>/start")
def start(quiz_id: int) -> Response:
    """Begin an attempt, or go on with the one begun."""
    with writing() as db:
        asked = guard.load(db, Quiz, quiz_id, needs=P.QUIZ_TAKE)
        attempt = taking.start(db, asked, by=guard.principal().id, at=clock.now())
    return redirect(url_for("quizzes.take", attempt_id=attempt.id))


@blueprint.get("/attempts/<int:attempt_id>/take")
def take(attempt_id: int) -> str | Response:
    """The questions of an open attempt with what is saved; a closed one leads to its review."""
    at = clock.now()
    with reading() as db:
        attempt = guard.load(db, Attempt, attempt_id, needs=P.QUIZ_TAKE, options=SEEN_WITH)
        if attempt.submitted_at is None:
            laid = paper.lay_out(db, attempt.version_id, attempt=attempt)
            ends_at = submitting.ends_at(db, attempt, at=at)
    if attempt.submitted_at is None and _submit_if_over(attempt_id):
        flash(gettext("The time was over. What was saved has been submitted."), "info")
        return redirect(url_for("quizzes.review", attempt_id=attempt_id))
    if attempt.submitted_at is not None:
        return redirect(url_for("quizzes.review", attempt_id=attempt_id))
    return render_template(
        "quizzes/take.html",
        attempt=attempt,
        paper=laid,
        ends_at=ends_at,
        seconds_left=None if ends_at is None else max(0.0, (ends_at - at).total_seconds()),
    )


@blueprint.post("/attempts/<int:attempt_id>/answers")
def save_answer(attempt_id: int) -> Any:
    """Keep what a page sends and tell what the server holds; one that does not fit its question stops no other."""
    sent = json_draft(AnswersDraft).answers
    at = clock.now()
    with writing() as db:
        attempt = guard.load(db, Attempt, attempt_id, needs=P.QUIZ_TAKE, lock=True)
        answers = [_save(db, attempt, one, at) for one in sent]
        standing = _standing(db, attempt, at, is_save=True)
    return jsonify(ok=True, answers=answers, **standing)


@blueprint.get("/attempts/<int:attempt_id>/state")
def state(attempt_id: int) -> Any:
    """What a page needs after it was away: time left, whether it is submitted, every answer the server holds."""
    at = clock.now()
    _submit_if_over(attempt_id)
    with reading() as db:
        attempt = guard.load(db, Attempt, attempt_id, needs=P.QUIZ_TAKE, options=SEEN_WITH)
        laid = paper.lay_out(db, attempt.version_id, attempt=attempt)
        standing = _standing(db, attempt, at)
    answers = [
        {"item": one.item_id, "seq": one.seq, "response": one.shown_response, "flagged": one.is_flagged}
        for one in laid.sheets
        if one.seq
    ]
    return jsonify(ok=True, answers=answers, **standing)


@blueprint.post("/attempts/<int:attempt_id>/submit")
def submit(attempt_id: int) -> Any:
    """Score the attempt. A page without script sends its answers along; one with script has saved them already."""
    at = clock.now()
    # Into the store before the writer: a file may take its time, and others wait for the writer.
    kept, unusable = keep_form_files(attempt_id)
    with writing() as db:
        attempt = guard.load(db, Attempt, attempt_id, needs=P.QUIZ_TAKE, lock=True)
        problems = list(unusable)
        if not request.form.get("scripted"):
            try:
                taking.save_form(db, attempt, _form_answers(), at=at)
                hand_in_form(db, attempt, kept, at=at)
            except Invalid as refused:
                problems += refused.problems
        if not problems and request.form.get("action") != "save":
            submitting.submit(db, attempt, at=at)
    for problem in problems:
        flash(say(problem), "error")
    if attempt.submitted_at is None:
        if not problems:
            flash(gettext("Saved. You can go on or submit."), "success")
        return redirect(url_for("quizzes.take", attempt_id=attempt_id))
    return redirect(url_for("quizzes.review", attempt_id=attempt_id))


@blueprint.get("/attempts/<int:attempt_id>/review")
def review(attempt_id: int) -> str | Response:
    """What became of a submitted attempt, as much as the quiz lets her see."""
    at = clock.now()
    _submit_if_over(attempt_id)
    with reading() as db:
        attempt = guard.load(db, Attempt, attempt_id, needs=P.QUIZ_TAKE, options=SEEN_WITH)
        if attempt.submitted_at is None:
            return redirect(url_for("quizzes.take", attempt_id=attempt_id))
        laid = paper.lay_out(db, attempt.version_id, attempt=attempt)
        attempts = taking.attempts_of(db, attempt.quiz, attempt.batch_id, attempt.person_id)
        late = late_sheets(db, attempt, laid)
        still_in = _may_start_again(db, attempt, at)
    return render_template(
        "quizzes/review.html",
        attempt=attempt,
        paper=laid,
        late=late,
        counted=taking.best(attempts),
        left=laid.settings.attempts_left(len(attempts)) if still_in else 0,
    )


def _submit_if_over(attempt_id: int) -> bool:
    """Submit the attempt if its time is over, in a transaction of its own so that a mere look stays a read."""
    at = clock.now()
    with reading() as db:
        attempt = guard.load(db, Attempt, attempt_id, needs=P.QUIZ_TAKE)
        if attempt.submitted_at is not None or not is_late(at, submitting.ends_at(db, attempt, at=at)):
            return False
    with writing() as db:
        attempt = guard.load(db, Attempt, attempt_id, needs=P.QUIZ_TAKE, lock=True)
        return submitting.submit_if_over(db, attempt, at=at)


def _save(db: Db, attempt: Attempt, sent: AnswerDraft, at: datetime) -> dict[str, Any]:
    try:
        saved = taking.save_answer(
            db,
            attempt,
            sent.item,
            sent.response,
            seq=sent.seq,
            device=sent.device,
            at=at,
            flagged=sent.flagged,
            age=sent.age,
        )
    except Invalid as refused:
        return {"item": sent.item, "status": "refused", "seq": sent.seq, "text": say(refused.problems[0])}
    answer = {"item": sent.item, "status": saved.status, "seq": saved.seq}
    if saved.status == "older":
        answer |= {"response": saved.response, "flagged": saved.flagged, "age": saved.age}
    return answer


def _standing(db: Db, attempt: Attempt, at: datetime, *, is_save: bool = False) -> dict[str, Any]:
    """Return whether it is submitted and how long it may still take.

    A save, the most frequent request of all, leaves the time out until its last minute: what outages gave back costs
    a statement, and a page asks for its state once a minute anyway.
    """
    if attempt.submitted_at is not None:
        return {"submitted": True, "seconds_left": 0.0}
    if is_save and (attempt.ends_at is None or attempt.ends_at - at > timedelta(minutes=1)):
        return {"submitted": False}
    ends_at = submitting.ends_at(db, attempt, at=at)
    return {"submitted": False, "seconds_left": None if ends_at is None else max(0.0, (ends_at - at).total_seconds())}


def _may_start_again(db: Db, attempt: Attempt, at: datetime) -> bool:
    if attempt.quiz.archived_at is not None:
        return False
    try:
        return taking.batch_of(db, attempt.quiz, by=attempt.person_id, at=at) == attempt.batch_id
    except Forbidden:
        return False


def _form_answers() -> dict[int, Any]:
    """Return what the form holds by item id: one value, several where several were ticked, or a part each."""
    found: dict[int, Any] = {}
    for name in request.form:
        prefix, _, rest = name.partition("-")
        item, _, part = rest.partition("-")
        if prefix != "q" or not (item.isascii() and item.isdecimal() and len(item) < 10):
            continue
        values = [value for value in request.form.getlist(name) if value]
        if part:
            parts = found.setdefault(int(item), {})
            if isinstance(parts, dict) and values:
                parts[part] = values[0]
        else:
            found[int(item)] = values[0] if len(values) == 1 else values
    return found
