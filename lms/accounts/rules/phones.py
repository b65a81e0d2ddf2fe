"""Phone numbers: stored with their country, shown as people here write them, linked to WhatsApp."""

import re
from urllib.parse import quote

INDONESIA = "62"
# Landline areas written with two digits after the zero: Jakarta, Bandung, Semarang, Surabaya, Medan.
SHORT_AREAS = ("021", "022", "024", "031", "061")
SHORTEST, LONGEST = 8, 15  # digits with country; E.164 allows fifteen


def read_phone(text: str) -> str:
    """Return the number as `+62812…`; a leading 0 means Indonesia. Empty for empty.

    Raises ValueError("phone_unreadable") for what cannot be dialled.
    """
    plain = text.strip().lstrip("'")
    if not plain:
        return ""
    if not re.fullmatch(r"\+?[\d\s().\-/]+", plain, re.ASCII):
        raise ValueError("phone_unreadable")
    digits = re.sub(r"\D", "", plain)
    if plain.startswith("+"):
        number = digits
    elif digits.startswith("00"):
        number = digits[2:]
    elif digits.startswith("0"):
        number = INDONESIA + digits[1:]
    elif digits.startswith("8") and len(digits) >= 9:
        # A spreadsheet that took the number for a quantity has eaten the zero.
        number = INDONESIA + digits
    else:
        number = digits
    if not SHORTEST <= len(number) <= LONGEST:
        raise ValueError("phone_unreadable")
    return f"+{number}"


def show_phone(phone: str | None) -> str:
    """Return the number in groups: `0812-3456-7890`, `(0542) 123456`, abroad `+65 9123 4567`; no number as it is."""
    try:
        number = read_phone(phone or "")
    except ValueError:
        return phone or ""
    if number.startswith("+62") and not number.startswith("+628"):
        local = "0" + number[3:]
        area = 3 if local[:3] in SHORT_AREAS else 4
        return f"({local[:area]}) {local[area:]}"
    if number.startswith("+62"):
        local = "0" + number[3:]
        return "-".join([local[:4], *_groups(local[4:])])
    return f"{number[:3]} {' '.join(_groups(number[3:]))}" if number else ""


def whatsapp_link(phone: str, text: str = "") -> str | None:
    """Return the address that opens a WhatsApp chat (08… becomes 628…); None for no number or a landline."""
    try:
        number = read_phone(phone)
    except ValueError:
        return None
    if not number or (number.startswith("+62") and not number.startswith("+628")):
        return None
    return f"https://wa.me/{number[1:]}" + (f"?text={quote(text, safe='')}" if text else "")


def _groups(digits: str) -> list[str]:
    groups = [digits[start : start + 4] for start in range(0, len(digits), 4)]
    if len(groups) > 1 and len(groups[-1]) == 1:
        # A lonely last digit is easily overlooked when reading aloud.
        groups[-2:] = [groups[-2] + groups[-1]]
    return groups
