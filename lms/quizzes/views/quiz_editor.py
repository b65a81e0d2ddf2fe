"""Making a quiz in the browser from the course's bank, changing it, and putting it aside."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission as P
from lms.courses.models import Course
from lms.db import Db, reading, writing
from lms.kernel.errors import Conflict, Invalid, Problem
from lms.quizzes.models import QuestionVersion, Quiz
from lms.quizzes.rules.questions import Purpose
from lms.quizzes.rules.quiz_draft import MOST_DRAWS, read_quiz_form
from lms.quizzes.rules.settings import load_settings
from lms.quizzes.rules.stored import load_question
from lms.quizzes.service import authoring, library
from lms.quizzes.views.bank import load_course
from lms.quizzes.views.blueprint import blueprint


@blueprint.get("/courses/<slug>/quizzes/new")
def new_quiz(slug: str) -> str:
    """An empty quiz, and the bank's questions to pick from."""
    with reading() as db:
        course = load_course(db, slug)
        found = authoring.pickable(db, course)
    return _page(course, None, {"purpose": "practice"}, found, ())


@blueprint.post("/courses/<slug>/quizzes/new")
def make_quiz(slug: str) -> Any:
    """Make the quiz."""
    try:
        draft = read_quiz_form(request.form)
        with writing() as db:
            course = load_course(db, slug)
            quiz = authoring.make_quiz(db, course, draft, by=guard.principal().id, at=clock.now())
    except Invalid as refused:
        with reading() as db:
            course = load_course(db, slug)
            found = authoring.pickable(db, course)
        return _page(course, None, request.form, found, refused.problems), 422
    flash(gettext("The quiz is there. Look at its questions, then set when each batch may take it."), "success")
    return redirect(url_for("quizzes.preview", quiz_id=quiz.id))


@blueprint.get("/quizzes/<int:quiz_id>/edit")
def edit_quiz(quiz_id: int) -> str:
    """A quiz made here, as it is now."""
    with reading() as db:
        quiz = _load(db, quiz_id)
        values = _values(db, quiz)
        found = authoring.pickable(db, quiz.course)
    return _page(quiz.course, quiz, values, found, ())


@blueprint.post("/quizzes/<int:quiz_id>/edit")
def change_quiz(quiz_id: int) -> Any:
    """Change the quiz; attempts keep the version they saw."""
    try:
        with reading() as db:
            purpose = Purpose(_load(db, quiz_id).purpose)
        draft = read_quiz_form(request.form, purpose)
        with writing() as db:
            quiz = _load(db, quiz_id)
            authoring.change_quiz(db, quiz.course, quiz, draft, by=guard.principal().id, at=clock.now())
    except Invalid as refused:
        with reading() as db:
            quiz = _load(db, quiz_id)
            found = authoring.pickable(db, quiz.course)
        return _page(quiz.course, quiz, request.form, found, refused.problems), 422
    flash(gettext("The quiz is saved."), "success")
    return redirect(url_for("quizzes.preview", quiz_id=quiz_id))


@blueprint.post("/quizzes/<int:quiz_id>/archive")
def archive_quiz(quiz_id: int) -> Response:
    """Let nobody begin the quiz any more, or let them again."""
    with writing() as db:
        quiz = _load(db, quiz_id)
        authoring.set_aside(db, quiz, aside=not request.form.get("back"), by=guard.principal().id, at=clock.now())
        slug = quiz.course.slug
    flash(gettext("Done."), "success")
    return redirect(url_for("quizzes.questions", slug=slug))


def _load(db: Db, quiz_id: int) -> Quiz:
    quiz = guard.load(db, Quiz, quiz_id, needs=P.QUIZ_EDIT, options=[joinedload(Quiz.course)])
    if not quiz.made_here:
        raise Conflict("quiz_of_a_file")
    return quiz


def _values(db: Db, quiz: Quiz) -> dict[str, str]:
    """Return the quiz as its form shows it."""
    settings = load_settings(library.current_version(db, quiz).settings)
    values = {
        "pass_mark": "" if settings.pass_mark is None else str(settings.pass_mark),
        "attempts": str(settings.attempts or ""),
        "time_limit": str(settings.time_limit or ""),
        "shuffle": settings.shuffle.value,
        "feedback": settings.feedback.value,
        "purpose": quiz.purpose,
    }
    for language in ("id", "en"):
        values[f"title_{language}"] = getattr(settings.title, language) or ""
        values[f"intro_{language}"] = (getattr(settings.intro, language) if settings.intro else None) or ""
    picks, draws = authoring.picked_and_drawn(db, quiz)
    values |= {f"pick-{number}": str(place) for place, number in enumerate(picks, start=1)}
    for at, (topic, count) in enumerate(draws):
        values |= {f"draw-{at}-topic": topic, f"draw-{at}-count": str(count)}
    return values


def _page(
    course: Course,
    quiz: Quiz | None,
    values: Mapping[str, str],
    found: Sequence[QuestionVersion],
    problems: Sequence[Problem],
) -> str:
    questions = [(version.question_id, load_question(version.content)) for version in found]
    topics: dict[str, int] = {}
    for _, question in questions:
        parts = question.topic.split("/") if question.topic else []
        for depth in range(1, len(parts) + 1):
            topic = "/".join(parts[:depth])
            topics[topic] = topics.get(topic, 0) + 1
    filled = sum(bool(values.get(f"draw-{at}-topic")) for at in range(MOST_DRAWS))
    return render_template(
        "quizzes/edit_quiz.html",
        course=course,
        quiz=quiz,
        values=values,
        questions=questions,
        topics=sorted(topics.items()),
        draws=range(min(filled + 2, MOST_DRAWS)),
        problems=problems,
    )
