"""Programmes that run now, or ended not long ago, each in a few figures. Statements stay the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms.accounts.guard import allowed
from lms.accounts.permissions import Permission
from lms.accounts.principal import Principal
from lms.db import Db
from lms.programmes.models import Batch, Enrolment, Programme
from lms.reports.queries.standings import read_standings, read_tests
from lms.reports.standings import Figures, figures_of, grouped

P = Permission
# So long certificates are issued and questionnaires answered after the last day.
AFTERWARDS = timedelta(days=90)


@dataclass(frozen=True)
class ProgrammeLine:
    """A programme with the batches that run or ended lately, the figures of each and of all of them together."""

    programme: Programme
    batches: tuple[Batch, ...]
    whole: Figures
    by_batch: dict[int, Figures]


@dataclass(frozen=True)
class Overview:
    """The programmes that run, by title, and those whose report can be read too."""

    running: tuple[ProgrammeLine, ...]
    others: tuple[Programme, ...]


def read_overview(db: Db, who: Principal, *, today: date, at: datetime) -> Overview:
    """Return what this person answers for. Nine statements, however many programmes and people."""
    batches = db.scalars(
        select(Batch)
        .where(
            Batch.archived_at.is_(None),
            Batch.starts_on <= today,
            Batch.ends_on >= today - AFTERWARDS,
            allowed(Batch, needs=P.REPORT_READ, who=who),
        )
        .options(joinedload(Batch.programme))
        .order_by(Batch.starts_on, Batch.id)
    ).all()
    programmes = {batch.programme_id: batch.programme for batch in batches}
    tests = read_tests(db, set(programmes), [batch.id for batch in batches])
    standings = read_standings(
        db,
        {batch.id: batch.programme.minimum_share for batch in batches},
        tests,
        allowed(Enrolment, needs=P.REPORT_READ, who=who),
        at=at,
    )
    own: dict[int, list[Batch]] = {}
    for batch in batches:
        own.setdefault(batch.programme_id, []).append(batch)
    by_batch = grouped(standings, lambda one: one.batch_id)
    running = []
    for programme in _by_title(list(programmes.values())):
        ids = {batch.id for batch in own[programme.id]}
        whole = figures_of(one for one in standings if one.batch_id in ids)
        running.append(ProgrammeLine(programme, tuple(own[programme.id]), whole, by_batch))
    others = db.scalars(
        select(Programme).where(Programme.id.not_in(list(programmes)), allowed(Programme, needs=P.REPORT_READ, who=who))
    ).all()
    return Overview(tuple(running), tuple(_by_title(others)))


def _by_title(programmes: Sequence[Programme]) -> list[Programme]:
    return sorted(programmes, key=lambda one: (one.title_id.casefold(), one.id))
