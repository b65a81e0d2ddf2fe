"""Files of certificates: the PDF as issued and as signed, all of a batch at once, signed ones back, and badges."""

import re
from collections.abc import Sequence
from io import BytesIO
from tempfile import TemporaryFile
from typing import Any
from zipfile import ZIP_STORED, ZipFile

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from sqlalchemy import select

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Person
from lms.accounts.service.audit import record_act
from lms.certificates.models.certificates import Certificate
from lms.certificates.rules.codes import show_code
from lms.certificates.rules.drafts import RevokeDraft
from lms.certificates.rules.signed_files import look_at
from lms.certificates.service import badges, ruling, signing
from lms.certificates.views.batch import page_with
from lms.certificates.views.blueprint import P, badge_site, blueprint, settings
from lms.certificates.views.papers import certificate_pdf
from lms.courses import files
from lms.db import reading, writing
from lms.kernel.errors import Conflict, Invalid, NotFound, Problem, Said
from lms.programmes.models import Batch, Enrolment
from lms.web.forms import draft_from, form_values

# One signed certificate is some hundred kilobytes; a scan of two pages at most this much.
MOST_BYTES = 10 * 1024**2
MOST_FILES = 500


@blueprint.get("/certificates/<int:certificate_id>/certificate.pdf")
def pdf(certificate_id: int) -> Any:
    """Hand out a certificate for whoever looks after the batch: signed where it is, with `original=1` as issued."""
    with reading() as db:
        found = guard.load(db, Certificate, certificate_id, needs=P.CERTIFICATE_READ)
    if found.signed_sha256 and request.args.get("original") != "1":
        return _signed_file(found)
    return _sent(BytesIO(_original(found)), file_name(found))


@blueprint.get("/certificates/<int:certificate_id>/mine.pdf")
def own_pdf(certificate_id: int) -> Any:
    """Hand out one's own certificate once it is signed; before that it is only a draft."""
    with reading() as db:
        found = guard.load(db, Certificate, certificate_id, needs=P.CERTIFICATE_OWN)
    if not found.signed_sha256:
        raise Conflict("certificate_not_signed")
    return _signed_file(found)


@blueprint.get("/certificates/<int:certificate_id>/badge.jwt")
def badge(certificate_id: int) -> Any:
    """Hand out one's own signed certificate as an Open Badge 3.0."""
    with reading() as db:
        found = guard.load(db, Certificate, certificate_id, needs=P.CERTIFICATE_OWN)
        if found.state != "signed":
            raise Conflict("certificate_revoked_no_badge" if found.state == "revoked" else "certificate_not_signed")
        key = badges.signing_key(db, badge_site())
        if key is None:
            raise Conflict("badge_key_not_ready")
        email = db.get_one(Person, found.person_id).email or ""
        made = badges.badge_of(found, email, badge_site(), key)
    answer = Response(made, mimetype="text/plain")
    answer.headers["Content-Disposition"] = f'attachment; filename="badge-{show_code(found.code)}.jwt"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/batches/<int:batch_id>/certificates.zip")
def all_pdfs(batch_id: int) -> Any:
    """Hand out the batch's certificates in one file: those to be signed, or with `which=signed` those that are."""
    which = "signed" if request.args.get("which") == "signed" else "draft"
    with reading() as db:
        found = guard.load(db, Batch, batch_id, needs=P.CERTIFICATE_READ)
        own = select(Enrolment.person_id).where(
            Enrolment.batch_id == batch_id, guard.allowed(Enrolment, needs=P.CERTIFICATE_READ)
        )
        certificates = db.scalars(
            select(Certificate)
            .where(Certificate.batch_id == batch_id, Certificate.state == which, Certificate.person_id.in_(own))
            .order_by(Certificate.book_id, Certificate.year, Certificate.serial)
        ).all()
        name = found.name
    if not certificates:
        raise Conflict("certificates_none_to_download")
    _note_download(batch_id, which, len(certificates))
    return _sent(_zipped(certificates), f"sertifikat-{_plain(name)}-{which}.zip", "application/zip")


def _note_download(batch_id: int, which: str, count: int) -> None:
    """Write down who took so many whole names and NIPs."""
    with writing() as db:
        who = guard.principal().id
        record_act(db, "certificates_downloaded", "batch", batch_id, by=who, at=clock.now(), which=which, count=count)


@blueprint.post("/batches/<int:batch_id>/certificates/signed")
def take_signed(batch_id: int) -> Any:
    """Take signed PDFs back and tell what became of each; what belongs to no certificate here is not kept."""
    at = clock.now()
    with reading() as db:
        batch = guard.load(db, Batch, batch_id, needs=P.CERTIFICATE_ISSUE)
        rule = ruling.find_rule(db, batch.programme_id)
    sent = [one for one in request.files.getlist("file") if one.filename]
    if not sent:
        return page_with(batch_id, problems=(Problem.of("signed_no_file", field="file"),)), 422
    if len(sent) > MOST_FILES:
        return page_with(batch_id, problems=(Problem.of("signed_too_many", field="file", most=MOST_FILES),)), 422
    returned: list[signing.Returned] = []
    outcomes: list[signing.Outcome] = []
    for one in sent:
        name = (one.filename or "")[:160]
        content = one.stream.read(MOST_BYTES + 1)
        looks = look_at(content, name)
        try:
            # Other kinds of file are refused by what they are; nothing of them stays in the store.
            stored = files.keep(settings().uploads, BytesIO(content), most=MOST_BYTES)
        except Invalid as refusal:
            outcomes.append(signing.Outcome(name, False, Said(refusal.said.code, refusal.said.params)))
            continue
        returned.append(signing.Returned(name, stored.sha256, stored.size, looks))
    with writing() as db:
        guard.load(db, Batch, batch_id, needs=P.CERTIFICATE_ISSUE, lock=True)
        needs_signature = rule is None or rule.terms.get("signature", "electronic") == "electronic"
        who = guard.principal().id
        outcomes += signing.take_signed(db, batch_id, returned, needs_signature=needs_signature, by=who, at=at)
    return page_with(batch_id, outcomes=outcomes)


@blueprint.route("/certificates/<int:certificate_id>/revoke", methods=["GET", "POST"])
def revoke(certificate_id: int) -> Any:
    """A form to revoke a certificate; its holder and whoever verifies it read the reason."""
    problems: Sequence[Problem] = ()
    with reading() as db:
        found = guard.load(db, Certificate, certificate_id, needs=P.CERTIFICATE_ISSUE)
        batch = db.get_one(Batch, found.batch_id)
    back = url_for("certificates.person", batch_id=found.batch_id, person_id=found.person_id)
    if request.method == "POST":
        try:
            draft = draft_from(RevokeDraft, form_values(RevokeDraft, request.form))
            with writing() as db:
                kept = guard.load(db, Certificate, certificate_id, needs=P.CERTIFICATE_ISSUE, lock=True)
                news = signing.revoke(db, kept, draft.reason, by=guard.principal().id, at=clock.now())
            flash(gettext("The certificate is revoked.") if news else gettext("It was revoked already."), "success")
            return redirect(back)
        except Invalid as refusal:
            problems = refusal.problems
    page = render_template(
        "certificates/revoke.html",
        certificate=found,
        batch=batch,
        back=back,
        problems=problems,
        reason=request.form.get("reason", ""),
    )
    return page, 422 if problems else 200


def file_name(certificate: Certificate) -> str:
    """Return a file's name: code and holder, so that a signed or scanned file under this name finds its way back."""
    return f"{show_code(certificate.code)}-{_plain(certificate.content['plain_name'])}.pdf"


def _original(certificate: Certificate) -> bytes:
    return certificate_pdf(certificate.content, certificate.number, certificate.code, settings().public_url)


def _signed_file(certificate: Certificate) -> Any:
    place = files.path_of(settings().uploads, certificate.signed_sha256 or "")
    if not place.is_file():
        raise NotFound()
    return _sent(place, file_name(certificate))


def _sent(file: Any, name: str, mimetype: str = "application/pdf") -> Any:
    response = send_file(file, mimetype=mimetype, as_attachment=True, download_name=name, max_age=0)
    # Names and NIPs must not stay in a shared computer's cache.
    response.headers["Cache-Control"] = "no-store"
    return response


def _zipped(certificates: Sequence[Certificate]) -> Any:
    """Return a zip of these, open at its beginning; PDF is packed already."""
    # It lives as long as the answer: whoever sends it closes it, and closed it is gone.
    made = TemporaryFile(prefix="jembatan-")  # noqa: SIM115
    with ZipFile(made, "w", ZIP_STORED) as packed:
        for one in certificates:
            if one.signed_sha256:
                place = files.path_of(settings().uploads, one.signed_sha256)
                if place.is_file():
                    packed.write(place, file_name(one))
            else:
                packed.writestr(file_name(one), _original(one))
    made.seek(0)
    return made


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:80] or "peserta"
