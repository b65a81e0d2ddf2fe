"""What a witnessed fact is, before any table: kinds, sources, and the frozen values the rules read."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from lms.kernel.intervals import Interval


class Source(StrEnum):
    """Who witnessed. Order of trust: coordinator > jitsi > import > browser > check-in."""

    BROWSER = "browser"
    CHECK_IN = "check_in"
    COORDINATOR = "coordinator"
    IMPORT = "import"
    JITSI = "jitsi"


class Kind(StrEnum):
    """What was witnessed."""

    # The session's page is open: the lobby, not presence.
    CONNECTED = "connected"
    # In the conference / out of it, by the conference's own events.
    JOINED = "joined"
    LEFT = "left"
    # A connection ended without a goodbye; claimed_at is when it was last heard.
    DROPPED = "dropped"
    # In the conference still, on a new connection.
    RESUMED = "resumed"
    # Went to the app or another tab: nobody can witness from here.
    OPENED_ELSEWHERE = "opened_elsewhere"
    # A coordinator saw the person from … to … (detail holds the span).
    SEEN = "seen"
    # A coordinator takes back what she recorded as seen (detail names the row); both rows stay.
    RETRACTED = "retracted"
    # The person scanned the room's code at … (claimed_at), coming or going.
    CHECKED_IN = "checked_in"
    CHECKED_OUT = "checked_out"
    # The person watches at another's device from … on (host_visit names the device), and leaves it.
    SHARED = "shared"
    SHARE_LEFT = "share_left"
    # A coordinator granted a gap that struck many at once (detail holds the span); retracted if she takes it back.
    AMNESTY = "amnesty"
    # In a call held elsewhere from … to …, by its provider's file (detail holds the span); retracted if taken back.
    IN_CALL = "in_call"
    # So many minutes in such a call (detail), and nobody knows when: kept as a note, gives no presence.
    CALL_TOTAL = "call_total"


@dataclass(frozen=True, order=True)
class Fact:
    """One row of evidence as the rules read it. `at` is the instant it speaks of; `heard` when we received it."""

    id: int
    kind: Kind = field(compare=False)
    at: datetime = field(compare=False)
    heard: datetime = field(compare=False)
    source: Source = field(compare=False, default=Source.BROWSER)
    connection: str | None = field(compare=False, default=None)
    sequence: int = field(compare=False, default=0)
    span: Interval | None = field(compare=False, default=None)
    retracts: int | None = field(compare=False, default=None)
    host_visit: int | None = field(compare=False, default=None)
    # Whom the meeting server spoke of: one connection to one room of the meeting.
    occupant: str | None = field(compare=False, default=None)
    # Nobody told it: reconciliation concluded it, and a later word of the server's own stands above it.
    inferred: bool = field(compare=False, default=False)


@dataclass(frozen=True)
class Line:
    """One connection as the rules read it: whose device, and which process held it."""

    id: str
    visit: int
    boot: str
    opened: datetime


@dataclass(frozen=True)
class Boot:
    """One run of a process: until when it could witness. `ended` is set by a graceful stop."""

    id: str
    started: datetime
    last_beat: datetime
    ended: datetime | None = None

    def end(self, at: datetime, *, dead_after: float) -> datetime | None:
        """Return when this process stopped witnessing, or None while it runs.

        A process whose last beat is older than `dead_after` seconds was killed at that beat, as far
        as anyone can tell; should it beat again, the death never was.
        """
        if self.ended is not None:
            return self.ended
        if (at - self.last_beat).total_seconds() > dead_after:
            return self.last_beat
        return None


@dataclass(frozen=True)
class Blindness:
    """A stretch in which a process (or, with boot None, all of them) could not witness though it ran on."""

    span: Interval
    boot: str | None = None
