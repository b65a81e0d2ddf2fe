"""What the address of a register asks to see, and the groups a page shows of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lms.attendance.rules.judgement import Status
from lms.attendance.service.marks import DETECTION
from lms.attendance.service.register import RegisterLine, RegisterState, counts
from lms.kernel.intervals import Interval, clip, total
from lms.sessions.models import LiveSession
from lms.sessions.rules import doors, read_breaks

# So many lines of a group are drawn at once; the rest when somebody asks for them.
DRAWN = 100

# In the order of the page: whoever needs somebody's attention stands first.
WHERE = ("missing", "connected", "elsewhere", "present")
STATUSES = ("unknown", "absent", "partial", "excused", "attended")


@dataclass(frozen=True)
class Look:
    """Whom the reader wants to see: by words of name or NIP, unit, and group; `all` names a group drawn whole."""

    q: str = ""
    unit: int = 0
    group: str = ""
    all: str = ""

    @classmethod
    def read(cls, asked: dict[str, str]) -> "Look":
        """Return the look in these query parameters; what it does not understand is left out."""
        unit = asked.get("unit", "")
        known = {name: asked.get(name, "") for name in ("group", "all")}
        groups = (*WHERE, *STATUSES)
        return cls(
            q=asked.get("q", "").strip()[:100],
            unit=int(unit) if unit.isdecimal() and len(unit) < 10 else 0,
            **{name: value if value in groups else "" for name, value in known.items()},
        )

    def as_query(self, **changed: Any) -> dict[str, Any]:
        """Return the query parameters of this look with some changed; empty ones are left out."""
        asked = {"q": self.q, "unit": self.unit, "group": self.group, "all": self.all} | changed
        return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True)
class Group:
    """Lines of one kind: those that are drawn, of how many."""

    name: str
    lines: Sequence[RegisterLine]
    total: int


def stage(session: LiveSession, state: RegisterState, at: datetime) -> str:
    """Return which of its three faces the page shows: cockpit, register or report."""
    if state.state not in ("live", "closing"):
        return "report"
    return "cockpit" if at < session.starts_at else "register"


def is_early(session: LiveSession, at: datetime) -> bool:
    """Return whether the doors are still closed: who is not in the room then is not missing from it."""
    return at < doors(session.starts_at, session.ends_at).start


def turns_at(session: LiveSession, face: str, at: datetime) -> datetime | None:
    """Return when the page has other words next: when the doors open, at the start, and when every witness has had
    the time to speak."""
    if is_early(session, at):
        return doors(session.starts_at, session.ends_at).start
    return {"cockpit": session.starts_at, "register": session.ends_at + DETECTION}.get(face)


def seeable(session: LiveSession, state: RegisterState, face: str, at: datetime) -> bool:
    """Return whether a coordinator can record now that she saw somebody."""
    return not state.is_signed and not is_early(session, at) and (session.mode != "teleconference" or face != "report")


def group_of(line: RegisterLine, face: str) -> str:
    """Return where the line stands: where the person is while it is live, her status afterwards."""
    return line.verdict.status.value if face == "report" else line.group


def choose(lines: Iterable[RegisterLine], look: Look) -> list[RegisterLine]:
    """Return the lines of the unit whose name or NIP holds every word; the group is not looked at."""
    words = look.q.casefold().split()
    return [
        line for line in lines if look.unit in (0, line.person.unit_id) and all(_holds(line, word) for word in words)
    ]


def _holds(line: RegisterLine, word: str) -> bool:
    # Of a NIP one types what one remembers; two digits would be in everybody's.
    is_number = word.isdecimal() and len(word) > 3
    return word in line.person.full_name.casefold() or (is_number and word in (line.person.nip or ""))


def groups(lines: Sequence[RegisterLine], look: Look, face: str) -> list[Group]:
    """Return the groups of the page, the one asked for or all of them."""
    names = STATUSES if face == "report" else WHERE
    found = []
    for name in names:
        if look.group in names and name != look.group:
            continue
        own = [line for line in lines if group_of(line, face) == name]
        found.append(Group(name, own if look.all == name else own[:DRAWN], len(own)))
    return found


def index(lines: Iterable[RegisterLine], chosen: Sequence[RegisterLine], face: str) -> dict[str, list[Any]]:
    """Return what the page's script must know of lines that are not drawn: who stands where, in the order of names.

    `people` and `groups` run side by side; `others` are expected, but not what was asked for.
    """
    among = {line.person.id for line in chosen}
    return {
        "people": [line.person.id for line in chosen],
        "groups": [group_of(line, face) for line in chosen],
        "opened": [line.person.id for line in chosen if line.opened],
        "tested": [line.person.id for line in chosen if line.tested],
        "others": [line.person.id for line in lines if line.person.id not in among],
    }


def page_counts(chosen: Sequence[RegisterLine]) -> dict[str, int]:
    """Return the register's counts, how many have had the page open, and how many have tested their device."""
    opened, tested = sum(line.opened for line in chosen), sum(line.tested is not None for line in chosen)
    return counts(chosen) | {"opened": opened, "tested": tested}


@dataclass(frozen=True)
class Report:
    """What a session came to: `share` of those expected attended; `average` is over those who came at all."""

    share: float
    counted: timedelta
    breaks: timedelta
    came: int
    average: timedelta


def report(lines: Sequence[RegisterLine], session: LiveSession) -> Report:
    """Return the session in numbers."""
    window = Interval(session.starts_at, session.ends_at)
    breaks = total(clip(read_breaks(session.breaks), window))
    stays = [line.verdict.attended for line in lines if line.verdict.attended]
    attended = sum(line.verdict.status is Status.ATTENDED for line in lines)
    return Report(
        share=attended / len(lines) if lines else 0.0,
        counted=window.length - breaks,
        breaks=breaks,
        came=len(stays),
        average=timedelta(seconds=sum(stay.total_seconds() for stay in stays) // len(stays)) if stays else timedelta(),
    )
