"""What was asked in a session's room, as sheets of its register's workbook: the bars, and the signs of presence."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from flask_babel import gettext

from lms.accounts.tables import Digits, Share, Sheet, Value
from lms.attendance.service.expecting import Expected
from lms.db import Db
from lms.pulses.models import Pulse
from lms.pulses.rules import Bar, Form, Shown
from lms.pulses.service import reading as questions
from lms.pulses.service.reading import Asked, Sign
from lms.sessions.models import LiveSession
from lms.web.i18n import reader, say, titled, zone_name


def pulse_sheets(db: Db, session: LiveSession, people: Sequence[int], *, at: datetime) -> list[Sheet]:
    """Return the sheets about what was asked: none where nothing was; the signs for these people alone."""
    asked = questions.asked(db, session, at=at)
    if not asked:
        return []
    signs, lines = questions.signs_table(db, session, people, at=at)
    return [_answers_sheet(asked), *([_signs_sheet(signs, lines)] if signs else [])]


def _answers_sheet(asked: Iterable[Asked]) -> Sheet:
    """Return one row an answer that could be given: how many gave it, and nobody's name."""
    header = (
        gettext("Asked (%(zone)s)", zone=zone_name()),
        gettext("Question"),
        gettext("Second sign of presence"),
        gettext("Answer"),
        gettext("People"),
        gettext("Share"),
    )
    said = {True: gettext("yes"), False: gettext("no")}
    rows: list[list[Value]] = [
        [_local(one.pulse), titled(one.pulse, "text"), said[one.pulse.is_sign], _choice(one, bar), bar.count,
         Share(bar.share)]
        for one in asked
        for bar in one.bars
    ]  # fmt: skip
    return Sheet("questions", gettext("Asked in the room"), header, rows)


def _signs_sheet(signs: Sequence[Pulse], lines: Iterable[tuple[Expected, Sequence[Sign]]]) -> Sheet:
    """Return one row a person with what each second sign shows: facts to weigh, which change no mark."""
    header = (gettext("Name"), gettext("NIP"), *(f"{_local(pulse):%H:%M} {titled(pulse, 'text')}" for pulse in signs))
    rows: list[list[Value]] = [
        [person.full_name, Digits(person.nip or ""), *(_sign(sign) for sign in row)] for person, row in lines
    ]
    return Sheet("signs", gettext("Second signs of presence"), header, rows)


def _choice(asked: Asked, bar: Bar) -> str:
    form = Form(asked.pulse.form)
    if form is Form.YES_NO:
        return gettext("Yes") if bar.key == "yes" else gettext("No")
    words = titled(bar, "text")
    return f"{bar.key} {words}".strip() if form is Form.SCALE else words


def _sign(sign: Sign) -> str:
    if sign.shown is Shown.ANSWERED and sign.answered_at is not None:
        return gettext("answered at %(time)s", time=f"{sign.answered_at.astimezone(reader().zone):%H:%M}")
    return say(f"pulse_sign_{sign.shown.value}")


def _local(pulse: Pulse) -> datetime:
    opened_at = pulse.opened_at or pulse.created_at
    return opened_at.astimezone(reader().zone).replace(tzinfo=None, microsecond=0)
