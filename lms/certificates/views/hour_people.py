"""The ledger of lesson hours: everybody of a year against the minimum, one person, and units; as pages and files."""

from typing import Any

from flask import render_template, request
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import guard, handing_out
from lms.accounts.models import Person
from lms.accounts.service.units import unit_tree
from lms.accounts.tables import Digits, Sheet
from lms.certificates.service import ledger
from lms.certificates.service.ledger import LedgerWish
from lms.certificates.views.blueprint import P, blueprint
from lms.certificates.views.hours import asked_year, person_hours, policy_of, this_year
from lms.db import reading
from lms.web.i18n import say
from lms.web.row_numbers import row_number

PER_PAGE = 50
_HEADER = ("name", "nip", "unit", "position", "hours_final", "hours_provisional", "hours_target", "hours_missing")


@blueprint.get("/hours/people")
def hours_people() -> Any:
    """Everybody's hours of a year, narrowed by words, unit and whether the minimum is reached."""
    guard.require(needs=P.HOURS_READ)
    at = clock.now()
    wish = _wish()
    with reading() as db:
        policy = policy_of(db, wish.year)
        narrowed = guard.allowed(Person, needs=P.HOURS_READ)
        page = max(1, request.args.get("page", 1, type=int))
        count, lines = ledger.count_and_page(db, wish, policy, narrowed, page=page, per_page=PER_PAGE)
        units = [
            option
            for top in unit_tree(db)
            for option in ((top.id, top.name), *((below.id, f"{top.name} › {below.name}") for below in top.below))
        ]
        return render_template(
            "certificates/hours_people.html",
            lines=lines,
            count=count,
            wish=wish,
            policy=policy,
            page=page,
            pages=max(1, -(-count // PER_PAGE)),
            years_options=[(one, one) for one in ledger.years_known(db, this_year(at))],
            units=units,
            kept={name: value for name, value in request.args.items() if name not in ("page", "year") and value},
        )


@blueprint.get("/hours/people/<int:person_id>")
def hours_person(person_id: int) -> Any:
    """One person's hours, for whoever may read them."""
    with reading() as db:
        person = guard.load(db, Person, person_id, needs=P.HOURS_READ, options=[joinedload(Person.unit)])
        return person_hours(db, person, is_own=False)


@blueprint.get("/hours/units")
def hours_units() -> Any:
    """Agencies of a year: how many of their people reached the minimum, and how many hours they have."""
    guard.require(needs=P.HOURS_READ)
    at = clock.now()
    year = asked_year(at)
    with reading() as db:
        return render_template(
            "certificates/hours_units.html",
            lines=ledger.unit_hours(db, year, policy_of(db, year), guard.allowed(Person, needs=P.HOURS_READ)),
            year=year,
            years=ledger.years_known(db, this_year(at)),
        )


@blueprint.get("/hours/people.<any(csv, xlsx):kind>")
def hours_file(kind: str) -> Any:
    """The ledger as the page shows it, every line, as a file."""
    guard.require(needs=P.HOURS_READ)
    at = clock.now()
    wish = _wish()
    with reading() as db:
        policy = policy_of(db, wish.year)
        lines = ledger.lines(db, wish, policy, guard.allowed(Person, needs=P.HOURS_READ))
        sheet = Sheet(
            stem=f"jp-{wish.year}",
            title=f"JP {wish.year}",
            header=tuple(say(f"column_{one}") for one in _HEADER),
            rows=(
                (
                    line.name,
                    Digits(line.nip or ""),
                    line.unit,
                    line.position,
                    line.final,
                    line.provisional,
                    line.target,
                    max(line.target - line.final, 0) if line.target is not None else None,
                )
                for line in lines
            ),
        )
        made = handing_out.make(kind, [sheet])
    return handing_out.send(made, "hours_exported", "hours", wish.year, at=at)


def _wish() -> LedgerWish:
    """Return what the address asks for; nonsense narrows nothing."""
    state = request.args.get("state", "")
    return LedgerWish(
        year=asked_year(clock.now()),
        text=request.args.get("q", "").strip()[:100],
        unit_id=request.args.get("unit", type=row_number),
        state="below" if state == "below" else "reached" if state == "reached" else "",
    )
