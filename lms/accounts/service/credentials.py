"""Passwords and the one-time secrets that let somebody set one: links by mail, digits handed out by a coordinator.

Secrets are stored as hashes. A link holds 256 bits, so its hash alone finds it. A handed-out code has eight
digits: it is looked up by the person, lives half an hour (two weeks on a printed slip) and dies after five tries,
each claimed before it is compared, so that a burst of guesses cannot overtake the counting.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, exists, select, update

from lms.accounts.letters import post_letter
from lms.accounts.models import OneTimeCode, Person
from lms.accounts.rules.password_choice import refuse_password
from lms.accounts.service.audit import record_act
from lms.accounts.service.finding import find_by_login
from lms.db import Db
from lms.kernel.errors import Conflict, Invalid, NotFound

DIGITS = 8
MOST_TRIES = 5
RESET_PAUSE = timedelta(minutes=5)
# How long invitations sent to several at once wait, so that they can be taken back before any has left.
HELD_BACK = timedelta(minutes=2)


class Purpose(StrEnum):
    """Why a one-time secret was made."""

    INVITE = "invite"
    RESET = "reset"
    HANDED_OUT = "handed_out"


# A slip is printed, carried to an office and given to somebody who may be on leave; five wrong tries still end it.
SLIP_LASTS = timedelta(days=14)
LASTS = {
    Purpose.INVITE: timedelta(days=7),
    Purpose.RESET: timedelta(hours=2),
    Purpose.HANDED_OUT: timedelta(minutes=30),
}


def issue_link(db: Db, person: Person, purpose: Purpose, *, by: int | None, at: datetime) -> str:
    """Return the token of a new link for setting a password; earlier ones for the same purpose stop working.

    Raises Conflict for a deactivated person.
    """
    if not person.active:
        raise Conflict("person_inactive")
    token = secrets.token_urlsafe(32)
    _end_codes(db, person.id, at, purpose)
    _add_code(db, person, purpose, _link_hash(token), by, at, LASTS[purpose])
    return token


def asked_lately(db: Db, person: Person, at: datetime) -> bool:
    """Return whether a reset link was made within the last minutes: strangers could fill somebody's mailbox."""
    newest = OneTimeCode.created_at > at - RESET_PAUSE
    return bool(
        db.scalar(
            select(exists().where(OneTimeCode.person_id == person.id, OneTimeCode.purpose == Purpose.RESET, newest))
        )
    )


def take_back_link(db: Db, person_id: int, purpose: Purpose, *, issued_at: datetime, by: int, at: datetime) -> bool:
    """Undo that this asker issued a link at that instant, unless it was used; return whether that was news.

    What it had replaced works again for as long as it would have: nobody loses an invitation to a slip of the hand.
    """
    own = [OneTimeCode.person_id == person_id, OneTimeCode.purpose == purpose, OneTimeCode.used_at.is_(None)]
    issued = [OneTimeCode.created_at == issued_at, OneTimeCode.created_by == by, OneTimeCode.expires_at > at]
    ended = db.execute(update(OneTimeCode).where(*own, *issued).values(expires_at=at))
    if not ended.rowcount:  # type: ignore[attr-defined]
        return False
    for code in db.scalars(
        select(OneTimeCode).where(*own, OneTimeCode.created_at < issued_at, OneTimeCode.expires_at == issued_at)
    ):
        code.expires_at = code.created_at + LASTS[purpose]
    record_act(db, f"code_{purpose}_taken_back", "person", person_id, by=by, at=at)
    return True


def post_link(
    db: Db, person: Person, purpose: Purpose, path: str, *, at: datetime, mail_at: datetime | None = None
) -> None:
    """Post the letter that carries a link's path; its words depend on the purpose. `mail_at` holds it back."""
    template = "invitation" if purpose is Purpose.INVITE else "password_reset"
    key = f"{template}:{person.id}:{_link_hash(path)[:32]}"
    lasts_until = at + LASTS[purpose]
    post_letter(
        db,
        person.id,
        template,
        link=path,
        key=key,
        at=at,
        due_at=mail_at or at,
        name=person.name,
        lasts_until=lasts_until,
    )


def find_link(db: Db, token: str, at: datetime) -> tuple[OneTimeCode, Person]:
    """Return a link's row and its person. Raises NotFound("link_unusable") if unknown, used, too old or closed."""
    row = db.execute(
        select(OneTimeCode, Person)
        .join(Person, Person.id == OneTimeCode.person_id)
        .where(
            OneTimeCode.secret_hash == _link_hash(token),
            OneTimeCode.purpose.in_((Purpose.INVITE, Purpose.RESET)),
            OneTimeCode.used_at.is_(None),
            OneTimeCode.expires_at > at,
            Person.active.is_(True),
        )
    ).one_or_none()
    if row is None:
        raise NotFound("link_unusable")
    return row[0], row[1]


def use_link(db: Db, token: str, password: str, password_hash: str, *, at: datetime) -> Person:
    """Return the person whose password was set through this link; it works once, also when sent twice at once."""
    code, person = find_link(db, token, at)
    _use_code(db, code.id, at)
    set_password(db, person, password, password_hash, by=person.id, at=at)
    return person


def hand_out_code(
    db: Db, person: Person, *, by: int | None, at: datetime, lasts: timedelta = LASTS[Purpose.HANDED_OUT]
) -> str:
    """Return eight digits for somebody without mail, to be told once; earlier digits stop working.

    `lasts`: half an hour where they are read out, `SLIP_LASTS` on paper. Raises Conflict for a deactivated person.
    """
    if not person.active:
        raise Conflict("person_inactive")
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    _end_codes(db, person.id, at, Purpose.HANDED_OUT)
    _add_code(db, person, Purpose.HANDED_OUT, _digits_hash(person.id, at, digits), by, at, lasts)
    return digits


def open_codes(person_ids: Select[int], purpose: Purpose, at: datetime) -> Select[int]:
    """Return the statement for those of these people who hold an unused secret of this purpose."""
    return select(OneTimeCode.person_id).where(
        OneTimeCode.person_id.in_(person_ids),
        OneTimeCode.purpose == purpose,
        OneTimeCode.used_at.is_(None),
        OneTimeCode.expires_at > at,
    )


def try_code(db: Db, login: str, digits: str, *, at: datetime) -> tuple[int, Person] | None:
    """Return the code's id and its person, or None if the digits are wrong; either way the try has been counted.

    Leave the transaction normally after None: raising inside it would give the guesser the try back.
    """
    person = find_by_login(db, login)
    if person is None or not person.active:
        return None
    claimed = db.execute(
        update(OneTimeCode)
        .where(
            OneTimeCode.person_id == person.id,
            OneTimeCode.purpose == Purpose.HANDED_OUT,
            OneTimeCode.used_at.is_(None),
            OneTimeCode.expires_at > at,
            OneTimeCode.tries < MOST_TRIES,
        )
        .values(tries=OneTimeCode.tries + 1)
        .returning(OneTimeCode.id, OneTimeCode.secret_hash, OneTimeCode.created_at)
    ).one_or_none()
    if claimed is None:
        return None
    if not hmac.compare_digest(claimed.secret_hash, _digits_hash(person.id, claimed.created_at, digits)):
        return None
    return claimed.id, person


def use_code(db: Db, code_id: int, person: Person, password: str, password_hash: str, *, at: datetime) -> None:
    """Set the password of somebody whose handed-out code was right. Raises Invalid for an unsuitable password."""
    _use_code(db, code_id, at)
    set_password(db, person, password, password_hash, by=person.id, at=at)


def set_password(db: Db, person: Person, password: str, password_hash: str, *, by: int | None, at: datetime) -> None:
    """Keep the new password's hash, made before the transaction; every sign-in and open secret of the person ends.

    Raises Invalid if the password does not suit this person.
    """
    problem = refuse_password(password, name=person.name, nip=person.nip, email=person.email)
    if problem is not None:
        raise Invalid(problem)
    person.password_hash = password_hash
    person.stamp += 1
    _end_codes(db, person.id, at)
    record_act(db, "password_set", "person", person.id, by=by, at=at)


def sign_out_everywhere(db: Db, person: Person, *, by: int | None, at: datetime) -> None:
    """Make every sign-in of the person invalid."""
    person.stamp += 1
    record_act(db, "signed_out_everywhere", "person", person.id, by=by, at=at)


def _add_code(
    db: Db, person: Person, purpose: Purpose, kept: str, by: int | None, at: datetime, lasts: timedelta
) -> None:
    db.add(
        OneTimeCode(
            person_id=person.id,
            purpose=purpose,
            secret_hash=kept,
            created_at=at,
            created_by=by,
            expires_at=at + lasts,
        )
    )
    record_act(db, f"code_{purpose}", "person", person.id, by=by, at=at)


def _use_code(db: Db, code_id: int, at: datetime) -> None:
    used = db.execute(
        update(OneTimeCode).where(OneTimeCode.id == code_id, OneTimeCode.used_at.is_(None)).values(used_at=at)
    ).rowcount  # type: ignore[attr-defined]
    if not used:
        raise NotFound("link_unusable")


def _end_codes(db: Db, person_id: int, at: datetime, *purposes: Purpose) -> None:
    """Let the person's unused secrets run out now (of these purposes, else all), so that only the newest works.

    A stranger may ask for a reset; that must not end the code a coordinator is just reading out.
    """
    db.execute(
        update(OneTimeCode)
        .where(
            OneTimeCode.person_id == person_id,
            OneTimeCode.purpose.in_(purposes or tuple(Purpose)),
            OneTimeCode.used_at.is_(None),
            OneTimeCode.expires_at > at,
        )
        .values(expires_at=at)
    )


def _link_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _digits_hash(person_id: int, created_at: datetime, digits: str) -> str:
    """Return the hash of handed-out digits; person and time keep equal digits of two people apart."""
    return hashlib.sha256(f"{person_id}|{created_at.timestamp():.6f}|{digits}".encode()).hexdigest()
