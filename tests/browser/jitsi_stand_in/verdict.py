"""What Prosody's token plugin answers, as seen on a real server; written apart from the code that mints tokens."""

import base64
import hashlib
import hmac
import json
from typing import Any


def verdict(token: str, *, room: str, secret: str, app_id: str, now: float) -> str | None:
    """Return why the token is refused, or None. HS256 only; `exp` and `nbf` without leeway, as Prosody does."""
    try:
        head, body, signature = token.split(".")
        header, claims = _decoded(head), _decoded(body)
        given = _bytes(signature)
    except ValueError:
        return "Invalid token"
    if header.get("typ") != "JWT":
        return "Invalid typ"
    if header.get("alg") != "HS256":
        return "Invalid or incorrect alg"
    if not hmac.compare_digest(given, hmac.digest(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256)):
        return "Invalid signature"
    return _time_refusal(claims, now) or _claim_refusal(claims, app_id) or _room_refusal(claims, room)


def _time_refusal(claims: dict[str, Any], now: float) -> str | None:
    for name in ("exp", "nbf"):
        if name in claims and (isinstance(claims[name], bool) or not isinstance(claims[name], int | float)):
            return f"{name} must be number"
    if "exp" in claims and claims["exp"] <= now:
        return "Not acceptable by exp"
    if "nbf" in claims and claims["nbf"] > now:
        return "Not acceptable by nbf"
    return None


def _claim_refusal(claims: dict[str, Any], app_id: str) -> str | None:
    for name in ("iss", "aud", "room", "sub"):
        if claims.get(name) is None:
            return f"'{name}' claim is missing"
    if claims["iss"] != app_id:
        return "invalid 'iss' claim"
    return None if isinstance(claims["aud"], str) else "invalid 'aud' claim"


def _room_refusal(claims: dict[str, Any], room: str) -> str | None:
    return None if claims["room"] == "*" or str(claims["room"]).lower() == room else "room-mismatch"


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _decoded(part: str) -> dict[str, Any]:
    value = json.loads(_bytes(part))
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value
