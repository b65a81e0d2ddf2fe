"""A code as a page shows it: text, QR drawing, and how long it is the one to show."""

from datetime import datetime
from typing import Any

from flask import current_app, url_for

from lms.attendance.rules.codes import SLOT, Codes, Purpose
from lms.web.qr import draw


def codes() -> Codes:
    """Return this installation's codes."""
    return Codes(current_app.config["SETTINGS"].secret_key)


def shown(purpose: Purpose, subject: int, at: datetime) -> dict[str, Any]:
    """Return the code of this instant for a page: what to type, what to scan, and the milliseconds it has left."""
    now = codes().show(purpose, subject, at)
    public = current_app.config["SETTINGS"].public_url
    drawing = draw(public + url_for("attendance.scan", code=now.code))
    return {
        "code": now.spaced,
        "size": drawing.size,
        "path": drawing.path,
        "left_ms": int((now.until - at).total_seconds() * 1000),
        "period_ms": int(SLOT.total_seconds() * 1000),
    }


def typed_at() -> str:
    """Return the address at which a code is typed, as people read it out: without https://."""
    return f"{current_app.config['SETTINGS'].public_url.split('://')[-1]}{url_for('attendance.type_code')}"
