"""What programmes require for their certificates: read, changed, and let pass for one person."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from lms.accounts.service.audit import record_act
from lms.certificates.models.certificates import CertificateRule, NumberBook, Waiver
from lms.certificates.rules.drafts import RuleDraft, WaiverDraft, demands_from
from lms.certificates.rules.requirements import Demands
from lms.db import Db
from lms.kernel.errors import Invalid, NotFound, Problem
from lms.programmes.models import Batch, Enrolment, Programme


def find_rule(db: Db, programme_id: int) -> CertificateRule | None:
    """Return the programme's rule with its book; None where nobody has set one."""
    return db.scalars(
        select(CertificateRule)
        .where(CertificateRule.programme_id == programme_id)
        .options(joinedload(CertificateRule.book))
    ).one_or_none()


def demands_of(rule: CertificateRule | None, programme: Programme) -> Demands:
    """Return what the programme requires; without a rule what is usual, so that trainees know from the first day."""
    return demands_from(rule.terms if rule is not None else {}, programme.minimum_share)


def save_rule(db: Db, programme: Programme, draft: RuleDraft, *, by: int | None, at: datetime) -> CertificateRule:
    """Return the programme's rule as changed. Certificates already issued stay as they are.

    Raises Invalid for a book that does not exist.
    """
    if db.get(NumberBook, draft.book_id) is None:
        raise Invalid(Problem.of("book_unknown", field="book_id"))
    rule = db.get(CertificateRule, programme.id)
    if rule is None:
        rule = CertificateRule(programme_id=programme.id)
        db.add(rule)
    before: dict[str, Any] | None = rule.terms
    rule.book_id = draft.book_id
    rule.terms = draft.model_dump(mode="json", exclude={"book_id"})
    rule.changed_by, rule.changed_at = by, at
    db.flush()
    record_act(db, "certificate_rule_changed", "programme", programme.id, by=by, at=at, before=before, after=rule.terms)
    return rule


def waive(db: Db, batch: Batch, person_id: int, draft: WaiverDraft, *, by: int | None, at: datetime) -> None:
    """Let a requirement pass for this trainee; a second time replaces the reason. NotFound for a stranger."""
    is_in = select(Enrolment.id).where(
        Enrolment.batch_id == batch.id, Enrolment.person_id == person_id, Enrolment.role == "trainee"
    )
    if db.scalar(is_in.limit(1)) is None:
        raise NotFound()
    waiver = db.get(Waiver, (batch.id, person_id, draft.kind))
    if waiver is None:
        waiver = Waiver(batch_id=batch.id, person_id=person_id, kind=draft.kind)
        db.add(waiver)
    waiver.reason, waiver.by_id, waiver.at = draft.reason, by, at
    record_act(
        db,
        "certificate_need_waived",
        "batch",
        batch.id,
        by=by,
        at=at,
        person_id=person_id,
        need=draft.kind,
        reason=draft.reason,
    )


def take_back_waiver(db: Db, batch: Batch, person_id: int, kind: str, *, by: int | None, at: datetime) -> bool:
    """Ask for the requirement again; return whether it had been waived."""
    gone = db.execute(
        delete(Waiver).where(Waiver.batch_id == batch.id, Waiver.person_id == person_id, Waiver.kind == kind)
    ).rowcount  # type: ignore[attr-defined]
    if gone:
        record_act(db, "certificate_waiver_taken_back", "batch", batch.id, by=by, at=at, person_id=person_id, need=kind)
    return bool(gone)


def usual_terms(db: Db) -> dict[str, Any]:
    """Return what the form of a new rule begins with: the last rule somebody made, else what is usual."""
    last = db.scalars(select(CertificateRule).order_by(CertificateRule.changed_at.desc()).limit(1)).one_or_none()
    usual: dict[str, Any] = {
        "wording": "passed",
        "signature": "electronic",
        "attendance": True,
        "registers": True,
        "tests": "passed",
        "evaluation": True,
        "grade_excellent": 90,
        "grade_very_good": 80,
        "grade_good": 70,
        "grade_fair": 60,
        "agency_id": "Badan Kepegawaian dan Pengembangan Sumber Daya Manusia Kota Balikpapan",
        "agency_en": "Personnel and Human Resources Development Agency, City of Balikpapan",
        "place": "Balikpapan",
        "signer_position_id": "Kepala Badan",
        "signer_position_en": "Head of the Agency",
    }
    return usual if last is None else {**usual, **last.terms, "book_id": last.book_id}
