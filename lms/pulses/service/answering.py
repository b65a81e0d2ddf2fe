"""Answering: one answer a person, changeable until the question is closed, stored once however often it is sent."""

from datetime import datetime

from sqlalchemy import or_, update

from lms.db import Db, insert_new
from lms.kernel.errors import Conflict
from lms.pulses.models import Pulse, PulseAnswer
from lms.pulses.rules import AnswerDraft, State
from lms.pulses.service import asking
from lms.sessions.models import LiveSession


def answer(db: Db, session: LiveSession, pulse: Pulse, draft: AnswerDraft, *, by: int, at: datetime) -> str:
    """Return the choice that stands for this person after this tap.

    A repeat of a tap, or one that a later tap of the same page overtook, changes nothing, also after the closing.
    Raises Conflict(pulse_closed) for a new answer to a closed question, Conflict for a choice it does not have.
    """
    known = db.get(PulseAnswer, (pulse.id, by))
    if known is not None and known.page == draft.page and known.sequence >= draft.sequence:
        return known.choice
    if asking.state(session, pulse, at) is not State.OPEN:
        raise Conflict("pulse_closed")
    if draft.choice not in {choice["key"] for choice in pulse.choices}:
        raise Conflict("pulse_unknown_choice")
    given = {"choice": draft.choice, "page": draft.page, "sequence": draft.sequence, "answered_at": at}
    first = {"pulse_id": pulse.id, "person_id": by, "first_at": at, **given}
    if not insert_new(db, PulseAnswer, first, ["pulse_id", "person_id"]):
        db.execute(
            update(PulseAnswer)
            .where(PulseAnswer.pulse_id == pulse.id, PulseAnswer.person_id == by)
            .where(or_(PulseAnswer.page != draft.page, PulseAnswer.sequence < draft.sequence))
            .values(**given)
        )
    pulse.version += 1
    return draft.choice
