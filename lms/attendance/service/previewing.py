"""What the file of a call held elsewhere would give a session: who in it is whom, and why somebody is nobody."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from lms.accounts.models import Person
from lms.attendance.callfiles.callers import Caller, better_zone, callers, extent
from lms.attendance.callfiles.reading import read_call_file
from lms.attendance.callfiles.rows import CallFile, Provider
from lms.attendance.models import CallAlias
from lms.attendance.service.calls import Ledger, read_ledger
from lms.attendance.service.expecting import Expected, expected
from lms.db import Db
from lms.kernel.errors import Conflict, Invalid, Problem, Said
from lms.kernel.intervals import Interval, clip
from lms.programmes.models import Enrolment
from lms.sessions.models import LiveSession, SessionInstructor
from lms.sessions.rules import doors

# The providers' clocks and ours may differ a little; further ahead is another zone or another day.
_CLOCKS_DIFFER = timedelta(minutes=5)


class How(StrEnum):
    """By what somebody in a call was found to be somebody on the register."""

    EMAIL = "email"
    ALIAS = "alias"
    CHOSEN = "chosen"
    NOT = "not"


@dataclass(frozen=True)
class Entry:
    """One caller, who she is and by what; or why nobody. `new` counts stretches the ledger does not hold yet.

    `may_choose`: the coordinator may say who it is. `confirmed`: the person an earlier confirmation names.
    """

    caller: Caller
    person: Expected | None
    how: How
    why: Said | None
    spans: tuple[Interval, ...]
    new: int
    may_choose: bool
    confirmed: int | None = None


@dataclass(frozen=True)
class Preview:
    """What a file would do to a session. `extent` is the whole call; `better` a zone that would fit better."""

    file: CallFile
    zone: ZoneInfo
    entries: tuple[Entry, ...]
    choices: tuple[Expected, ...]
    extent: Interval | None
    better: ZoneInfo | None

    @property
    def matched(self) -> list[tuple[Entry, Expected]]:
        return [(entry, entry.person) for entry in self.entries if entry.person is not None]

    @property
    def unmatched(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.person is None]

    @property
    def new(self) -> int:
        return sum(entry.new for entry in self.entries)


# By caller's key: the person chosen, 0 for nobody. What is not in it stays as it was confirmed before.
Picks = Mapping[str, int]


def preview(
    db: Db,
    session: LiveSession,
    raw: bytes,
    *,
    zone: ZoneInfo | None,
    zones: Collection[ZoneInfo],
    picks: Picks,
    units: Collection[int] | None,
    at: datetime,
) -> Preview:
    """Return what this file would do, nothing written. `zone` None: the one of `zones` that fits best, the first if
    none does. `units` limits whom the coordinator may see.

    Raises Invalid if it is no file of a call, `call_file_other_time` if nothing of it lies within the session's
    doors, `call_file_in_the_future` if it ends later than now; Conflict for a cancelled session.
    """
    if session.status == "cancelled":
        raise Conflict("scan_session_cancelled")
    near = session.starts_at.astimezone(next(iter(zones))).date()
    file = read_call_file(raw, near=near)
    window = Interval(session.starts_at, session.ends_at)
    default = next(iter(zones))
    chosen = zone or better_zone(file.stays, default, window, zones) or default
    whole = extent(file.stays, chosen)
    better = better_zone(file.stays, chosen, window, zones)
    if whole is not None:
        _check_times(whole, doors(session.starts_at, session.ends_at), better, at)
    choices = [one for one in expected(db, session) if units is None or one.unit_id in units]
    ledger = read_ledger(db, session)
    entries = _match(db, session, file, chosen, picks, choices, ledger)
    return Preview(file, chosen, tuple(entries), tuple(choices), whole, better)


def _check_times(whole: Interval, window: Interval, better: ZoneInfo | None, at: datetime) -> None:
    if not clip([whole], window):
        code = "call_file_other_zone" if better is not None else "call_file_other_time"
        raise Invalid(Problem.of(code, field="zone", start=whole.start, end=whole.end))
    if whole.end > at + _CLOCKS_DIFFER:
        raise Invalid(Problem.of("call_file_in_the_future", field="zone", end=whole.end))


def _match(
    db: Db,
    session: LiveSession,
    file: CallFile,
    zone: ZoneInfo,
    picks: Picks,
    choices: Collection[Expected],
    ledger: Ledger,
) -> list[Entry]:
    """Return who each caller is: by e-mail, else as a coordinator confirmed. Names that look alike prove nothing."""
    people = {person.id: person for person in choices}
    emails = {
        row.email: people[row.id]
        for row in db.execute(select(Person.id, Person.email).where(Person.id.in_(people), Person.email.is_not(None)))
    }
    staff = _staff_emails(db, session)
    aliases = _aliases(db, session, file.provider)
    window = doors(session.starts_at, session.ends_at)
    entries = []
    for caller in callers(file):
        person, how, why, may_choose = emails.get(caller.email), How.EMAIL, None, False
        alias = aliases.get(caller.identity)
        if person is None:
            how, may_choose = How.NOT, alias is None or alias in people
            pick = picks.get(caller.key) if may_choose else None
            if pick is not None:
                person, how = people.get(pick), How.CHOSEN
            elif alias is not None:
                person, how = people.get(alias), How.ALIAS
            if person is None:
                how, why = How.NOT, _why_nobody(caller, staff)
        spans = tuple(span for span in caller.spans(zone) if clip([span], window))
        if person is not None and caller.stays and not spans:
            why = Said("call_outside_the_session")
        new = ledger.missing(person.id, spans, caller.minutes) if person is not None else 0
        entries.append(Entry(caller, person, how, why, spans, new, may_choose, alias))
    return entries


def _why_nobody(caller: Caller, staff: Collection[str]) -> Said:
    if caller.email in staff:
        return Said("call_is_staff")
    return Said("call_email_unknown" if caller.email else "call_name_unconfirmed")


def _staff_emails(db: Db, session: LiveSession) -> set[str]:
    """Return the e-mails of those who teach or organise: no register answers for them."""
    rows = select(Person.email).where(
        or_(
            Person.id.in_(
                select(Enrolment.person_id).where(Enrolment.batch_id == session.batch_id, Enrolment.role != "trainee")
            ),
            Person.id.in_(select(SessionInstructor.person_id).where(SessionInstructor.session_id == session.id)),
        ),
        Person.email.is_not(None),
    )
    return {email for email in db.scalars(rows) if email}


def _aliases(db: Db, session: LiveSession, provider: Provider) -> dict[str, int]:
    """Return identity in the file → person, as confirmed for this batch."""
    rows = db.execute(
        select(CallAlias.name, CallAlias.person_id).where(
            CallAlias.batch_id == session.batch_id, CallAlias.provider == provider.value
        )
    )
    return {row.name: row.person_id for row in rows}
