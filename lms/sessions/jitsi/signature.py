"""Whether a JaaS webhook is what it says: `X-Jaas-Signature: t=<unix s>,v1=<base64>[,v1=…]`."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

# How old a signed request may be; older ones are a replay. Together with the stored keys it refuses repeats.
TOLERANCE = timedelta(minutes=5)
MOST_SIGNATURES = 10


def is_genuine(header: str, body: bytes, secret: str, *, at: datetime) -> bool:
    """Return whether one of the header's v1 signatures is the secret's over "<t>.<body>", made within the tolerance.

    The secret includes its `whsec_` prefix. Each part is split at its first `=` alone, since base64 ends with more
    of them; other schemes are ignored; every comparison takes the same time.
    """
    if not secret:
        return False
    if not is_recent(header, at=at):
        return False
    parts = _parts(header)
    made_at = _made_at(parts)
    expected = sign(made_at, body, secret)
    found = False
    for name, _, value in parts:
        if name == "v1":
            found |= hmac.compare_digest(value.encode(), expected.encode())
    return found


def is_recent(header: str, *, at: datetime) -> bool:
    """Return whether a signature says that it was made within the tolerance: all that can be known before the body is
    read."""
    parts = _parts(header)
    made_at = _made_at(parts)
    if not (made_at.isascii() and made_at.isdecimal() and len(made_at) < 13):
        return False
    if not any(name == "v1" and value for name, _, value in parts):
        return False
    return abs(at - datetime.fromtimestamp(int(made_at), UTC)) <= TOLERANCE


def _parts(header: str) -> list[tuple[str, str, str]]:
    return [part.strip().partition("=") for part in header.split(",")[: MOST_SIGNATURES + 1]]


def _made_at(parts: list[tuple[str, str, str]]) -> str:
    return next((value for name, _, value in parts if name == "t"), "")


def sign(made_at: str, body: bytes, secret: str) -> str:
    """Return the v1 signature: base64 of HMAC-SHA256(secret, "<t>.<body>"); also used by the self-test."""
    digest = hmac.new(secret.encode(), made_at.encode() + b"." + body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
