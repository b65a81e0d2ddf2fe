"""Open Badges of certificates: the key that signs them, the badge as a JWT, the list of revoked ones, and reading one.

The private key lies encrypted in the database, so that a backup holds it and a copy of the database alone does not.
"""

import base64
import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import select

from lms.certificates.models.certificates import BadgeKey, Certificate
from lms.certificates.rules import badges
from lms.certificates.rules.codes import read_code
from lms.db import Db, insert_new

ALGORITHM = "RS256"
_BITS = 2048


@dataclass(frozen=True)
class Site:
    """Where badges are issued: the site's public address, and what its private key is encrypted with."""

    address: str
    secret: str


@dataclass(frozen=True)
class NewKey:
    """A key pair made outside any transaction, since making one takes a tenth of a second."""

    kid: str
    public: dict[str, str]
    private_pem: str


def make_key(site: Site) -> NewKey:
    """Return a new key pair."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(_passphrase(site)),
    ).decode()
    full = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    public = {name: str(full[name]) for name in ("e", "kty", "n")}
    return NewKey(_thumbprint(public), public, pem)


def keep_key(db: Db, key: NewKey, *, at: datetime) -> None:
    """Store a key; from now on it signs."""
    values = {"kid": key.kid, "public": key.public, "private_pem": key.private_pem, "created_at": at}
    insert_new(db, BadgeKey, values, ["kid"])


def signing_key(db: Db, site: Site) -> tuple[str, Any] | None:
    """Return the newest key that this installation can open, with its id; None where there is none."""
    for key in db.scalars(select(BadgeKey).order_by(BadgeKey.created_at.desc(), BadgeKey.kid)):
        try:
            return key.kid, serialization.load_pem_private_key(key.private_pem.encode(), _passphrase(site))
        except ValueError:
            # Encrypted under a secret key this installation no longer has; its public half still verifies.
            continue
    return None


def key_set(db: Db) -> list[dict[str, Any]]:
    """Return the public half of every key that ever signed here, as JWK."""
    keys = db.scalars(select(BadgeKey).order_by(BadgeKey.created_at, BadgeKey.kid))
    return [as_jwk(key) for key in keys]


def as_jwk(key: BadgeKey) -> dict[str, Any]:
    """Return a key's public half as JWK."""
    return {**key.public, "kid": key.kid, "alg": ALGORITHM, "use": "sig"}


def badge_of(certificate: Certificate, email: str, site: Site, key: tuple[str, Any]) -> str:
    """Return the certificate's badge, signed: an OpenBadgeCredential as a JWT of the VC-JWT form."""
    document = badges.credential(
        site=site.address,
        code=certificate.code,
        content=certificate.content,
        achievement=_achievement(certificate, site),
        email=email,
        # Tied to the certificate, so that the same badge is written whenever it is asked for.
        salt=hashlib.sha256(f"badge {certificate.code}".encode()).hexdigest()[:16],
        status=badges.place_of(certificate.id),
        issued_at=certificate.issued_at,
        number=certificate.number,
    )
    subject = document["credentialSubject"].get("id")
    claims = {**document, "iss": document["issuer"]["id"], "jti": document["id"]}
    claims["nbf"] = int(certificate.issued_at.timestamp())
    return _sign(claims | ({"sub": subject} if subject else {}), site, key)


def status_list(db: Db, number: int, site: Site, key: tuple[str, Any], *, at: datetime) -> str:
    """Return the status list of this number, signed: which of its badges are revoked."""
    first = number * badges.LIST_SIZE
    revoked = db.scalars(
        select(Certificate.id).where(
            Certificate.state == "revoked", Certificate.id >= first, Certificate.id < first + badges.LIST_SIZE
        )
    )
    document = badges.status_credential(site.address, number, [one - first for one in revoked], at)
    return _sign({**document, "iss": document["issuer"], "jti": document["id"]}, site, key)


@dataclass(frozen=True)
class BadgeReading:
    """What became of a badge that somebody showed: `ok`, or why not (a code); the certificate it is of, if known."""

    verdict: str
    certificate: Certificate | None = None


def read_badge(db: Db, token: str, site: Site) -> BadgeReading:
    """Return whether this is a badge of ours that holds: by our own keys, never by one the badge brings along.

    Verdicts: ok, malformed, foreign, forged, unknown, revoked.
    """
    token = token.strip()
    try:
        header = jwt.get_unverified_header(token)
        claimed = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return BadgeReading("malformed")
    if claimed.get("iss") != f"{site.address}/badges/issuer":
        return BadgeReading("foreign")
    kid = str(header.get("kid", "")).rsplit("/", 1)[-1]
    key = db.get(BadgeKey, kid)
    if key is None:
        return BadgeReading("forged")
    try:
        public: Any = RSAAlgorithm.from_jwk(json.dumps(key.public))
        read: Mapping[str, Any] = jwt.decode(
            token, public, algorithms=[ALGORITHM], options={"verify_aud": False, "verify_sub": False}
        )
    except jwt.InvalidTokenError:
        return BadgeReading("forged")
    code = read_code(str(read.get("jti", "")).rsplit("/", 1)[-1])
    certificate = db.scalars(select(Certificate).where(Certificate.code == (code or ""))).one_or_none()
    if certificate is None:
        return BadgeReading("unknown")
    return BadgeReading("revoked" if certificate.state == "revoked" else "ok", certificate)


def _sign(claims: Mapping[str, Any], site: Site, key: tuple[str, Any]) -> str:
    kid, private = key
    return jwt.encode(
        dict(claims), private, algorithm=ALGORITHM, headers={"kid": f"{site.address}/badges/keys/{kid}", "typ": "JWT"}
    )


def _achievement(certificate: Certificate, site: Site) -> str:
    """Return the name of what was achieved: the same programme with the same demands is the same achievement."""
    content = certificate.content
    named = json.dumps([site.address, content["programme"], content["criteria"]], sort_keys=True)
    return uuid.uuid5(uuid.NAMESPACE_URL, named).urn


def _thumbprint(public: Mapping[str, str]) -> str:
    """Return the key's thumbprint by RFC 7638: SHA-256 over its required members in lexical order."""
    canonical = json.dumps(dict(public), sort_keys=True, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).decode().rstrip("=")


def _passphrase(site: Site) -> bytes:
    return hashlib.sha256(f"badge key {site.secret}".encode()).hexdigest().encode()


def day_of(at: datetime) -> datetime:
    """Return the beginning of that day in UTC: status lists say so, so that they can be kept for a while."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
