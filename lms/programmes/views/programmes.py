"""Pages of programmes: the list, one programme, and the forms that make and change it."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission, ScopeKind
from lms.courses.models import Course
from lms.db import Db, reading, writing
from lms.kernel.errors import Invalid, Problem, Refusal
from lms.programmes.models import Batch, Programme
from lms.programmes.rules.drafts import ProgrammeDraft
from lms.programmes.service import batches
from lms.programmes.service.kinds import kinds_at
from lms.programmes.service.phases import phases_of
from lms.programmes.views.blueprint import blueprint
from lms.web.forms import draft_from, form_values, problems_of
from lms.web.i18n import reader, titled

P = Permission


@blueprint.get("/programmes")
def programmes() -> str:
    """The programmes one has to do with, each with its batches."""
    who = guard.require(needs=P.BATCH_READ)
    with_archived = request.args.get("archived") == "1"
    with reading() as db:
        statement = select(Batch) if with_archived else select(Batch).where(Batch.archived_at.is_(None))
        lines = batches.catalogue(
            db,
            guard.visible(select(Programme), Programme, needs=P.PROGRAMME_READ),
            guard.visible(statement, Batch, needs=P.BATCH_READ),
        )
    return render_template(
        "programmes/programmes.html",
        lines=lines,
        today=clock.now().astimezone(reader().zone).date(),
        with_archived=with_archived,
        may_create=ScopeKind.EVERYTHING in who.scopes(P.PROGRAMME_EDIT),
    )


@blueprint.get("/programmes/<slug>")
def programme(slug: str) -> str:
    """One programme: what it teaches, what it demands, and its batches."""
    with reading() as db:
        found = guard.load(db, Programme, slug=slug, needs=P.PROGRAMME_READ)
        only = select(Programme).where(Programme.id == found.id)
        own = guard.visible(select(Batch).where(Batch.programme_id == found.id), Batch, needs=P.BATCH_READ)
        (line,) = batches.catalogue(db, only, own)
        return render_template(
            "programmes/programme.html",
            programme=found,
            batches=line.batches,
            courses=batches.courses_of(db, found.id),
            rights=guard.rights_on(db, Programme, found.id, {P.EVALUATION_RESULTS, P.PROGRAMME_EDIT, P.REPORT_READ}),
            may_copy=ScopeKind.EVERYTHING in guard.principal().scopes(P.PROGRAMME_EDIT),
            kind=kinds_at(db, clock.now()).get(found.kind),
            hours=batches.course_hours(db, found.id),
            phases=phases_of(db, found.id),
            today=clock.now().astimezone(reader().zone).date(),
        )


@blueprint.route("/programmes/new", methods=["GET", "POST"])
def new_programme() -> Any:
    """A form for a new programme."""
    who = guard.everywhere(needs=P.PROGRAMME_EDIT)
    values: dict[str, Any] = {
        "minimum_percent": 80,
        "kind": 3,
        "scope": "national",
        "course_ids": [],
        "course_hours": [],
    }
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        values = _values()
        try:
            draft = draft_from(ProgrammeDraft, values)
            with writing() as db:
                _refuse_unseen_courses(db, draft.course_ids)
                slug = batches.create_programme(db, draft, by=who.id, at=clock.now()).slug
            flash(gettext("The programme is set up. Now give it its first batch."), "success")
            return redirect(url_for("programmes.programme", slug=slug))
        except Refusal as refusal:
            problems = problems_of(refusal)
    with reading() as db:
        courses = _courses_to_choose(db, values["course_ids"])
    page = render_template(
        "programmes/edit_programme.html",
        programme=None,
        values=values,
        problems=problems,
        courses=courses,
        **_choices(values),
    )
    return page, 422 if problems else 200


@blueprint.route("/programmes/<slug>/edit", methods=["GET", "POST"])
def edit_programme(slug: str) -> Any:
    """A form for an existing programme."""
    problems: Sequence[Problem] = ()
    with reading() as db:
        found = guard.load(db, Programme, slug=slug, needs=P.PROGRAMME_EDIT)
        values: dict[str, Any] = {
            "title_id": found.title_id,
            "title_en": found.title_en,
            "summary_id": found.summary_id,
            "summary_en": found.summary_en,
            "objectives_id": found.objectives_id,
            "objectives_en": found.objectives_en,
            "kind": found.kind,
            "scope": found.scope,
            "organiser": found.organiser,
            "minimum_percent": int(found.minimum_share * 100),
            "course_hours": [f"{course}:{hours:g}" for course, hours in batches.course_hours(db, found.id).items()],
            "course_ids": [course.id for course in batches.courses_of(db, found.id)],
        }
    if request.method == "POST":
        values = _values()
        try:
            draft = draft_from(ProgrammeDraft, values)
            with writing() as db:
                kept = guard.load(db, Programme, slug=slug, needs=P.PROGRAMME_EDIT, lock=True)
                _refuse_unseen_courses(db, draft.course_ids)
                batches.edit_programme(db, kept, draft, by=guard.principal().id, at=clock.now())
            flash(gettext("Saved."), "success")
            return redirect(url_for("programmes.programme", slug=slug))
        except Invalid as refusal:
            problems = refusal.problems
    with reading() as db:
        courses = _courses_to_choose(db, values["course_ids"])
    page = render_template(
        "programmes/edit_programme.html",
        programme=found,
        values=values,
        problems=problems,
        courses=courses,
        **_choices(values),
    )
    return page, 422 if problems else 200


def _values() -> dict[str, Any]:
    """Return the posted form; each course's hours stand in a field of its own."""
    hours = [
        f"{name.removeprefix('hours-')}:{value.strip()}"
        for name, value in request.form.items()
        if name.startswith("hours-") and value.strip()
    ]
    return form_values(ProgrammeDraft, request.form) | {"course_hours": hours}


def _choices(values: dict[str, Any]) -> dict[str, Any]:
    """Return what the form offers beside courses: kinds of development, and the hours each course has."""
    with reading() as db:
        kinds = kinds_at(db, clock.now())
    pairs = (str(pair).partition(":") for pair in values.get("course_hours", ()))
    return {
        "kinds": [(kind.code, f"{kind.code} · {titled(kind, 'name')}") for kind in kinds.values()],
        "hours": {course: worth for course, _, worth in pairs},
    }


def _courses_to_choose(db: Db, chosen: Sequence[Any]) -> list[Course]:
    """Return the courses the asker may put into a programme: the chosen ones first, in their order."""
    statement = select(Course).order_by(Course.position, Course.id)
    seen = db.scalars(guard.visible(statement, Course, needs=P.COURSE_READ)).all()
    order = {str(course_id): place for place, course_id in enumerate(chosen)}
    open_ones = [course for course in seen if course.archived_at is None or str(course.id) in order]
    return sorted(open_ones, key=lambda course: order.get(str(course.id), len(order)))


def _refuse_unseen_courses(db: Db, course_ids: Sequence[int]) -> None:
    """Refuse courses the asker may not read: naming one in a programme would open it to its people."""
    seen = set(db.scalars(guard.visible(select(Course.id), Course, needs=P.COURSE_READ)))
    if set(course_ids) - seen:
        raise Invalid(Problem.of("course_unknown", field="course_ids"))
