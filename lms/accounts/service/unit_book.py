"""Which unit a sheet's words mean: by its name, its initials, or what a coordinator once told."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from lms.accounts.models import Unit, UnitAlias
from lms.accounts.rules.unit_names import initials, plain_unit
from lms.accounts.service.audit import record_act
from lms.db import Db
from lms.kernel.errors import Problem


@dataclass(frozen=True)
class UnitBook:
    """Every unit by its names; two statements to open, none to ask."""

    names: dict[int, str]
    parents: dict[int, int | None]
    by_name: dict[str, list[int]]
    aliases: dict[str, int]
    below: dict[int, list[int]] = field(default_factory=dict)

    def find(self, agency: str, unit: str) -> int | Problem | None:
        """Return the unit's id, None where no unit was named, or why the words cannot be matched."""
        if not agency.strip() and not unit.strip():
            return None
        if (told := self.aliases.get(alias_of(agency, unit))) is not None:
            return told
        words = shown_words(agency, unit)
        if not agency or not unit or plain_unit(agency) == plain_unit(unit):
            return self._one(self.by_name.get(plain_unit(unit or agency), []), words)
        tops = [one for one in self.by_name.get(plain_unit(agency), []) if self.parents[one] is None]
        wanted = self.by_name.get(plain_unit(unit), [])
        if tops:
            wanted = [one for one in wanted if self.parents[one] in tops or one in tops]
        return self._one(wanted, words)

    def full_name(self, unit_id: int | None) -> str:
        """Return the unit with the agency above it, `Dinas Kesehatan › UPTD …`; empty for none."""
        if unit_id is None or unit_id not in self.names:
            return ""
        above = self.parents[unit_id]
        return f"{self.names[above]} › {self.names[unit_id]}" if above is not None else self.names[unit_id]

    def _one(self, found: list[int], words: str) -> int | Problem:
        if len(found) == 1:
            return found[0]
        return Problem.of("unit_words_ambiguous" if found else "unit_words_unknown", field="unit_id", words=words)


def alias_of(agency: str, unit: str) -> str:
    """Return the words under which an answer is remembered."""
    return " › ".join(filter(None, (plain_unit(agency), plain_unit(unit))))[:400]


def shown_words(agency: str, unit: str) -> str:
    """Return the words as the sheet has them, agency first."""
    return " › ".join(dict.fromkeys(filter(None, (agency.strip(), unit.strip()))))[:400]


def open_unit_book(db: Db) -> UnitBook:
    """Return every unit with its names and what coordinators told."""
    rows = db.execute(select(Unit.id, Unit.name, Unit.parent_id).order_by(Unit.id)).all()
    by_name: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        by_name[plain_unit(row.name)].append(row.id)
    # Initials last, so that they never hide a unit's own name.
    for row in rows:
        short = initials(row.name)
        if short and row.id not in by_name.get(short, []):
            by_name[short].append(row.id)
    aliases = dict(db.execute(select(UnitAlias.plain, UnitAlias.unit_id)).all())
    return UnitBook(
        names={row.id: row.name for row in rows},
        parents={row.id: row.parent_id for row in rows},
        by_name=dict(by_name),
        aliases=aliases,
    )


def tell_alias(db: Db, words: str, unit_id: int, *, by: int | None, at: datetime) -> None:
    """Remember that these words (as `shown_words` gives them) mean this unit; a later answer replaces an earlier."""
    plain = " › ".join(plain_unit(part) for part in words.split(" › "))[:400]
    known = db.scalars(select(UnitAlias).where(UnitAlias.plain == plain)).one_or_none()
    if known is None:
        db.add(UnitAlias(plain=plain, unit_id=unit_id, told_at=at, told_by=by))
    else:
        known.unit_id, known.told_at, known.told_by = unit_id, at, by
    db.flush()
    record_act(db, "unit_words_told", "unit", unit_id, by=by, at=at, words=words)
