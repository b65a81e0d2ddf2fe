"""What a letter carries beside its words. Features stand above the outbox, so they tell how theirs is made."""

from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage

from lms.accounts.models import Person
from lms.outbox.models import Message
from lms.settings import Settings


@dataclass(frozen=True)
class CalendarEntry:
    """An iCalendar file and its METHOD, as mail programs act on it."""

    content: bytes
    method: str


@dataclass(frozen=True)
class Paper:
    """A PDF to print, under this name."""

    content: bytes
    name: str


# Makes the enclosure as things stand when the letter leaves; None: there is nothing to enclose any more.
Enclosed = CalendarEntry | Paper
Maker = Callable[[Message, Person, Settings], Enclosed | None]

_makers: dict[str, Maker] = {}


def enclose_with(template: str, maker: Maker) -> None:
    """Make `maker` write what every letter of this template carries."""
    _makers[template] = maker


def enclose(mail: EmailMessage, message: Message, person: Person, settings: Settings) -> None:
    """Add what the letter carries, if its template carries anything.

    A calendar entry twice, since mail programs differ: as an alternative to the words, which Gmail and Outlook act
    on, and as a file, which the others offer to open.
    """
    maker = _makers.get(message.template)
    entry = maker(message, person, settings) if maker else None
    if entry is None:
        return
    if isinstance(entry, Paper):
        mail.add_attachment(entry.content, maintype="application", subtype="pdf", filename=entry.name)
        return
    # As bytes: given as text, its lines would lose the CRLF that iCalendar demands.
    params = {"charset": "utf-8", "method": entry.method}
    mail.add_alternative(entry.content, maintype="text", subtype="calendar", params=params)
    mail.add_attachment(entry.content, maintype="application", subtype="ics", filename="jembatan.ics")
