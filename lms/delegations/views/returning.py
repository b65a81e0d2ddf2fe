"""A delegate's own pages of the journey, and what comes home for those who stayed."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.courses.models import Course
from lms.db import Db, reading, writing
from lms.delegations.models import Delegation, DelegationCandidate
from lms.delegations.rules.checklist import passport_needed_until, passport_state
from lms.delegations.rules.drafts import CascadeDraft, DiaryDraft, DoneDraft, ModuleDraft, ReportDraft
from lms.delegations.service import choosing, preparing, returning
from lms.delegations.views.blueprint import WITH_PROGRAMME, blueprint, load_visit, stage_of, typed
from lms.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from lms.web.forms import form, problems_of
from lms.web.i18n import reader

P = Permission


def _own(db: Db, visit_id: int, *, lock: bool = False) -> DelegationCandidate:
    """Return the asker's own place in an announced delegation; for everybody else there is no such page."""
    who = guard.principal()
    if not who.can(P.DELEGATION_OWN):
        raise NotFound()
    own = guard.load(
        db, DelegationCandidate, delegation_id=visit_id, person_id=who.id, needs=P.DELEGATION_OWN, lock=lock
    )
    visit = db.get_one(Delegation, visit_id, options=WITH_PROGRAMME)
    if visit.announced_at is None or own.outcome != "chosen":
        raise NotFound()
    return own


@blueprint.get("/study-visits/<int:visit_id>/journey")
def journey(visit_id: int) -> Any:
    """A delegate's own checklist, the itinerary, her notes of each day, her report, what she passes on."""
    return _show_journey(visit_id, (), "")


def _show_journey(visit_id: int, problems: Sequence[Problem], part: str) -> str:
    at = clock.now()
    with reading() as db:
        own = _own(db, visit_id)
        visit = db.get_one(Delegation, visit_id)
        notes = returning.diary_of(db, own.id)
        today = at.astimezone(reader().zone).date()
        return render_template(
            "delegations/journey.html",
            visit=visit,
            stage=stage_of(visit, at),
            own=own,
            passport=passport_state(own.passport_until, visit.ends_on),
            needed_until=passport_needed_until(visit.ends_on),
            tasks=[task for task, _ in preparing.tasks_of(db, visit_id, candidate_id=own.id)],
            stops=preparing.stops_of(db, visit_id),
            notes=notes,
            days=_days(visit),
            today=min(max(today, visit.starts_on), visit.ends_on),
            now_day=today,
            cascades=returning.cascades_of(db, visit_id, candidate_id=own.id),
            problems=problems,
            part=part,
            values=typed(problems),
        )


def _days(visit: Delegation) -> list[date]:
    return [visit.starts_on + timedelta(days=number) for number in range((visit.ends_on - visit.starts_on).days + 1)]


OwnAct = Callable[[Db, Delegation, DelegationCandidate, int, Any], Any]


def _act(visit_id: int, part: str, do: OwnAct, said: str) -> Any:
    try:
        with writing() as db:
            own = _own(db, visit_id, lock=True)
            do(db, db.get_one(Delegation, visit_id), own, own.person_id, clock.now())
    except (Invalid, Conflict) as refusal:
        return _show_journey(visit_id, problems_of(refusal), part), refusal.status
    flash(said, "success")
    return redirect(url_for("delegations.journey", visit_id=visit_id) + f"#{part}")


@blueprint.post("/study-visits/<int:visit_id>/journey/diary")
def write_diary(visit_id: int) -> Any:
    """Keep what one learned on a day."""

    def do(db: Db, visit: Delegation, own: DelegationCandidate, by: int, at: Any) -> None:
        returning.write_diary(db, visit, own, form(DiaryDraft), by=by, at=at)

    return _act(visit_id, "diary", do, gettext("The note is kept."))


@blueprint.post("/study-visits/<int:visit_id>/journey/report")
def save_report(visit_id: int) -> Any:
    """Keep one's report, or hand it in."""

    def do(db: Db, visit: Delegation, own: DelegationCandidate, by: int, at: Any) -> None:
        returning.save_report(db, visit, own, form(ReportDraft), by=by, at=at)

    said = (
        gettext("The report is handed in.") if request.form.get("sent") else gettext("The report is kept as a draft.")
    )
    return _act(visit_id, "report", do, said)


@blueprint.post("/study-visits/<int:visit_id>/journey/cascades")
def add_cascade(visit_id: int) -> Any:
    """Plan something to pass on at home."""

    def do(db: Db, visit: Delegation, own: DelegationCandidate, by: int, at: Any) -> None:
        returning.add_cascade(db, visit, own, form(CascadeDraft), by=by, at=at)

    return _act(visit_id, "cascades", do, gettext("The task is added."))


@blueprint.post("/study-visits/<int:visit_id>/journey/cascades/<int:cascade_id>")
def set_passed_on(visit_id: int, cascade_id: int) -> Any:
    """Note that something has been passed on."""

    def do(db: Db, visit: Delegation, own: DelegationCandidate, by: int, at: Any) -> None:
        cascade = returning.find_cascade(db, visit, cascade_id)
        if cascade.candidate_id != own.id:
            raise NotFound()
        returning.set_passed_on(db, visit, cascade, form(DoneDraft).done, by=by, at=at)

    return _act(visit_id, "cascades", do, gettext("Saved."))


@blueprint.post("/study-visits/<int:visit_id>/journey/tasks/<int:task_id>")
def tick_own(visit_id: int, task_id: int) -> Any:
    """Tick a line of one's own checklist."""

    def do(db: Db, visit: Delegation, own: DelegationCandidate, by: int, at: Any) -> None:
        task = preparing.find_task(db, visit, task_id)
        if task.candidate_id != own.id:
            raise NotFound()
        preparing.tick(db, visit, task, form(DoneDraft), by=by, at=at)

    return _act(visit_id, "checklist", do, gettext("Saved."))


@blueprint.get("/study-visits/<int:visit_id>/learned")
def learned(visit_id: int) -> Any:
    """What the delegates brought home: reports, notes of each day, and what they pass on."""
    return _show_learned(visit_id, ())


def _show_learned(visit_id: int, problems: Sequence[Problem]) -> str:
    at = clock.now()
    with reading() as db:
        visit = load_visit(db, visit_id, needs=P.DELEGATION_READ)
        if visit.announced_at is None:
            raise NotFound()
        who = guard.principal()
        may_edit = P.DELEGATION_EDIT in guard.rights_on(db, Delegation, visit_id, {P.DELEGATION_EDIT})
        if not may_edit and not who.can(P.COURSE_EDIT):
            raise Forbidden()
        chosen = [one for one in choosing.nominees(db, visit_id) if one.candidate.outcome == "chosen"]
        courses = db.scalars(
            guard.visible(select(Course).where(Course.archived_at.is_(None)), Course, needs=P.COURSE_EDIT).order_by(
                Course.position, Course.id
            )
        ).all()
        return render_template(
            "delegations/learned.html",
            visit=visit,
            stage=stage_of(visit, at),
            delegates=[(one, returning.diary_of(db, one.candidate.id)) for one in chosen],
            cascades=returning.cascades_of(db, visit_id),
            courses=courses,
            problems=problems,
            may_edit=may_edit,
            today=at.astimezone(reader().zone).date(),
        )


@blueprint.post("/study-visits/<int:visit_id>/cascades/<int:cascade_id>/module")
def make_module(visit_id: int, cascade_id: int) -> Any:
    """Make a draft module of what a delegate passes on; whoever may edit the course may."""
    try:
        with writing() as db:
            visit = load_visit(db, visit_id, needs=P.DELEGATION_READ)
            draft = form(ModuleDraft)
            course = guard.under(db, Course, draft.course_id, needs=P.COURSE_EDIT, lock=True)
            cascade = returning.find_cascade(db, visit, cascade_id)
            by = guard.principal().id
            module = returning.make_module(db, visit, cascade, course, draft.language, by=by, at=clock.now())
            slug, key = course.slug, module.key
    except (Invalid, Conflict) as refusal:
        return _show_learned(visit_id, problems_of(refusal)), refusal.status
    flash(gettext("A draft is made. Look it over and publish it."), "success")
    return redirect(url_for("courses.edit_module", slug=slug, key=key))
