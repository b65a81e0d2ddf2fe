"""What a badge says, and the list of revoked ones."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from lms.certificates.rules.badges import LIST_SIZE, credential, encode_list, hashed_identity, is_set, place_of
from lms.certificates.rules.drafts import grade_for
from lms.certificates.rules.signed_files import look_at

CONTENT = {
    "programme": {"id": "Pelayanan Prima", "en": "Service Excellence"},
    "agency": {"id": "BKPSDM", "en": ""},
    "criteria": "The participant passed every post-test.",
}


def made(email: str = "ayu@example.test") -> dict:
    return credential(
        site="https://jembatan.example",
        code="23456789ABCD",
        content=CONTENT,
        achievement="urn:uuid:1",
        email=email,
        salt="salt",
        status=(0, 7),
        issued_at=datetime(2026, 12, 1, 1, tzinfo=UTC),
        number="7/2026",
    )


def test_a_badge_is_an_open_badge_credential_of_version_three() -> None:
    badge = made()
    assert badge["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert badge["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert badge["validFrom"] == "2026-12-01T01:00:00Z"
    subject = badge["credentialSubject"]
    assert subject["achievement"]["name"] == "Service Excellence"
    assert subject["achievement"]["criteria"]["narrative"] == CONTENT["criteria"]
    assert badge["credentialStatus"]["statusListIndex"] == "7"


def test_the_address_in_a_badge_is_hashed_with_its_salt() -> None:
    (identity,) = made()["credentialSubject"]["identifier"]
    assert "ayu@" not in str(made())
    assert identity["identityHash"] == hashed_identity("Ayu@Example.test ", "salt")
    assert identity["identityHash"] != hashed_identity("ayu@example.test", "other")


def test_whoever_has_no_address_is_named_by_the_certificate() -> None:
    assert made("")["credentialSubject"]["id"] == "urn:jembatan:certificate:23456789ABCD"


@given(st.sets(st.integers(0, LIST_SIZE - 1), max_size=20), st.integers(0, LIST_SIZE - 1))
def test_exactly_the_revoked_places_are_set(revoked: set[int], asked: int) -> None:
    encoded = encode_list(revoked)
    assert encoded.startswith("u")
    assert all(is_set(encoded, place) for place in revoked)
    assert is_set(encoded, asked) == (asked in revoked)


def test_each_certificate_has_a_place_of_its_own() -> None:
    assert place_of(5) == (0, 5)
    assert place_of(LIST_SIZE + 5) == (1, 5)


SIGNED = b"%PDF-1.7 jembatan-23456789ABCD /ByteRange [0 10 20 30] /SubFilter /ETSI.CAdES.detached"


def test_a_signed_file_names_its_certificate_by_its_content() -> None:
    looks = look_at(SIGNED, "anything.pdf")
    assert (looks.is_pdf, looks.is_signed, looks.code) == (True, True, "23456789ABCD")


def test_a_file_that_says_nothing_is_known_by_its_name() -> None:
    assert look_at(b"%PDF-1.4 scan", "2345-6789-ABCD-Ayu.pdf").code == "23456789ABCD"
    assert look_at(b"%PDF-1.4 scan", "scan0001.pdf").code is None
    assert not look_at(b"%PDF-1.4 scan", "x.pdf").is_signed


def test_a_file_with_two_certificates_in_it_belongs_to_none() -> None:
    assert look_at(SIGNED + b" jembatan-AAAABBBBCCCC", "x.pdf").code is None


def test_the_best_qualification_that_is_reached_is_given() -> None:
    grades = {"excellent": 90, "very_good": 80, "good": 70}
    assert [grade_for(grades, mean) for mean in (95, 90, 84.9, 70, 69.9, None)] == [
        "excellent", "excellent", "very_good", "good", None, None,
    ]  # fmt: skip
