"""Retention: from where somebody scanned is of use for a dispute, and for no longer than that (decision 0006)."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from lms.attendance.models import Evidence
from lms.attendance.rules.evidence import Source
from lms.db import Db

AT_ONCE = 500


def forget_traces(db: Db, *, kept_for: timedelta, at: datetime) -> int:
    """Take address and device out of scans stored longer ago than this, at most `AT_ONCE`; return of how many.

    The fact itself stays, and so does every fingerprint: it is not made over what is taken away here.
    """
    ids = db.scalars(
        select(Evidence.id)
        .where(
            Evidence.source == Source.CHECK_IN.value,
            Evidence.received_at < at - kept_for,
            Evidence.detail["device"].as_string().is_not(None),
        )
        .order_by(Evidence.id)
        .limit(AT_ONCE)
    ).all()
    if ids:
        # Nothing else stands in a scan's detail.
        db.execute(update(Evidence).where(Evidence.id.in_(ids)).values(detail={}))
    return len(ids)
