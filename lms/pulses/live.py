"""Questions over Socket.IO: watching, answering, and asking while the session runs."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.db import Db, reading, together, writing
from lms.pulses.banks import banks_of
from lms.pulses.models import Pulse
from lms.pulses.rules import AnswerDraft, AskDraft, BankDraft, DrawDraft, PulseActDraft, SessionDraft
from lms.pulses.service import answering, asking
from lms.pulses.service import reading as questions
from lms.pulses.watching import Publisher, askers_of, room_of, snapshot, waiting_json
from lms.sessions.models import LiveSession
from lms.web import sockets

_publisher: Publisher | None = None


@sockets.on("pulse:watch", SessionDraft)
def watch(draft: SessionDraft) -> dict[str, Any]:
    """Give the question asked last and one's own answer; to whoever leads also what is prepared, and names."""
    with reading() as db:
        session = guard.load(db, LiveSession, draft.session, needs=Permission.SESSION_ATTEND)
        rights = guard.rights_on(db, LiveSession, session.id, {Permission.PULSE_ASK, Permission.PULSE_ANSWER})
    leads = Permission.PULSE_ASK in rights
    # First the room, then the state, in a transaction begun after it: a change in between arrives twice, not never.
    sockets.enter(askers_of(session.id) if leads else room_of(session.id))
    with reading() as db:
        seen = snapshot(db, session, with_names=leads)
        asked = seen["question"]
        if leads:
            seen |= {"waiting": _waiting(db, session)}
        own = questions.own_choice(db, asked["id"], guard.principal().id) if asked else None
    return seen | {"own": own, "leads": leads, "answers": Permission.PULSE_ANSWER in rights}


@sockets.on("pulse:version", SessionDraft)
def version(draft: SessionDraft) -> dict[str, Any]:
    """Give the number by which a page notices a message that never came."""
    with reading() as db:
        session = guard.load(db, LiveSession, draft.session, needs=Permission.SESSION_ATTEND)
        return {"version": questions.version(db, session.id)}


@sockets.on("pulse:answer", AnswerDraft)
def answer(draft: AnswerDraft) -> dict[str, Any]:
    """Store a tap and acknowledge it after the commit; `choice` is what stands for this person now."""
    at = clock.now()
    who = guard.principal()

    def store(db: Db) -> str:
        session = guard.load(db, LiveSession, draft.session, needs=Permission.PULSE_ANSWER)
        pulse = asking.find(db, session, draft.pulse)
        return answering.answer(db, session, pulse, draft, by=who.id, at=at)

    choice = together(store)
    _tell(draft.session)
    return {"pulse": draft.pulse, "choice": choice}


@sockets.on("pulse:open", PulseActDraft)
def open_pulse(draft: PulseActDraft) -> dict[str, Any]:
    """Ask a prepared question now, or one that was closed once more."""
    return _act(
        draft.session,
        lambda db, session: asking.open_pulse(
            db, session, asking.find(db, session, draft.pulse), by=guard.principal().id, at=clock.now()
        ),
    )


@sockets.on("pulse:close", PulseActDraft)
def close_pulse(draft: PulseActDraft) -> dict[str, Any]:
    """Take no more answers."""
    return _act(
        draft.session,
        lambda db, session: asking.close_pulse(
            db, session, asking.find(db, session, draft.pulse), by=guard.principal().id, at=clock.now()
        ),
    )


@sockets.on("pulse:reveal", PulseActDraft)
def reveal(draft: PulseActDraft) -> dict[str, Any]:
    """Show everyone which answer is right."""
    return _act(
        draft.session,
        lambda db, session: asking.reveal(db, session, asking.find(db, session, draft.pulse), at=clock.now()),
    )


@sockets.on("pulse:ask", AskDraft)
def ask(draft: AskDraft) -> dict[str, Any]:
    """Ask what was typed just now."""
    at, by = clock.now(), guard.principal().id

    def make(db: Db, session: LiveSession) -> Pulse:
        return asking.prepare(db, session, draft, key=draft.key, by=by, at=at)

    return _act(draft.session, lambda db, session: asking.open_pulse(db, session, make(db, session), by=by, at=at))


@sockets.on("pulse:bank", BankDraft)
def bank(draft: BankDraft) -> dict[str, Any]:
    """Give questions of the course's bank that one tap can answer, for whoever may edit that bank."""
    with reading() as db:
        session = guard.load(db, LiveSession, draft.session, needs=Permission.PULSE_ASK)
        found = asking.search_bank(db, banks_of(db, session), draft.words)
    return {"questions": [{"id": one, "text": {"id": text.id or "", "en": text.en or ""}} for one, text in found]}


@sockets.on("pulse:draw", DrawDraft)
def draw(draft: DrawDraft) -> dict[str, Any]:
    """Ask a question of the bank."""
    at, by = clock.now(), guard.principal().id

    def make(db: Db, session: LiveSession) -> Pulse:
        return asking.draw(
            db, session, draft.question, banks_of(db, session), key=draft.key, is_named=draft.is_named,
            is_sign=draft.is_sign, by=by, at=at,
        )  # fmt: skip

    return _act(draft.session, lambda db, session: asking.open_pulse(db, session, make(db, session), by=by, at=at))


def _act(session_id: int, act: Callable[[Db, LiveSession], None]) -> dict[str, Any]:
    """Do something to a session's questions, one act at a time, and send everyone what came of it."""
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.PULSE_ASK, lock=True)
        act(db, session)
        db.after_commit(lambda: _tell(session_id))
        db.flush()
        return {"waiting": _waiting(db, session)}


def _waiting(db: Db, session: LiveSession) -> list[dict[str, Any]]:
    return [waiting_json(pulse) for pulse in asking.of_session(db, session.id) if pulse.opened_at is None]


def _tell(session_id: int) -> None:
    """Have everybody in the session's room hear of what was committed."""
    if _publisher is None:
        raise RuntimeError("pulses are not set up: call create_app() first")
    _publisher.publish(session_id)


def init_app(_app: Flask) -> None:
    """Make this process's publisher; its thread starts with the first thing it sends."""
    global _publisher
    _publisher = Publisher()
