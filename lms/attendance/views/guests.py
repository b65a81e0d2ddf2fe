"""Somebody not enrolled came: put on the register in one step, enrolled or left a guest afterwards."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Person
from lms.accounts.permissions import Permission
from lms.accounts.service.units import unit_tree
from lms.attendance.rules.petition_drafts import NewWalkInDraft, WalkInDraft
from lms.attendance.service import walk_ins
from lms.attendance.service.reach import units_shown
from lms.attendance.views.blueprint import WITH_BATCH, blueprint
from lms.db import Db, reading, writing
from lms.kernel.errors import Conflict, Invalid, Problem
from lms.programmes.models import Batch
from lms.sessions.models import LiveSession
from lms.web import forms

P = Permission


@blueprint.get("/sessions/<int:session_id>/walk-in")
def walk_in(session_id: int) -> Any:
    """Look for whoever came, by name or NIP, and add her; or enter somebody new."""
    return _page(session_id, {}, ())


def _page(session_id: int, values: dict[str, Any], problems: Sequence[Problem]) -> str:
    at = clock.now()
    text = request.args.get("q", "")
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=P.REGISTER_CORRECT, options=[WITH_BATCH])
        units = _units(db, session)
        return render_template(
            "attendance/walk_in.html",
            session=session,
            text=text,
            is_too_short=bool(text) and len(text.strip()) < walk_ins.LEAST_LETTERS,
            found=walk_ins.find_candidates(db, session, text, units=units),
            unit_choices=[choice for choice in _unit_choices(db) if units is None or choice[0] in units],
            values=values,
            problems=problems,
            is_over=at >= session.ends_at,
            at=at,
        )


def _unit_choices(db: Db) -> list[tuple[int, str]]:
    tops = unit_tree(db)
    named = [(top.id, top.name) for top in tops]
    named += [(below.id, f"{top.name} › {below.name}") for top in tops for below in top.below]
    return sorted(named, key=lambda choice: choice[1])


def _units(db: Db, session: LiveSession) -> set[int] | None:
    return units_shown(db, session.batch_id, guard.principal().scopes(P.REGISTER_CORRECT))


@blueprint.post("/sessions/<int:session_id>/walk-in")
def add_walk_in(session_id: int) -> Any:
    """Put somebody known on the register of this session."""
    at = clock.now()
    draft = forms.form(WalkInDraft)
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=P.REGISTER_CORRECT, lock=True)
        walk_ins.refuse_outside(db, _units(db, session), draft.person)
        is_new = walk_ins.add(db, session, draft, by=guard.principal().id, at=at)
        name = db.get_one(Person, draft.person).name
    if is_new:
        flash(gettext("%(name)s is on the register as a walk-in.", name=name), "success")
    else:
        flash(gettext("%(name)s is on the register already.", name=name), "info")
    return redirect(url_for("attendance.register", session_id=session_id))


@blueprint.post("/sessions/<int:session_id>/walk-in/new")
def add_new_walk_in(session_id: int) -> Any:
    """Enter somebody the platform does not know, and put her on the register."""
    at = clock.now()
    values = forms.form_values(NewWalkInDraft, request.form)
    try:
        draft = forms.draft_from(NewWalkInDraft, values)
        with writing() as db:
            session = guard.load(db, LiveSession, session_id, needs=P.REGISTER_CORRECT, lock=True)
            units = _units(db, session)
            if units is not None and draft.unit_id not in units:
                raise Invalid(Problem.of("walk_in_outside_unit", field="unit_id"))
            added = walk_ins.add_new(db, session, draft, by=guard.principal().id, at=at)
            name = db.get_one(Person, added).name
    except (Invalid, Conflict) as refusal:
        return _page(session_id, values, forms.problems_of(refusal)), 422
    flash(gettext("%(name)s is on the register as a walk-in.", name=name), "success")
    return redirect(url_for("attendance.register", session_id=session_id))


@blueprint.post("/sessions/<int:session_id>/walk-in/<int:person_id>/remove")
def remove_walk_in(session_id: int, person_id: int) -> Any:
    """Take somebody off the register who was added by mistake."""
    at = clock.now()
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=P.REGISTER_CORRECT, lock=True)
        walk_ins.refuse_outside(db, _units(db, session), person_id)
        key = request.form.get("key", "")
        walk_ins.remove(db, session, person_id, key=key, by=guard.principal().id, at=at)
        name = db.get_one(Person, person_id).name
    flash(gettext("%(name)s is taken off the register.", name=name), "success")
    return redirect(url_for("attendance.register", session_id=session_id))


@blueprint.post("/batches/<int:batch_id>/guests/<int:person_id>")
def settle_guest(batch_id: int, person_id: int) -> Any:
    """Enrol somebody who walked in, or leave her a guest."""
    at = clock.now()
    enrolled = request.form.get("enrolled") == "1"
    with writing() as db:
        batch = guard.load(db, Batch, batch_id, needs=P.ENROLMENT_EDIT)
        units = units_shown(db, batch.id, guard.principal().scopes(P.ENROLMENT_EDIT))
        walk_ins.refuse_outside(db, units, person_id)
        is_news = walk_ins.settle(db, batch, person_id, enrolled=enrolled, by=guard.principal().id, at=at)
    if not is_news:
        flash(gettext("Somebody has decided this already."), "info")
    elif enrolled:
        flash(gettext("Enrolled from the first of these sessions on."), "success")
    else:
        flash(gettext("Left as a guest of these sessions."), "success")
    return redirect(url_for("attendance.excuses"))
