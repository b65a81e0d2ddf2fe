"""Asking to take part: the superior agrees, a free place is taken, or one waits in order. No place is given twice."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from lms.accounts.models import Person
from lms.accounts.service.audit import record_act
from lms.accounts.service.finding import find_by_login
from lms.db import Db
from lms.kernel.errors import Conflict, Invalid, Problem
from lms.outbox import service as outbox
from lms.programmes.models import Batch, Enrolment, EnrolmentRequest, Programme
from lms.programmes.service.enrolling import enrol


def open_batches(db: Db, today: date) -> Sequence[Batch]:
    """Return the batches that people may ask to take part in today, the earliest first."""
    return db.scalars(
        select(Batch)
        .where(Batch.archived_at.is_(None), Batch.asks_until >= today)
        .options(joinedload(Batch.programme))
        .order_by(Batch.starts_on, Batch.id)
    ).all()


def places_left(db: Db, batch: Batch) -> int | None:
    """Return how many more trainees there is room for, never below none; None where there is no limit."""
    if batch.capacity is None:
        return None
    taken = db.scalar(
        select(func.count(Enrolment.person_id.distinct())).where(
            Enrolment.batch_id == batch.id, Enrolment.role == "trainee", Enrolment.ends_at.is_(None)
        )
    )
    return max(batch.capacity - (taken or 0), 0)


def ask(
    db: Db,
    batch: Batch,
    person_id: int,
    superior_login: str,
    note: str,
    *,
    today: date,
    at: datetime,
    is_told: bool = True,
) -> EnrolmentRequest:
    """Return the request that now waits for the superior, who is told (unless `is_told` says otherwise).

    Raises Conflict for a batch that is closed, that one is in or has asked for; Invalid for an unknown superior.
    """
    if batch.archived_at is not None or batch.asks_until is None or batch.asks_until < today:
        raise Conflict("batch_takes_no_requests")
    is_in = select(Enrolment.id).where(
        Enrolment.batch_id == batch.id, Enrolment.person_id == person_id, Enrolment.ends_at.is_(None)
    )
    if db.scalar(is_in) is not None:
        raise Conflict("already_in_batch")
    superior = find_by_login(db, superior_login)
    if superior is None or not superior.active:
        raise Invalid(Problem.of("superior_unknown", field="superior"))
    if superior.id == person_id:
        raise Invalid(Problem.of("superior_is_yourself", field="superior"))
    request = EnrolmentRequest(
        batch_id=batch.id, person_id=person_id, superior_id=superior.id, note=note[:1000], asked_at=at
    )
    db.add(request)
    try:
        db.flush()
    except IntegrityError:
        raise Conflict("already_asked") from None
    record_act(db, "enrolment_asked", "batch", batch.id, by=person_id, at=at, superior=superior.id)
    if is_told:
        _tell(db, request, batch, superior.id, "enrolment_asked", at, who=db.get_one(Person, person_id).name)
    return request


def decide(db: Db, request: EnrolmentRequest, *, agreed: bool, reason: str, by: int, at: datetime) -> str:
    """Return the request's new state: enrolled, waiting (no place is free), or refused.

    Raises Conflict where it has been decided on, Invalid for a refusal without a reason.
    """
    batch = _locked(db, request.batch_id)
    if request.state != "asked":
        raise Conflict("request_already_decided")
    if not agreed:
        if not reason.strip():
            raise Invalid(Problem.of("request_needs_reason", field="reason"))
        _close(db, request, batch, "refused", reason.strip()[:1000], by=by, at=at)
        return request.state
    request.agreed_at = at
    record_act(db, "enrolment_agreed", "batch", batch.id, by=by, at=at, person_id=request.person_id)
    if places_left(db, batch) == 0 or _someone_waits(db, batch):
        request.state, request.decided_at, request.decided_by = "waiting", at, by
        db.flush()
        _tell(db, request, batch, request.person_id, "enrolment_waiting", at)
        return request.state
    _take_in(db, request, batch, by=by, at=at)
    return request.state


def fill_places(db: Db, batch_id: int, *, by: int | None, at: datetime) -> int:
    """Enrol those who wait, in the order in which their superiors agreed, while places are free; return how many."""
    batch = _locked(db, batch_id)
    if batch.archived_at is not None:
        return 0
    waiting = waiting_list(db, batch_id)
    left = places_left(db, batch)
    chosen = waiting if left is None else waiting[:left]
    for request in chosen:
        _take_in(db, request, batch, by=by, at=at)
    return len(chosen)


def take_back(db: Db, request: EnrolmentRequest, *, at: datetime) -> None:
    """Take one's own request back before one is enrolled. Raises Conflict otherwise."""
    if request.state not in ("asked", "waiting"):
        raise Conflict("request_already_decided")
    request.state, request.decided_at, request.decided_by = "taken_back", at, request.person_id
    record_act(db, "enrolment_taken_back", "batch", request.batch_id, by=request.person_id, at=at)


def refuse_waiting(db: Db, request: EnrolmentRequest, *, reason: str, by: int, at: datetime) -> None:
    """Take somebody off the waiting list, with a reason she is told."""
    batch = _locked(db, request.batch_id)
    if request.state != "waiting":
        raise Conflict("request_already_decided")
    if not reason.strip():
        raise Invalid(Problem.of("request_needs_reason", field="reason"))
    _close(db, request, batch, "refused", reason.strip()[:1000], by=by, at=at)


def waiting_list(db: Db, batch_id: int) -> list[EnrolmentRequest]:
    """Return who waits for a place, in order."""
    statement = (
        select(EnrolmentRequest)
        .where(EnrolmentRequest.batch_id == batch_id, EnrolmentRequest.state == "waiting")
        .options(joinedload(EnrolmentRequest.person), joinedload(EnrolmentRequest.superior))
        .order_by(EnrolmentRequest.agreed_at, EnrolmentRequest.id)
    )
    return list(db.scalars(statement))


def requests_of(db: Db, person_id: int) -> Sequence[EnrolmentRequest]:
    """Return what a person asked for, the latest first."""
    return _with_all(db, EnrolmentRequest.person_id == person_id)


def requests_to_decide(db: Db, superior_id: int) -> Sequence[EnrolmentRequest]:
    """Return what waits for this superior."""
    return _with_all(db, EnrolmentRequest.superior_id == superior_id, EnrolmentRequest.state == "asked")


def batches_to_fill(db: Db) -> list[int]:
    """Return the batches in which somebody waits."""
    return list(db.scalars(select(EnrolmentRequest.batch_id).where(EnrolmentRequest.state == "waiting").distinct()))


def _with_all(db: Db, *conditions: object) -> Sequence[EnrolmentRequest]:
    return db.scalars(
        select(EnrolmentRequest)
        .where(*conditions)  # type: ignore[arg-type]
        .options(
            joinedload(EnrolmentRequest.person).joinedload(Person.unit),
            joinedload(EnrolmentRequest.superior),
            joinedload(EnrolmentRequest.batch).joinedload(Batch.programme),
        )
        .order_by(EnrolmentRequest.asked_at.desc(), EnrolmentRequest.id.desc())
    ).all()


def _someone_waits(db: Db, batch: Batch) -> bool:
    """Return whether others stand in line already, while a place has just become free: they come first."""
    return bool(waiting_list(db, batch.id)) and batch.capacity is not None


def _take_in(db: Db, request: EnrolmentRequest, batch: Batch, *, by: int | None, at: datetime) -> None:
    enrol(db, batch, request.person_id, "trainee", by=by, at=at)
    request.state, request.decided_at, request.decided_by = "enrolled", at, by
    db.flush()


def _close(db: Db, request: EnrolmentRequest, batch: Batch, state: str, reason: str, *, by: int, at: datetime) -> None:
    request.state, request.reason, request.decided_at, request.decided_by = state, reason, at, by
    db.flush()
    record_act(db, "enrolment_refused", "batch", batch.id, by=by, at=at, person_id=request.person_id, note=reason)
    _tell(db, request, batch, request.person_id, "enrolment_refused", at, reason=reason)


def _locked(db: Db, batch_id: int) -> Batch:
    """Return the batch, held so that two decisions at once never share its last place."""
    return db.scalars(select(Batch).where(Batch.id == batch_id).with_for_update()).one()


def _tell(
    db: Db, request: EnrolmentRequest, batch: Batch, person_id: int, template: str, at: datetime, **more: str
) -> None:
    programme = db.get_one(Programme, batch.programme_id)
    params = {"batch": batch.name, "programme": {"id": programme.title_id, "en": programme.title_en}, **more}
    outbox.tell(db, person_id, template, params, f"{template}-{request.id}", "/take-part", at=at)
