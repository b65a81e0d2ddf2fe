"""The meeting server that this installation's settings name."""

from typing import Protocol

from lms.kernel.errors import Invalid, Problem
from lms.sessions.jitsi import rules
from lms.sessions.jitsi.rules import JAAS_DOMAIN, JitsiServer, ServerKind
from lms.sessions.jitsi.tokens import key_problems


class JitsiSettings(Protocol):
    """The part of the settings read here; all are strings, empty when not given."""

    @property
    def jitsi_domain(self) -> str: ...
    @property
    def jitsi_app_id(self) -> str: ...
    @property
    def jitsi_app_secret(self) -> str: ...
    @property
    def jitsi_key_id(self) -> str: ...
    @property
    def jitsi_xmpp_domain(self) -> str: ...
    @property
    def jitsi_api_url(self) -> str: ...


def server_from_settings(settings: JitsiSettings) -> JitsiServer | None:
    """Return the configured server, or None when no domain is set: then sessions use the practice room.

    8x8.vc means JaaS; a domain without application id and secret is a plain link; everything else is our own server.
    The application secret is a shared secret, or an RSA private key in PEM (line breaks may be written as `\\n`).
    Raises Invalid with every mistake at once, so that a typing error stops the start and not the first lecture.
    """
    domain = settings.jitsi_domain.strip().lower()
    app_id, secret = settings.jitsi_app_id.strip(), settings.jitsi_app_secret.strip()
    if not domain:
        if app_id or secret:
            raise Invalid(Problem.of("jitsi_domain_missing", field="JITSI_DOMAIN"))
        return None
    is_key = secret.startswith("-----BEGIN")
    server = JitsiServer(
        kind=_kind(domain, app_id, secret),
        domain=domain,
        app_id=app_id,
        secret="" if is_key else secret,
        private_key=secret.replace("\\n", "\n") if is_key else "",
        key_id=settings.jitsi_key_id.strip(),
        xmpp_domain=settings.jitsi_xmpp_domain.strip().lower(),
        api_url=settings.jitsi_api_url.strip().rstrip("/"),
    )
    if found := problems(server):
        raise Invalid(found)
    return server


def tells_who_is_in(server: JitsiServer | None, *, events_secret: str, webhook_secret: str) -> bool:
    """Return whether this server is set up to tell us who is in a room; a practice room and a plain link never do."""
    if server is None or server.kind is ServerKind.PLAIN:
        return False
    return bool(webhook_secret if server.kind is ServerKind.JAAS else events_secret)


def problems(server: JitsiServer) -> tuple[Problem, ...]:
    """Return every mistake in a server's configuration, its signing key tried out as well."""
    return (*rules.problems(server), *key_problems(server))


def _kind(domain: str, app_id: str, secret: str) -> ServerKind:
    if domain == JAAS_DOMAIN or domain.endswith(f".{JAAS_DOMAIN}"):
        return ServerKind.JAAS
    return ServerKind.SELF_HOSTED if app_id or secret else ServerKind.PLAIN
