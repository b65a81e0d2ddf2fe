"""What somebody sent that could not be taken, kept in the page that says so, to be sent again.

Pages behind the sign-in are not kept by browsers (`no-store`), so that going back would bring an empty form.
"""

from dataclasses import dataclass

from flask import request
from werkzeug.exceptions import HTTPException

MOST_FIELDS = 1_000
MOST_CHARACTERS = 500_000
# Shorter values are ticks, dates and choices: quickly chosen again, and telling nothing where they stand alone.
LONG_ENOUGH_TO_MISS = 30


@dataclass(frozen=True)
class KeptForm:
    """The fields of a form in their order, where they go, and whether files were among them, which cannot be kept."""

    address: str
    fields: tuple[tuple[str, str], ...]
    had_files: bool

    @property
    def texts(self) -> list[str]:
        """Return what somebody wrote at length and would miss."""
        return [value for _name, value in self.fields if len(value) >= LONG_ENOUGH_TO_MISS and " " in value]


def kept_form() -> KeptForm | None:
    """Return the form of this request; None where it is not a form, holds a password, or is too large.

    Also None unless the browser says that a page of this site sent it: whoever presses "Send again" must not be led
    into sending what another site had put together.
    """
    if request.method != "POST" or not request.mimetype.endswith(("form-urlencoded", "form-data")) or not _is_ours():
        return None
    try:
        fields = tuple((name, value) for name, value in request.form.items(multi=True) if name != "csrf_token")
        had_files = any(file.filename for file in request.files.values())
    except HTTPException:
        return None
    too_much = len(fields) > MOST_FIELDS or sum(len(value) for _name, value in fields) > MOST_CHARACTERS
    if too_much or any("password" in name for name, _value in fields):
        return None
    return KeptForm(request.full_path.rstrip("?"), fields, had_files)


def _is_ours() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == request.host_url.rstrip("/")
