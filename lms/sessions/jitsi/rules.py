"""Which meeting server is configured, what is wrong with the configuration, and what a room may be called."""

import base64
import re
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_network
from urllib.parse import urlsplit

from lms.kernel.errors import Problem

# RFC 7518 §3.2: an HS256 key must be at least as long as the hash.
SHORTEST_SECRET = 32
# A bearer secret that cannot be guessed by trying.
SHORTEST_BEARER = 16
# What a session remembers its server by.
KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,38}")
JAAS_DOMAIN = "8x8.vc"
JAAS_APP_ID = re.compile(r"vpaas-magic-cookie-[0-9a-f]{32}")
# Rooms there need a signed-in host, take no tokens, send no server events, and leave an embedding page after 5 minutes.
PUBLIC_DOMAINS = frozenset({"meet.jit.si"})
# Prosody lower-cases the token's room, muc_size does not decode escapes, reservations compare names literally:
# only these characters mean the same thing everywhere.
ROOM = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*(?::[0-9]{1,5})?"
)


class ServerKind(StrEnum):
    """How far the server works with us.

    `self_hosted` takes our tokens and can be asked; `jaas` is 8x8's hosted service with RSA keys;
    `plain` only gets a link, and nothing it does can be evidence.
    """

    SELF_HOSTED = "self_hosted"
    JAAS = "jaas"
    PLAIN = "plain"


@dataclass(frozen=True, kw_only=True)
class JitsiServer:
    """One meeting server as configured; `problems` says whether it can be used.

    Secrets are left out of `repr`, so the server may appear in a log line or a traceback.
    """

    kind: ServerKind
    # Under which a session remembers its server, and what people read; empty title: the domain.
    key: str = "main"
    title: str = ""
    # Host of the web client, with a port where it is not 443. Always reached by https.
    domain: str
    app_id: str = ""
    # Shared secret: tokens are signed HS256.
    secret: str = field(default="", repr=False)
    # RSA private key (PEM) and the name under which the server finds its public half: tokens are signed RS256.
    private_key: str = field(default="", repr=False)
    key_id: str = ""
    # The XMPP domain where it differs from the web host (docker-jitsi-meet: XMPP_DOMAIN).
    xmpp_domain: str = ""
    # The component that holds the rooms; docker-jitsi-meet calls it muc.meet.jitsi.
    muc_domain: str = ""
    # Private base addresses of Prosody's HTTP (muc_size, muc_census), of Jicofo and of each video bridge; empty: not
    # asked.
    api_url: str = ""
    jicofo_url: str = ""
    jvb_urls: tuple[str, ...] = ()
    # RSA key (PEM) and its name that prove a *system*, not a person: the only ones that may end a meeting.
    system_key: str = field(default="", repr=False)
    system_key_id: str = ""
    # What the server's own posts prove themselves with, and the networks they may come from.
    events_secret: str = field(default="", repr=False)
    events_from: str = ""
    webhook_secret: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """Return what people call this server."""
        return self.title or self.domain

    @property
    def gives_evidence(self) -> bool:
        """Return whether this server is set up to tell us who is in a room; a plain link never does."""
        if self.kind is ServerKind.PLAIN:
            return False
        return bool(self.webhook_secret if self.kind is ServerKind.JAAS else self.events_secret)

    @property
    def rooms_host(self) -> str:
        """Return the component that holds the rooms: as configured, or as Prosody's packages name it."""
        return self.muc_domain or f"conference.{self.muc_host}"

    @property
    def origin(self) -> str:
        """Return the origin as CSP and the frame's messages name it."""
        return f"https://{self.domain}"

    @property
    def muc_host(self) -> str:
        """Return the domain that rooms belong to; a port is no part of it."""
        return self.xmpp_domain or self.domain.partition(":")[0]

    @property
    def tenant(self) -> str:
        """Return what stands before the room in every address: JaaS keeps each customer under its AppID."""
        return f"{self.app_id}/" if self.kind is ServerKind.JAAS else ""

    @property
    def script_url(self) -> str:
        """Return the address of the IFrame API's script."""
        return f"{self.origin}/{self.tenant}external_api.js"

    @property
    def algorithm(self) -> str:
        """Return the one algorithm the server accepts from us; any other is refused as "Invalid or incorrect alg"."""
        return "RS256" if self.private_key else "HS256"

    def room_path(self, room: str) -> str:
        """Return the room as the web client names it."""
        return f"{self.tenant}{room}"


def room_name(entropy: bytes) -> str:
    """Return a room nobody can guess, made from at least 16 random bytes: `kelas-` and 26 letters and digits.

    One room serves one live session, so that what the server reports about a room belongs to that session alone.
    """
    if len(entropy) < 16:
        raise ValueError("a room needs 16 random bytes")
    return "kelas-" + base64.b32encode(entropy[:16]).decode().rstrip("=").lower()


def room_problems(room: str) -> tuple[Problem, ...]:
    """Return what keeps a name from being one literal room on every surface of the server; empty when sound."""
    return () if ROOM.fullmatch(room) else (Problem.of("jitsi_room_name", field="room", room=room),)


def problems(server: JitsiServer) -> tuple[Problem, ...]:
    """Return every mistake in the configuration, each tied to the setting to mend; empty when it can be used.

    Whether an RSA key can be read is seen by `tokens.key_problems`.
    """
    found = [*_address_problems(server), *_post_problems(server)]
    if server.kind is ServerKind.PLAIN:
        return tuple(found)
    if server.domain in PUBLIC_DOMAINS:
        found.append(Problem.of("jitsi_domain_public", field="JITSI_DOMAIN", domain=server.domain))
    if not server.app_id:
        found.append(Problem.of("jitsi_app_id_missing", field="JITSI_APP_ID"))
    found += _jaas_problems(server) if server.kind is ServerKind.JAAS else _secret_problems(server)
    if server.system_key and not server.system_key_id:
        found.append(Problem.of("jitsi_key_id_missing", field="JITSI_SYSTEM_KEY_ID"))
    return tuple(found)


def _address_problems(server: JitsiServer) -> list[Problem]:
    found = []
    if not server.domain:
        found.append(Problem.of("jitsi_domain_missing", field="JITSI_DOMAIN"))
    elif not _HOST.fullmatch(server.domain):
        found.append(Problem.of("jitsi_domain_form", field="JITSI_DOMAIN", domain=server.domain))
    for name, address in (
        ("JITSI_API_URL", server.api_url),
        ("JITSI_JICOFO_URL", server.jicofo_url),
        *(("JITSI_JVB_URLS", address) for address in server.jvb_urls),
    ):
        parts = urlsplit(address)
        if address and (parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment):
            found.append(Problem.of("jitsi_api_url_form", field=name))
    return found


def _post_problems(server: JitsiServer) -> list[Problem]:
    """Return what is wrong with the secrets of the server's own posts."""
    found = []
    if server.events_secret and len(server.events_secret.encode()) < SHORTEST_BEARER:
        found.append(Problem.of("jitsi_events_secret_short", field="JITSI_EVENTS_SECRET", least=SHORTEST_BEARER))
    if server.webhook_secret and not server.webhook_secret.startswith("whsec_"):
        found.append(Problem.of("jitsi_webhook_secret_form", field="JITSI_WEBHOOK_SECRET"))
    for part in filter(None, (piece.strip() for piece in server.events_from.split(","))):
        try:
            ip_network(part, strict=False)
        except ValueError:
            found.append(Problem.of("jitsi_events_from_form", field="JITSI_EVENTS_FROM", part=part))
    return found


def _secret_problems(server: JitsiServer) -> list[Problem]:
    if server.private_key:
        return [] if server.key_id else [Problem.of("jitsi_key_id_missing", field="JITSI_KEY_ID")]
    if not server.secret:
        return [Problem.of("jitsi_secret_missing", field="JITSI_APP_SECRET")]
    if len(server.secret.encode()) < SHORTEST_SECRET:
        return [Problem.of("jitsi_secret_short", field="JITSI_APP_SECRET", least=SHORTEST_SECRET)]
    return []


def _jaas_problems(server: JitsiServer) -> list[Problem]:
    found = []
    if server.app_id and not JAAS_APP_ID.fullmatch(server.app_id):
        found.append(Problem.of("jitsi_jaas_app_id", field="JITSI_APP_ID"))
    if not server.private_key:
        found.append(Problem.of("jitsi_jaas_key_missing", field="JITSI_APP_SECRET"))
    if not server.key_id:
        found.append(Problem.of("jitsi_key_id_missing", field="JITSI_KEY_ID"))
    elif server.app_id and not server.key_id.startswith(f"{server.app_id}/"):
        found.append(Problem.of("jitsi_jaas_key_id", field="JITSI_KEY_ID"))
    return found
