"""Hours earned elsewhere: told with a proof, decided on, or imported from an office's sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, select

from lms.accounts.models import Person
from lms.accounts.rules.names import with_titles
from lms.accounts.rules.nip import read_nip
from lms.accounts.rules.sheets.rows import is_quantity, read_day
from lms.accounts.service.audit import record_act
from lms.accounts.service.people import HERE
from lms.certificates.models.hours import HourClaim
from lms.certificates.rules.hour_drafts import ClaimDraft
from lms.certificates.service.deriving import derive
from lms.db import Db, insert_new_row
from lms.kernel.errors import Conflict, Invalid, Problem
from lms.kernel.headings import Table
from lms.outbox import service as outbox
from lms.programmes.rules.kinds import Kind


@dataclass(frozen=True)
class Proof:
    """The scan that proves a claim, as it lies in the store of bytes."""

    sha256: str
    name: str
    kind: str


@dataclass(frozen=True)
class SheetLine:
    """A row of a sheet of hours: whose, what, and why it cannot be taken. `is_known`: it is in the ledger already."""

    place: str
    name: str
    person_id: int | None
    draft: ClaimDraft | None
    problems: tuple[Problem, ...] = ()
    is_known: bool = False


def tell(
    db: Db, person_id: int, draft: ClaimDraft, proof: Proof | None, *, by: int, at: datetime, is_accepted: bool = False
) -> bool:
    """Keep what somebody tells of hours earned elsewhere; return whether it is news.

    The same activity on the same days is one claim, however often it is told. Raises Invalid for days to come.
    """
    if draft.ends_on > at.astimezone(HERE).date():
        raise Invalid(Problem.of("claim_in_future", field="ends_on"))
    values: dict[str, Any] = {
        **draft.model_dump(),
        "person_id": person_id,
        "file_sha256": proof.sha256 if proof else None,
        "file_name": proof.name[:160] if proof else "",
        "file_kind": proof.kind if proof else "",
        "state": "accepted" if is_accepted else "waiting",
        "reason": "",
        "made_at": at,
        "made_by": by,
        "decided_at": at if is_accepted else None,
        "decided_by": by if is_accepted else None,
    }
    row = insert_new_row(db, HourClaim, values, ["person_id", "title", "starts_on", "ends_on"])
    if row is None:
        return False
    record_act(db, "hours_claimed", "hour_claim", row.id, by=by, at=at, person_id=person_id, accepted=is_accepted)
    return True


def decide(db: Db, claim: HourClaim, *, accepted: bool, reason: str, by: int, at: datetime) -> None:
    """Accept or refuse a claim that waits; the person is told, and accepted hours count at once.

    Raises Conflict where somebody was faster or it is one's own, Invalid for a refusal without a reason.
    """
    if claim.state != "waiting":
        raise Conflict("claim_already_decided")
    if claim.person_id == by:
        raise Conflict("claim_is_your_own")
    if not accepted and not reason.strip():
        raise Invalid(Problem.of("claim_needs_reason", field="reason"))
    claim.state = "accepted" if accepted else "refused"
    claim.reason, claim.decided_at, claim.decided_by = reason.strip()[:1000], at, by
    db.flush()
    record_act(db, f"claim_{claim.state}", "hour_claim", claim.id, by=by, at=at, note=claim.reason)
    if accepted:
        derive(db, [claim.person_id], at=at)
    params = {"title": claim.title, "reason": claim.reason or "–"}
    outbox.tell(db, claim.person_id, f"hours_{claim.state}", params, f"hours-{claim.id}", "/hours", at=at)


def take_back(db: Db, claim: HourClaim, *, by: int, at: datetime) -> None:
    """Take a claim of one's own back that nobody has decided on. Raises Conflict otherwise."""
    if claim.state != "waiting" or claim.person_id != by:
        raise Conflict("claim_already_decided")
    record_act(db, "claim_taken_back", "hour_claim", claim.id, by=by, at=at, title=claim.title)
    db.delete(claim)


def read_sheet(
    db: Db, tables: Sequence[Table], kinds: Mapping[int, Kind], allowed: ColumnElement[bool], *, at: datetime
) -> list[SheetLine]:
    """Return what each row of a sheet of hours says; two statements, however many rows. Writes nothing."""
    lines = [line for table in tables for line in table.lines if line.cells.get("nip") or line.cells.get("title")]
    today = at.astimezone(HERE).date()
    nips: dict[int, str] = {}
    wrong: dict[int, Problem] = {}
    for number, line in enumerate(lines):
        try:
            nips[number] = read_nip(line.cells.get("nip", ""), today).digits
        except Invalid as refused:
            spoilt = is_quantity(line.cells.get("nip", ""))
            wrong[number] = Problem.of("nip_stored_as_number", field="nip") if spoilt else refused.problems[0]
    statement = select(Person, allowed.label("reached")).where(Person.nip.in_(set(nips.values())))
    people = {person.nip: (person, reached) for person, reached in db.execute(statement)}
    known = {
        (claim.person_id, claim.title, claim.starts_on, claim.ends_on)
        for claim in db.scalars(
            select(HourClaim).where(HourClaim.person_id.in_([person.id for person, _reached in people.values()]))
        )
    }
    found = []
    for number, line in enumerate(lines):
        problems = [wrong[number]] if number in wrong else []
        person, reached = people.get(nips.get(number, ""), (None, False))
        if number in nips and (person is None or not reached):
            problems.append(Problem.of("hours_person_unknown", field="nip"))
        draft, more = _draft(line.cells, kinds)
        if draft is not None and draft.ends_on > today:
            more.append(Problem.of("claim_in_future", field="ends_on"))
        is_shown = person is not None and reached
        key = (person.id, draft.title, draft.starts_on, draft.ends_on) if is_shown and person and draft else None
        found.append(
            SheetLine(
                str(line.line),
                with_titles(person.title_before, person.name, person.title_after) if is_shown and person else "",
                person.id if is_shown and person else None,
                draft,
                (*problems, *more),
                key in known,
            )
        )
        if key is not None:
            known.add(key)
    return found


def apply_sheet(db: Db, lines: Sequence[SheetLine], proof: Proof | None, *, by: int, at: datetime) -> int:
    """Enter the rows that are right and new as accepted hours; return how many. Repeating enters nothing."""
    entered = [
        line.person_id
        for line in lines
        if line.person_id is not None
        and line.draft is not None
        and not line.problems
        and not line.is_known
        and tell(db, line.person_id, line.draft, proof, by=by, at=at, is_accepted=True)
    ]
    if entered:
        derive(db, entered, at=at)
    return len(entered)


def _draft(cells: Mapping[str, str], kinds: Mapping[int, Kind]) -> tuple[ClaimDraft | None, list[Problem]]:
    starts_on, ends_on = (read_day(cells.get(name, "")) for name in ("starts_on", "ends_on"))
    problems = []
    kind = _kind(cells.get("kind", ""), kinds)
    if kind is None:
        problems.append(Problem.of("hours_kind_unknown", field="kind", text=cells.get("kind", "")[:60]))
    if starts_on is None:
        problems.append(Problem.of("hours_day_unreadable", field="starts_on"))
    if problems:
        return None, problems
    scope = "international" if cells.get("scope", "").casefold().startswith("i") else "national"
    values = {
        **{name: cells.get(name, "") for name in ("title", "organiser", "hours", "certificate_number")},
        "kind": kind, "scope": scope, "starts_on": starts_on, "ends_on": ends_on or starts_on,
    }  # fmt: skip
    try:
        return ClaimDraft.model_validate(values), []
    except ValidationError as error:
        fields = {str(found["loc"][0]) for found in error.errors() if found["loc"]}
        return None, [Problem.of("hours_cell_unreadable", field=name, column=name) for name in sorted(fields)]


def _kind(text: str, kinds: Mapping[int, Kind]) -> int | None:
    """Return the kind a cell names: its number, or its name in either language."""
    plain = " ".join(text.casefold().split())
    if plain.isascii() and plain.isdigit():
        return int(plain) if int(plain) in kinds else None
    for kind in kinds.values():
        if plain and plain in (kind.name_id.casefold(), kind.name_en.casefold()):
            return kind.code
    return None
