"""How certificate numbers are written: a pattern with places for the serial, the year and the month."""

import re
from datetime import date

# {serial:3} is filled up with zeros to three digits.
_PLACE = re.compile(r"\{(serial|year|month|roman)(?::(\d))?\}")
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
DEFAULT_PATTERN = "800.2.4/{serial:3}/BKPSDM/{roman}/{year}"
LONGEST = 100


def check_pattern(pattern: str) -> str:
    """Return the pattern. Raises ValueError with a code where it would not give every certificate a number of its own.

    The serial begins again each year, so that a pattern without the year would give numbers twice.
    """
    places = _PLACE.findall(pattern)
    names = [name for name, _width in places]
    rest = _PLACE.sub("", pattern)
    if "{" in rest or "}" in rest:
        raise ValueError("pattern_place_unknown")
    if any(width and name != "serial" for name, width in places):
        raise ValueError("pattern_place_unknown")
    if names.count("serial") != 1:
        raise ValueError("pattern_needs_serial")
    if "year" not in names:
        raise ValueError("pattern_needs_year")
    if re.search(r"\}\{|\d\{(?:serial|year)|\{(?:serial[^}]*|year)\}\d", pattern):
        # 1|12026 and 11|2026 look alike without a sign between them.
        raise ValueError("pattern_needs_separators")
    return pattern


def write_number(pattern: str, serial: int, on: date) -> str:
    """Return the number of this serial for a certificate of that day: `800.2.4/007/BKPSDM/XI/2026`."""

    def filled(found: re.Match[str]) -> str:
        name, width = found.groups()
        match name:
            case "serial":
                return str(serial).zfill(int(width or 1))
            case "year":
                return f"{on.year:04}"
            case "month":
                return f"{on.month:02}"
        return _ROMAN[on.month - 1]

    return _PLACE.sub(filled, pattern)
