"""Filling in: what is asked of oneself, a questionnaire, and that of somebody asked about an alumnus."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Person
from lms.db import reading, writing
from lms.evaluations.models import Invitation, Survey
from lms.evaluations.rules.questionnaires import read_answers
from lms.evaluations.service import answering, surveys
from lms.evaluations.views.blueprint import WITH_ABOUT, P, blueprint, invitation_of
from lms.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem


@blueprint.get("/evaluations")
def own() -> Any:
    """Show what is asked of the asker: open, answered, closed."""
    at = clock.now()
    who = guard.require(needs=P.EVALUATION_ANSWER)
    with reading() as db:
        asked = surveys.asked_of(db, who.id, at=at)
        return render_template("evaluations/own.html", asked=asked, at=at, name_of=surveys.name_of)


@blueprint.route("/evaluations/<int:survey_id>", methods=["GET", "POST"])
def fill(survey_id: int) -> Any:
    """A questionnaire to fill in; sent once, and nobody can say afterwards whose it was."""
    at = clock.now()
    problems: Sequence[Problem] = ()
    with reading() as db:
        survey = guard.load(db, Survey, survey_id, needs=P.EVALUATION_ANSWER, options=WITH_ABOUT)
        who = guard.principal().id
        if survey.kind not in ("organiser", "instructor", "alumnus") or not surveys.is_asked(db, survey, who):
            raise Forbidden("survey_not_asked")
        if surveys.has_answered(db, survey_id, who):
            return redirect(url_for("evaluations.own"))
    if survey.closes_at <= at:
        raise Conflict("survey_closed")
    if request.method == "POST":
        try:
            answers = read_answers(survey.content, request.form)
            with writing() as db:
                kept = guard.load(db, Survey, survey_id, needs=P.EVALUATION_ANSWER)
                is_new = answering.cast(db, kept, who, answers, at=at)
            flash(
                gettext("Thank you. Your answers are kept without your name.")
                if is_new
                else gettext("You had answered already; nothing was changed."),
                "success",
            )
            return redirect(url_for("evaluations.own"))
        except Invalid as refusal:
            problems = refusal.problems
    page = render_template(
        "evaluations/fill.html",
        survey=survey,
        about=None,
        given=request.form,
        problems=problems,
        name_of=surveys.name_of,
        is_public=False,
    )
    return page, 422 if problems else 200


@blueprint.route("/follow-up/<token>", methods=["GET", "POST"])
@guard.public
def follow_up(token: str) -> Any:
    """A questionnaire about an alumnus for whoever has the link; used once, then only a word of thanks."""
    guard.allow_public()
    at = clock.now()
    problems: Sequence[Problem] = ()
    with reading() as db:
        invitation = db.get(Invitation, invitation_of(token))
        if invitation is None:
            raise NotFound()
        survey = db.scalars(select(Survey).where(Survey.id == invitation.survey_id).options(*WITH_ABOUT)).one()
        about = db.get_one(Person, invitation.about_id)
    state = "used" if invitation.used else "closed" if survey.closes_at <= at else "open"
    if request.method == "POST" and state == "open":
        try:
            answers = read_answers(survey.content, request.form)
            with writing() as db:
                kept = db.get_one(Invitation, invitation.id)
                answering.cast_invited(db, kept, db.get_one(Survey, survey.id), answers, at=at)
            return redirect(url_for("evaluations.follow_up", token=token))
        except Invalid as refusal:
            problems = refusal.problems
    page = render_template(
        "evaluations/follow_up.html",
        survey=survey,
        about=about,
        state=state,
        given=request.form,
        problems=problems,
    )
    return page, 422 if problems else 200
