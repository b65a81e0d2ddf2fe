"""Decisions about marks: corrections with reasons, the sign-off, and numbered amendments after it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from lms.accounts.models import Person
from lms.attendance.models import Amendment, Correction, Evidence, Mark, Register
from lms.attendance.rules.drafts import CorrectionDraft
from lms.attendance.rules.judgement import Judgement
from lms.attendance.service.expecting import expected
from lms.attendance.service.letters import Letter, letter_columns
from lms.attendance.service.marks import judge_marks, judgeable, write_marks
from lms.attendance.service.register import fingerprint, version
from lms.attendance.service.signed import amended_with, read_signed
from lms.attendance.service.standing import read_standing
from lms.attendance.service.telling import about, word_of
from lms.db import Db
from lms.kernel.errors import Conflict, NotFound, Said
from lms.outbox import service as outbox
from lms.sessions.models import LiveSession


def correct(
    db: Db,
    session: LiveSession,
    person_id: int,
    draft: CorrectionDraft,
    letter: Letter | None = None,
    *,
    by: int,
    at: datetime,
) -> Correction:
    """Decide one person's mark with a reason and, if any, a document; old and new are kept and the person is told.

    Sent twice (same key) it is one decision. On a signed register the decision becomes a numbered amendment, and who
    shares a screen with this person is judged with her. Raises NotFound for somebody this register does not answer
    for, and Conflict if another decision came since the one the coordinator had seen. The caller holds a lock on the
    session's row.
    """
    latest = latest_correction(db, session.id, person_id)
    if draft.seen is not None and latest is not None and latest.key != draft.key and latest.id != draft.seen:
        raise Conflict("correction_decided_meanwhile", name=db.get_one(Person, latest.by_id).name)
    new = {"status": draft.status.value if draft.status else None, "excuse": draft.excuse and draft.excuse.value}
    return decide(db, session, person_id, new, draft.reason, key=draft.key, letter=letter, by=by, at=at)


def decide(
    db: Db,
    session: LiveSession,
    person_id: int,
    new: dict[str, Any],
    reason: str,
    *,
    key: str,
    by: int,
    at: datetime,
    said: Said | None = None,
    is_told: bool = True,
    letter: Letter | None = None,
) -> Correction:
    """Store a decision about one mark: `new` holds its status and excuse, or the witness whose account counts.

    As `correct` otherwise. She is told if her mark says something else by it; `said` tells her why where nobody typed
    a reason. `is_told` False where the caller tells her in its own words.
    """
    again = db.scalar(select(Correction).where(Correction.key == key))
    if again is not None:
        return again
    if not expected(db, session, [person_id]):
        raise NotFound()
    before = _verdict(db, session, person_id, at)
    amendment = _amend(db, session, reason, by=by, at=at) if db.get(Register, session.id) else None
    correction = Correction(
        session_id=session.id,
        person_id=person_id,
        old=_as_stored(before),
        new=new,
        reason=reason,
        at=at,
        by_id=by,
        key=key,
        amendment_id=amendment.id if amendment else None,
        **letter_columns(letter),
    )
    db.add(correction)
    db.flush()
    if amendment is not None:
        _judge_and_seal(db, session, amendment, person_id, at=at, tells_it_itself=True)
    else:
        judge_marks(db, session, at=at, person_ids=[person_id], is_told=False)
    after = _verdict(db, session, person_id, at)
    db.touch(session.id, person_id)
    old_word, new_word = word_of(before.status, before.excuse), word_of(after.status, after.excuse)
    if is_told and old_word != new_word:
        params = about(session) | {"old": old_word, "new": new_word, "reason": said or reason}
        outbox.notify(db, person_id, "mark_corrected", params, link=f"/attendance/{session.id}", at=at)
    return correction


def latest_correction(db: Db, session_id: int, person_id: int) -> Correction | None:
    """Return the decision about this person that stands, if there is one."""
    return db.scalar(
        select(Correction)
        .where(Correction.session_id == session_id, Correction.person_id == person_id)
        .order_by(Correction.id.desc())
        .limit(1)
    )


def _as_stored(verdict: Judgement) -> dict[str, Any]:
    return {
        "status": verdict.status.value,
        "excuse": verdict.excuse.value if verdict.excuse else None,
        "attended_seconds": int(verdict.attended.total_seconds()),
    }


def sign(db: Db, session: LiveSession, *, seen_version: str, by: int, at: datetime) -> Register:
    """Make the register final: lock it, keep the marks and the exact evidence they rest on, with its fingerprint.

    Raises Conflict when it is signed already, not yet judgeable, or changed since the signer looked.
    The caller holds a lock on the session's row, so that two signers cannot both succeed.
    """
    if db.get(Register, session.id) is not None:
        raise Conflict("register_already_signed")
    if not judgeable(session, at):
        raise Conflict("register_not_ready", ends=session.ends_at)
    if version(db, session.id) != seen_version:
        raise Conflict("register_changed_meanwhile")
    known = _evidence_ids(db, session.id)
    judge_marks(db, session, at=at)
    db.flush()
    evidence, corrections, marks = _ground(db, session.id)
    if {row.id for row in evidence} != known:
        # It came between judging and reading: the marks may not rest on it, and the signer has not seen it.
        raise Conflict("register_changed_meanwhile")
    register = Register(
        session_id=session.id,
        signed_by=by,
        signed_at=at,
        evidence_ids=[row.id for row in evidence],
        correction_ids=[row.id for row in corrections],
        fingerprint=fingerprint(evidence, corrections, marks),
        marks=[_mark_as_signed(mark) for mark in marks],
    )
    db.add(register)
    db.touch(session.id, None)
    return register


def accept_late_evidence(
    db: Db, session: LiveSession, person_id: int, *, reason: str, by: int, at: datetime
) -> Amendment:
    """Re-judge one person of a signed register, and who shares a screen with her, with what arrived after signing, as
    a numbered amendment."""
    if db.get(Register, session.id) is None:
        raise Conflict("register_not_signed")
    amendment = _amend(db, session, reason, by=by, at=at)
    _judge_and_seal(db, session, amendment, person_id, at=at)
    db.touch(session.id, person_id)
    return amendment


def _verdict(db: Db, session: LiveSession, person_id: int, at: datetime) -> Judgement:
    """Return what the register says of this person now: of a signed one the mark as signed."""
    signed = read_signed(db, session, [person_id])
    return signed.verdict(person_id) if signed else read_standing(db, session, [person_id]).judge(person_id, at)


def _amend(db: Db, session: LiveSession, reason: str, *, by: int, at: datetime) -> Amendment:
    number = 1 + (
        db.scalar(select(func.coalesce(func.max(Amendment.number), 0)).where(Amendment.session_id == session.id)) or 0
    )
    amendment = Amendment(session_id=session.id, number=number, reason=reason, at=at, by_id=by, fingerprint="")
    db.add(amendment)
    db.flush()
    return amendment


def _judge_and_seal(
    db: Db,
    session: LiveSession,
    amendment: Amendment,
    person_id: int,
    *,
    at: datetime,
    tells_it_itself: bool = False,
) -> None:
    """Judge one person of a signed register, and who shares a screen with her, and seal exactly what their marks rest
    on: should evidence about them arrive in between, they are judged again.

    Whoever's mark changes is told, except the person where the caller `tells_it_itself`.
    """
    why = Said("mark_changed_by_amendment", {"reason": amendment.reason})
    known: set[int] | None = None
    people: set[int] = set()
    while known != (known := _evidence_ids(db, session.id, people := amended_with(db, session.id, person_id))):
        write_marks(db, session, at=at, person_ids=[person_id], why=why, is_told=not tells_it_itself)
        if others := people - {person_id}:
            write_marks(db, session, at=at, person_ids=others, why=why)
    _seal(db, session, amendment, people, known)


def _evidence_ids(db: Db, session_id: int, people: Collection[int] | None = None) -> set[int]:
    rows = select(Evidence.id).where(Evidence.session_id == session_id)
    return set(db.scalars(rows if people is None else rows.where(Evidence.person_id.in_(people))))


def _seal(db: Db, session: LiveSession, amendment: Amendment, people: Collection[int], known: set[int]) -> None:
    """Set the amendment's fingerprint and widen the signed set by what these people were judged on (`known`), no more.

    Evidence about others that came after the signature stays outside until somebody decides on it.
    """
    db.flush()
    evidence, corrections, marks = _ground(db, session.id)
    register = db.get_one(Register, session.id)
    signed, decided = set(register.evidence_ids), set(register.correction_ids)
    evidence = [row for row in evidence if row.id in signed or row.id in known]
    corrections = [row for row in corrections if row.id in decided or row.person_id in people]
    register.evidence_ids = [row.id for row in evidence]
    register.correction_ids = [row.id for row in corrections]
    amendment.fingerprint = fingerprint(evidence, corrections, marks)


def _ground(db: Db, session_id: int) -> tuple[list[Evidence], list[Correction], list[Mark]]:
    evidence = list(db.scalars(select(Evidence).where(Evidence.session_id == session_id).order_by(Evidence.id)))
    corrections = list(
        db.scalars(select(Correction).where(Correction.session_id == session_id).order_by(Correction.id))
    )
    marks = list(db.scalars(select(Mark).where(Mark.session_id == session_id).order_by(Mark.person_id)))
    return evidence, corrections, marks


def _mark_as_signed(mark: Mark) -> dict[str, Any]:
    return {
        "person": mark.person_id,
        "status": mark.status,
        "excuse": mark.excuse,
        "late": mark.late,
        "left_early": mark.left_early,
        "attended_seconds": mark.attended_seconds,
        "counted_seconds": mark.counted_seconds,
    }


def verify(db: Db, session_id: int) -> bool:
    """Return whether the stored rows still give the fingerprint of the latest sign-off or amendment."""
    register = db.get(Register, session_id)
    if register is None:
        raise NotFound()
    latest = db.scalar(
        select(Amendment.fingerprint)
        .where(Amendment.session_id == session_id)
        .order_by(Amendment.number.desc())
        .limit(1)
    )
    evidence, corrections, marks = _ground(db, session_id)
    kept_evidence = [row for row in evidence if row.id in set(register.evidence_ids)]
    kept_corrections = [row for row in corrections if row.id in set(register.correction_ids)]
    return fingerprint(kept_evidence, kept_corrections, marks) == (latest or register.fingerprint)


def amending(db: Db, session_id: int) -> list[Correction]:
    """Return the decisions that amended this session's signed register, oldest first."""
    return list(
        db.scalars(
            select(Correction)
            .where(Correction.session_id == session_id, Correction.amendment_id.is_not(None))
            .order_by(Correction.id)
        )
    )


def history(db: Db, session_id: int, person_id: int) -> list[Correction]:
    """Return every decision about this person in this session, oldest first."""
    return list(
        db.scalars(
            select(Correction)
            .where(Correction.session_id == session_id, Correction.person_id == person_id)
            .order_by(Correction.id)
        )
    )
