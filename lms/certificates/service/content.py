"""What a certificate states, gathered once when it is issued: everything in it is a plain value."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from lms.accounts.models import Person, Unit
from lms.accounts.rules.names import with_titles
from lms.accounts.rules.ranks import show_rank
from lms.certificates.models.certificates import CertificateRule
from lms.certificates.rules.drafts import grade_for
from lms.certificates.service.standing import Candidate
from lms.db import Db
from lms.programmes.models import Batch
from lms.sessions.models import LiveSession, SessionInstructor

# The shape of `Certificate.content`; a later one must still know how to show an older.
VERSION = 1


def content_of(
    db: Db, batch: Batch, rule: CertificateRule, candidate: Candidate, subjects: Sequence[Mapping[str, Any]], on: date
) -> dict[str, Any]:
    """Return everything this trainee's certificate of that day states; `batch.programme` must be loaded."""
    person = db.get_one(Person, candidate.member.person_id)
    terms, programme = rule.terms, batch.programme
    tally = candidate.facts.balance.weighed
    return {
        "version": VERSION,
        "wording": terms["wording"],
        "name": with_titles(person.title_before, person.name, person.title_after),
        "plain_name": person.name,
        "nip": person.nip or "",
        "rank": show_rank(person.rank) if person.rank else "",
        "position": person.position,
        "unit": _unit(db, person.unit_id),
        "programme": {"id": programme.title_id, "en": programme.title_en},
        "batch": batch.name,
        "starts_on": batch.starts_on.isoformat(),
        "ends_on": batch.ends_on.isoformat(),
        "venue": batch.place,
        "subjects": [dict(subject) for subject in subjects],
        "hours": plain(sum((Decimal(subject["hours"]) for subject in subjects), Decimal(0))),
        "grade": grade_for(terms_grades(terms), candidate.mean) if terms["wording"] == "passed" else None,
        "mean": None if candidate.mean is None else int(candidate.mean * 10) / 10,
        "share": int(tally.attended * 100 / tally.planned) if tally.planned else None,
        "criteria": criteria(terms, programme.minimum_share),
        "agency": {"id": terms["agency_id"], "en": terms["agency_en"]},
        "place": terms["place"],
        "issued_on": on.isoformat(),
        "signer": {
            "name": terms["signer_name"],
            "nip": terms["signer_nip"],
            "rank": terms["signer_rank"],
            "position": {"id": terms["signer_position_id"], "en": terms["signer_position_en"]},
        },
    }


def terms_grades(terms: Mapping[str, Any]) -> dict[str, int]:
    """Return grade → from which mean, of a stored rule."""
    found = {name.removeprefix("grade_"): value for name, value in terms.items() if name.startswith("grade_")}
    return {name: value for name, value in found.items() if value is not None}


def subjects_of(db: Db, batch_id: int) -> list[dict[str, Any]]:
    """Return what the batch was taught, session by session, those of one title added up: titles, JP, who taught."""
    names: dict[int, list[str]] = {}
    rows = db.execute(
        select(SessionInstructor.session_id, Person)
        .join(Person, Person.id == SessionInstructor.person_id)
        .join(LiveSession, LiveSession.id == SessionInstructor.session_id)
        .where(LiveSession.batch_id == batch_id)
        .order_by(Person.name)
    )
    for session_id, person in rows:
        names.setdefault(session_id, []).append(with_titles(person.title_before, person.name, person.title_after))
    found: dict[str, dict[str, Any]] = {}
    for session in db.scalars(
        select(LiveSession)
        .where(LiveSession.batch_id == batch_id, LiveSession.status != "cancelled")
        .order_by(LiveSession.starts_at, LiveSession.id)
    ):
        subject = found.setdefault(
            session.title_id, {"id": session.title_id, "en": session.title_en, "hours": Decimal(0), "by": []}
        )
        subject["hours"] += session.lesson_hours
        subject["by"] += [name for name in names.get(session.id, ()) if name not in subject["by"]]
    return [{**subject, "hours": plain(subject["hours"])} for subject in found.values()]


def criteria(terms: Mapping[str, Any], minimum: Decimal) -> str:
    """Return in English what the badge's achievement demands; badges are read all over the world."""
    parts = []
    if terms.get("attendance"):
        parts.append(f"attended at least {-int(-minimum * 100 // 1)} % of the planned lesson hours")
    if terms.get("tests") == "passed":
        parts.append("passed every post-test")
    elif terms.get("tests") == "taken":
        parts.append("took every post-test")
    if terms.get("evaluation"):
        parts.append("filled in the evaluation")
    return f"The participant {', '.join(parts) or 'took part'}."


def _unit(db: Db, unit_id: int | None) -> str:
    """Return the unit with the agency above it: `Bidang Layanan, Dinas Kesehatan`."""
    if unit_id is None:
        return ""
    unit = db.get_one(Unit, unit_id)
    above = db.get_one(Unit, unit.parent_id).name if unit.parent_id else ""
    return ", ".join(filter(None, (unit.name, above)))


def plain(number: Decimal) -> str:
    """Return the number without trailing zeros and exponent: 20, 2.5."""
    return format(number.normalize(), "f")
