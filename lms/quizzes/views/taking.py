"""Pages of quizzes for those who take them: the list, one quiz, its questions, saving, submitting, looking back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission as P
from lms.courses.models import Course
from lms.db import Db, reading, together, writing
from lms.kernel.errors import Forbidden, Invalid, Problem
from lms.quizzes.models import Attempt, Quiz
from lms.quizzes.rules.deadlines import is_late
from lms.quizzes.rules.drafts import AnswerDraft, AnswersDraft
from lms.quizzes.rules.drawing import asked_count
from lms.quizzes.rules.settings import QuizSettings, WindowState, window_state
from lms.quizzes.service import due, library, moving, paper, starting, submitting, taking
from lms.quizzes.service.setting import find_setting
from lms.quizzes.service.sheet import Sheet
from lms.quizzes.views import code_tries
from lms.quizzes.views.blueprint import blueprint
from lms.quizzes.views.handing_in import hand_in_form, keep_form_files
from lms.quizzes.views.results import late_sheets, taught_quizzes
from lms.quizzes.wishes import QuizWish
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
    wish = QuizWish.read(request.args.to_dict())
    return render_template(
        "quizzes/quizzes.html",
        wish=wish,
        count=len(own) + len(taught),
        own=[one for one in own if wish.fits(one.purpose, *_titles(one.settings, one.course))],
        taught=[one for one in taught if wish.fits(one.quiz.purpose, *_titles(one.settings, one.quiz.course))],
        # The banks of questions, whatever is looked for.
        courses=list(dict.fromkeys(one.quiz.course for one in taught)),
    )


def _titles(settings: QuizSettings, course: Course) -> tuple[str | None, ...]:
    return settings.title.id, settings.title.en, course.title_id, course.title_en


@blueprint.get("/quizzes/<int:quiz_id>")
def quiz(quiz_id: int) -> str:
    """One quiz before and between attempts: what awaits her, how often, what she reached so far."""
    return _quiz_page(quiz_id, ())


@blueprint.post("/quizzes/<int:quiz_id>/start")
def start(quiz_id: int) -> Response | tuple[str, int]:
    """Begin an attempt, or go on with the one begun."""
    code = request.form.get("code", "").strip()[:80]
    who = guard.require(needs=P.QUIZ_TAKE)
    # Whoever tries codes one after the other is slowed down before one of them fits.
    if code and code_tries.are_too_many(who.id, quiz_id):
        return _quiz_page(quiz_id, (Problem.of("quiz_code_tries", field="code"),)), 429
    try:
        with writing() as db:
            asked = guard.load(db, Quiz, quiz_id, needs=P.QUIZ_TAKE)
            attempt = starting.start(db, asked, by=who.id, at=clock.now(), code=code)
    except Invalid as refused:
        if code:
            code_tries.count_one(who.id, quiz_id)
        return _quiz_page(quiz_id, refused.problems), 422
    return redirect(url_for("quizzes.take", attempt_id=attempt.id))


def _quiz_page(quiz_id: int, problems: tuple[Problem, ...]) -> str:
    at = clock.now()
    with reading() as db:
        asked = guard.load(db, Quiz, quiz_id, needs=P.QUIZ_TAKE, options=[joinedload(Quiz.course)])
        by = guard.principal().id
        batch_id = starting.batch_of(db, asked, by=by, at=at)
        setting = find_setting(db, asked.id, batch_id)
        laid = paper.lay_out(db, library.current_version(db, asked).id, setting=setting, at=at)
        stands = starting.standing(db, asked, batch_id, by, laid.settings)
    return render_template(
        "quizzes/quiz.html",
        quiz=asked,
        paper=laid,
        count=asked_count(len(laid.sheets), laid.settings.sections),
        stands=stands,
        window=window_state(setting.opens_at, setting.closes_at, at) if setting else WindowState.OPEN,
        setting=setting,
        problems=problems,
    )


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
        sheets=_in_sight(attempt, laid),
        ends_at=ends_at,
        seconds_left=None if ends_at is None else max(0.0, (ends_at - at).total_seconds()),
    )


@blueprint.post("/attempts/<int:attempt_id>/answers")
def save_answer(attempt_id: int) -> Any:
    """Keep what a page sends and tell what the server holds; one that does not fit its question stops no other."""
    sent = json_draft(AnswersDraft).answers
    at = clock.now()

    def store(db: Db) -> dict[str, Any]:
        attempt = guard.load(db, Attempt, attempt_id, needs=P.QUIZ_TAKE, lock=True)
        answers = [_save(db, attempt, one, at) for one in sent]
        return {"answers": answers, **_standing(db, attempt, at, is_save=True)}

    return jsonify(ok=True, **together(store, locks=True))


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
        for one in _in_sight(attempt, laid)
        if one.seq
    ]
    return jsonify(ok=True, answers=answers, reached=attempt.reached, **standing)


@blueprint.post("/attempts/<int:attempt_id>/submit")
def submit(attempt_id: int) -> Any:
    """Score the attempt. A page without script sends its answers along; one with script has saved them already.

    On a slow line a form may be sent before its script is there to ask whether everything is answered. Then this asks.
    """
    at = clock.now()
    # Into the store before the writer: a file may take its time, and others wait for the writer.
    is_scripted = bool(request.form.get("scripted"))
    action = request.form.get("action", "")
    is_asking = bool(request.form.get("unasked")) and not is_scripted and not action
    kept, unusable = ([], []) if is_scripted else keep_form_files(attempt_id)
    with writing() as db:
        attempt = guard.load(db, Attempt, attempt_id, needs=P.QUIZ_TAKE, lock=True)
        problems = list(unusable)
        if not is_scripted:
            try:
                taking.save_form(db, attempt, _form_answers(), at=at)
                hand_in_form(db, attempt, kept, at=at)
            except Invalid as refused:
                problems += refused.problems
        place = None
        if not problems and not is_asking:
            try:
                place = _act(db, attempt, action, at)
            except Invalid as refused:
                problems += refused.problems
    for problem in problems:
        flash(say(problem), "error")
    if is_asking and not problems and attempt.submitted_at is None:
        return _question_before_submitting(attempt_id)
    if attempt.submitted_at is None:
        return redirect(url_for("quizzes.take", attempt_id=attempt_id, _anchor=place))
    return redirect(url_for("quizzes.review", attempt_id=attempt_id))


def _question_before_submitting(attempt_id: int) -> str:
    with reading() as db:
        attempt = guard.load(db, Attempt, attempt_id, needs=P.QUIZ_TAKE, options=SEEN_WITH)
        laid = paper.lay_out(db, attempt.version_id, attempt=attempt)
        sheets = _in_sight(attempt, laid)
    unanswered = [sheet.number for sheet in sheets if sheet.response is None]
    return render_template("quizzes/submit.html", attempt=attempt, paper=laid, unanswered=unanswered)


def _act(db: Db, attempt: Attempt, action: str, at: datetime) -> str | None:
    """Do what a button of the form asked for, submitting if it was none of these; return the place to show then."""
    what, _, number = action.partition("-")
    known = number.isascii() and number.isdecimal() and len(number) < 10
    if what == "save":
        flash(gettext("Saved. You can go on or submit."), "success")
    elif what == "next" and known:
        moving.move_on(db, attempt, int(number), at=at)
    elif what == "check" and known:
        moving.check_answer(db, attempt, int(number), at=at)
        return f"item-{number}"
    else:
        submitting.submit(db, attempt, at=at)
    return None


def _in_sight(attempt: Attempt, laid: paper.Paper) -> Sequence[Sheet]:
    """Return the sheets she may see and answer now: all, or where one may only go forward the one she is at."""
    if not attempt.reached:
        return laid.sheets
    return [sheet for sheet in laid.sheets if sheet.number == attempt.reached]


@blueprint.get("/attempts/<int:attempt_id>/review")
def review(attempt_id: int) -> str | Response:
    """What became of a submitted attempt, as much as the quiz lets her see."""
    at = clock.now()
    _submit_if_over(attempt_id)
    with reading() as db:
        attempt = guard.load(db, Attempt, attempt_id, needs=P.QUIZ_TAKE, options=SEEN_WITH)
        if attempt.submitted_at is None:
            return redirect(url_for("quizzes.take", attempt_id=attempt_id))
        laid = paper.lay_out(db, attempt.version_id, attempt=attempt, at=at)
        stands = starting.standing(db, attempt.quiz, attempt.batch_id, attempt.person_id, laid.settings)
        late = late_sheets(db, attempt, laid)
        still_in = _may_start_again(db, attempt, at)
    return render_template(
        "quizzes/review.html",
        attempt=attempt,
        paper=laid,
        late=late,
        counted=stands.counted,
        left=stands.left if still_in else 0,
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
    setting = find_setting(db, attempt.quiz_id, attempt.batch_id)
    is_open = setting is None or window_state(setting.opens_at, setting.closes_at, at) is WindowState.OPEN
    if attempt.quiz.archived_at is not None or not is_open:
        return False
    try:
        return starting.batch_of(db, attempt.quiz, by=attempt.person_id, at=at) == attempt.batch_id
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
