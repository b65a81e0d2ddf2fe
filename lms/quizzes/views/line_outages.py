"""A trainee's line that was away: her page tells of it, the instructor gives the time back."""

from typing import Any

from flask import flash, jsonify, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission as P
from lms.db import writing
from lms.quizzes.models import Attempt
from lms.quizzes.rules.drafts import LineOutageDraft
from lms.quizzes.service import line_outages
from lms.quizzes.views.blueprint import blueprint
from lms.web.forms import json_draft
from lms.web.i18n import duration


@blueprint.post("/attempts/<int:attempt_id>/line-outages")
def note_line_outage(attempt_id: int) -> Any:
    """Keep what a page measured once its line was back; told again it changes nothing."""
    draft = json_draft(LineOutageDraft)
    with writing() as db:
        attempt = guard.load(db, Attempt, attempt_id, needs=P.QUIZ_TAKE, lock=True)
        is_kept = line_outages.note(db, attempt, draft, at=clock.now())
    return jsonify(ok=True, kept=is_kept)


@blueprint.post("/attempts/<int:attempt_id>/line-outages/<int:outage_id>/give")
def give_line_outage(attempt_id: int, outage_id: int) -> Response:
    """Give the time back that her line was away."""
    with writing() as db:
        attempt = guard.load(db, Attempt, attempt_id, needs=P.QUIZ_EDIT, lock=True)
        given = line_outages.give_back(db, attempt, outage_id, by=guard.principal().id, at=clock.now())
    flash(gettext("Given back: %(length)s.", length=duration(given)), "success")
    return redirect(url_for("quizzes.attempt", attempt_id=attempt_id, _anchor="line"))
