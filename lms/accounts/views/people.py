"""The list of people, a person's page, and entering and editing people."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast, get_args

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import guard, principal
from lms.accounts.models import AuditEntry, Person, Unit
from lms.accounts.permissions import Permission, Role, ScopeKind
from lms.accounts.principal import Principal
from lms.accounts.rules.drafts import PersonDraft
from lms.accounts.rules.nip import Nip, read_nip
from lms.accounts.rules.ranking import GRANTABLE, Right, may_manage
from lms.accounts.rules.ranks import PNS_RANKS, PPPK_GRADES
from lms.accounts.scopes import scope_names
from lms.accounts.service import people as service
from lms.accounts.service import rights
from lms.accounts.service.finding import PeopleFilter, Sort, people_statement, roles_of
from lms.accounts.service.units import unit_tree
from lms.accounts.views.blueprint import blueprint
from lms.accounts.views.settings import ZONE_OPTIONS
from lms.db import Db, reading, writing
from lms.kernel.errors import Forbidden, Invalid, Problem
from lms.web.forms import form
from lms.web.i18n import say
from lms.web.row_numbers import row_number

PER_PAGE = 25
SHOWN_HISTORY = 12


@blueprint.get("/people")
def people() -> Any:
    """People the reader may see, narrowed by words, unit, role and state in the address."""
    who = guard.require(needs=Permission.PEOPLE_READ)
    wanted = _filter()
    with reading() as db:
        statement = guard.visible(people_statement(wanted), Person, needs=Permission.PEOPLE_READ)
        count = db.scalar(
            select(func.count()).select_from(statement.order_by(None).with_only_columns(Person.id).subquery())
        )
        pages = max(1, -(-(count or 0) // PER_PAGE))
        page = min(max(1, request.args.get("page", 1, type=int)), pages)
        found = db.scalars(statement.limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all()
        ids = [person.id for person in found]
        roles = roles_of(db, ids)
        editable = set(
            db.scalars(
                select(Person.id).where(
                    Person.id.in_(ids), Person.active.is_(True), guard.allowed(Person, needs=Permission.PEOPLE_EDIT)
                )
            )
        )
        units = unit_options(db)
    kept = {name: value for name, value in request.args.items() if name != "page" and value}
    return render_template(
        "accounts/people.html",
        people=found,
        roles=roles,
        editable=editable,
        units=units,
        wanted=wanted,
        count=count,
        page=page,
        pages=pages,
        kept=kept,
        may_create=_may_create(who),
    )


@blueprint.get("/people/<int:person_id>")
def person(person_id: int) -> Any:
    """One person: who they are, what they may, and what was done with the account."""
    with reading() as db:
        return person_page(db, person_id)


@blueprint.route("/people/new", methods=["GET", "POST"])
def new_person() -> Any:
    """Enter somebody. What the NIP tells is shown for confirmation first, since it has no check digit."""
    who = guard.require(needs=Permission.PEOPLE_EDIT)
    if not _may_create(who):
        raise Forbidden(permission=str(Permission.PEOPLE_EDIT))
    with reading() as db:
        units = _own_units(db)
    if request.method == "GET":
        return _form(None, {"language": "id", "zone": "Asia/Makassar"}, units)
    at = clock.now()
    try:
        draft = form(PersonDraft)
        _refuse_other_unit(draft.unit_id, None, units, who)
        if draft.nip is not None and request.form.get("confirmed_nip") != draft.nip:
            return _form(None, request.form, units, decoded=read_nip(draft.nip, _today(at)))
        with writing() as db:
            created = service.create_person(db, draft, by=who.id, at=at)
    except Invalid as refused:
        return _form(None, request.form, units, refused.problems), 422
    flash(gettext("%(name)s is entered. Now give access: by invitation or by a code.", name=created.name), "success")
    return redirect(url_for("accounts.person", person_id=created.id))


@blueprint.route("/people/<int:person_id>/edit", methods=["GET", "POST"])
def edit_person(person_id: int) -> Any:
    """Change what is on record about somebody."""
    who = guard.require(needs=Permission.PEOPLE_EDIT)
    with reading() as db:
        known = load_to_manage(db, person_id)
        units = _own_units(db, known.unit_id)
    if request.method == "GET":
        return _form(known, {name: getattr(known, name) for name in PersonDraft.model_fields}, units)
    at = clock.now()
    try:
        draft = form(PersonDraft)
        _refuse_other_unit(draft.unit_id, known, units, who)
        if draft.nip is not None and draft.nip != known.nip and request.form.get("confirmed_nip") != draft.nip:
            return _form(known, request.form, units, decoded=read_nip(draft.nip, _today(at)))
        with writing() as db:
            service.edit_person(db, load_to_manage(db, person_id, lock=True), draft, by=who.id, at=at)
            db.after_commit(lambda: principal.forget([person_id]))
    except Invalid as refused:
        return _form(known, request.form, units, refused.problems), 422
    flash(gettext("The changes are saved."), "success")
    return redirect(url_for("accounts.person", person_id=person_id))


def person_page(
    db: Db, person_id: int, *, code: str | None = None, invited: str | None = None, problems: Sequence[Problem] = ()
) -> str:
    """Return a person's page; `code` and `invited` show what was just made for them, this once."""
    shown = guard.load(db, Person, person_id, needs=Permission.PEOPLE_READ, options=[joinedload(Person.unit)])
    who = guard.principal()
    grants = rights.grants_of(db, person_id)
    is_editable = db.scalar(
        select(guard.allowed(Person, needs=Permission.PEOPLE_EDIT)).where(Person.id == person_id)
    ) and may_manage(asker_rights(who), [(Role(g.role), ScopeKind(g.scope_kind), g.scope_id) for g in grants])
    may_grant = ScopeKind.EVERYTHING in who.scopes(Permission.SITE_ADMINISTER)
    names = scope_names(db)
    history = _history(db, person_id) if is_editable else ()
    return render_template(
        "accounts/person.html",
        person=shown,
        decoded=_decoded(shown.nip) if is_editable else None,
        grants=grants,
        scope_names=names,
        scope_options=_scope_options(names) if may_grant else [],
        roles=[(str(role), say(f"role_{role}")) for role in GRANTABLE],
        may_edit=is_editable,
        may_grant=may_grant,
        is_self=shown.id == who.id,
        history=history,
        code=code,
        invited=invited,
        problems=problems,
    )


def _history(db: Db, person_id: int) -> Sequence[Any]:
    """Return the newest audit entries about a person, each with the name of who acted (None: the system)."""
    return db.execute(
        select(AuditEntry, Person.name)
        .outerjoin(Person, Person.id == AuditEntry.by_id)
        .where(AuditEntry.subject_kind == "person", AuditEntry.subject_id == person_id)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(SHOWN_HISTORY)
    ).all()


def load_to_manage(db: Db, person_id: int, *, lock: bool = False) -> Person:
    """Return the person if the asker may edit them and is not the weaker one."""
    found = guard.load(db, Person, person_id, needs=Permission.PEOPLE_EDIT, lock=lock)
    rights.refuse_stronger(db, found, asker_rights(guard.principal()))
    return found


def asker_rights(who: Principal) -> list[Right]:
    return [(right.role, right.kind, right.scope_id) for right in who.rights]


def unit_options(db: Db) -> list[tuple[int, str]]:
    """Return every unit for a list to choose from: each OPD followed by its units, named with it."""
    options = []
    for top in unit_tree(db):
        options.append((top.id, top.name))
        options += [(below.id, f"{top.name} › {below.name}") for below in top.below]
    return options


def _own_units(db: Db, kept_id: int | None = None) -> list[tuple[int, str]]:
    """Return the units into which the asker may put people, and the one somebody is in already."""
    own = set(db.scalars(guard.visible(select(Unit.id), Unit, needs=Permission.PEOPLE_EDIT))) | {kept_id}
    return [option for option in unit_options(db) if option[0] in own]


def _refuse_other_unit(wanted: int | None, known: Person | None, units: list[tuple[int, str]], who: Principal) -> None:
    """Raise Invalid when a coordinator of some units would put somebody outside them; staying is always allowed."""
    is_unchanged = known is not None and wanted == known.unit_id
    if is_unchanged or (wanted is None and ScopeKind.EVERYTHING in who.scopes(Permission.PEOPLE_EDIT)):
        return
    if wanted not in {option[0] for option in units}:
        raise Invalid(Problem.of("unit_not_yours", field="unit_id"))


def _may_create(who: Principal) -> bool:
    """Return whether the asker may enter people: for everything, or for units of hers."""
    return bool({ScopeKind.EVERYTHING, ScopeKind.UNIT} & set(who.scopes(Permission.PEOPLE_EDIT)))


def _filter() -> PeopleFilter:
    """Return the filter in the address; nonsense filters nothing."""
    role = request.args.get("role", "")
    state = request.args.get("state", "active")
    sort = request.args.get("sort", "name")
    return PeopleFilter(
        text=request.args.get("q", "").strip()[:100],
        unit_id=request.args.get("unit", type=row_number),
        role=Role(role) if role in set(Role) else None,
        active={"active": True, "inactive": False, "new": True}.get(state),
        is_new=state == "new",
        sort=cast(Sort, sort) if sort in get_args(Sort) else "name",
    )


def _form(
    known: Person | None,
    values: Any,
    units: list[tuple[int, str]],
    problems: Sequence[Problem] = (),
    decoded: Nip | None = None,
) -> str:
    ranks = [(rank, f"{rank} · {name}") for rank, name in PNS_RANKS.items()]
    return render_template(
        "accounts/person_form.html",
        known=known,
        values=values,
        units=units,
        ranks=[("PNS", ranks), ("PPPK", [(grade, grade) for grade in PPPK_GRADES])],
        zones=ZONE_OPTIONS,
        problems=problems,
        decoded=decoded,
    )


def _decoded(nip: str | None) -> Nip | None:
    """Return what a stored NIP tells, or None where an old register's number cannot be read."""
    try:
        return read_nip(nip, _today(clock.now())) if nip else None
    except Invalid:
        return None


def _today(at: datetime) -> Any:
    return at.astimezone(service.HERE).date()


def _scope_options(names: dict[ScopeKind, Any]) -> list[tuple[str, Any]]:
    """Return the scopes a role can be given for, grouped as the form's list shows them."""
    options: list[tuple[str, Any]] = [("everything:0", gettext("Everything"))]
    for kind, title in ((ScopeKind.UNIT, gettext("Work unit")), (ScopeKind.COURSE, gettext("Course"))):
        if names.get(kind):
            options.append((title, [(f"{kind}:{number}", name) for number, name in names[kind].items()]))
    return options
