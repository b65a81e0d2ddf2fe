"""What a journey costs and who pays it: lines in rupiah or Singapore dollars, added up by payer in both."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum


class CostKind(StrEnum):
    """What is paid for."""

    COURSE_FEE = "course_fee"
    AIR_TICKET = "air_ticket"
    LOCAL_TRANSPORT = "local_transport"
    ACCOMMODATION = "accommodation"
    DAILY_ALLOWANCE = "daily_allowance"
    INSURANCE = "insurance"
    VISA_PASSPORT = "visa_passport"
    MATERIALS = "materials"


class Payer(StrEnum):
    """Who pays: agreements differ from visit to visit, so each line names its own."""

    CSC = "csc"
    CITY = "city"
    UNIT = "unit"
    OTHER = "other"


class Currency(StrEnum):
    """Rupiah or Singapore dollar."""

    IDR = "IDR"
    SGD = "SGD"


@dataclass(frozen=True)
class Amount:
    """One line: a unit price, how many of it, in which currency, paid by whom."""

    payer: str
    currency: Currency
    price: Decimal
    quantity: int = 1

    @property
    def sum(self) -> Decimal:
        return self.price * self.quantity


@dataclass(frozen=True)
class Total:
    """What one payer pays. `rupiah` and `dollars` are the whole in each currency, None without a rate; the others are
    what was entered in that currency."""

    payer: str
    entered_idr: Decimal
    entered_sgd: Decimal
    rupiah: Decimal | None
    dollars: Decimal | None


def totals(lines: Iterable[Amount], rate: Decimal | None) -> list[Total]:
    """Return a total for each payer in the order of first mention, then one for all of them (payer "").

    `rate` is rupiah for one Singapore dollar. Rupiah are rounded to whole ones, dollars to cents, halves up; each total
    is worked out from what was entered and not from rounded parts.
    """
    entered: dict[str, dict[Currency, Decimal]] = {}
    for line in lines:
        sums = entered.setdefault(line.payer, dict.fromkeys(Currency, Decimal(0)))
        sums[line.currency] += line.sum
    if not entered:
        return []
    everything = {one: sum((sums[one] for sums in entered.values()), Decimal(0)) for one in Currency}
    return [_total(payer, sums, rate) for payer, sums in (*entered.items(), ("", everything))]


def _total(payer: str, sums: dict[Currency, Decimal], rate: Decimal | None) -> Total:
    idr, sgd = sums[Currency.IDR], sums[Currency.SGD]
    rupiah = dollars = None
    if rate:
        rupiah = (idr + sgd * rate).quantize(Decimal(1), ROUND_HALF_UP)
        dollars = (sgd + idr / rate).quantize(Decimal("0.01"), ROUND_HALF_UP)
    elif not sgd:
        rupiah = idr
    elif not idr:
        dollars = sgd
    return Total(payer, idr, sgd, rupiah, dollars)
