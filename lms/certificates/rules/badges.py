"""What an Open Badge 3.0 of a certificate says, and the list that tells which badges are revoked. Values only."""

import base64
import gzip
import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
# A list shorter than this would tell by its length, and by who asks for it, whose badge is looked at.
LIST_SIZE = 131_072


def instant(at: datetime) -> str:
    """Return the instant as credentials write it: `2026-12-01T01:00:00Z`."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def hashed_identity(email: str, salt: str) -> str:
    """Return an e-mail address as a badge names it: SHA-256 over address and salt, so that strangers cannot read it."""
    return "sha256$" + hashlib.sha256(f"{email.strip().lower()}{salt}".encode()).hexdigest()


def credential(
    *,
    site: str,
    code: str,
    content: Mapping[str, Any],
    achievement: str,
    email: str,
    salt: str,
    status: tuple[int, int],
    issued_at: datetime,
    number: str,
) -> dict[str, Any]:
    """Return the credential of a certificate; `status` is the number of the status list and the place in it."""
    programme = content["programme"]
    title = programme["en"] or programme["id"]
    list_number, place = status
    subject: dict[str, Any] = {
        "type": ["AchievementSubject"],
        "achievement": {
            "id": achievement,
            "type": ["Achievement"],
            "name": title,
            "description": f"{programme['id']} / {title}",
            "criteria": {"narrative": content["criteria"]},
            "achievementType": "Certificate",
        },
    }
    if email:
        subject["identifier"] = [
            {
                "type": "IdentityObject",
                "hashed": True,
                "identityHash": hashed_identity(email, salt),
                "identityType": "emailAddress",
                "salt": salt,
            }
        ]
    else:
        subject["id"] = f"urn:jembatan:certificate:{code}"
    status_list = f"{site}/badges/status/{list_number}"
    return {
        "@context": [CREDENTIALS, OPEN_BADGES],
        "id": f"{site}/verify/{code}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": f"{title} ({number})",
        "issuer": issuer(site, content["agency"]),
        "validFrom": instant(issued_at),
        "credentialSubject": subject,
        "credentialSchema": [{"id": SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
        "credentialStatus": {
            "id": f"{status_list}#{place}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(place),
            "statusListCredential": status_list,
        },
    }


def issuer(site: str, agency: Mapping[str, str]) -> dict[str, Any]:
    """Return who issues: the agency under this site's address."""
    return {"id": f"{site}/badges/issuer", "type": ["Profile"], "name": agency["en"] or agency["id"], "url": site}


def status_credential(site: str, list_number: int, revoked: Iterable[int], at: datetime) -> dict[str, Any]:
    """Return the list as a credential of its own: a bit for each badge, set where it is revoked."""
    address = f"{site}/badges/status/{list_number}"
    return {
        "@context": [CREDENTIALS],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": f"{site}/badges/issuer",
        "validFrom": instant(at),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encode_list(revoked),
        },
    }


def place_of(certificate_id: int) -> tuple[int, int]:
    """Return which list a certificate's badge stands in, and where."""
    return divmod(certificate_id, LIST_SIZE)


def encode_list(revoked: Iterable[int]) -> str:
    """Return the list's bits gzipped in base64url with the multibase letter `u`; the first bit is the leftmost."""
    bits = bytearray(LIST_SIZE // 8)
    for place in revoked:
        bits[place // 8] |= 0x80 >> place % 8
    return "u" + base64.urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0)).decode().rstrip("=")


def is_set(encoded: str, place: int) -> bool:
    """Return whether the bit at this place of an encoded list is set."""
    padded = encoded[1:] + "=" * (-len(encoded[1:]) % 4)
    bits = gzip.decompress(base64.urlsafe_b64decode(padded))
    return bool(bits[place // 8] & 0x80 >> place % 8)
