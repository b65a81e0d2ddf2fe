"""Phases: planned on the programme, seen with their dates on each batch's time line; and copying a programme."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.db import reading, writing
from lms.kernel.errors import Invalid, Problem
from lms.programmes.agenda import agenda_of
from lms.programmes.models import Batch, Programme
from lms.programmes.rules.phases import MOST_PHASES, PhaseDraft, time_line
from lms.programmes.service import phases as service
from lms.programmes.views.blueprint import blueprint
from lms.web.forms import draft_from
from lms.web.i18n import reader

P = Permission
_FIELDS = ("stage", "strand", "title_id", "title_en", "first_day", "days")
_SPARE_LINES = 3


@blueprint.route("/programmes/<slug>/phases", methods=["GET", "POST"])
def edit_phases(slug: str) -> Any:
    """A line for each phase: where, who, and how many days after the batch begins."""
    problems: Sequence[Problem] = ()
    with reading() as db:
        found = guard.load(db, Programme, slug=slug, needs=P.PROGRAMME_EDIT)
        lines: list[dict[str, Any]] = [phase.model_dump(mode="json") for phase in service.phases_of(db, found.id)]
    if request.method == "POST":
        lines = _posted()
        try:
            drafts = _drafts(lines)
            with writing() as db:
                kept = guard.load(db, Programme, slug=slug, needs=P.PROGRAMME_EDIT, lock=True)
                service.set_phases(db, kept, drafts, by=guard.principal().id, at=clock.now())
            flash(gettext("Saved."), "success")
            return redirect(url_for("programmes.programme", slug=slug))
        except Invalid as refused:
            problems = refused.problems
    spare = min(_SPARE_LINES, MOST_PHASES - len(lines))
    page = render_template(
        "programmes/edit_phases.html", programme=found, lines=[*lines, *([{}] * spare)], problems=problems
    )
    return page, 422 if problems else 200


@blueprint.get("/batches/<int:batch_id>/phases")
def batch_phases(batch_id: int) -> Any:
    """A batch's phases on one time line with its sessions, both strands during the visit."""
    at = clock.now()
    with reading() as db:
        batch = guard.load(db, Batch, batch_id, needs=P.BATCH_READ, options=[joinedload(Batch.programme)])
        zone = reader().zone
        sessions = [(card, card.session.starts_at.astimezone(zone).date()) for card in agenda_of(db, batch_id, at)]
        line = time_line(
            service.phases_of(db, batch.programme_id),
            batch.starts_on,
            batch.ends_on,
            [day for _card, day in sessions],
        )
        rights = guard.rights_on(db, Programme, batch.programme_id, {P.PROGRAMME_EDIT})
    today = at.astimezone(zone).date()
    return render_template(
        "programmes/phases.html",
        batch=batch,
        line=line,
        sessions=[(card, day, line.place(day)) for card, day in sessions],
        today=today,
        place_of_today=line.place(today),
        may_edit=P.PROGRAMME_EDIT in rights,
    )


@blueprint.route("/programmes/<slug>/copy", methods=["GET", "POST"])
def copy_programme(slug: str) -> Any:
    """A new programme with this one's objectives, courses, kind and phases, under a title of its own."""
    who = guard.everywhere(needs=P.PROGRAMME_EDIT)
    problems: list[Problem] = []
    with reading() as db:
        found = guard.load(db, Programme, slug=slug, needs=P.PROGRAMME_EDIT)
    year = clock.now().astimezone(reader().zone).year + 1
    values = {name: f"{title} {year}" if title else "" for name, title in _titles(found)}
    if request.method == "POST":
        values = {name: request.form.get(name, "").strip()[:200] for name in ("title_id", "title_en")}
        if not values["title_id"]:
            problems.append(Problem.of("title_missing", field="title_id"))
        else:
            with writing() as db:
                kept = guard.load(db, Programme, slug=slug, needs=P.PROGRAMME_EDIT)
                copy = service.copy_programme(db, kept, **values, by=who.id, at=clock.now()).slug
            flash(gettext("Copied. Check what has changed since, then give it its first batch."), "success")
            return redirect(url_for("programmes.edit_programme", slug=copy))
    page = render_template("programmes/copy_programme.html", programme=found, values=values, problems=problems)
    return page, 422 if problems else 200


def _titles(programme: Programme) -> Sequence[tuple[str, str]]:
    return (("title_id", programme.title_id), ("title_en", programme.title_en))


def _posted() -> list[dict[str, Any]]:
    """Return the lines of the form that say anything."""
    columns = [request.form.getlist(name)[:MOST_PHASES] for name in _FIELDS]
    lines = [dict(zip(_FIELDS, values, strict=True)) for values in zip(*columns, strict=False)]
    return [line for line in lines if line["title_id"].strip() or line["first_day"].strip() or line["days"].strip()]


def _drafts(lines: Sequence[dict[str, Any]]) -> list[PhaseDraft]:
    drafts, problems = [], []
    for number, line in enumerate(lines, start=1):
        try:
            drafts.append(draft_from(PhaseDraft, line))
        except Invalid as refused:
            problems += [
                Problem(one.code, one.params, f"{one.field}-{number}", where=f"{number}.") for one in refused.problems
            ]
    if problems:
        raise Invalid(problems)
    return drafts
