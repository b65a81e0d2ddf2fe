"""The dated tables by which hours are counted: conversion and policy, the defaults until somebody edits them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from lms.accounts.service.audit import record_act
from lms.certificates.models.hours import ConversionLine, HourPolicyRow
from lms.certificates.rules.hour_defaults import DEFAULT_TABLE
from lms.certificates.rules.hour_drafts import ConversionDraft, PolicyDraft
from lms.certificates.rules.hours import Basis, Conversion, HourPolicy, Rounding
from lms.db import Db
from lms.kernel.errors import Invalid, Problem


def conversion_table(db: Db) -> Sequence[Conversion]:
    """Return every line of the table, past versions too."""
    rows = db.scalars(
        select(ConversionLine).order_by(ConversionLine.kind, ConversionLine.scope, ConversionLine.valid_from)
    ).all()
    return [_line(row) for row in rows] or DEFAULT_TABLE


def policies(db: Db) -> Sequence[HourPolicy]:
    """Return every policy, the earliest first."""
    rows = db.scalars(select(HourPolicyRow).order_by(HourPolicyRow.valid_from)).all()
    return [
        HourPolicy(
            minimum=row.minimum,
            pppk_guide=row.pppk_guide,
            rounding=Rounding(row.rounding),
            counts_partial=row.counts_partial,
            teleconference_kind=row.teleconference_kind,
            visit_kind=row.visit_kind,
            self_paced_kind=row.self_paced_kind,
            valid_from=row.valid_from,
        )
        for row in rows
    ] or [HourPolicy()]


def change_line(db: Db, draft: ConversionDraft, *, by: int, at: datetime) -> None:
    """Let a kind and scope count so from the draft's day on; the line before it ends the day before.

    Raises Invalid for a day before the line it follows.
    """
    if db.scalar(select(ConversionLine.id).limit(1)) is None:
        for line in DEFAULT_TABLE:
            db.add(_row(line, at))
        db.flush()
    newest = db.scalars(
        select(ConversionLine)
        .where(ConversionLine.kind == draft.kind, ConversionLine.scope == draft.scope)
        .order_by(ConversionLine.valid_from.desc())
        .limit(1)
        .with_for_update()
    ).one_or_none()
    if newest is not None and draft.valid_from < newest.valid_from:
        raise Invalid(Problem.of("valid_before_the_last", field="valid_from", day=newest.valid_from))
    if newest is not None and newest.valid_from == draft.valid_from:
        row = newest
    else:
        if newest is not None:
            newest.valid_until = draft.valid_from - timedelta(days=1)
        row = ConversionLine(kind=draft.kind, scope=draft.scope, valid_from=draft.valid_from)
        db.add(row)
    row.basis, row.fixed, row.factor = str(draft.basis), draft.fixed, draft.factor
    row.daily_cap, row.monthly_times, row.ground = draft.daily_cap, draft.monthly_times, draft.ground
    row.valid_until = None
    row.changed_at, row.changed_by = at, by
    db.flush()
    record_act(db, "conversion_changed", "conversion_line", row.id, by=by, at=at, values=draft.model_dump(mode="json"))


def change_policy(db: Db, draft: PolicyDraft, *, by: int, at: datetime) -> None:
    """Let hours be counted so from the draft's day on; a policy of the same day is replaced."""
    if db.scalar(select(HourPolicyRow.valid_from).limit(1)) is None:
        plain = HourPolicy()
        db.add(_policy_row(PolicyDraft.of(plain), at, None))
        db.flush()
    row = db.get(HourPolicyRow, draft.valid_from)
    if row is not None:
        db.delete(row)
        db.flush()
    db.add(_policy_row(draft, at, by))
    db.flush()
    record_act(db, "hour_policy_changed", "hour_policy", 0, by=by, at=at, values=draft.model_dump(mode="json"))


def _policy_row(draft: PolicyDraft, at: datetime, by: int | None) -> HourPolicyRow:
    return HourPolicyRow(**draft.model_dump(), changed_at=at, changed_by=by)


def _line(row: ConversionLine) -> Conversion:
    return Conversion(
        kind=row.kind,
        scope=row.scope,
        basis=Basis(row.basis),
        fixed=row.fixed,
        factor=row.factor,
        daily_cap=row.daily_cap,
        monthly_times=row.monthly_times,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def _row(line: Conversion, at: datetime) -> ConversionLine:
    return ConversionLine(
        kind=line.kind,
        scope=line.scope,
        basis=str(line.basis),
        fixed=line.fixed,
        factor=line.factor,
        daily_cap=line.daily_cap,
        monthly_times=line.monthly_times,
        valid_from=line.valid_from,
        valid_until=line.valid_until,
        changed_at=at,
        changed_by=None,
    )
