"""What a notice or message holds as JSON, how long a failed delivery waits, and which letters hold a secret.

A template key `invitation` is worded by the codes `mail_invitation_subject`, `mail_invitation_body` and
`notice_invitation`. Parameters are frozen when stored and revived when read, so that an instant is shown in the
reader's zone and a bilingual title in the reader's language, whoever that is by then.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from lms.kernel.errors import Said
from lms.kernel.languages import CONTENT

# After the tenth failure in some two days nobody is waiting for the letter any more.
MOST_ATTEMPTS = 10
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=12)

# A sender that died keeps its claim this long; a batch with every mail timing out takes less.
STALE_CLAIM = timedelta(minutes=15)

# Letters whose link opens an account: the link is wiped once the letter has left.
SECRET_LETTERS = frozenset({"invitation", "password_reset"})

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def freeze(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters as plain JSON. Raises TypeError for a kind that could not be revived."""
    return {name: _frozen(value) for name, value in params.items()}


def revive(params: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return stored parameters as values again, bilingual texts in this language or else the other."""
    return {name: _revived(value, language) for name, value in params.items()}


def wait_after(attempts: int) -> timedelta | None:
    """Return how long to wait after this many failed attempts, doubling each time; None to give up."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return min(_FIRST_WAIT * 2 ** max(0, attempts - 1), _LONGEST_WAIT)


def _frozen(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            if value.tzinfo is None:
                raise TypeError(f"a naive time in a message: {value!r}")
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case timedelta():
            return {"seconds": value.total_seconds()}
        case Said():
            return {"code": value.code, "params": freeze(value.params)}
        case Mapping() if value and set(value) <= set(CONTENT):
            return {language: str(text) for language, text in value.items()}
    raise TypeError(f"a message cannot keep {value!r}")


def _revived(value: Any, language: str) -> Any:
    match value:
        case str() if _INSTANT.fullmatch(value):
            return datetime.fromisoformat(value)
        case str() if _DAY.fullmatch(value):
            return date.fromisoformat(value)
        case {"seconds": seconds}:
            return timedelta(seconds=seconds)
        case {"code": str(code), "params": params}:
            return Said(code, revive(params, language))
        case dict():
            return value.get(language) or next((text for text in value.values() if text), "")
    return value
