"""Sending the messages that are due, each by one sender only, however many look at once.

1. What a dead sender had claimed too long ago waits again.
2. One UPDATE claims a batch for this sender; "waiting" is asked again in it, so another sender's rows stay its own.
3. Outside any transaction each message is worded in its reader's language and handed over.
4. Each outcome is written at once: sent, waiting again (later each time), failed for good, or no address.

A sender that dies between 3 and 4 leads to a second copy after the claim has gone stale; it carries the same
Message-ID, by which mail programs show it once. The other order could lose a letter.
"""

import hashlib
import logging
import secrets
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from lms.accounts.models import Person
from lms.db import reading, writing
from lms.outbox.enclosures import enclose
from lms.outbox.letterhead import add_letterhead
from lms.outbox.models import Message
from lms.outbox.postmen import Postman, postman
from lms.outbox.rules import SECRET_LETTERS, STALE_CLAIM, wait_after
from lms.outbox.wording import mail_words
from lms.settings import Settings
from lms.web.i18n import Reader, reading_as

log = logging.getLogger(__name__)

BATCH = 20


def deliver_due(settings: Settings, *, at: datetime, by: Postman | None = None) -> int:
    """Return how many messages left; needs an application context for the wording."""
    by = by or postman(settings.mail_url)
    count = 0
    while claimed := _claim(at):
        for message, person in claimed:
            count += _deliver(settings, by, message, person, at)
    return count


def _claim(at: datetime) -> list[tuple[Message, Person]]:
    """Return a batch of due messages that are now this sender's, with their readers."""
    sender = secrets.token_hex(8)
    due = (
        select(Message.id)
        .where(Message.state == "waiting", Message.due_at <= at)
        .order_by(Message.due_at, Message.id)
        .limit(BATCH)
    )
    with reading() as db:
        # Looking costs no lock: an idle site's writers never wait for the postman.
        is_stale = (Message.state == "claimed") & (Message.claimed_at < at - STALE_CLAIM)
        if db.scalar(select(Message.id).where(is_stale | Message.id.in_(due)).limit(1)) is None:
            return []
    with writing() as db:
        db.execute(update(Message).where(is_stale).values(state="waiting", claimed_by=""))
        db.execute(
            update(Message)
            .where(Message.id.in_(due), Message.state == "waiting")
            .values(state="claimed", claimed_at=at, claimed_by=sender, attempts=Message.attempts + 1)
            .execution_options(synchronize_session=False)
        )
    with reading() as db:
        rows = db.execute(
            select(Message, Person)
            .join(Person, Person.id == Message.person_id)
            .where(Message.claimed_by == sender, Message.state == "claimed")
            .order_by(Message.due_at, Message.id)
        )
        return [(message, person) for message, person in rows]


def _deliver(settings: Settings, by: Postman, message: Message, person: Person, at: datetime) -> int:
    """Return 1 if the message left, else 0; what became of it is written either way."""
    if not person.active:
        return _settle(message, state="failed", last_error="the account is deactivated", link="")
    if not person.email:
        return _settle(message, state="no_address", link=_kept_link(message))
    try:
        by.send(compose(settings, message, person, person.email, at))
    except Exception as error:
        log.warning("message %s did not leave: %s", message.id, error)
        wait = wait_after(message.attempts)
        if wait is None:
            return _settle(message, state="failed", last_error=_short(error), link=_kept_link(message))
        return _settle(message, state="waiting", due_at=at + wait, last_error=_short(error))
    _settle(message, state="sent", sent_at=at, last_error="", link=_kept_link(message))
    return 1


def compose(settings: Settings, message: Message, person: Person, email: str, at: datetime) -> EmailMessage:
    """Return the mail in the reader's words; composing the same message again gives the same Message-ID."""
    reader = Reader(person.language, ZoneInfo(person.zone))
    link = settings.public_url + message.link if message.link else settings.public_url
    with reading_as(reader):
        subject, body = mail_words(
            message,
            name=person.name,
            link=link,
            help_name=settings.help_name,
            help_phone=settings.help_phone,
        )
    mail = EmailMessage()
    mail["From"] = settings.mail_from
    mail["To"] = Address(display_name=person.name, addr_spec=email)
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id(message, settings)
    # Out-of-office replies would answer a machine.
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(body + "\n")
    with reading_as(reader):
        add_letterhead(mail, subject, body, link)
        enclose(mail, message, person, settings)
    return mail


def message_id(message: Message, settings: Settings) -> str:
    """Return the Message-ID that this message has at every attempt."""
    host = urlsplit(settings.public_url).hostname or "localhost"
    return f"<message-{message.id}-{hashlib.sha256(message.key.encode()).hexdigest()[:12]}@{host}>"


def _settle(message: Message, **outcome: Any) -> int:
    """Write what became of a message, unless the claim has passed to another sender; return 0."""
    with writing() as db:
        db.execute(
            update(Message)
            .where(Message.id == message.id, Message.claimed_by == message.claimed_by, Message.state == "claimed")
            .values(claimed_by="", **outcome)
        )
    return 0


def _kept_link(message: Message) -> str:
    return "" if message.template in SECRET_LETTERS else message.link


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]
