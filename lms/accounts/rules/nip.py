"""The employee number of a civil servant (NIP, NI PPPK): eighteen digits that tell birth, appointment and sex.

There is no check digit, so a typing error often passes: whoever enters one is shown what it decodes to.
Digits: 8 birth date, 4 year of appointment, 2 month (PNS) or number of the contract (PPPK, 21 = first), 1 sex,
3 serial. Source: Perka BKN 22/2007 and 43/2007 for PNS; for PPPK the numbering of NI PPPK.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from lms.kernel.errors import Invalid, Problem

LENGTH = 18
YOUNGEST, OLDEST = 17, 75
APPOINTED_FROM_AGE = 18
FIRST_YEAR = 1950
FIRST_CONTRACT = 21

# What spreadsheets and people put between the digits; \s covers the no-break space.
_BETWEEN = re.compile(r"[\s.\u200b\ufeff]")


class NipKind(StrEnum):
    """PNS are appointed for good, PPPK by contract."""

    PNS = "pns"
    PPPK = "pppk"


class Sex(StrEnum):
    """As the fifteenth digit tells it."""

    MALE = "male"
    FEMALE = "female"


@dataclass(frozen=True)
class Nip:
    """A NIP and what its digits say. `month` is None for PPPK, `contract` (1 = first) is None for PNS."""

    digits: str
    kind: NipKind
    born_on: date
    year: int
    month: int | None
    contract: int | None
    sex: Sex
    serial: int
    warnings: tuple[Problem, ...] = ()


def normalise_nip(text: str) -> str:
    """Return the text without spaces, dots and a spreadsheet's leading apostrophe; not yet known to be a NIP."""
    return _BETWEEN.sub("", text).lstrip("'’`")


def read_nip(text: str, today: date) -> Nip:
    """Return the NIP with what it tells. Raises Invalid with the first thing wrong, tied to field `nip`.

    An appointment in one's youth is only a warning: registers hold such numbers.
    """
    digits = normalise_nip(text)
    if not (digits.isascii() and digits.isdigit()):
        raise _wrong("nip_not_digits")
    if len(digits) != LENGTH:
        raise _wrong("nip_length", count=len(digits))
    born_on = _birth_date(digits[:8], today)
    year, block = int(digits[8:12]), int(digits[12:14])
    if not FIRST_YEAR <= year <= today.year + 1:
        raise _wrong("nip_year", year=digits[8:12])
    if not (1 <= block <= 12 or block >= FIRST_CONTRACT):
        raise _wrong("nip_month", month=digits[12:14])
    if digits[14] not in "12":
        raise _wrong("nip_sex", digit=digits[14])
    if digits[15:] == "000":
        raise _wrong("nip_serial")
    is_pns = block <= 12
    # A contract tells only its year: its last day is the kindest reading.
    appointed = date(year, block, 1) if is_pns else date(year, 12, 31)
    age = age_on(born_on, appointed)
    warnings = () if age >= APPOINTED_FROM_AGE else (Problem.of("nip_appointed_young", field="nip", age=max(age, 0)),)
    return Nip(
        digits=digits,
        kind=NipKind.PNS if is_pns else NipKind.PPPK,
        born_on=born_on,
        year=year,
        month=block if is_pns else None,
        contract=None if is_pns else block - FIRST_CONTRACT + 1,
        sex=Sex.MALE if digits[14] == "1" else Sex.FEMALE,
        serial=int(digits[15:]),
        warnings=warnings,
    )


def disagreements(nip: Nip, *, born_on: date | None = None, sex: Sex | None = None) -> tuple[Problem, ...]:
    """Return where a birth date or sex known from elsewhere (a sheet's column) contradicts the NIP."""
    found = []
    if born_on is not None and born_on != nip.born_on:
        found.append(Problem.of("nip_other_birth_date", field="nip", told=nip.born_on, given=born_on))
    if sex is not None and sex != nip.sex:
        found.append(Problem.of("nip_other_sex", field="nip"))
    return tuple(found)


def show_nip(nip: str | None) -> str:
    """Return the NIP grouped as people read it: `19860926 201505 1 001`; empty for none."""
    if not nip or len(nip) != LENGTH:
        return nip or ""
    return f"{nip[:8]} {nip[8:14]} {nip[14]} {nip[15:]}"


def mask_nip(nip: str | None) -> str:
    """Return a NIP with its telling middle hidden: `1986********1001`; empty for none."""
    return f"{nip[:4]}{'*' * 10}{nip[-4:]}" if nip else ""


def age_on(born_on: date, day: date) -> int:
    """Return full years of age on that day; negative before birth."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def _birth_date(text: str, today: date) -> date:
    try:
        born_on = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise _wrong("nip_birth_date", digits=text) from None
    if born_on > today:
        raise _wrong("nip_birth_future", born_on=born_on)
    if not YOUNGEST <= age_on(born_on, today) <= OLDEST:
        raise _wrong("nip_age", born_on=born_on, youngest=YOUNGEST, oldest=OLDEST)
    return born_on


def _wrong(code: str, **params: Any) -> Invalid:
    return Invalid(Problem.of(code, field="nip", **params))
