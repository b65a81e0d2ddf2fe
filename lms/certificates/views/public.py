"""What anyone may ask: whether a certificate or a badge holds, and the keys and lists that others verify badges with.

Only whoever has a code learns anything, and little: the name is masked. There are 10^17 codes; whoever tries some is
soon asked to wait, and a wrong code is answered like one that never was.
"""

import logging
from datetime import timedelta
from math import ceil
from time import time
from typing import Any

from flask import Response, jsonify, make_response, redirect, render_template, request, url_for
from flask_limiter.util import get_remote_address
from limits import parse
from sqlalchemy import select

from lms import clock
from lms.accounts import guard
from lms.accounts.rules.nip import mask_nip
from lms.certificates.models.certificates import BadgeKey, Certificate, CertificateRule
from lms.certificates.rules import badges as badge_rules
from lms.certificates.rules.codes import mask_name, read_code, show_code
from lms.certificates.service import badges
from lms.certificates.views.blueprint import badge_site, blueprint, settings
from lms.db import reading
from lms.kernel.errors import NotFound
from lms.web.limits import limiter

log = logging.getLogger(__name__)

# An office is one address; a roll of certificates may be checked in one go.
LOOKS = parse("300 per 15 minutes")
MISSES = parse("20 per 15 minutes")
MOST_TOKEN = 20_000
_KEEP = "public, max-age=3600"


@blueprint.get("/verify")
@guard.public
def verify() -> Any:
    """A form for a certificate's code, and one for a badge."""
    guard.allow_public()
    if typed := request.args.get("code", "").strip():
        code = read_code(typed)
        return redirect(url_for("certificates.verified", code=show_code(code) if code else typed[:40]))
    return _page()


@blueprint.get("/verify/<code>")
@guard.public
def verified(code: str) -> Any:
    """Tell whether the certificate of this code holds: masked, and alike for every code that is none."""
    guard.allow_public()
    wait = _wait_for_next()
    if wait is not None:
        return _page(typed=code, wait=wait), 429
    found = None
    if plain := read_code(code):
        with reading() as db:
            found = db.scalars(select(Certificate).where(Certificate.code == plain)).one_or_none()
    _count(is_miss=found is None)
    if found is None:
        return _page(typed=code, is_unknown=True), 404
    return _page(certificate=found)


@blueprint.post("/verify/badge")
@guard.public
def verify_badge() -> Any:
    """Tell whether a badge somebody pasted is ours and holds; checked with our own keys, not with one it brings."""
    guard.allow_public()
    token = request.form.get("badge", "").strip()
    wait = _wait_for_next()
    if wait is not None:
        return _page(wait=wait, badge=token), 429
    if not token or len(token) > MOST_TOKEN:
        return _page(verdict="malformed", badge=token[:MOST_TOKEN]), 422
    with reading() as db:
        read = badges.read_badge(db, token, badge_site())
    _count(is_miss=read.certificate is None)
    return _page(verdict=read.verdict, certificate=read.certificate, badge=token)


@blueprint.get("/.well-known/jwks.json")
@guard.public
def key_set() -> Any:
    """Hand out the public keys of all badges ever signed here."""
    guard.allow_public()
    with reading() as db:
        keys = badges.key_set(db)
    return _kept(jsonify(keys=keys))


@blueprint.get("/badges/keys/<kid>")
@guard.public
def key(kid: str) -> Any:
    """Hand out one public key, as a badge's header names it."""
    guard.allow_public()
    with reading() as db:
        found = db.get(BadgeKey, kid)
    if found is None:
        raise NotFound()
    return _kept(jsonify(badges.as_jwk(found)))


@blueprint.get("/badges/issuer")
@guard.public
def issuer() -> Any:
    """Hand out the profile of who issues badges here."""
    guard.allow_public()
    with reading() as db:
        terms = db.scalars(
            select(CertificateRule.terms).order_by(CertificateRule.changed_at.desc()).limit(1)
        ).one_or_none()
    agency = {"id": terms["agency_id"], "en": terms["agency_en"]} if terms else {"id": "Jembatan", "en": ""}
    return _kept(jsonify(badge_rules.issuer(settings().public_url, agency)))


@blueprint.get("/badges/status/<int:number>")
@guard.public
def status_list(number: int) -> Any:
    """Hand out which badges of this list are revoked, signed; all of them at once, so that nobody learns who asked."""
    guard.allow_public()
    if number > 10_000:
        raise NotFound()
    with reading() as db:
        found = badges.signing_key(db, badge_site())
        if found is None:
            raise NotFound()
        made = badges.status_list(db, number, badge_site(), found, at=clock.now())
    answer = Response(made, mimetype="application/vc+jwt")
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer


def _page(**more: Any) -> Response:
    given = {"certificate": None, "typed": "", "is_unknown": False, "wait": None, "verdict": "", "badge": ""} | more
    page = render_template("certificates/verify.html", mask_name=mask_name, mask_nip=mask_nip, **given)
    answer = make_response(page)
    # What is shown of a person is for whoever has the code, not for search engines and shared caches.
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _kept(answer: Response) -> Response:
    answer.headers["Cache-Control"] = _KEEP
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _wait_for_next() -> timedelta | None:
    """Return how long (whole minutes) this address has to wait; None: not at all. Uncountable means none."""
    if not limiter.enabled:
        return None
    try:
        for limit, kind in ((LOOKS, "verify"), (MISSES, "verify-miss")):
            if not limiter.limiter.test(limit, kind, get_remote_address()):
                reset = limiter.limiter.get_window_stats(limit, kind, get_remote_address()).reset_time
                return timedelta(minutes=max(1, ceil((reset - time()) / 60)))
    except Exception:
        log.exception("verifications cannot be counted")
    return None


def _count(*, is_miss: bool) -> None:
    if not limiter.enabled:
        return
    try:
        limiter.limiter.hit(LOOKS, "verify", get_remote_address())
        if is_miss:
            limiter.limiter.hit(MISSES, "verify-miss", get_remote_address())
    except Exception:
        log.exception("verifications cannot be counted")
