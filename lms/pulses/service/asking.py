"""Preparing questions for a session, asking them, closing them."""

import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import and_, func, select

from lms.accounts.service.audit import record_act
from lms.db import Db
from lms.kernel.errors import Conflict, NotFound
from lms.programmes.models import Batch, ProgrammeCourse
from lms.pulses.models import Pulse
from lms.pulses.rules import LONGEST_CHOICE, MOST_CHOICES, MOST_SIGNS, Form, PulseDraft, State, state_of, yes_no
from lms.quizzes.models import Question, QuestionVersion
from lms.quizzes.rules.questions import SingleChoice, TrueFalse
from lms.quizzes.rules.stored import load_question
from lms.quizzes.rules.wording import Wording
from lms.sessions.models import LiveSession
from lms.sessions.rules import Phase, doors, phase

_MOST_FOUND = 20


def state(session: LiveSession, pulse: Pulse, at: datetime) -> State:
    """Return where this question of the session stands."""
    return state_of(pulse.opened_at, pulse.closed_at, doors(session.starts_at, session.ends_at).end, at)


def find(db: Db, session: LiveSession, pulse_id: int) -> Pulse:
    """Return the session's question, locked for a change of it. Raises NotFound."""
    statement = select(Pulse).where(Pulse.id == pulse_id, Pulse.session_id == session.id).with_for_update()
    pulse = db.scalars(statement).one_or_none()
    if pulse is None:
        raise NotFound()
    return pulse


def of_session(db: Db, session_id: int) -> Sequence[Pulse]:
    """Return the session's questions: those asked in the order of asking, then those prepared."""
    order = (Pulse.opened_at.is_(None), Pulse.opened_at, Pulse.position, Pulse.id)
    return db.scalars(select(Pulse).where(Pulse.session_id == session_id).order_by(*order)).all()


def prepare(db: Db, session: LiveSession, draft: PulseDraft, *, key: str, by: int, at: datetime) -> Pulse:
    """Return the question, kept for later; the same key again gives the same question.

    Raises Conflict where the session has its signs of presence already.
    """
    known = _known(db, session, key)
    if known is not None:
        return known
    pulse = Pulse(session_id=session.id, key=key, position=_next_place(db, session.id), created_by=by, created_at=at)
    _write(db, session, pulse, draft)
    db.add(pulse)
    db.flush()
    return pulse


def change(db: Db, session: LiveSession, pulse: Pulse, draft: PulseDraft) -> None:
    """Word a question anew. Raises Conflict once it was asked: what people answered must stay what they read."""
    _still_prepared(pulse)
    _write(db, session, pulse, draft)
    pulse.right_keys, pulse.question_version_id = [], None


def remove(db: Db, pulse: Pulse) -> None:
    """Throw a prepared question away. Raises Conflict once it was asked."""
    _still_prepared(pulse)
    db.delete(pulse)
    db.flush()


def move_up(db: Db, session: LiveSession, pulse: Pulse) -> None:
    """Put a prepared question before its neighbour; the first one stays first."""
    waiting = [one for one in of_session(db, session.id) if one.opened_at is None]
    place = next((n for n, one in enumerate(waiting) if one.id == pulse.id), 0)
    if place:
        waiting[place - 1], waiting[place] = waiting[place], waiting[place - 1]
    for number, one in enumerate(waiting, start=1):
        one.position = number


def open_pulse(db: Db, session: LiveSession, pulse: Pulse, *, by: int, at: datetime) -> None:
    """Ask the question now; one that is open is closed by it. Asking again what is closed takes answers anew.

    The session must be locked. Raises Conflict outside its doors.
    """
    now = phase(starts_at=session.starts_at, ends_at=session.ends_at, cancelled=session.status == "cancelled", at=at)
    if now not in (Phase.OPEN, Phase.OVERRUN):
        raise Conflict("pulse_session_not_open")
    if pulse.opened_at is not None and pulse.closed_at is None:
        return
    for other in db.scalars(_open_ones(session.id)):
        _close(other, at)
    db.flush()
    pulse.opened_at, pulse.closed_at = pulse.opened_at or at, None
    pulse.version += 1
    record_act(db, "pulse:asked", "pulse", pulse.id, by=by, at=at, session=session.id)


def close_pulse(db: Db, session: LiveSession, pulse: Pulse, *, by: int, at: datetime) -> None:
    """Take no more answers; closing what is closed changes nothing. Raises Conflict for what was never asked."""
    if pulse.opened_at is None:
        raise Conflict("pulse_not_asked")
    if pulse.closed_at is None:
        _close(pulse, at)
        record_act(db, "pulse:closed", "pulse", pulse.id, by=by, at=at, session=session.id)


def reveal(db: Db, session: LiveSession, pulse: Pulse, *, at: datetime) -> None:
    """Show everyone which answer is right. Raises Conflict while answers are taken, or where none is known."""
    if state(session, pulse, at) is not State.CLOSED or not pulse.right_keys:
        raise Conflict("pulse_nothing_to_reveal")
    if pulse.revealed_at is None:
        pulse.revealed_at = at
        pulse.version += 1


def courses_of(db: Db, session: LiveSession) -> list[int]:
    """Return the ids of the courses whose banks fit the session: its own first, then its programme's."""
    ids = db.scalars(
        select(ProgrammeCourse.course_id)
        .join(Batch, Batch.programme_id == ProgrammeCourse.programme_id)
        .where(Batch.id == session.batch_id)
        .order_by(ProgrammeCourse.position)
    )
    return list(dict.fromkeys(one for one in (session.course_id, *ids) if one is not None))


def search_bank(db: Db, course_ids: Sequence[int], words: str) -> list[tuple[int, Wording]]:
    """Return questions of these courses that one tap can answer and whose words contain all of these: (id, text)."""
    wanted = words.casefold().split()
    found = []
    for question_id, content, html in db.execute(_askable(course_ids)):
        text = _plain(html)
        if _fits(content) and all(word in " ".join(text.spellings()).casefold() for word in wanted):
            found.append((question_id, text))
    return found[:_MOST_FOUND]


def draw(
    db: Db, session: LiveSession, question_id: int, course_ids: Sequence[int], *, key: str, is_named: bool,
    is_sign: bool, by: int, at: datetime,
) -> Pulse:  # fmt: skip
    """Return the bank's question, kept for this session as it is worded now, its choices in an order of their own.

    Raises NotFound where none of these courses has it, Conflict for a kind that one tap cannot answer.
    """
    known = _known(db, session, key)
    if known is not None:
        return known
    row = db.execute(
        _askable(course_ids).add_columns(QuestionVersion.id.label("version_id")).where(Question.id == question_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    if not _fits(row.content):
        raise Conflict("pulse_kind_not_for_a_tap")
    _check_signs(db, session, None, is_sign)
    text = _plain(row.html)
    form, choices, right = _taps(load_question(row.content), key)
    pulse = Pulse(
        session_id=session.id, key=key, position=_next_place(db, session.id), form=form.value,
        text_id=text.id or "", text_en=text.en or "", choices=choices, right_keys=right,
        is_named=is_named, is_sign=is_sign, question_version_id=row.version_id, created_by=by, created_at=at,
    )  # fmt: skip
    db.add(pulse)
    db.flush()
    return pulse


def _askable(course_ids: Sequence[int]):  # type: ignore[no-untyped-def]
    return (
        select(Question.id, QuestionVersion.content, QuestionVersion.html)
        .join(
            QuestionVersion,
            and_(QuestionVersion.question_id == Question.id, QuestionVersion.number == Question.version),
        )
        .where(Question.course_id.in_(course_ids), Question.archived_at.is_(None))
        .order_by(Question.origin, Question.key)
    )


def _fits(content: dict[str, Any]) -> bool:
    """Return whether one tap can answer it: yes or no, or a few choices in words alone."""
    if content["type"] == TrueFalse.type:
        return True
    question = load_question(content) if content["type"] == SingleChoice.type else None
    if not isinstance(question, SingleChoice):
        return False
    return len(question.choices) <= MOST_CHOICES and all(
        choice.picture is None and all(len(text) <= LONGEST_CHOICE for text in choice.text.spellings())
        for choice in question.choices
    )


def _taps(question: object, key: str) -> tuple[Form, list[dict[str, str]], list[str]]:
    """Return how the question is answered, its choices, and the keys of those that earn all points."""
    if isinstance(question, TrueFalse):
        return Form.YES_NO, yes_no(), ["yes" if question.answer else "no"]
    if not isinstance(question, SingleChoice):
        raise Conflict("pulse_kind_not_for_a_tap")
    choices = [{"key": one.key, "id": one.text.id or "", "en": one.text.en or ""} for one in question.choices]
    if not question.keep_order:
        # In a bank the right one is often written first.
        random.Random(key).shuffle(choices)  # noqa: S311 - an order, not a secret
    return Form.SINGLE, choices, [one.key for one in question.choices if one.weight == 1]


def _plain(html: dict[str, str | None]) -> Wording:
    """Return a question's words without their markup."""
    texts = {language: _words(html.get(language) or "") for language in ("id", "en")}
    return Wording(texts["id"], texts["en"])


def _words(html: str) -> str | None:
    # Stripped, it is text; nobody sees it as the markup it was.
    return Markup(html).striptags() or None  # noqa: S704


def _known(db: Db, session: LiveSession, key: str) -> Pulse | None:
    return db.scalars(select(Pulse).where(Pulse.session_id == session.id, Pulse.key == key)).one_or_none()


def _next_place(db: Db, session_id: int) -> int:
    return (db.scalar(select(func.max(Pulse.position)).where(Pulse.session_id == session_id)) or 0) + 1


def _write(db: Db, session: LiveSession, pulse: Pulse, draft: PulseDraft) -> None:
    _check_signs(db, session, pulse.id, draft.is_sign)
    pulse.form, pulse.text_id, pulse.text_en = draft.form.value, draft.text_id, draft.text_en
    pulse.choices = draft.choices()
    pulse.is_named, pulse.is_sign = draft.is_named, draft.is_sign


def _check_signs(db: Db, session: LiveSession, own_id: int | None, is_sign: bool) -> None:
    if not is_sign:
        return
    others = select(func.count()).where(Pulse.session_id == session.id, Pulse.is_sign, Pulse.id != (own_id or 0))
    if (db.scalar(others) or 0) >= MOST_SIGNS:
        raise Conflict("pulse_enough_signs", n=MOST_SIGNS)


def _still_prepared(pulse: Pulse) -> None:
    if pulse.opened_at is not None:
        raise Conflict("pulse_was_asked")


def _open_ones(session_id: int):  # type: ignore[no-untyped-def]
    waiting = (Pulse.session_id == session_id, Pulse.opened_at.is_not(None), Pulse.closed_at.is_(None))
    return select(Pulse).where(*waiting).with_for_update()


def _close(pulse: Pulse, at: datetime) -> None:
    pulse.closed_at = at
    pulse.version += 1
