"""Hours derived from what people took part in, and written where they differ; safe to repeat and to run at once."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert, select, update

from lms.accounts.models import Person
from lms.certificates.models.hours import HourEntry, HourTotal, HourWatermark
from lms.certificates.rules.hours import Conversion, convert
from lms.certificates.service.hour_sources import Source, people_changed_since, read_sources
from lms.certificates.service.hour_tables import conversion_table, policies
from lms.db import Db
from lms.kernel.errors import Said

# People a transaction deals with: others write in between.
AT_ONCE = 200
# How far back each look reaches beyond the last: a transaction begun before it may have ended after.
OVERLAP = timedelta(minutes=10)
ALWAYS = timedelta(days=36500)

_COMPARED = (
    "year", "day", "kind", "scope", "held", "hours", "is_final", "title_id", "title_en", "batch_id", "reasons",
)  # fmt: skip


def people_to_derive(db: Db, *, at: datetime) -> list[int]:
    """Return whose hours may have changed since the last look, in order."""
    mark = db.get(HourWatermark, 1)
    since = mark.looked_at - OVERLAP if mark is not None else at - ALWAYS
    return sorted(people_changed_since(db, since))


def is_look_worth_noting(db: Db, *, at: datetime) -> bool:
    """Return whether the last look is so long ago that the next would search far back; an idle site writes little."""
    mark = db.get(HourWatermark, 1)
    return mark is None or at - mark.looked_at > OVERLAP


def note_look(db: Db, *, at: datetime) -> None:
    """Remember that everything up to this instant has been derived."""
    mark = db.get(HourWatermark, 1)
    if mark is None:
        db.add(HourWatermark(id=1, looked_at=at))
    else:
        mark.looked_at = max(mark.looked_at, at)


def derive(db: Db, person_ids: Collection[int], *, at: datetime) -> int:
    """Bring the entries and totals of these people up to date; return how many entries changed.

    The people are locked in order, so that two who derive at once do so one after the other and never deadlock.
    """
    ids = sorted(set(person_ids))
    # Only against each other: a lock that lets foreign keys to the person through.
    db.execute(select(Person.id).where(Person.id.in_(ids)).order_by(Person.id).with_for_update(key_share=True)).all()
    sources = read_sources(db, ids, policies(db))
    table = conversion_table(db)
    kept: dict[int, dict[str, HourEntry]] = defaultdict(dict)
    for entry in db.scalars(select(HourEntry).where(HourEntry.person_id.in_(ids))):
        kept[entry.person_id][entry.key] = entry
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    gone: list[int] = []
    totals: dict[tuple[int, int], list[Decimal]] = {}
    for person_id in ids:
        wanted = _entries(sources.get(person_id, ()), table)
        for values in wanted.values():
            sums = totals.setdefault((person_id, values["year"]), [Decimal(0), Decimal(0)])
            sums[0 if values["is_final"] else 1] += values["hours"]
        for key, values in wanted.items():
            known = kept[person_id].pop(key, None)
            if known is None:
                new.append({"person_id": person_id, "key": key, **values, "derived_at": at})
            elif any(getattr(known, name) != values[name] for name in _COMPARED):
                changed.append({"id": known.id, **values, "derived_at": at})
        gone += [entry.id for entry in kept[person_id].values()]
    if new:
        db.execute(insert(HourEntry), new)
    if changed:
        db.execute(update(HourEntry), changed)
    if gone:
        db.execute(delete(HourEntry).where(HourEntry.id.in_(gone)))
    _write_totals(db, ids, totals)
    return len(new) + len(changed) + len(gone)


def _entries(sources: Sequence[Source], table: Sequence[Conversion]) -> dict[str, dict[str, Any]]:
    counted = {one.key: one for one in convert((source.held for source in sources), table)}
    return {
        source.held.key: {
            "year": source.held.day.year,
            "day": source.held.day,
            "kind": source.held.kind,
            "scope": source.held.scope,
            "held": source.held.hours,
            "hours": counted[source.held.key].hours,
            "is_final": source.is_final,
            "title_id": source.title_id,
            "title_en": source.title_en,
            "batch_id": source.batch_id,
            "reasons": [_stored(said) for said in counted[source.held.key].reasons],
        }
        for source in sources
    }


def _write_totals(db: Db, ids: Sequence[int], wanted: dict[tuple[int, int], list[Decimal]]) -> None:
    known = {
        (row.person_id, row.year): row for row in db.scalars(select(HourTotal).where(HourTotal.person_id.in_(ids)))
    }
    for key, (final, provisional) in wanted.items():
        row = known.pop(key, None)
        if row is None:
            db.add(HourTotal(person_id=key[0], year=key[1], final=final, provisional=provisional))
        elif (row.final, row.provisional) != (final, provisional):
            row.final, row.provisional = final, provisional
    for row in known.values():
        db.delete(row)
    db.flush()


def _stored(said: Said) -> list[Any]:
    return [said.code, dict(said.params)]
