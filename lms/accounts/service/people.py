"""Entering people, changing them, closing their accounts and opening them again."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from lms.accounts.models import Grant, Person, Unit
from lms.accounts.permissions import Role, ScopeKind
from lms.accounts.rules.drafts import OwnSettingsDraft, PersonDraft
from lms.accounts.rules.nip import read_nip
from lms.accounts.service.audit import record_act
from lms.db import Db
from lms.kernel.errors import Conflict, Invalid, Problem

# A NIP's birth date is compared with the day it is in Balikpapan.
HERE = ZoneInfo("Asia/Makassar")

_FIELDS = tuple(PersonDraft.model_fields)
_TAKEN = {"email": "email_taken", "nip": "nip_taken"}


def create_person(db: Db, draft: PersonDraft, *, by: int | None, at: datetime) -> Person:
    """Return the new person: no password yet, no rights. Raises Invalid for a bad NIP or a login taken."""
    _check(db, draft, None, at)
    person = Person(**draft.model_dump(), active=True, created_at=at, stamp=1)
    db.add(person)
    _flush(db, draft)
    record_act(db, "person_created", "person", person.id, by=by, at=at)
    return person


def edit_person(db: Db, person: Person, draft: PersonDraft, *, by: int | None, at: datetime) -> bool:
    """Return whether anything changed; old and new values go to the audit trail. Raises Invalid as creating does."""
    _check(db, draft, person.id, at)
    changes = {
        name: [getattr(person, name), getattr(draft, name)]
        for name in _FIELDS
        if getattr(person, name) != getattr(draft, name)
    }
    if not changes:
        return False
    for name, (_old, new) in changes.items():
        setattr(person, name, new)
    _flush(db, draft)
    record_act(db, "person_edited", "person", person.id, by=by, at=at, changes=changes)
    return True


def edit_own_settings(db: Db, person: Person, draft: OwnSettingsDraft) -> None:
    """Take over language, zone and phone number as somebody set them for themselves."""
    person.language, person.zone, person.phone = draft.language, draft.zone, draft.phone


def close_guide(person: Person, *, at: datetime | None) -> None:
    """Put the first steps on somebody's first page away, or with None bring them back."""
    person.guide_closed_at = at


def deactivate(db: Db, person: Person, *, by: int | None, at: datetime, note: str = "") -> None:
    """Close the account: sign-ins end everywhere. Repeating changes nothing. Raises Conflict for the last admin."""
    if not person.active:
        return
    refuse_without_admin(db, without_person=person.id)
    person.active = False
    person.stamp += 1
    record_act(db, "person_deactivated", "person", person.id, by=by, at=at, note=note)


def reactivate(db: Db, person: Person, *, by: int | None, at: datetime) -> None:
    """Open the account again, with the password and rights it had. Repeating changes nothing."""
    if person.active:
        return
    person.active = True
    record_act(db, "person_reactivated", "person", person.id, by=by, at=at)


def refuse_without_admin(db: Db, *, without_person: int) -> None:
    """Raise Conflict("last_admin") if this person is an admin for everything and no other active one is left."""
    admins = select(Grant.person_id).where(
        Grant.role == Role.ADMIN, Grant.scope_kind == ScopeKind.EVERYTHING, Person.id == Grant.person_id
    )
    is_admin = db.scalar(select(exists(admins.where(Person.id == without_person))))
    others = db.scalar(select(exists(admins.where(Person.id != without_person, Person.active.is_(True)))))
    if is_admin and not others:
        raise Conflict("last_admin")


def _check(db: Db, draft: PersonDraft, person_id: int | None, at: datetime) -> None:
    """Raise Invalid with everything in the draft that the database or the day contradicts."""
    problems: list[Problem] = []
    if draft.nip is not None:
        try:
            read_nip(draft.nip, at.astimezone(HERE).date())
        except Invalid as wrong:
            problems += wrong.problems
    if draft.unit_id is not None and db.get(Unit, draft.unit_id) is None:
        problems.append(Problem.of("unit_unknown", field="unit_id"))
    for column, value in (("email", draft.email), ("nip", draft.nip)):
        if value is None:
            continue
        holder = db.scalar(select(Person.id).where(getattr(Person, column) == value))
        if holder is not None and holder != person_id:
            problems.append(Problem.of(_TAKEN[column], field=column))
    if problems:
        raise Invalid(problems)


def _flush(db: Db, draft: PersonDraft) -> None:
    """Write now, so that a login taken since it was checked is a complaint about that field and not a fault."""
    try:
        db.flush()
    except IntegrityError as error:
        named = "nip" if draft.nip and "nip" in str(error.orig) else "email"
        raise Invalid(Problem.of(_TAKEN[named], field=named)) from None
