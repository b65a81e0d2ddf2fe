"""Sessions as calendar entries in the reader's language, and as what letters about them carry."""

from email.utils import parseaddr

from flask_babel import gettext

from lms.accounts.models import Person
from lms.accounts.rules.names import with_titles
from lms.clock import now
from lms.db import reading
from lms.outbox.enclosures import CalendarEntry, enclose_with
from lms.outbox.models import Message
from lms.sessions import calendar as ics
from lms.sessions.models import LiveSession
from lms.sessions.service.listing import find, find_all
from lms.sessions.service.telling import SERIES_TEMPLATES, TEMPLATES
from lms.settings import Settings
from lms.web.i18n import titled


def register() -> None:
    """Let every letter about a session carry its calendar entry."""
    for template in TEMPLATES:
        enclose_with(template, invite)
    for template in SERIES_TEMPLATES:
        enclose_with(template, publish)


def entry_of(session: LiveSession, public_url: str) -> ics.Entry:
    """Return the session, loaded with batch and programme, as a calendar entry for the current reader."""
    notes = f"{titled(session.batch.programme)} · {session.batch.name}"
    is_cancelled = session.status == "cancelled"
    if is_cancelled:
        notes = f"{gettext('Cancelled')}: {session.cancelled_reason}\n{notes}"
    return ics.Entry(
        uid=session.uid,
        sequence=session.sequence,
        title=titled(session),
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        place=session.place,
        url=f"{public_url}/sessions/{session.id}",
        notes=notes,
        cancelled=is_cancelled,
        changed_at=session.changed_at,
    )


def invite(message: Message, person: Person, settings: Settings) -> CalendarEntry | None:
    """Return the entry for this letter's reader as the session stands now, which a late letter must not undo."""
    with reading() as db:
        session = find(db, int(message.params["session"]))
    if session is None or not person.email:
        return None
    method = ics.Method.CANCEL if session.status == "cancelled" else ics.Method.REQUEST
    name, address = parseaddr(settings.mail_from)
    content = ics.write(
        [entry_of(session, settings.public_url)],
        method=method,
        at=now(),
        organizer=ics.Address(name or settings.help_name, address),
        attendee=ics.Address(with_titles(person.title_before, person.name, person.title_after), person.email),
    )
    return CalendarEntry(content, method.value)


def publish(message: Message, _person: Person, settings: Settings) -> CalendarEntry | None:
    """Return the entries of a series as its sessions stand now, without those that were cancelled since.

    RFC 5546 lets an invitation (REQUEST) hold one event only; several are published.
    """
    ids = [int(number) for number in str(message.params["sessions"]).split(",")]
    with reading() as db:
        sessions = find_all(db, ids)
    entries = [entry_of(session, settings.public_url) for session in sessions if session.status != "cancelled"]
    if not entries:
        return None
    return CalendarEntry(ics.write(entries, method=ics.Method.PUBLISH, at=now()), ics.Method.PUBLISH.value)
