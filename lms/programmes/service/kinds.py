"""The table of kinds of competency development: the defaults until somebody edits it, then what was edited."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from lms.accounts.service.audit import record_act
from lms.accounts.service.people import HERE
from lms.db import Db
from lms.kernel.errors import Invalid, Problem
from lms.programmes.models import DevelopmentKind
from lms.programmes.rules.kind_draft import KindDraft
from lms.programmes.rules.kinds import DEFAULTS, Kind, kinds_on


def all_kinds(db: Db) -> Sequence[Kind]:
    """Return every version of every kind, by number and day."""
    rows = db.scalars(select(DevelopmentKind).order_by(DevelopmentKind.code, DevelopmentKind.valid_from)).all()
    return [_kind(row) for row in rows] or DEFAULTS


def kinds_at(db: Db, at: datetime) -> dict[int, Kind]:
    """Return the kinds that hold now, by number."""
    return kinds_on(all_kinds(db), at.astimezone(HERE).date())


def change_kind(db: Db, draft: KindDraft, *, by: int, at: datetime) -> None:
    """Let a kind read and count so from the draft's day on; what held before stays true for days before it.

    Raises Invalid for a day before the version it follows.
    """
    if db.scalar(select(DevelopmentKind.id).limit(1)) is None:
        for kind in DEFAULTS:
            db.add(_row(kind, at, None))
        db.flush()
    newest = db.scalars(
        select(DevelopmentKind)
        .where(DevelopmentKind.code == draft.code)
        .order_by(DevelopmentKind.valid_from.desc())
        .limit(1)
        .with_for_update()
    ).one_or_none()
    if newest is not None and newest.valid_from == draft.valid_from:
        row = newest
    elif newest is not None and draft.valid_from < newest.valid_from:
        raise Invalid(Problem.of("valid_before_the_last", field="valid_from", day=newest.valid_from))
    else:
        if newest is not None:
            newest.valid_until = draft.valid_from - timedelta(days=1)
        row = DevelopmentKind(code=draft.code, valid_from=draft.valid_from)
        db.add(row)
    row.name_id, row.name_en = draft.name_id, draft.name_en
    row.is_classical, row.certificate = draft.is_classical, draft.certificate
    row.valid_until = draft.valid_until
    row.changed_at, row.changed_by = at, by
    db.flush()
    record_act(db, "kind_changed", "development_kind", row.id, by=by, at=at, values=draft.model_dump(mode="json"))


def _kind(row: DevelopmentKind) -> Kind:
    return Kind(row.code, row.name_id, row.name_en, row.is_classical, row.certificate, row.valid_from, row.valid_until)


def _row(kind: Kind, at: datetime, by: int | None) -> DevelopmentKind:
    return DevelopmentKind(
        code=kind.code,
        name_id=kind.name_id,
        name_en=kind.name_en,
        is_classical=kind.is_classical,
        certificate=kind.certificate,
        valid_from=kind.valid_from,
        valid_until=kind.valid_until,
        changed_at=at,
        changed_by=by,
    )


def today_of(at: datetime) -> date:
    """Return the day it is in Balikpapan."""
    return at.astimezone(HERE).date()
