"""What the address of a batch's people asks for: words, unit, role and order. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from lms.programmes.rules.drafts import BATCH_ROLES
from lms.programmes.service.members import Member

Sort = Literal["name", "-name", "unit", "-unit", "since", "-since"]

_KEYS: dict[str, Callable[[Member], Any]] = {
    "name": lambda member: member.plain_name.casefold(),
    "unit": lambda member: (not member.unit, member.unit.casefold()),
    "since": lambda member: member.starts_at,
}


@dataclass(frozen=True)
class PeopleWish:
    """Anything the address asks for that is not understood is the default."""

    q: str = ""
    unit: str = ""
    role: str = ""
    sort: Sort = "name"

    @classmethod
    def read(cls, asked: dict[str, str]) -> "PeopleWish":
        """Return the wish in these query parameters."""
        role, sort = asked.get("role", ""), asked.get("sort", "")
        return cls(
            q=asked.get("q", "").strip()[:100],
            unit=asked.get("unit", "").strip()[:200],
            role=role if role in BATCH_ROLES else "",
            sort=cast(Sort, sort) if sort in get_args(Sort) else "name",
        )

    @property
    def is_narrow(self) -> bool:
        return bool(self.q or self.unit or self.role)

    def as_query(self, **changed: str) -> dict[str, str]:
        """Return the query parameters of this wish with some changed; defaults are left out."""
        default = PeopleWish()
        asked = {name: getattr(self, name) for name in ("q", "unit", "role", "sort")} | changed
        return {name: value for name, value in asked.items() if value != getattr(default, name)}

    def choose(self, members: Iterable[Member]) -> list[Member]:
        """Return the members asked for, in the order asked for; equal ones by name."""
        words = self.q.casefold().split()
        found = [
            member
            for member in members
            if all(word in f"{member.name} {member.unit} {member.nip or ''}".casefold() for word in words)
            and self.unit in ("", member.unit)
            and self.role in ("", member.role)
        ]
        found.sort(key=_KEYS["name"])
        found.sort(key=_KEYS[self.sort.removeprefix("-")], reverse=self.sort.startswith("-"))
        return found
