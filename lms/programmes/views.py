"""Pages of programmes and batches: the list, one programme, one batch, and the forms that change them."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission, ScopeKind
from lms.courses.models import Course
from lms.db import Db, reading, writing
from lms.kernel.errors import Invalid, Problem, Refusal
from lms.programmes import enrolment_views
from lms.programmes.agenda import agenda_of
from lms.programmes.models import Batch, Enrolment, Programme
from lms.programmes.rules import BatchDraft, ProgrammeDraft
from lms.programmes.service import batches, members
from lms.web.forms import draft_from, form_values, problems_of
from lms.web.i18n import reader

P = Permission

blueprint = Blueprint("programmes", __name__)
enrolment_views.register(blueprint)


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
            rights=guard.rights_on(db, Programme, found.id, {P.PROGRAMME_EDIT}),
            today=clock.now().astimezone(reader().zone).date(),
        )


@blueprint.route("/programmes/new", methods=["GET", "POST"])
def new_programme() -> Any:
    """A form for a new programme."""
    who = guard.everywhere(needs=P.PROGRAMME_EDIT)
    values: dict[str, Any] = {"minimum_percent": 80, "course_ids": []}
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        values = form_values(ProgrammeDraft, request.form)
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
        "programmes/edit_programme.html", programme=None, values=values, problems=problems, courses=courses
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
            "minimum_percent": int(found.minimum_share * 100),
            "course_ids": [course.id for course in batches.courses_of(db, found.id)],
        }
    if request.method == "POST":
        values = form_values(ProgrammeDraft, request.form)
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
        "programmes/edit_programme.html", programme=found, values=values, problems=problems, courses=courses
    )
    return page, 422 if problems else 200


@blueprint.route("/programmes/<slug>/batches/new", methods=["GET", "POST"])
def new_batch(slug: str) -> Any:
    """A form for a new batch of a programme."""
    values: dict[str, Any] = {}
    problems: Sequence[Problem] = ()
    with reading() as db:
        found = guard.load(db, Programme, slug=slug, needs=P.PROGRAMME_EDIT)
    if request.method == "POST":
        values = form_values(BatchDraft, request.form)
        who = guard.principal()
        # Whose rights end at single batches would otherwise be a stranger to the one just made.
        coordinator_id = None if ScopeKind.EVERYTHING in who.scopes(P.BATCH_EDIT) else who.id
        try:
            draft = draft_from(BatchDraft, values)
            with writing() as db:
                kept = guard.load(db, Programme, slug=slug, needs=P.PROGRAMME_EDIT, lock=True)
                batch_id = batches.create_batch(
                    db, kept, draft, coordinator_id=coordinator_id, by=who.id, at=clock.now()
                ).id
            flash(gettext("The batch is set up. Next, enrol its people."), "success")
            return redirect(url_for("programmes.enrol", batch_id=batch_id))
        except Refusal as refusal:
            problems = problems_of(refusal)
    page = render_template(
        "programmes/edit_batch.html", programme=found, batch=None, values=values, problems=problems, contacts=()
    )
    return page, 422 if problems else 200


@blueprint.get("/batches/<int:batch_id>")
def batch(batch_id: int) -> str:
    """One batch: its sessions in date order, its courses, its people and whom to call."""
    at = clock.now()
    with reading() as db:
        found = guard.load(
            db,
            Batch,
            batch_id,
            needs=P.BATCH_READ,
            options=[joinedload(Batch.programme), joinedload(Batch.contact)],
        )
        people = members.who_is_enrolled(db, batch_id, at, narrowed=guard.allowed(Enrolment, needs=P.BATCH_READ))
        return render_template(
            "programmes/batch.html",
            batch=found,
            agenda=agenda_of(db, batch_id, at),
            at=at,
            today=at.astimezone(reader().zone).date(),
            courses=batches.courses_of(db, found.programme_id),
            staff=[person for person in people if person.role != "trainee"],
            trainees=[person for person in people if person.role == "trainee"],
            rights=guard.rights_on(
                db,
                Batch,
                batch_id,
                {P.BATCH_EDIT, P.ENROLMENT_EDIT, P.PEOPLE_READ, P.REGISTER_READ, P.SESSION_ATTEND, P.SESSION_SCHEDULE},
            ),
        )


@blueprint.route("/batches/<int:batch_id>/edit", methods=["GET", "POST"])
def edit_batch(batch_id: int) -> Any:
    """A form for a batch's name, days, place and contact."""
    problems: Sequence[Problem] = ()
    with reading() as db:
        found = guard.load(db, Batch, batch_id, needs=P.BATCH_EDIT, options=[joinedload(Batch.programme)])
        contacts = members.everyone_ever(db, batch_id, roles=("coordinator", "instructor"))
    values: dict[str, Any] = {
        name: getattr(found, name) for name in ("name", "starts_on", "ends_on", "place", "contact_id")
    }
    if request.method == "POST":
        values = form_values(BatchDraft, request.form)
        try:
            draft = draft_from(BatchDraft, values)
            with writing() as db:
                kept = guard.load(db, Batch, batch_id, needs=P.BATCH_EDIT, lock=True)
                batches.edit_batch(db, kept, draft, by=guard.principal().id, at=clock.now())
            flash(gettext("Saved."), "success")
            return redirect(url_for("programmes.batch", batch_id=batch_id))
        except Invalid as refusal:
            problems = refusal.problems
    page = render_template(
        "programmes/edit_batch.html",
        programme=found.programme,
        batch=found,
        values=values,
        problems=problems,
        contacts=list({member.person_id: member.name for member in contacts}.items()),
    )
    return page, 422 if problems else 200


@blueprint.post("/batches/<int:batch_id>/archive")
def archive(batch_id: int) -> Any:
    """Put a batch aside, or bring it back (`archived=0`)."""
    archived = request.form.get("archived") != "0"
    with writing() as db:
        found = guard.load(db, Batch, batch_id, needs=P.BATCH_EDIT, lock=True)
        batches.archive_batch(db, found, archived=archived, by=guard.principal().id, at=clock.now())
    flash(gettext("The batch is put aside.") if archived else gettext("The batch is back in the list."), "success")
    return redirect(url_for("programmes.batch", batch_id=batch_id))


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
