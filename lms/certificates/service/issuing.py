"""Issuing certificates: one with the next number of its book, and many as a run that a job works off."""

import secrets
from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import joinedload

from lms.accounts.service.audit import record_act
from lms.certificates.models.certificates import Certificate, CertificateRule, IssueRun
from lms.certificates.rules.codes import ALPHABET, LENGTH
from lms.certificates.service import books
from lms.certificates.service.content import content_of, subjects_of
from lms.certificates.service.ruling import find_rule
from lms.certificates.service.standing import read_candidates
from lms.db import Db, insert_new_row
from lms.kernel.errors import Conflict, Invalid, Problem
from lms.outbox import jobs
from lms.outbox import service as outbox
from lms.programmes.models import Batch

# A worker that has not got further for so long has died; another takes the run over.
STALE = timedelta(minutes=2)
MOST_AT_ONCE = 2000
# So long a run waits before its first number is given, and can be called off: a number once given stays taken.
GRACE = timedelta(minutes=2)


def issue(
    db: Db,
    batch: Batch,
    rule: CertificateRule,
    person_id: int,
    *,
    on: date,
    by: int | None,
    at: datetime,
    is_told: bool = True,
) -> Certificate | None:
    """Return this trainee's new certificate, numbered; None where she has one, or something is missing.

    Number and certificate are one transaction: whoever issues at the same moment waits for the book, so that no
    number is given twice or left out. `batch.programme` and `rule.book` must be loaded.
    """
    books.lock(db, rule.book_id, on.year)
    candidates = read_candidates(db, batch, rule, at=at, people=[person_id])
    if not candidates or not candidates[0].is_ready:
        return None
    candidate = candidates[0]
    content = content_of(db, batch, rule, candidate, subjects_of(db, batch.id), on)
    serial, number = books.next_number(db, rule.book, on)
    certificate = Certificate(
        batch_id=batch.id,
        person_id=person_id,
        book_id=rule.book_id,
        year=on.year,
        serial=serial,
        number=number,
        code="".join(secrets.choice(ALPHABET) for _ in range(LENGTH)),
        content=content,
        issued_on=on,
        issued_at=at,
        issued_by=by,
    )
    db.add(certificate)
    db.flush()
    record_act(db, "certificate_issued", "certificate", certificate.id, by=by, at=at, number=number)
    if is_told:
        tell_holder(db, certificate, "certificate_issued", at=at)
    return certificate


def ask_for(db: Db, batch: Batch, people: Collection[int], *, on: date, today: date, by: int, at: datetime) -> IssueRun:
    """Return a new run that issues to these trainees; a job works it off once `GRACE` is over.

    Raises Invalid for nobody, too many or a day that is not between the batch's last and today, Conflict where the
    programme has no rule, the batch is put aside or another run of it is still under way.
    """
    if not people:
        raise Invalid(Problem.of("issue_nobody_chosen", field="person"))
    if len(people) > MOST_AT_ONCE:
        raise Invalid(Problem.of("issue_too_many", field="person", most=MOST_AT_ONCE))
    if on > today:
        raise Invalid(Problem.of("issue_day_in_future", field="on"))
    if on < batch.starts_on:
        raise Invalid(Problem.of("issue_day_before_start", field="on", starts_on=batch.starts_on))
    if find_rule(db, batch.programme_id) is None:
        raise Conflict("certificate_no_rule")
    values = {
        "batch_id": batch.id,
        "people": sorted(people),
        "issued_on": on,
        "left_out": [],
        "asked_by": by,
        "asked_at": at,
        "beat_at": at + GRACE,
        "state": "waiting",
        "done": 0,
        "issued": 0,
    }
    row = insert_new_row(db, IssueRun, values, [])
    if row is None:
        raise Conflict("issue_run_under_way")
    record_act(db, "certificates_asked_for", "batch", batch.id, by=by, at=at, people=len(people), run=row[0])
    return db.get_one(IssueRun, row[0])


def call_off(db: Db, batch: Batch, run_id: int, *, by: int, at: datetime) -> bool:
    """Take back that certificates were asked for; return False where writing has begun, or somebody was faster.

    No number was given and nobody was told, so that nothing is left to explain; the audit keeps who did it.
    """
    is_untouched = and_(IssueRun.id == run_id, IssueRun.batch_id == batch.id, IssueRun.state == "waiting")
    if not db.execute(delete(IssueRun).where(is_untouched)).rowcount:  # type: ignore[attr-defined]
        return False
    record_act(db, "certificates_called_off", "batch", batch.id, by=by, at=at, run=run_id)
    return True


def begin_now(db: Db, batch: Batch, run_id: int, *, by: int, at: datetime) -> bool:
    """Have the run begin at once, and end with it the time to call it off; return False where it no longer waits."""
    is_held = and_(IssueRun.id == run_id, IssueRun.batch_id == batch.id, IssueRun.state == "waiting")
    if not db.execute(update(IssueRun).where(is_held).values(beat_at=at)).rowcount:  # type: ignore[attr-defined]
        return False
    record_act(db, "certificates_begun_at_once", "batch", batch.id, by=by, at=at, run=run_id)
    db.after_commit(lambda: jobs.soon("issue_certificates"))
    return True


def claim(db: Db, *, at: datetime) -> IssueRun | None:
    """Return a run that has waited long enough, or whose worker has died, now ours; None where there is none.

    1. Look for one. 2. Take it by UPDATE on the condition that it is as seen. 3. Somebody else was faster: none.
    """
    is_free = _is_free(at)
    seen = db.execute(
        select(IssueRun.id, IssueRun.beat_at).where(IssueRun.state != "done", is_free).order_by(IssueRun.id).limit(1)
    ).one_or_none()
    if seen is None:
        return None
    taken = db.execute(
        update(IssueRun)
        .where(IssueRun.id == seen.id, IssueRun.state != "done", is_free)
        .values(state="running", beat_at=at)
    ).rowcount  # type: ignore[attr-defined]
    return db.get_one(IssueRun, seen.id, populate_existing=True) if taken else None


def next_of(db: Db, run_id: int, *, at: datetime) -> bool:
    """Issue to the next of the run; return whether there is another after that. Safe to repeat after a death: whoever
    has a certificate by then is passed over, and the count is written with it."""
    run = db.scalars(select(IssueRun).where(IssueRun.id == run_id).with_for_update()).one()
    if run.done < len(run.people):
        batch = db.scalars(select(Batch).where(Batch.id == run.batch_id).options(joinedload(Batch.programme))).one()
        rule = find_rule(db, batch.programme_id)
        person_id = run.people[run.done]
        made = issue(db, batch, rule, person_id, on=run.issued_on, by=run.asked_by, at=at) if rule else None
        run.done += 1
        if made is not None:
            run.issued += 1
        else:
            run.left_out = [*run.left_out, person_id]
        run.beat_at = at
    if run.done >= len(run.people):
        run.state = "done"
        return False
    return True


def is_waiting(db: Db, *, at: datetime) -> bool:
    """Return whether some run can be worked off; for looking without a writer."""
    return db.scalar(select(IssueRun.id).where(IssueRun.state != "done", _is_free(at)).limit(1)) is not None


def _is_free(at: datetime) -> ColumnElement[bool]:
    return or_(
        and_(IssueRun.state == "waiting", IssueRun.beat_at <= at),
        and_(IssueRun.state == "running", IssueRun.beat_at < at - STALE),
    )


def latest_run(db: Db, batch_id: int) -> IssueRun | None:
    """Return the batch's latest run, whatever became of it."""
    return db.scalars(
        select(IssueRun).where(IssueRun.batch_id == batch_id).order_by(IssueRun.id.desc()).limit(1)
    ).one_or_none()


def tell_holder(db: Db, certificate: Certificate, template: str, *, at: datetime, **more: str) -> None:
    """Tell the holder what became of her certificate; once for each such event."""
    params = {"programme": certificate.content["programme"], "number": certificate.number, **more}
    key = f"{template}-{certificate.id}-{at.isoformat()}"
    outbox.tell(db, certificate.person_id, template, params, key, "/certificates", at=at)
