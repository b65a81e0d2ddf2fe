"""The blueprint of study visits, and what its pages share."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, redirect, request
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.db import Db, writing
from lms.delegations.models import Delegation
from lms.kernel.errors import Conflict, Invalid, Problem
from lms.web.forms import problems_of
from lms.web.i18n import decimal

blueprint = Blueprint("delegations", __name__)

WITH_PROGRAMME = [joinedload(Delegation.programme)]


@blueprint.app_template_filter()
def rupiah(amount: Decimal | None) -> str:
    """Return the amount as `Rp 1.250.000` in the reader's separators, a dash for None."""
    return "–" if amount is None else f"Rp\u00a0{decimal(float(amount), 0)}"


@blueprint.app_template_filter()
def dollars(amount: Decimal | None) -> str:
    """Return the amount as `S$ 1.450,50` in the reader's separators, a dash for None."""
    return "–" if amount is None else f"S$\u00a0{decimal(float(amount), 2)}"


# A page that shows itself with complaints above the form that caused them.
Page = Callable[[int, Sequence[Problem]], Any]
Act = Callable[[Db, Delegation, int, datetime], Any]


def load_visit(db: Db, visit_id: int, *, needs: Permission, lock: bool = False) -> Delegation:
    """Return the visit with its programme, or refuse."""
    return guard.load(db, Delegation, visit_id, needs=needs, lock=lock, options=WITH_PROGRAMME)


def act(visit_id: int, page: Page, do: Act, said: str, back: str, *, needs: Permission) -> Any:
    """Do something to the visit and go back to `back` with a word about it, or show the page with the complaints.

    `do` is called with the locked visit, who does it and when; it reads the form, so that the guard comes first.
    """
    try:
        with writing() as db:
            visit = load_visit(db, visit_id, needs=needs, lock=True)
            do(db, visit, guard.principal().id, clock.now())
    except (Invalid, Conflict) as refusal:
        return page(visit_id, problems_of(refusal)), refusal.status
    flash(said, "success")
    return redirect(back)


def typed(problems: Sequence[Problem]) -> dict[str, Any]:
    """Return what was sent with a form that is shown again; nothing for a fresh page."""
    return request.form.to_dict() if problems else {}


def stage_of(visit: Delegation, at: datetime) -> str:
    """Return where the visit stands: criteria, choosing, decided, announced, under_way, returned."""
    if visit.published_at is None:
        return "criteria"
    if visit.decided_at is None:
        return "choosing"
    if visit.announced_at is None:
        return "decided"
    today = at.date()
    if today < visit.starts_on:
        return "announced"
    return "under_way" if today <= visit.ends_on else "returned"
