"""What is shown of a session's questions: the one that is asked now, the bars, the names, the signs of presence."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from lms.accounts.models import Person
from lms.attendance.service import register
from lms.attendance.service.expecting import Expected
from lms.db import Db
from lms.kernel.intervals import Interval
from lms.pulses.models import Pulse, PulseAnswer
from lms.pulses.rules import Bar, Shown, State, bars, open_while, shown
from lms.pulses.service import asking
from lms.sessions.models import LiveSession
from lms.sessions.rules import doors


@dataclass(frozen=True)
class Asked:
    """A question with how it was answered; `names` by choice, only where names were announced."""

    pulse: Pulse
    state: State
    bars: Sequence[Bar]
    answered: int
    names: dict[str, list[str]]


@dataclass(frozen=True)
class Sign:
    """What one second sign of presence shows about one person."""

    pulse: Pulse
    shown: Shown
    while_open: Interval
    answered_at: datetime | None


def asked(db: Db, session: LiveSession, *, at: datetime, with_names: bool = False) -> list[Asked]:
    """Return the questions that were asked, in that order. Three statements at most."""
    pulses = [pulse for pulse in asking.of_session(db, session.id) if pulse.opened_at is not None]
    return _with_answers(db, session, pulses, at, with_names)


def current(db: Db, session: LiveSession, *, at: datetime, with_names: bool = False) -> Asked | None:
    """Return the question asked last, open or closed; None before the first."""
    pulse = db.scalars(
        select(Pulse)
        .where(Pulse.session_id == session.id, Pulse.opened_at.is_not(None))
        # One asked again comes before one that was asked later.
        .order_by(Pulse.closed_at.is_not(None), func.coalesce(Pulse.closed_at, Pulse.opened_at).desc(), Pulse.id.desc())
        .limit(1)
    ).one_or_none()
    return _with_answers(db, session, [pulse], at, with_names)[0] if pulse is not None else None


def version(db: Db, session_id: int) -> int:
    """Return a number that grows with everything pages show of the session's questions, answers included."""
    return db.scalar(select(func.coalesce(func.sum(Pulse.version), 0)).where(Pulse.session_id == session_id)) or 0


def own_choice(db: Db, pulse_id: int, person_id: int) -> str | None:
    """Return what this person answered."""
    found = db.get(PulseAnswer, (pulse_id, person_id))
    return found.choice if found is not None else None


def _with_answers(db: Db, session: LiveSession, pulses: Sequence[Pulse], at: datetime, with_names: bool) -> list[Asked]:
    if not pulses:
        return []
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    rows = db.execute(
        select(PulseAnswer.pulse_id, PulseAnswer.choice, func.count())
        .where(PulseAnswer.pulse_id.in_([pulse.id for pulse in pulses]))
        .group_by(PulseAnswer.pulse_id, PulseAnswer.choice)
    )
    for pulse_id, choice, count in rows:
        counts[pulse_id][choice] = count
    named = [pulse.id for pulse in pulses if pulse.is_named and with_names]
    names = _names(db, named) if named else {}
    return [
        Asked(
            pulse,
            asking.state(session, pulse, at),
            bars(pulse.choices, counts[pulse.id], pulse.right_keys if pulse.revealed_at else ()),
            sum(counts[pulse.id].values()),
            names.get(pulse.id, {}),
        )
        for pulse in pulses
    ]


def _names(db: Db, pulse_ids: Collection[int]) -> dict[int, dict[str, list[str]]]:
    """Return who chose what, by name. Only for questions whose answerers were told so."""
    found: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    rows = db.execute(
        select(PulseAnswer.pulse_id, PulseAnswer.choice, Person.name)
        .join(Person, Person.id == PulseAnswer.person_id)
        .where(PulseAnswer.pulse_id.in_(pulse_ids))
        .order_by(Person.name, Person.id)
    )
    for pulse_id, choice, name in rows:
        found[pulse_id][choice].append(name)
    return found


def signs_of(db: Db, session: LiveSession, person_id: int, there: Sequence[Interval]) -> list[Sign]:
    """Return what the session's signs of presence show about somebody who was in the room during `there`."""
    pulses = _signs(db, session)
    answers = _sign_answers(db, pulses, [person_id]) if pulses else {}
    return [_sign(session, pulse, answers.get((pulse.id, person_id)), there) for pulse in pulses]


def signs_table(
    db: Db, session: LiveSession, people: Collection[int] | None, *, at: datetime
) -> tuple[Sequence[Pulse], list[tuple[Expected, list[Sign]]]]:
    """Return the session's signs and a line for each of these people (None: everyone expected)."""
    pulses = _signs(db, session)
    if not pulses:
        return (), []
    lines = register.read_lines(db, session, at=at, person_ids=people)
    answers = _sign_answers(db, pulses, [line.person.id for line in lines])
    return pulses, [
        (
            line.person,
            [
                _sign(session, pulse, answers.get((pulse.id, line.person.id)), line.presence.intervals)
                for pulse in pulses
            ],
        )
        for line in lines
    ]


def _signs(db: Db, session: LiveSession) -> list[Pulse]:
    return [pulse for pulse in asking.of_session(db, session.id) if pulse.is_sign and pulse.opened_at is not None]


def _sign(session: LiveSession, pulse: Pulse, first_at: datetime | None, there: Sequence[Interval]) -> Sign:
    # Only what was asked is a sign; see `_signs`.
    while_open = open_while(
        pulse.opened_at or session.starts_at, pulse.closed_at, doors(session.starts_at, session.ends_at).end
    )
    return Sign(pulse, shown(while_open, first_at is not None, there), while_open, first_at)


def _sign_answers(db: Db, pulses: Sequence[Pulse], people: Collection[int]) -> dict[tuple[int, int], Any]:
    rows = db.execute(
        select(PulseAnswer.pulse_id, PulseAnswer.person_id, PulseAnswer.first_at).where(
            PulseAnswer.pulse_id.in_([pulse.id for pulse in pulses]), PulseAnswer.person_id.in_(list(people))
        )
    )
    return {(row.pulse_id, row.person_id): row.first_at for row in rows}
