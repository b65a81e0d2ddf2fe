"""Petitions: a trainee asks to be excused or disputes her mark; a coordinator answers once, and she is told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import joinedload

from lms.accounts.models import Person
from lms.accounts.service.audit import record_act
from lms.attendance.models import Correction, Petition
from lms.attendance.rules.judgement import Status
from lms.attendance.rules.petition_drafts import AnswerDraft, DisputeDraft, ExcuseDraft
from lms.attendance.service.decisions import decide, latest_correction
from lms.attendance.service.expecting import expected
from lms.attendance.service.letters import NO_LETTER, Letter, letter_columns
from lms.attendance.service.standing import as_decision
from lms.attendance.service.telling import about, coordinators_of, notify_all
from lms.db import Db, insert_new
from lms.kernel.errors import Conflict, Invalid, NotFound, Problem, Said
from lms.outbox import service as outbox
from lms.programmes.models import Batch
from lms.sessions.models import LiveSession


def ask_excuse(
    db: Db, session: LiveSession, person_id: int, draft: ExcuseDraft, letter: Letter | None, *, at: datetime
) -> Petition:
    """Return the petition to be excused, before or after the session; the coordinators are told.

    The same one sent twice is one. Raises Conflict for a session called off, with another one open, or when the
    mark is excused already; Invalid for a file that is no letter.
    """
    if session.status == "cancelled":
        raise Conflict("session_cancelled")
    latest = latest_correction(db, session.id, person_id)
    decision = as_decision(latest) if latest is not None else None
    if decision is not None and decision.status is Status.EXCUSED:
        raise Conflict("excuse_stands_already")
    fields: dict[str, Any] = {
        "topic": "excuse",
        "excuse": draft.excuse.value,
        "letter_number": draft.letter_number,
        "note": draft.note,
    }
    if letter is not None:
        fields |= letter_columns(letter)
    return _ask(db, session, person_id, fields, at=at)


def dispute(db: Db, session: LiveSession, person_id: int, draft: DisputeDraft, *, at: datetime) -> Petition:
    """Return the petition to look at a mark again; possible once the session has begun. Otherwise as `ask_excuse`."""
    if session.status == "cancelled":
        raise Conflict("session_cancelled")
    if at < session.starts_at:
        raise Conflict("dispute_too_early", starts=session.starts_at)
    return _ask(db, session, person_id, {"topic": "dispute", "note": draft.note}, at=at)


def _ask(db: Db, session: LiveSession, person_id: int, fields: dict[str, Any], *, at: datetime) -> Petition:
    people = expected(db, session, [person_id])
    if not people:
        raise NotFound()
    row = {
        "session_id": session.id,
        "person_id": person_id,
        "excuse": None,
        "letter_number": "",
        "state": "asked",
        "asked_at": at,
        "starts_at": session.starts_at,
        "answer": "",
        **NO_LETTER,
    } | fields
    is_new = insert_new(db, Petition, row, unique=[])
    petition = db.scalars(
        select(Petition).where(
            Petition.session_id == session.id,
            Petition.person_id == person_id,
            Petition.topic == row["topic"],
            Petition.state == "asked",
        )
    ).one()
    if not is_new:
        if any(getattr(petition, name) != value for name, value in fields.items()):
            raise Conflict("petition_open_already")
        return petition
    params = about(session) | {"name": people[0].full_name}
    waiting = coordinators_of(db, session, people[0].unit_id)
    notify_all(db, waiting, f"{row['topic']}_asked", params, "/excuses", by=person_id, at=at)
    return petition


def withdraw(db: Db, petition: Petition, *, at: datetime) -> None:
    """Take a petition back before it is answered. Repeated it changes nothing; Conflict once answered."""
    if petition.state == "withdrawn":
        return
    taken = db.execute(
        update(Petition).where(Petition.id == petition.id, Petition.state == "asked").values(state="withdrawn")
    )
    if not taken.rowcount:  # type: ignore[attr-defined]
        raise _answered(db, petition)
    record_act(db, "petition_withdrawn", "petition", petition.id, by=petition.person_id, at=at)


def answer(
    db: Db, session: LiveSession, petition: Petition, draft: AnswerDraft, *, by: int, at: datetime
) -> Correction | None:
    """Answer a petition: approving writes the decision about the mark, refusing keeps it. She is told either way.

    Of two who answer at once one wins and the other gets Conflict, which names the first. Raises Conflict too for
    a session called off meanwhile: there is nothing to excuse.
    """
    if session.status == "cancelled":
        raise Conflict("session_cancelled")
    is_dispute = petition.topic == "dispute"
    if draft.approve and is_dispute and draft.status is None:
        raise Invalid(Problem.of("correction_status_missing", field="status"))
    state = "approved" if draft.approve else "refused"
    won = db.execute(
        update(Petition)
        .where(Petition.id == petition.id, Petition.state == "asked")
        .values(state=state, decided_at=at, decided_by=by, answer=draft.answer)
    )
    if not won.rowcount:  # type: ignore[attr-defined]
        raise _answered(db, petition)
    db.refresh(petition)
    correction = None
    if draft.approve:
        excuse = draft.excuse.value if draft.excuse else petition.excuse
        new: dict[str, Any] = {"status": "excused", "excuse": excuse, "petition": petition.id}
        if is_dispute and draft.status is not None:
            new |= {"status": draft.status.value, "excuse": draft.excuse.value if draft.excuse else None}
        reason = draft.answer or petition.letter_number
        key = f"petition{petition.id:012}"
        correction = decide(db, session, petition.person_id, new, reason, key=key, by=by, at=at, is_told=False)
        db.execute(update(Petition).where(Petition.id == petition.id).values(correction_id=correction.id))
    record_act(db, f"petition_{state}", "petition", petition.id, by=by, at=at, note=draft.answer)
    _tell_answer(db, session, petition, f"{petition.topic}_{state}", correction, draft.answer, at=at)
    return correction


def revoke(db: Db, session: LiveSession, petition: Petition, *, by: int, at: datetime) -> None:
    """Take an approved excuse back because the session was moved: the evidence decides again, and she is told."""
    won = db.execute(
        update(Petition)
        .where(Petition.id == petition.id, Petition.state == "approved")
        .values(state="revoked", decided_at=at, decided_by=by)
    )
    if not won.rowcount:  # type: ignore[attr-defined]
        raise _answered(db, petition)
    key = f"revoked{petition.id:013}"
    new: dict[str, Any] = {"status": None, "excuse": None, "petition": petition.id}
    decide(db, session, petition.person_id, new, petition.answer, key=key, by=by, at=at, is_told=False)
    record_act(db, "petition_revoked", "petition", petition.id, by=by, at=at)
    _tell_answer(db, session, petition, "excuse_revoked", None, "", at=at)


def keep(db: Db, session: LiveSession, petition: Petition, *, by: int, at: datetime) -> None:
    """Let an approved excuse stand for the session's new time."""
    db.execute(update(Petition).where(Petition.id == petition.id).values(starts_at=session.starts_at))
    record_act(db, "petition_kept", "petition", petition.id, by=by, at=at)


def _tell_answer(
    db: Db,
    session: LiveSession,
    petition: Petition,
    template: str,
    correction: Correction | None,
    reason: str,
    *,
    at: datetime,
) -> None:
    params = about(session) | {"reason": reason or "–"}
    if petition.excuse:
        params["excuse"] = Said(f"excuse_{petition.excuse}")
    if correction is not None:
        excuse, status = correction.new["excuse"], correction.new["status"]
        params["new"] = Said(f"excuse_{excuse}" if excuse else f"status_{status}")
    key = f"{template}-{petition.id}"
    outbox.tell(db, petition.person_id, template, params, key, f"/attendance/{session.id}", at=at)


def _answered(db: Db, petition: Petition) -> Conflict:
    """Return the refusal that tells who was faster."""
    now = db.execute(
        select(Petition.state, Person.name)
        .outerjoin(Person, Person.id == Petition.decided_by)
        .where(Petition.id == petition.id)
    ).one()
    if now.state == "withdrawn":
        return Conflict("petition_withdrawn_meanwhile")
    return Conflict("petition_answered_meanwhile", name=now.name or "–")


def of_person(db: Db, session_id: int, person_id: int) -> list[Petition]:
    """Return what this person asked about this session, the newest first."""
    return list(
        db.scalars(
            select(Petition)
            .where(Petition.session_id == session_id, Petition.person_id == person_id)
            .order_by(Petition.id.desc())
        )
    )


@dataclass(frozen=True)
class Waiting:
    """A petition in the inbox with the session and the person it is about."""

    petition: Petition
    session: LiveSession
    person: Person

    @property
    def has_moved(self) -> bool:
        """Return whether the session begins at another time than when it was asked."""
        return self.petition.starts_at != self.session.starts_at


def waiting(db: Db, reach: ColumnElement[bool]) -> list[Waiting]:
    """Return the petitions within reach that wait for an answer, the session that is nearest to being held first."""
    return _read(db, reach, Petition.state == "asked")


def outdated(db: Db, reach: ColumnElement[bool], *, at: datetime) -> list[Waiting]:
    """Return approved excuses whose session was moved since and is still to come: do they hold for the new time?"""
    return _read(
        db,
        reach,
        Petition.state == "approved",
        Petition.topic == "excuse",
        Petition.starts_at != LiveSession.starts_at,
        LiveSession.ends_at > at,
    )


def _read(db: Db, *where: ColumnElement[bool]) -> list[Waiting]:
    rows = db.execute(
        select(Petition, LiveSession, Person)
        .join(LiveSession, LiveSession.id == Petition.session_id)
        .join(Person, Person.id == Petition.person_id)
        .options(joinedload(LiveSession.batch).joinedload(Batch.programme))
        .where(LiveSession.status == "scheduled", *where)
        .order_by(LiveSession.starts_at, func.lower(Person.name), Petition.id)
    )
    return [Waiting(*row) for row in rows]
