"""Pages of a session's questions: preparing them before, what came of them afterwards."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission as P
from lms.attendance.service import beside as beside_timeline
from lms.db import Db, reading, writing
from lms.kernel.errors import Conflict, Invalid, Problem
from lms.kernel.intervals import Interval
from lms.programmes.models import Batch
from lms.pulses.banks import banks_of
from lms.pulses.models import Pulse
from lms.pulses.rules import MOST_SIGNS, Form, PulseDraft
from lms.pulses.service import asking
from lms.pulses.service import reading as questions
from lms.sessions import beside as beside_session
from lms.sessions.models import LiveSession
from lms.web.forms import draft_from, form_values, problems_of
from lms.web.i18n import reader, say

blueprint = Blueprint("pulses", __name__)
_WITH_BATCH = joinedload(LiveSession.batch).joinedload(Batch.programme)


@blueprint.route("/sessions/<int:session_id>/pulses", methods=["GET", "POST"])
def pulses(session_id: int) -> Any:
    """The session's questions: prepared ones with the form for a new one, and what came of those that were asked."""
    problems: Sequence[Problem] = ()
    values: Mapping[str, Any] = {"form": Form.YES_NO.value, "key": secrets.token_hex(12)}
    if request.method == "POST":
        values = request.form
        try:
            with writing() as db:
                session = guard.load(db, LiveSession, session_id, needs=P.PULSE_ASK, lock=True)
                draft = draft_from(PulseDraft, form_values(PulseDraft, request.form))
                key = _key(request.form.get("key", ""))
                asking.prepare(db, session, draft, key=key, by=guard.principal().id, at=clock.now())
            flash(gettext("The question is prepared: ask it in the room when its moment has come."), "success")
            return redirect(url_for("pulses.pulses", session_id=session_id))
        except (Invalid, Conflict) as refused:
            problems = problems_of(refused)
    with reading() as db:
        page = _page(db, session_id, values, problems, words=request.args.get("q", ""))
    return page, 422 if problems else 200


@blueprint.route("/sessions/<int:session_id>/pulses/<int:pulse_id>", methods=["GET", "POST"])
def pulse(session_id: int, pulse_id: int) -> Any:
    """Word a prepared question anew."""
    problems: Sequence[Problem] = ()
    values: Mapping[str, Any] | None = None
    if request.method == "POST":
        values = request.form
        try:
            with writing() as db:
                session = guard.load(db, LiveSession, session_id, needs=P.PULSE_ASK, lock=True)
                draft = draft_from(PulseDraft, form_values(PulseDraft, request.form))
                asking.change(db, session, asking.find(db, session, pulse_id), draft)
            flash(gettext("Saved."), "success")
            return redirect(url_for("pulses.pulses", session_id=session_id))
        except (Invalid, Conflict) as refused:
            problems = problems_of(refused)
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=P.PULSE_ASK, options=[_WITH_BATCH])
        found = guard.load(db, Pulse, pulse_id, needs=P.PULSE_ASK, session_id=session.id)
        if found.opened_at is not None and not problems:
            flash(say("pulse_was_asked"), "error")
            return redirect(url_for("pulses.pulses", session_id=session_id))
    page = render_template(
        "pulses/pulse.html",
        session=session,
        pulse=found,
        values=_values(found) if values is None else values,
        problems=problems,
        most_signs=MOST_SIGNS,
    )
    return page, 422 if problems else 200


@blueprint.post("/sessions/<int:session_id>/pulses/<int:pulse_id>/remove")
def remove(session_id: int, pulse_id: int) -> Any:
    """Throw a prepared question away."""
    return _change(session_id, pulse_id, lambda db, _session, found: asking.remove(db, found))


@blueprint.post("/sessions/<int:session_id>/pulses/<int:pulse_id>/up")
def up(session_id: int, pulse_id: int) -> Any:
    """Put a prepared question one place earlier."""
    return _change(session_id, pulse_id, asking.move_up)


@blueprint.post("/sessions/<int:session_id>/pulses/draw")
def draw(session_id: int) -> Any:
    """Take a question of the course's bank among the prepared ones."""
    try:
        with writing() as db:
            session = guard.load(db, LiveSession, session_id, needs=P.PULSE_ASK, lock=True)
            question_id = request.form.get("question", 0, type=int)
            asking.draw(
                db, session, question_id, banks_of(db, session), key=_key(request.form.get("key", "")), is_named=False,
                is_sign=False, by=guard.principal().id, at=clock.now(),
            )  # fmt: skip
        flash(gettext("The question is prepared: ask it in the room when its moment has come."), "success")
    except Conflict as refused:
        flash(say(refused.said), "error")
    return redirect(url_for("pulses.pulses", session_id=session_id))


def _change(session_id: int, pulse_id: int, act: Any) -> Any:
    try:
        with writing() as db:
            session = guard.load(db, LiveSession, session_id, needs=P.PULSE_ASK, lock=True)
            act(db, session, asking.find(db, session, pulse_id))
    except Conflict as refused:
        flash(say(refused.said), "error")
    return redirect(url_for("pulses.pulses", session_id=session_id))


def _page(db: Db, session_id: int, values: Mapping[str, Any], problems: Sequence[Problem], *, words: str) -> str:
    at = clock.now()
    session = guard.load(db, LiveSession, session_id, needs=P.PULSE_ASK, options=[_WITH_BATCH])
    banks = banks_of(db, session)
    signs, lines = questions.signs_table(db, session, None, at=at)
    language = reader().language
    return render_template(
        "pulses/pulses.html",
        session=session,
        prepared=[one for one in asking.of_session(db, session.id) if one.opened_at is None],
        asked=questions.asked(db, session, at=at, with_names=True),
        signs=signs,
        lines=lines,
        has_bank=bool(banks),
        found=[(one, *text.read(language)) for one, text in asking.search_bank(db, banks, words)] if banks else [],
        words=words,
        values=values,
        problems=problems,
        most_signs=MOST_SIGNS,
        at=at,
    )


def _values(pulse: Pulse) -> dict[str, Any]:
    """Return the question as its form shows it."""
    form = Form(pulse.form)
    values: dict[str, Any] = {
        "form": form.value,
        "text_id": pulse.text_id,
        "text_en": pulse.text_en,
        "is_named": pulse.is_named,
        "is_sign": pulse.is_sign,
    }
    for language in ("id", "en"):
        texts = [choice[language] for choice in pulse.choices]
        if form is Form.SINGLE and all(texts):
            values[f"choices_{language}"] = "\n".join(texts)
        if form is Form.SCALE:
            values |= {f"low_{language}": texts[0], f"high_{language}": texts[-1]}
    return values


def _key(sent: str) -> str:
    """Return the form's nonce; a new one where it was lost, since a question without one can still be stored."""
    return sent if sent.isalnum() and 16 <= len(sent) <= 40 else secrets.token_hex(12)


def _asked_in(db: Db, session: LiveSession, at: datetime) -> list[questions.Asked]:
    return questions.asked(db, session, at=at)


def _signs_of(db: Db, session: LiveSession, person_id: int, there: Sequence[Interval]) -> list[questions.Sign]:
    return questions.signs_of(db, session, person_id, there)


beside_session.read_with("pulses", _asked_in)
beside_timeline.read_with("pulses", _signs_of)
