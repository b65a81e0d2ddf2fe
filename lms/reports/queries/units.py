"""Units as reports group and narrow by them: an agency, and the units below it."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Select, select

from lms.accounts.models import Person, Unit
from lms.accounts.permissions import ScopeKind
from lms.db import Db
from lms.reports.standings import Figures, ReportWish, Standing, grouped


class Units:
    """All units with the agency above each; one statement."""

    def __init__(self, db: Db) -> None:
        rows = db.execute(select(Unit.id, Unit.name, Unit.parent_id)).all()
        self.names: dict[int | None, str] = {row.id: row.name for row in rows}
        self.above: dict[int | None, int | None] = {row.id: row.parent_id or row.id for row in rows}

    def limit(self, scopes: Mapping[ScopeKind, frozenset[int]]) -> tuple[str, ...]:
        """Return the names of the units somebody with these scopes is limited to; empty where she is not."""
        if set(scopes) != {ScopeKind.UNIT}:
            return ()
        return tuple(sorted(self.names[one] for one in scopes[ScopeKind.UNIT] if one in self.names))

    def within(self, unit_id: int) -> list[int]:
        """Return the ids of this unit and of those below it."""
        return [one for one in self.names if one is not None and unit_id in (one, self.above[one])]

    def people_of(self, wish: ReportWish, scopes: Mapping[ScopeKind, frozenset[int]]) -> Select[int] | None:
        """Return the ids of the people of the unit asked for, or of those the asker is limited to; None: everybody."""
        if wish.unit_id is not None:
            tops: Collection[int] = [wish.unit_id]
        elif set(scopes) == {ScopeKind.UNIT}:
            tops = scopes[ScopeKind.UNIT]
        else:
            return None
        return select(Person.id).where(Person.unit_id.in_({one for top in tops for one in self.within(top)}))

    def options(self, present: Collection[int]) -> list[tuple[int, str]]:
        """Return what can be chosen: units that people come from and the agencies above them, in a tree's order."""
        tops = {top for one in present if (top := self.above.get(one)) is not None}
        found = []
        for top in sorted(tops, key=lambda one: self.names[one].casefold()):
            found.append((top, self.names[top]))
            below = [one for one in present if one != top and self.above.get(one) == top]
            found += [
                (one, f"{self.names[top]} › {self.names[one]}")
                for one in sorted(below, key=lambda one: self.names[one].casefold())
            ]
        return found

    def lines(self, standings: Sequence[Standing]) -> list[tuple[int | None, str, Figures]]:
        """Return the figures of each agency, or of each unit of the only one, by name; people without any come last."""
        by_agency = grouped(standings, lambda one: self.above.get(one.unit_id))
        if len(by_agency) == 1:
            # One agency beside nothing says little: its own units do.
            by_agency = grouped(standings, lambda one: one.unit_id)
        lines = [(unit_id, self.names.get(unit_id, ""), figures) for unit_id, figures in by_agency.items()]
        return sorted(lines, key=lambda line: (not line[1], line[1].casefold()))
