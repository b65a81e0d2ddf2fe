"""A programme's questionnaires, and the programme after Kirkpatrick's four levels."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts import guard
from lms.db import reading, writing
from lms.evaluations.models import Questionnaire
from lms.evaluations.rules.blocks import FOLLOW_UPS, KINDS, ready_blocks
from lms.evaluations.rules.drafts import FOLLOW_UP_MONTHS
from lms.evaluations.rules.questionnaires import QuestionnaireDraft, draft_values
from lms.evaluations.rules.results import FEW, LEAST
from lms.evaluations.service.levels import read_levels
from lms.evaluations.service.surveys import content_for, save_questionnaire
from lms.evaluations.views.blueprint import P, blueprint
from lms.kernel.errors import Invalid, NotFound, Problem
from lms.programmes.models import Batch, Programme
from lms.web.forms import draft_from, form_values


@blueprint.get("/programmes/<slug>/evaluation")
def levels(slug: str) -> Any:
    """Show the programme on four levels, batch beside batch, with charts that also are tables."""
    with reading() as db:
        programme = guard.load(db, Programme, slug=slug, needs=P.EVALUATION_RESULTS)
        seen = guard.allowed(Batch, needs=P.EVALUATION_RESULTS)
        lines = read_levels(db, programme, seen, at=clock.now())
        rights = guard.rights_on(db, Programme, programme.id, {P.PROGRAMME_EDIT})
    return render_template(
        "evaluations/levels.html",
        programme=programme,
        lines=lines,
        rights=rights,
        months=FOLLOW_UP_MONTHS,
        follow_ups=FOLLOW_UPS,
        least=LEAST,
        few=FEW,
    )


@blueprint.get("/programmes/<slug>/questionnaires")
def questionnaires(slug: str) -> Any:
    """The programme's questionnaires: one a kind, the usual where nobody changed it."""
    with reading() as db:
        programme = guard.load(db, Programme, slug=slug, needs=P.PROGRAMME_EDIT)
        contents = {kind: content_for(db, programme.id, kind) for kind in KINDS}
        own = {kind for kind in KINDS if db.get(Questionnaire, (programme.id, kind)) is not None}
    return render_template("evaluations/questionnaires.html", programme=programme, contents=contents, own=own)


@blueprint.route("/programmes/<slug>/questionnaires/<kind>", methods=["GET", "POST"])
def questionnaire(slug: str, kind: str) -> Any:
    """A form for one questionnaire: ready-made blocks, own questions, the scale."""
    problems: Sequence[Problem] = ()
    with reading() as db:
        programme = guard.load(db, Programme, slug=slug, needs=P.PROGRAMME_EDIT)
        if kind not in KINDS:
            raise NotFound()
        values: dict[str, Any] = draft_values(content_for(db, programme.id, kind))
    if request.method == "POST":
        values = form_values(QuestionnaireDraft, request.form)
        try:
            draft = draft_from(QuestionnaireDraft, values)
            with writing() as db:
                kept = guard.load(db, Programme, slug=slug, needs=P.PROGRAMME_EDIT, lock=True)
                save_questionnaire(db, kept, kind, draft, by=guard.principal().id, at=clock.now())
            flash(gettext("Saved. Questionnaires that are open already keep what they ask."), "success")
            return redirect(url_for("evaluations.questionnaires", slug=slug))
        except Invalid as refusal:
            problems = refusal.problems
    page = render_template(
        "evaluations/questionnaire.html",
        programme=programme,
        kind=kind,
        ready=ready_blocks(kind),
        values=values,
        problems=problems,
    )
    return page, 422 if problems else 200
