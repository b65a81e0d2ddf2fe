"""The work units people belong to."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Unit
from lms.accounts.permissions import Permission
from lms.accounts.rules.drafts import UnitDraft
from lms.accounts.service import units as service
from lms.accounts.views.blueprint import blueprint
from lms.db import Db, reading, writing
from lms.kernel.errors import Invalid, Problem
from lms.web.forms import form


@blueprint.get("/units")
def units() -> Any:
    """Every OPD with its units and how many people belong to each."""
    guard.require(needs=Permission.PEOPLE_READ)
    with reading() as db:
        return _page(db)


@blueprint.post("/units")
def add_unit() -> Any:
    """Add an OPD, or a unit below one."""
    who = guard.everywhere(needs=Permission.UNIT_EDIT)
    try:
        draft = form(UnitDraft)
        with writing() as db:
            service.add_unit(db, draft, by=who.id, at=clock.now())
    except Invalid as refused:
        with reading() as db:
            return _page(db, refused.problems), 422
    flash(gettext("The unit %(name)s is added.", name=draft.name), "success")
    return redirect(url_for("accounts.units"))


@blueprint.route("/units/<int:unit_id>/edit", methods=["GET", "POST"])
def edit_unit(unit_id: int) -> Any:
    """Rename a unit or move it below another OPD."""
    who = guard.everywhere(needs=Permission.UNIT_EDIT)
    with reading() as db:
        unit = guard.load(db, Unit, unit_id, needs=Permission.UNIT_EDIT)
        tops = [(line.id, line.name) for line in service.unit_tree(db) if line.id != unit_id]
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        try:
            draft = form(UnitDraft)
            with writing() as db:
                locked = guard.load(db, Unit, unit_id, needs=Permission.UNIT_EDIT, lock=True)
                service.edit_unit(db, locked, draft, by=who.id, at=clock.now())
            flash(gettext("The changes are saved."), "success")
            return redirect(url_for("accounts.units"))
        except Invalid as refused:
            problems = refused.problems
    values = request.form if problems else {"name": unit.name, "parent_id": unit.parent_id}
    page = render_template("accounts/edit_unit.html", unit=unit, tops=tops, values=values, problems=problems)
    return (page, 422) if problems else page


@blueprint.post("/units/<int:unit_id>/remove")
def remove_unit(unit_id: int) -> Any:
    """Remove a unit that nobody belongs to."""
    who = guard.everywhere(needs=Permission.UNIT_EDIT)
    with writing() as db:
        unit = guard.load(db, Unit, unit_id, needs=Permission.UNIT_EDIT, lock=True)
        service.remove_unit(db, unit, by=who.id, at=clock.now())
    flash(gettext("The unit %(name)s is removed.", name=unit.name), "success")
    return redirect(url_for("accounts.units"))


def _page(db: Db, problems: Sequence[Problem] = ()) -> str:
    tree = service.unit_tree(db)
    text = request.args.get("q", "").strip()[:100]
    found = [line for line in tree if any(text.casefold() in one.name.casefold() for one in (line, *line.below))]
    return render_template(
        "accounts/units.html",
        tree=found,
        text=text,
        tops=[(line.id, line.name) for line in tree],
        problems=problems,
        values=request.form,
        may_edit=guard.principal().can(Permission.UNIT_EDIT),
    )
