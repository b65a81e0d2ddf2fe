"""A batch's attendance as pictures: by week, by session, and unit beside unit."""

from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.db import reading
from lms.programmes.models import Batch, Enrolment
from lms.reports.queries.trends import read_trends
from lms.reports.trends import in_order
from lms.web.i18n import reader


def register(blueprint: Blueprint) -> None:
    """Bind this page to the blueprint of reports."""
    blueprint.add_url_rule("/batches/<int:batch_id>/attendance", "attendance", attendance)


def attendance(batch_id: int) -> Any:
    """Show how the batch attends, as drawings with the same numbers as tables."""
    at = clock.now()
    needs = Permission.REGISTER_READ
    with reading() as db:
        batch = guard.load(db, Batch, batch_id, needs=needs, options=[joinedload(Batch.programme)])
        trends = read_trends(
            db,
            batch.id,
            minimum=batch.programme.minimum_share,
            narrowed=guard.allowed(Enrolment, needs=needs),
            zone=reader().zone,
            at=at,
        )
    sort = request.args.get("sort", "")
    return render_template(
        "reports/attendance.html",
        batch=batch,
        trends=trends,
        units=in_order(trends.units, sort),
        sort=sort,
        minimum=float(batch.programme.minimum_share),
    )
