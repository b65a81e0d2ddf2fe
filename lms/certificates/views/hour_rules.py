"""The dated tables by which hours are counted, to be read by coordinators and edited by whoever answers for all."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import ScopeKind
from lms.certificates.rules.hour_drafts import ConversionDraft, PolicyDraft
from lms.certificates.rules.hours import policy_on
from lms.certificates.service import hour_tables
from lms.certificates.views.blueprint import P, blueprint
from lms.db import reading, writing
from lms.kernel.errors import Invalid, Problem
from lms.programmes.rules.kind_draft import KindDraft
from lms.programmes.rules.kinds import kinds_on
from lms.programmes.service import kinds as kinds_service
from lms.programmes.service.kinds import today_of
from lms.web.forms import draft_from, form, form_values, problems_of
from lms.web.i18n import titled


@blueprint.get("/hours/rules")
def hour_rules() -> Any:
    """How hours are counted: the policy, the table of conversion, the kinds; past versions too."""
    guard.require(needs=P.HOURS_READ)
    return _page()


@blueprint.post("/hours/rules/conversion")
def change_conversion() -> Any:
    """Let a kind count otherwise from a day on."""
    who = guard.everywhere(needs=P.HOURS_EDIT)
    values = form_values(ConversionDraft, request.form)
    try:
        draft = draft_from(ConversionDraft, values)
        with writing() as db:
            hour_tables.change_line(db, draft, by=who.id, at=clock.now())
    except Invalid as refused:
        return _page(problems_of(refused), "conversion", values), 422
    return _saved()


@blueprint.post("/hours/rules/policy")
def change_hour_policy() -> Any:
    """Let minimum, rounding and the like be otherwise from a day on."""
    who = guard.everywhere(needs=P.HOURS_EDIT)
    values = form_values(PolicyDraft, request.form)
    try:
        draft = draft_from(PolicyDraft, values)
        with writing() as db:
            hour_tables.change_policy(db, draft, by=who.id, at=clock.now())
    except Invalid as refused:
        return _page(problems_of(refused), "policy", values), 422
    return _saved()


@blueprint.post("/hours/rules/kind")
def change_kind() -> Any:
    """Let a kind of competency development read otherwise from a day on, or add one."""
    who = guard.everywhere(needs=P.HOURS_EDIT)
    try:
        draft = form(KindDraft)
        with writing() as db:
            kinds_service.change_kind(db, draft, by=who.id, at=clock.now())
    except Invalid as refused:
        return _page(problems_of(refused), "kind", form_values(KindDraft, request.form)), 422
    return _saved()


def _saved() -> Any:
    flash(gettext("Saved. Everybody’s hours are counted anew within a minute."), "success")
    return redirect(url_for("certificates.hour_rules"))


def _page(problems: Sequence[Problem] = (), form_of: str = "", values: dict[str, Any] | None = None) -> str:
    at = clock.now()
    today = today_of(at)
    who = guard.principal()
    with reading() as db:
        everything = kinds_service.all_kinds(db)
        table = hour_tables.conversion_table(db)
        policies = hour_tables.policies(db)
    known = kinds_on(everything, today)
    return render_template(
        "certificates/hour_rules.html",
        policies=policies,
        policy=policy_on(policies, today),
        table=sorted(table, key=lambda line: (line.kind, line.scope, line.valid_from)),
        all_kinds=everything,
        kinds={kind.code: kind for kind in everything},
        kind_options=[(kind.code, f"{kind.code} · {titled(kind, 'name')}") for kind in known.values()],
        problems=problems,
        form_of=form_of,
        values=values or {},
        today=today,
        may_edit=ScopeKind.EVERYTHING in who.scopes(P.HOURS_EDIT),
    )
