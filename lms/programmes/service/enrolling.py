"""Let people into a batch and out of it: the row and the right that goes with it, in one transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, or_, select, update

from lms.accounts import principal
from lms.accounts.models import Grant, Person, Unit
from lms.accounts.permissions import Role, ScopeKind
from lms.accounts.service.audit import record_act
from lms.accounts.service.rights import grant_role
from lms.db import Db, insert_new
from lms.kernel.errors import Conflict, NotFound, Said
from lms.outbox import service as outbox
from lms.programmes.models import Batch, Enrolment, Programme
from lms.programmes.rules.lines import Line, Outcome

# Marks the grants that enrolling wrote: withdrawing takes back these, and leaves what somebody gave by hand.
GRANT_SOURCE = "enrolment"


@dataclass(frozen=True)
class LineReport:
    """What became of one line of a pasted list; `name` is the person's, where one was found."""

    line: Line
    outcome: Outcome
    name: str = ""


def enrol(
    db: Db,
    batch: Batch,
    person_id: int,
    role: str,
    *,
    starts_at: datetime | None = None,
    by: int | None,
    at: datetime,
    is_told: bool = True,
    mail_at: datetime | None = None,
) -> bool:
    """Enrol a person and write the right that goes with the role; return whether that was news.

    Enrolled in this role already: nothing changes. An enrolment that ended stays as it is and a new one
    begins, so that the register of a past session still knows who was expected. Raises NotFound for
    nobody, Conflict for somebody deactivated or a batch put aside. `mail_at` holds the letter about it back until then.
    """
    _lock(db, batch)
    if batch.archived_at is not None:
        raise Conflict("batch_archived", batch=batch.name)
    person = db.get(Person, person_id)
    if person is None:
        raise NotFound("person_unknown")
    if not person.active:
        raise Conflict("person_deactivated", name=person.name)
    row = {
        "batch_id": batch.id,
        "person_id": person_id,
        "role": role,
        "starts_at": starts_at or at,
        "enrolled_by": by,
    }
    if not insert_new(db, Enrolment, row, unique=[]):
        return False
    grant_role(db, person_id, Role(role), ScopeKind.BATCH, batch.id, by=by, at=at, source=GRANT_SOURCE)
    db.after_commit(lambda: principal.forget([person_id]))
    record_act(db, "person_enrolled", "batch", batch.id, by=by, at=at, person_id=person_id, role=role)
    if is_told and person_id != by:
        _tell(db, batch, "enrolled", person_id, role, f"/batches/{batch.id}", at, mail_at)
    return True


def take_back(db: Db, enrolment: Enrolment, *, enrolled_at: datetime, by: int | None, at: datetime) -> bool:
    """Take back that somebody was enrolled at that instant; return whether that was news.

    The row stays. Whoever's letter has not left is told nothing; others that it has ended.
    """
    if enrolment.starts_at != enrolled_at or enrolment.ends_at is not None:
        return False
    person_id, role = enrolment.person_id, enrolment.role
    key = _key("enrolled", enrolment.batch_id, person_id, role, enrolled_at)
    is_told = not outbox.take_back(db, person_id, "enrolled", key, told_at=enrolled_at)
    return withdraw(db, enrolment, by=by, at=at, is_told=is_told)


def withdraw(
    db: Db,
    enrolment: Enrolment,
    *,
    by: int | None,
    at: datetime,
    mail_at: datetime | None = None,
    is_told: bool = True,
) -> bool:
    """End an enrolment now and take back its right; return whether that was news. The row stays.

    Of two who do so at once, one is told False. `mail_at` holds the letter about it back until then.
    """
    batch = db.get_one(Batch, enrolment.batch_id)
    _lock(db, batch)
    ends_at = max(at, enrolment.starts_at)
    ended = db.execute(
        update(Enrolment).where(Enrolment.id == enrolment.id, Enrolment.ends_at.is_(None)).values(ends_at=ends_at)
    )
    if not ended.rowcount:  # type: ignore[attr-defined]
        return False
    person_id, role = enrolment.person_id, enrolment.role
    db.execute(
        delete(Grant).where(
            Grant.person_id == person_id,
            Grant.role == role,
            Grant.scope_kind == ScopeKind.BATCH.value,
            Grant.scope_id == batch.id,
            Grant.source == GRANT_SOURCE,
        )
    )
    db.after_commit(lambda: principal.forget([person_id]))
    record_act(db, "person_withdrawn", "batch", batch.id, by=by, at=at, person_id=person_id, role=role)
    if is_told and person_id != by:
        _tell(db, batch, "withdrawn", person_id, role, "", at, mail_at)
    return True


def restore(db: Db, enrolment: Enrolment, *, ended_at: datetime, by: int | None, at: datetime) -> bool:
    """Take back that an enrolment was ended at that instant; return whether that was news.

    As if it had not happened: the right is back, and the letter about it is called off if it has not left. Nothing
    changes where the person has been enrolled anew since, is deactivated, or the batch is put aside.
    """
    batch = db.get_one(Batch, enrolment.batch_id)
    _lock(db, batch)
    person_id, role = enrolment.person_id, enrolment.role
    is_back = select(Enrolment.id).where(
        Enrolment.batch_id == batch.id,
        Enrolment.person_id == person_id,
        Enrolment.role == role,
        Enrolment.ends_at.is_(None),
    )
    is_shut = batch.archived_at is not None or not db.get_one(Person, person_id).active
    if is_shut or enrolment.ends_at != max(ended_at, enrolment.starts_at) or db.scalar(is_back) is not None:
        return False
    db.execute(update(Enrolment).where(Enrolment.id == enrolment.id).values(ends_at=None))
    grant_role(db, person_id, Role(role), ScopeKind.BATCH, batch.id, by=by, at=at, source=GRANT_SOURCE)
    db.after_commit(lambda: principal.forget([person_id]))
    record_act(db, "person_restored", "batch", batch.id, by=by, at=at, person_id=person_id, role=role)
    key = _key("withdrawn", batch.id, person_id, role, ended_at)
    if person_id != by and not outbox.take_back(db, person_id, "withdrawn", key, told_at=ended_at):
        _tell(db, batch, "enrolled", person_id, role, f"/batches/{batch.id}", at)
    return True


def enrol_many(
    db: Db,
    batch: Batch,
    lines: Sequence[Line],
    role: str,
    *,
    starts_at: datetime | None = None,
    within_units: Collection[int] | None = None,
    by: int | None,
    at: datetime,
    mail_at: datetime | None = None,
) -> list[LineReport]:
    """Enrol everyone a pasted list names; return what became of each line, in its order.

    Lines that name nobody stop nothing. `within_units` limits it to people of these units and the units
    below them (None: no limit), for a coordinator whose rights end there.
    """
    found = _people_named(db, lines)
    allowed_units = None if within_units is None else set(db.scalars(_with_children(within_units)))
    reports = []
    for line in lines:
        person = found.get(line.nip or line.email or "")
        if not (line.nip or line.email):
            reports.append(LineReport(line, Outcome.UNREADABLE))
        elif person is None:
            reports.append(LineReport(line, Outcome.UNKNOWN))
        elif allowed_units is not None and person.unit_id not in allowed_units:
            # No name: whoever may not enrol this person need not learn whose NIP it is.
            reports.append(LineReport(line, Outcome.OUTSIDE))
        elif not person.active:
            reports.append(LineReport(line, Outcome.DEACTIVATED, person.name))
        else:
            is_news = enrol(db, batch, person.id, role, starts_at=starts_at, by=by, at=at, mail_at=mail_at)
            reports.append(LineReport(line, Outcome.ENROLLED if is_news else Outcome.ALREADY, person.name))
    return reports


def _people_named(db: Db, lines: Sequence[Line]) -> dict[str, Person]:
    nips = {line.nip for line in lines if line.nip}
    emails = {line.email for line in lines if line.email}
    if not nips and not emails:
        return {}
    people = db.scalars(select(Person).where(or_(Person.nip.in_(nips), Person.email.in_(emails))))
    found: dict[str, Person] = {}
    for person in people:
        found |= {key: person for key in (person.nip, person.email) if key}
    return found


def _with_children(units: Collection[int]) -> Select[int]:
    return select(Unit.id).where(or_(Unit.id.in_(units), Unit.parent_id.in_(units)))


def _lock(db: Db, batch: Batch) -> None:
    """Let one enrolling or withdrawing at a time into this batch, so that row and right never part."""
    db.execute(select(Batch.id).where(Batch.id == batch.id).with_for_update(key_share=True))


def _key(template: str, batch_id: int, person_id: int, role: str, at: datetime) -> str:
    return f"{template}-{batch_id}-{person_id}-{role}-{at.isoformat()}"


def _tell(
    db: Db,
    batch: Batch,
    template: str,
    person_id: int,
    role: str,
    link: str,
    at: datetime,
    mail_at: datetime | None = None,
) -> None:
    programme = db.get_one(Programme, batch.programme_id)
    params = {
        "batch": batch.name,
        "programme": {"id": programme.title_id, "en": programme.title_en},
        "role": Said(f"role_{role}"),
    }
    key = _key(template, batch.id, person_id, role, at)
    outbox.tell(db, person_id, template, params, key, link, at=at, mail_at=mail_at)
