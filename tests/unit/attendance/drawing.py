"""Timelines drawn as text: one character a minute from 09.00, `■` in the room, `·` not."""

from datetime import UTC, datetime, timedelta

from lms.attendance.rules.evidence import Boot, Fact, Kind, Line, Source
from lms.attendance.rules.presence import Presence, World
from lms.kernel.intervals import Interval

NINE = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def at(minutes: float) -> datetime:
    """Return the instant so many minutes after nine."""
    return NINE + timedelta(minutes=minutes)


def drawn(picture: str, unit: timedelta = MINUTE) -> list[Interval]:
    """Return the intervals of a drawing; a space is not counted as time, so that drawings may be grouped."""
    marks = picture.replace(" ", "")
    spans, since = [], None
    for place, mark in enumerate(marks):
        here = NINE + place * unit
        if mark == "■" and since is None:
            since = here
        elif mark != "■" and since is not None:
            spans.append(Interval(since, here))
            since = None
    if since is not None:
        spans.append(Interval(since, NINE + len(marks) * unit))
    return spans


def seen(picture: str, unit: timedelta = MINUTE) -> Presence:
    """Return a presence witnessed as drawn."""
    return Presence(seen=tuple(drawn(picture, unit)))


class Story:
    """Tells evidence in order: who connected where and when, what was heard, what died."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.lines: dict[str, Line] = {}
        self.boots: dict[str, Boot] = {"w1": Boot("w1", at(-60), at(600))}
        self.sequence = 0

    def line(self, name: str, opened: float, *, visit: int = 1, boot: str = "w1") -> "Story":
        self.lines[name] = Line(name, visit, boot, at(opened))
        return self

    def tell(
        self, kind: Kind, when: float, line: str, *, heard: float | None = None, sequence: int | None = None
    ) -> "Story":
        self.sequence += 1
        self.facts.append(
            Fact(
                id=len(self.facts) + 1,
                kind=kind,
                at=at(when),
                heard=at(when if heard is None else heard),
                source=Source.BROWSER,
                connection=line,
                sequence=1_000_001 if kind is Kind.DROPPED else self.sequence if sequence is None else sequence,
            )
        )
        return self

    def joined(self, when: float, line: str = "a", **kw: float) -> "Story":
        if line not in self.lines:
            self.line(line, when)
        return self.tell(Kind.JOINED, when, line, **kw)  # type: ignore[arg-type]

    def left(self, when: float, line: str = "a") -> "Story":
        return self.tell(Kind.LEFT, when, line)

    def dropped(self, when: float, line: str = "a", *, noticed: float | None = None) -> "Story":
        return self.tell(Kind.DROPPED, when, line, heard=noticed)

    def saw(self, start: float, end: float) -> "Story":
        self.facts.append(
            Fact(
                id=len(self.facts) + 1,
                kind=Kind.SEEN,
                at=at(start),
                heard=at(start),
                source=Source.COORDINATOR,
                span=Interval(at(start), at(end)),
            )
        )
        return self

    def took_back(self, fact_id: int, when: float) -> "Story":
        self.facts.append(
            Fact(
                id=len(self.facts) + 1,
                kind=Kind.RETRACTED,
                at=at(when),
                heard=at(when),
                source=Source.COORDINATOR,
                retracts=fact_id,
            )
        )
        return self

    def scanned(self, kind: Kind, when: float, *, host_visit: int | None = None) -> "Story":
        """Tells what somebody's own phone says: checked in or out, watching at a device, leaving it."""
        self.facts.append(
            Fact(
                id=len(self.facts) + 1,
                kind=kind,
                at=at(when),
                heard=at(when),
                source=Source.CHECK_IN,
                host_visit=host_visit,
            )
        )
        return self

    def server(self, kind: Kind, when: float, occupant: str = "room/a") -> "Story":
        """Tells what the meeting server said of one of the person's occupants."""
        self.facts.append(
            Fact(
                id=len(self.facts) + 1,
                kind=kind,
                at=at(when),
                heard=at(when),
                source=Source.JITSI,
                occupant=occupant,
            )
        )
        return self

    def was_in(self, start: float, end: float, occupant: str = "room/a") -> "Story":
        """Tells that the meeting server let the person in and saw her go."""
        return self.server(Kind.JOINED, start, occupant).server(Kind.LEFT, end, occupant)

    def amnesty(self, start: float, end: float) -> "Story":
        self.facts.append(
            Fact(
                id=len(self.facts) + 1,
                kind=Kind.AMNESTY,
                at=at(start),
                heard=at(start),
                source=Source.COORDINATOR,
                span=Interval(at(start), at(end)),
            )
        )
        return self

    def boot(self, name: str, started: float, last_beat: float, ended: float | None = None) -> "Story":
        self.boots[name] = Boot(name, at(started), at(last_beat), None if ended is None else at(ended))
        return self

    @property
    def world(self) -> World:
        return World(self.boots)
