"""Signed PDFs coming back: each tied to its certificate by what it says, and a draft made a signed certificate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lms.accounts.service.audit import record_act
from lms.certificates.models.certificates import Certificate
from lms.certificates.rules.signed_files import SignedFile
from lms.certificates.service.issuing import tell_holder
from lms.db import Db
from lms.kernel.errors import Said


@dataclass(frozen=True)
class Returned:
    """A file that came back, as it lies in the store, and what it says about itself."""

    name: str
    sha256: str
    size: int
    looks: SignedFile


@dataclass(frozen=True)
class Outcome:
    """What became of a file: whether it was taken, in words, and for which certificate."""

    name: str
    taken: bool
    said: Said


def take_signed(
    db: Db,
    batch_id: int,
    files: Sequence[Returned],
    *,
    needs_signature: bool,
    by: int,
    at: datetime,
    is_told: bool = True,
) -> list[Outcome]:
    """Return what became of each file, in order. One that belongs to no certificate of the batch changes nothing.

    Where certificates are signed on paper the files are scans and hold no signature (`needs_signature` False).
    """
    codes = [file.looks.code for file in files if file.looks.code]
    rows = db.scalars(
        select(Certificate).where(Certificate.batch_id == batch_id, Certificate.code.in_(codes)).with_for_update()
    )
    known = {certificate.code: certificate for certificate in rows}
    return [
        _take(db, file, known.get(file.looks.code or ""), needs_signature, by=by, at=at, is_told=is_told)
        for file in files
    ]


def _take(
    db: Db,
    file: Returned,
    certificate: Certificate | None,
    needs_signature: bool,
    *,
    by: int,
    at: datetime,
    is_told: bool,
) -> Outcome:
    if not file.looks.is_pdf:
        return Outcome(file.name, False, Said("signed_not_pdf"))
    if needs_signature and not file.looks.is_signed:
        return Outcome(file.name, False, Said("signed_no_signature"))
    if certificate is None:
        return Outcome(file.name, False, Said("signed_unknown"))
    params = {"name": certificate.content["name"], "number": certificate.number}
    if certificate.state == "revoked":
        return Outcome(file.name, False, Said("signed_revoked", params))
    if certificate.signed_sha256 == file.sha256:
        return Outcome(file.name, True, Said("signed_already", params))
    is_first = certificate.state == "draft"
    before = certificate.signed_sha256
    certificate.state = "signed"
    certificate.signed_sha256, certificate.signed_size = file.sha256, file.size
    certificate.signed_at, certificate.signed_by = at, by
    db.flush()
    record_act(db, "certificate_signed", "certificate", certificate.id, by=by, at=at, sha256=file.sha256, before=before)
    if is_first and is_told:
        tell_holder(db, certificate, "certificate_signed", at=at)
    return Outcome(file.name, True, Said("signed_taken" if is_first else "signed_replaced", params))


def revoke(db: Db, certificate: Certificate, reason: str, *, by: int, at: datetime, is_told: bool = True) -> bool:
    """Revoke a certificate; return whether that was news. Its number stays taken, its holder is told why."""
    if certificate.state == "revoked":
        return False
    certificate.state = "revoked"
    certificate.revoked_at, certificate.revoked_by, certificate.revoke_reason = at, by, reason
    db.flush()
    record_act(db, "certificate_revoked", "certificate", certificate.id, by=by, at=at, reason=reason)
    if is_told:
        tell_holder(db, certificate, "certificate_revoked", at=at, reason=reason)
    return True
