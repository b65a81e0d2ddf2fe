"""A batch's evaluation for its coordinator: what is open, opening and closing, turnout, and results of closed ones."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext

from lms import clock
from lms.accounts import guard
from lms.db import reading, writing
from lms.evaluations.models import Survey
from lms.evaluations.rules.drafts import FOLLOW_UP_MONTHS, SettingDraft
from lms.evaluations.service import followups, surveys
from lms.evaluations.service.results import read_results
from lms.evaluations.views.blueprint import WITH_ABOUT, WITH_PROGRAMME, P, blueprint
from lms.kernel.errors import Conflict, Invalid, NotFound, Problem
from lms.programmes.models import Batch
from lms.web.forms import draft_from, form_values


@blueprint.get("/batches/<int:batch_id>/evaluation")
def batch(batch_id: int) -> Any:
    """Show the batch's questionnaires: turnout of those open, results of those closed, what can still be opened."""
    at = clock.now()
    with reading() as db:
        found = guard.load(db, Batch, batch_id, needs=P.EVALUATION_RESULTS, options=[WITH_PROGRAMME])
        results = read_results(db, Survey.batch_id == batch_id, at=at)
        known = {one.survey.key for one in results}
        lessons = [lesson for lesson in surveys.lessons_held(db, batch_id, at=at) if lesson.key not in known]
        setting = surveys.setting_of(db, batch_id)
        rights = guard.rights_on(db, Batch, batch_id, {P.EVALUATION_OPEN, P.PROGRAMME_EDIT})
    return render_template(
        "evaluations/batch.html",
        batch=found,
        results=results,
        open_ones=[one for one in results if one.result is None],
        closed=[one for one in results if one.result is not None],
        lessons=lessons,
        setting=setting,
        rights=rights,
        has_organiser=f"organiser-{batch_id}" in known,
        months=[month for month in FOLLOW_UP_MONTHS if f"alumnus-{batch_id}-{month}" not in known],
        at=at,
        name_of=surveys.name_of,
    )


@blueprint.post("/batches/<int:batch_id>/evaluation/setting")
def save_setting(batch_id: int) -> Any:
    """Let the batch be evaluated by itself, or not."""
    draft = draft_from(SettingDraft, form_values(SettingDraft, request.form))
    with writing() as db:
        found = guard.load(db, Batch, batch_id, needs=P.EVALUATION_OPEN, lock=True)
        surveys.save_setting(db, found, draft, by=guard.principal().id, at=clock.now())
    flash(gettext("Saved."), "success")
    return redirect(url_for("evaluations.batch", batch_id=batch_id))


@blueprint.post("/batches/<int:batch_id>/evaluation/open")
def open_some(batch_id: int) -> Any:
    """Open questionnaires now: the organiser's, those of every lesson held, or a follow-up's."""
    at = clock.now()
    what = request.form.get("what", "")
    with writing() as db:
        found = guard.load(db, Batch, batch_id, needs=P.EVALUATION_OPEN, lock=True)
        if found.archived_at is not None:
            raise Conflict("batch_archived", batch=found.name)
        closes_at = at + timedelta(days=surveys.setting_of(db, batch_id).days_open)
        by = guard.principal().id
        if what == "organiser":
            opened = int(surveys.open_organiser(db, found, closes_at=closes_at, by=by, at=at))
        elif what == "lessons":
            lessons = surveys.lessons_held(db, batch_id, at=at)
            opened = sum(
                surveys.open_lesson(db, found, lesson, closes_at=closes_at, by=by, at=at) for lesson in lessons
            )
        elif what in {f"month-{month}" for month in FOLLOW_UP_MONTHS}:
            opened = followups.open_month(db, found, int(what[6:]), by=by, at=at)
        else:
            raise NotFound()
    flash(
        ngettext("%(num)s questionnaire is open; everyone asked is told.",
                 "%(num)s questionnaires are open; everyone asked is told.", opened),
        "success",
    )  # fmt: skip
    return redirect(url_for("evaluations.batch", batch_id=batch_id))


@blueprint.post("/evaluations/<int:survey_id>/close")
def close(survey_id: int) -> Any:
    """Close a questionnaire for good, so that its results can be read."""
    with writing() as db:
        survey = guard.load(db, Survey, survey_id, needs=P.EVALUATION_OPEN, lock=True)
        surveys.close(db, survey, by=guard.principal().id, at=clock.now())
        batch_id = survey.batch_id
    flash(gettext("The questionnaire is closed."), "success")
    return redirect(url_for("evaluations.batch", batch_id=batch_id))


@blueprint.post("/evaluations/<int:survey_id>/prolong")
def prolong(survey_id: int) -> Any:
    """Let an open questionnaire stay open until the end of another day."""
    at = clock.now()
    with writing() as db:
        survey = guard.load(db, Survey, survey_id, needs=P.EVALUATION_OPEN, lock=True)
        until = _end_of(request.form.get("until", ""))
        if until <= at:
            raise Invalid(Problem.of("survey_closes_in_past", field="until"))
        surveys.prolong(db, survey, until, by=guard.principal().id, at=at)
        batch_id = survey.batch_id
    flash(gettext("The questionnaire stays open until then."), "success")
    return redirect(url_for("evaluations.batch", batch_id=batch_id))


@blueprint.get("/evaluations/<int:survey_id>/results")
def results(survey_id: int) -> Any:
    """Show what a closed questionnaire came to: item by item, and in people's own words."""
    at = clock.now()
    with reading() as db:
        guard.load(db, Survey, survey_id, needs=P.EVALUATION_RESULTS, options=WITH_ABOUT)
        (found,) = read_results(db, Survey.id == survey_id, at=at)
    if found.result is None:
        raise Conflict("survey_still_open")
    return render_template("evaluations/results.html", one=found, with_texts=True, name_of=surveys.name_of)


@blueprint.get("/evaluations/taught")
def taught() -> Any:
    """Show an instructor what was said of the sessions the asker taught: means alone, from five answers on."""
    at = clock.now()
    who = guard.require(needs=P.EVALUATION_TAUGHT)
    with reading() as db:
        found = read_results(db, Survey.instructor_id == who.id, at=at)
    found.sort(key=lambda one: one.survey.opens_at, reverse=True)
    return render_template("evaluations/taught.html", results=found)


def _end_of(text: str) -> datetime:
    """Return the last minute of that day in Balikpapan. Raises Invalid for what is no day."""
    try:
        day = datetime.fromisoformat(text).date()
    except ValueError:
        raise Invalid(Problem.of("input_date_parsing", field="until")) from None
    return datetime.combine(day, time(15, 59), tzinfo=UTC)
