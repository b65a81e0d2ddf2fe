"""Signed files come back, certificates are revoked, anyone may verify, badges hold under our own keys alone."""

import json
import re
from io import BytesIO
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from flask.testing import FlaskClient
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import select

from lms.certificates.models.certificates import BadgeKey, Certificate
from lms.certificates.rules.badges import LIST_SIZE, is_set
from lms.certificates.rules.codes import show_code
from lms.certificates.service import badges
from lms.db import reading, writing
from lms.outbox.models import Notice
from lms.settings import Settings
from lms.web.limits import limiter
from tests.factories import NINE, World, make_certificate
from tests.integration.certificates.conftest import AsPerson, Over, ask, certificates, set_rule, stranger_to, work_off

SIGNATURE = b"\n/Type /Sig /SubFilter /ETSI.CAdES.detached /ByteRange [0 840 960 240]\n%%EOF\n"


def issued(world: World, app: Flask, citra: FlaskClient) -> Certificate:
    ask(citra, world.batch, world.ayu)
    work_off(app)
    return certificates()[-1]


def signed_copy(citra: FlaskClient, certificate: Certificate) -> bytes:
    """The file as it comes back: what was issued, with a signature appended."""
    return citra.get(f"/certificates/{certificate.id}/certificate.pdf?original=1").data + SIGNATURE


def bring(citra: FlaskClient, batch: int, *files: tuple[bytes, str]) -> Any:
    sent = {"file": [(BytesIO(content), name) for content, name in files]}
    return citra.post(f"/batches/{batch}/certificates/signed", data=sent, content_type="multipart/form-data")


def test_a_signed_file_makes_the_draft_a_signed_certificate(
    world: World, over: Over, app: Flask, as_person: AsPerson
) -> None:
    citra, ayu = as_person(world.citra), as_person(world.ayu)
    draft = issued(world, app, citra)
    assert ayu.get(f"/certificates/{draft.id}/mine.pdf").status_code == 409
    assert ayu.get(f"/certificates/{draft.id}/badge.jwt").status_code == 409
    content = signed_copy(citra, draft)
    answer = bring(citra, world.batch, (content, "from-the-signing-office.pdf"))
    assert "1 file was taken" in answer.text and "now signed" in answer.text
    (signed,) = certificates()
    assert signed.state == "signed" and signed.signed_by == world.citra
    assert ayu.get(f"/certificates/{draft.id}/mine.pdf").data == content
    assert citra.get(f"/certificates/{draft.id}/certificate.pdf").data == content
    with reading() as db:
        assert db.scalars(select(Notice.person_id).where(Notice.template == "certificate_signed")).all() == [world.ayu]
    assert "this file was there already" in bring(citra, world.batch, (content, "again.pdf")).text


def test_files_that_belong_nowhere_or_hold_no_signature_are_told_and_not_taken(
    world: World, over: Over, app: Flask, as_person: AsPerson
) -> None:
    citra = as_person(world.citra)
    draft = issued(world, app, citra)
    unsigned = signed_copy(citra, draft).removesuffix(SIGNATURE)
    with writing() as db:
        other = make_certificate(db, world.other_batch, world.mallory, serial=7)
    foreign = b"%PDF-1.7 jembatan-" + other.code.encode() + SIGNATURE
    answer = bring(citra, world.batch, (unsigned, "a.pdf"), (foreign, "b.pdf"), (b"MZ no pdf", "c.pdf"), (b"", "d.pdf"))
    assert "no electronic signature" in answer.text and "belongs to no certificate" in answer.text
    assert "0 files were taken; 4 were not" in answer.text
    assert {one.state for one in certificates()} == {"draft"}
    assert citra.post(f"/batches/{world.batch}/certificates/signed", data={}).status_code == 422


def test_scans_are_taken_by_their_name_where_certificates_are_signed_on_paper(
    world: World, app: Flask, as_person: AsPerson
) -> None:
    with writing() as db:
        set_rule(db, world.programme, signature="paper")
        draft = make_certificate(db, world.batch, world.ayu, serial=3)
    answer = bring(as_person(world.citra), world.batch, (b"%PDF-1.4 a scan", f"{show_code(draft.code)}-Ayu.pdf"))
    assert "now signed" in answer.text


def test_a_revoked_certificate_keeps_its_number_and_says_why(
    world: World, over: Over, app: Flask, as_person: AsPerson
) -> None:
    citra = as_person(world.citra)
    first = issued(world, app, citra)
    address = f"/certificates/{first.id}/revoke"
    assert citra.post(address, data={"reason": ""}).status_code == 422
    assert citra.post(address, data={"reason": "Nama salah ditulis"}).status_code == 302
    assert citra.post(address, data={"reason": "Sekali lagi dicabut"}).status_code == 302
    page = stranger_to(app).get(f"/verify/{first.code}")
    assert "is revoked" in page.text and "Nama salah ditulis" in page.text
    assert "Nama salah ditulis" in as_person(world.ayu).get("/certificates").text
    second = issued(world, app, citra)
    assert (second.serial, second.state) == (2, "draft")
    assert [one.state for one in certificates()] == ["revoked", "draft"]
    refused = bring(citra, world.batch, (signed_copy(citra, first), "x.pdf"))
    assert "is revoked" in refused.text and certificates()[0].state == "revoked"


def test_a_classmate_and_a_stranger_get_nothing(world: World, over: Over, app: Flask, as_person: AsPerson) -> None:
    draft = issued(world, app, as_person(world.citra))
    assert as_person(world.budi).get(f"/certificates/{draft.id}/mine.pdf").status_code == 403
    assert as_person(world.mallory).get(f"/certificates/{draft.id}/mine.pdf").status_code in (403, 404)
    assert as_person(world.ayu).post(f"/certificates/{draft.id}/revoke", data={"reason": "x" * 9}).status_code == 403


def test_anyone_verifies_by_code_and_learns_no_name(world: World, over: Over, app: Flask, as_person: AsPerson) -> None:
    draft = issued(world, app, as_person(world.citra))
    stranger = stranger_to(app)
    page = stranger.get(f"/verify/{show_code(draft.code)}")
    assert page.status_code == 200 and "not signed yet" in page.text
    # A number may break after a stroke.
    assert (
        draft.number in page.text.replace("<wbr>", "")
        and "A•• L••••••" in page.text
        and "1986**********2001" in page.text
    )
    assert "Lestari" not in page.text and "198609262015052001" not in page.text
    assert page.headers["X-Robots-Tag"] == "noindex" and page.headers["Cache-Control"] == "no-store"
    typed = stranger.get("/verify", query_string={"code": f" {show_code(draft.code).lower()} "})
    assert typed.headers["Location"].endswith(show_code(draft.code))


def test_codes_that_are_none_look_all_alike_and_are_soon_refused(world: World, over: Over, app: Flask) -> None:
    stranger = stranger_to(app)
    pages = set()
    for code in ("AAAABBBBCCCC", "WRONGCODE", "ZZZZZZZZZZZZ"):
        answer = stranger.get(f"/verify/{code}").text
        # The token of a form tells one page from the next.
        pages.add(re.sub(r'(name="csrf_token" value=)"[^"]*"', r"\1", answer.replace(code, "")))
    assert len(pages) == 1
    limiter.reset()
    limiter.enabled = True
    try:
        seen = [stranger.get(f"/verify/AAAABBBB{number:04}").status_code for number in range(22)]
        with writing() as db:
            real = make_certificate(db, world.batch, world.ayu)
        seen.append(stranger.get(f"/verify/{real.code}").status_code)
    finally:
        limiter.enabled = False
        limiter.reset()
    assert seen == [404] * 20 + [429] * 3


def badge_for(world: World, app: Flask, as_person: AsPerson) -> tuple[Certificate, str]:
    citra = as_person(world.citra)
    draft = issued(world, app, citra)
    bring(citra, world.batch, (signed_copy(citra, draft), "x.pdf"))
    return draft, as_person(world.ayu).get(f"/certificates/{draft.id}/badge.jwt").text


def test_a_badge_verifies_with_the_keys_the_site_publishes(
    world: World, over: Over, app: Flask, as_person: AsPerson
) -> None:
    certificate, token = badge_for(world, app, as_person)
    stranger = stranger_to(app)
    (key,) = stranger.get("/.well-known/jwks.json").json["keys"]
    assert not {"d", "p", "q"} & set(key)
    header = jwt.get_unverified_header(token)
    named = stranger.get(header["kid"].removeprefix("http://localhost"))
    assert named.json["kid"] == key["kid"] and header["typ"] == "JWT"
    public: Any = RSAAlgorithm.from_jwk(json.dumps(key))
    read = jwt.decode(token, public, algorithms=["RS256"])
    assert "OpenBadgeCredential" in read["type"] and read["iss"] == read["issuer"]["id"]
    assert read["jti"].endswith(certificate.code) and "ayu" not in json.dumps(read).lower()
    assert stranger.get(read["issuer"]["id"].removeprefix("http://localhost")).json["id"] == read["issuer"]["id"]
    page = stranger.post("/verify/badge", data={"badge": token})
    assert "is valid" in page.text and "signed with our key" in page.text


def test_revoking_sets_the_badges_bit_in_the_status_list(
    world: World, over: Over, app: Flask, as_person: AsPerson
) -> None:
    certificate, token = badge_for(world, app, as_person)
    claims = jwt.decode(token, options={"verify_signature": False})
    status = claims["credentialStatus"]
    address = status["statusListCredential"].removeprefix("http://localhost")
    stranger = stranger_to(app)
    with reading() as db:
        public: Any = RSAAlgorithm.from_jwk(json.dumps(db.scalars(select(BadgeKey)).one().public))

    def bit() -> bool:
        told = jwt.decode(stranger.get(address).text, public, algorithms=["RS256"])
        assert told["credentialSubject"]["statusPurpose"] == "revocation"
        return is_set(told["credentialSubject"]["encodedList"], int(status["statusListIndex"]))

    assert int(status["statusListIndex"]) == certificate.id % LIST_SIZE
    assert not bit()
    as_person(world.citra).post(f"/certificates/{certificate.id}/revoke", data={"reason": "Salah orang"})
    assert bit()
    assert "is revoked" in stranger.post("/verify/badge", data={"badge": token}).text
    assert as_person(world.ayu).get(f"/certificates/{certificate.id}/badge.jwt").status_code == 409


def test_forged_foreign_and_broken_badges_do_not_hold(
    world: World, over: Over, app: Flask, as_person: AsPerson
) -> None:
    _certificate, token = badge_for(world, app, as_person)
    claims = jwt.decode(token, options={"verify_signature": False})
    header = jwt.get_unverified_header(token)
    mine = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    stranger = stranger_to(app)

    def verdict(badge: str) -> str:
        return stranger.post("/verify/badge", data={"badge": badge}).text

    # Signed with another key under our key's name, and one that brings its key along.
    forged = jwt.encode(claims, mine, algorithm="RS256", headers={"kid": header["kid"]})
    assert "not signed with our key" in verdict(forged)
    own = jwt.encode(
        claims, mine, algorithm="RS256", headers={"jwk": RSAAlgorithm.to_jwk(mine.public_key(), as_dict=True)}
    )
    assert "not signed with our key" in verdict(own)
    assert "not signed with our key" in verdict(jwt.encode(claims, None, algorithm="none"))
    head, _body, signature = token.split(".")
    changed = jwt.encode(claims | {"jti": "http://localhost/verify/AAAABBBBCCCC"}, "k" * 32).split(".")[1]
    assert "not signed with our key" in verdict(f"{head}.{changed}.{signature}")
    assert "issued by somebody else" in verdict(jwt.encode(claims | {"iss": "https://other.example"}, "k" * 32))
    assert "not an Open Badge" in verdict("no badge at all")
    assert stranger.post("/verify/badge", data={"badge": ""}).status_code == 422


def test_a_new_secret_key_makes_a_new_badge_key_and_old_badges_still_hold(
    world: World, over: Over, app: Flask, as_person: AsPerson
) -> None:
    _certificate, token = badge_for(world, app, as_person)
    settings: Settings = app.config["SETTINGS"]
    other = badges.Site(settings.public_url, "another secret")
    with reading() as db:
        assert badges.signing_key(db, other) is None
    with writing() as db:
        badges.keep_key(db, badges.make_key(other), at=NINE)
    with reading() as db:
        assert badges.signing_key(db, other) is not None
        assert len(badges.key_set(db)) == 2
        assert badges.read_badge(db, token, other).verdict == "ok"
