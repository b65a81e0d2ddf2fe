"""Codes people scan or type to say that they are here: signed, short-lived, bound to one session.

A code is not stored. It is derived from the secret, the subject and the time slot, so that several processes
agree on it and showing it costs no write.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

# A code changes after this long …
SLOT = timedelta(seconds=15)
# … and is taken this much longer: a phone's camera focuses, a slow page opens.
GRACE = timedelta(seconds=5)
# An older code of ours is recognised for this long, so that it is called stale and not wrong.
REMEMBERED = timedelta(hours=3)
# The moment of a scan outlives signing in, forgotten passwords included.
SCAN_KEPT = timedelta(minutes=15)

# Crockford's base 32: no I, L, O, U, which are read as 1, 1, 0 and as something rude.
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("OIL", "011")
# 35 bits: with twenty wrong tries in a quarter of an hour nobody guesses one of the two that hold.
_SIGNATURE_DIGITS = 7


class Purpose(StrEnum):
    """What a code is for; the letter is the first of the code. Subject: a session's id, for SHARED a visit's."""

    CHECK_IN = "M"
    CHECK_OUT = "P"
    SHARED = "B"


@dataclass(frozen=True)
class Shown:
    """A code as it is shown now, and until when it is the one to show."""

    code: str
    until: datetime

    @property
    def spaced(self) -> str:
        """Return the code as people read it out, in even groups of four at most: `M1S7 QPM 2XF`."""
        count = -(-len(self.code) // 4)
        size, longer = divmod(len(self.code), count)
        groups, at = [], 0
        for number in range(count):
            length = size + (number < longer)
            groups.append(self.code[at : at + length])
            at += length
        return " ".join(groups)


@dataclass(frozen=True)
class Scan:
    """A code of ours that somebody scanned: for what, of which subject and slot, when, and whether it was too old."""

    purpose: Purpose
    subject: int
    slot: int
    moment: datetime
    stale: bool = False


class Codes:
    """Makes and reads codes with one secret. Pure: the time is an argument."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"attendance codes", hashlib.sha256)

    def show(self, purpose: Purpose, subject: int, at: datetime) -> Shown:
        """Return the code of this instant."""
        slot = _slot(at)
        return Shown(self._code(purpose, subject, slot), datetime.fromtimestamp((slot + 1) * _SECONDS, UTC))

    def read(self, text: str, at: datetime) -> Scan | None:
        """Return what the text says if it is a code of ours from the last hours, else None: wrong, or invented."""
        plain = normalise(text)
        if not re.fullmatch(rf"[MPB][{_DIGITS}]{{{_SIGNATURE_DIGITS + 1},{_SIGNATURE_DIGITS + 8}}}", plain):
            return None
        purpose, subject = Purpose(plain[0]), _number(plain[1:-_SIGNATURE_DIGITS])
        now = _slot(at)
        for slot in range(now, now - int(REMEMBERED / SLOT), -1):
            if hmac.compare_digest(self._code(purpose, subject, slot), plain):
                ended = datetime.fromtimestamp((slot + 1) * _SECONDS, UTC)
                return Scan(purpose, subject, slot, at, stale=at >= ended + GRACE)
        return None

    def keep(self, scan: Scan, *, person: int | None) -> str:
        """Return the scan as a signed text to give back with `recall`; for this person, or None: not known yet."""
        microseconds = int(scan.moment.timestamp() * 1_000_000)
        content = f"{scan.purpose}.{scan.subject}.{scan.slot}.{microseconds}.{person or 0}"
        return urlsafe_b64encode(content.encode() + b"." + self._signature(f"scan:{content}")).decode().rstrip("=")

    def recall(self, kept: str, at: datetime, *, person: int) -> Scan | None:
        """Return the scan that `keep` wrote, unless it is forged, another person's, or too old."""
        try:
            content, _, signature = urlsafe_b64decode(kept + "=" * (-len(kept) % 4)).rpartition(b".")
            text = content.decode()
        except (NotBase64, ValueError):
            return None
        if not hmac.compare_digest(self._signature(f"scan:{text}"), signature):
            return None
        purpose, subject, slot, microseconds, owner = text.split(".")
        moment = datetime.fromtimestamp(int(microseconds) / 1_000_000, UTC)
        if int(owner) not in (0, person) or not moment <= at < moment + SCAN_KEPT:
            return None
        return Scan(Purpose(purpose), int(subject), int(slot), moment)

    def _code(self, purpose: Purpose, subject: int, slot: int) -> str:
        digest = hmac.digest(self._key, f"code:{purpose}:{subject}:{slot}".encode(), hashlib.sha256)
        signature = int.from_bytes(digest[:8]) % 32**_SIGNATURE_DIGITS
        return f"{purpose}{_digits(subject)}{_digits(signature).rjust(_SIGNATURE_DIGITS, '0')}"

    def _signature(self, text: str) -> bytes:
        # Hexadecimal, so that no byte of it is the full stop that separates it.
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:32].encode()


_SECONDS = SLOT.total_seconds()


def normalise(text: str) -> str:
    """Return a typed code as it was shown: capitals without spaces and dashes, O read as 0, I and L as 1."""
    return re.sub(r"[\s-]", "", text).upper().translate(_READ_AS)


def _slot(at: datetime) -> int:
    return int(at.timestamp() // _SECONDS)


def _digits(number: int) -> str:
    text = ""
    while True:
        number, digit = divmod(number, 32)
        text = _DIGITS[digit] + text
        if not number:
            return text


def _number(text: str) -> int:
    number = 0
    for digit in text:
        number = number * 32 + _DIGITS.index(digit)
    return number
