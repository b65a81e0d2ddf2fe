"""The meeting servers of this installation: one named by the environment, more in a TOML file, and who meets where."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from lms.kernel.errors import Invalid, Problem
from lms.sessions.jitsi import rules
from lms.sessions.jitsi.rules import JAAS_DOMAIN, KEY, JitsiServer, ServerKind
from lms.sessions.jitsi.tokens import key_problems

# What a session remembers that was scheduled in the built-in room on purpose, though a server was there.
BUILT_IN = "built_in"
# The key of the server that the environment names.
MAIN = "main"

# A server's members in the file → the settings that say the same of the one in the environment.
_MEMBERS = {
    "title": "JITSI_TITLE",
    "domain": "JITSI_DOMAIN",
    "app_id": "JITSI_APP_ID",
    "secret": "JITSI_APP_SECRET",
    "key_id": "JITSI_KEY_ID",
    "xmpp_domain": "JITSI_XMPP_DOMAIN",
    "muc_domain": "JITSI_MUC_DOMAIN",
    "api_url": "JITSI_API_URL",
    "jicofo_url": "JITSI_JICOFO_URL",
    "jvb_urls": "JITSI_JVB_URLS",
    "system_key": "JITSI_SYSTEM_KEY",
    "system_key_id": "JITSI_SYSTEM_KEY_ID",
    "events_secret": "JITSI_EVENTS_SECRET",
    "events_from": "JITSI_EVENTS_FROM",
    "webhook_secret": "JITSI_WEBHOOK_SECRET",
}
# These may stand in a file of their own: `secret_file = "meet.pem"` beside the list.
_IN_FILES = ("secret", "system_key", "events_secret", "webhook_secret")
_IN_THE_LIST = {setting: member for member, setting in _MEMBERS.items()}


class JitsiSettings(Protocol):
    """The part of the settings read here: by setting, what was given (nothing: ""), and where the list is."""

    @property
    def jitsi(self) -> Mapping[str, str]: ...
    @property
    def jitsi_servers_file(self) -> str: ...


@dataclass(frozen=True)
class MeetingServers:
    """Every meeting server sessions may be scheduled on; none: they meet in the built-in room."""

    servers: tuple[JitsiServer, ...] = ()
    # The key of the server offered first, and used where a session names none.
    standard: str = ""

    def key_of(self, chosen: str) -> str:
        """Return where a session that remembers `chosen` meets: a server's key, or BUILT_IN.

        One that remembers nothing, or a server nobody configures any more, meets on the standard server.
        """
        if chosen == BUILT_IN or self.find(chosen) is not None:
            return chosen
        return self.standard or BUILT_IN

    def of(self, chosen: str) -> JitsiServer | None:
        """Return the server of a session that remembers `chosen`; None means the built-in room."""
        return self.find(self.key_of(chosen))

    def find(self, key: str) -> JitsiServer | None:
        """Return the server of exactly this key, or None."""
        return next((server for server in self.servers if server.key == key), None)

    def may_choose(self, chosen: str) -> bool:
        """Return whether a session may be scheduled on this; "" leaves the choice to the standard."""
        return chosen in ("", BUILT_IN) or self.find(chosen) is not None

    def is_gone(self, chosen: str) -> bool:
        """Return whether a session remembers a server that is no longer configured."""
        return not self.may_choose(chosen)


def where_to_mend(server: JitsiServer, setting: str) -> str:
    """Return a setting as it is written for this server: by its own name in the environment, else in its table."""
    if server.key == MAIN:
        return setting
    found = re.sub(r"JITSI_[A-Z_]+", lambda name: _IN_THE_LIST.get(name[0], name[0]), setting)
    return f"[servers.{server.key}] {found}" if found != setting else setting


def only(server: JitsiServer | None) -> MeetingServers:
    """Return the list that holds this server alone, or none."""
    return MeetingServers((server,), server.key) if server is not None else MeetingServers()


def servers_from_settings(settings: JitsiSettings) -> MeetingServers:
    """Return every configured server. Raises Invalid with all mistakes at once, each tied to the setting to mend, so
    that a typing error stops the start and not the first lecture.

    The environment names at most one server (key `main`), which is then the standard; the file of
    JITSI_SERVERS_FILE names any number under `[servers.<key>]`, and its `standard` wins.
    """
    found: list[Problem] = []
    servers: list[JitsiServer] = []
    given = {_IN_THE_LIST[setting]: value.strip() for setting, value in settings.jitsi.items()}
    if given.get("domain"):
        servers.append(_server(MAIN, given))
        found += problems(servers[0])
    elif any(given.get(member) for member in ("app_id", "secret", "events_secret", "webhook_secret")):
        found.append(Problem.of("jitsi_domain_missing", field="JITSI_DOMAIN"))
    standard = MAIN if servers else ""
    if settings.jitsi_servers_file:
        listed, chosen, mistakes = _read_list(Path(settings.jitsi_servers_file))
        found += mistakes
        servers += listed
        standard = chosen or standard or (listed[0].key if listed else "")
        if not mistakes and chosen and all(server.key != chosen for server in servers):
            found.append(Problem.of("jitsi_list_standard", field="standard", where=_where(settings), key=chosen))
    found += _shared_secrets(servers)
    if found:
        raise Invalid(found)
    return MeetingServers(tuple(servers), standard)


def problems(server: JitsiServer) -> tuple[Problem, ...]:
    """Return every mistake in a server's configuration, its signing keys tried out as well."""
    return (*rules.problems(server), *key_problems(server))


def _read_list(path: Path) -> tuple[list[JitsiServer], str, list[Problem]]:
    """Return the servers of the file, its standard, and what is wrong with it."""
    where = f"JITSI_SERVERS_FILE={path}"
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8"
        return [], "", [Problem.of("jitsi_list_unreadable", where=where, why=why)]
    except tomllib.TOMLDecodeError as error:
        return [], "", [Problem.of("jitsi_list_unreadable", where=where, why=str(error))]
    tables = written.get("servers")
    if not isinstance(tables, dict) or not tables or not all(isinstance(table, dict) for table in tables.values()):
        return [], "", [Problem.of("jitsi_list_empty", where=where)]
    servers, found = [], []
    found += [
        Problem.of("jitsi_list_member", where=where, field=name) for name in set(written) - {"servers", "standard"}
    ]
    for key, table in tables.items():
        inside = f"{where} [servers.{key}]"
        if not KEY.fullmatch(key) or key in (BUILT_IN, MAIN):
            found.append(Problem.of("jitsi_list_key", where=inside, key=key))
            continue
        given, mistakes = _members(path.parent, table)
        server = _server(key, given)
        told = mistakes or problems(server)
        found += [replace(one, where=inside, field=_IN_THE_LIST.get(one.field or "", one.field)) for one in told]
        servers.append(server)
    standard = written.get("standard", "")
    return servers, standard if isinstance(standard, str) else "", found


def _members(folder: Path, table: Mapping[str, Any]) -> tuple[dict[str, str], list[Problem]]:
    """Return a table's members as texts, secrets read from the files that hold them."""
    given: dict[str, str] = {}
    found = []
    for name, value in table.items():
        member = name.removesuffix("_file")
        is_file = name != member and member in _IN_FILES
        if not is_file and name not in _MEMBERS:
            found.append(Problem.of("jitsi_list_member", field=name))
            continue
        text = ",".join(value) if isinstance(value, list) and all(isinstance(one, str) for one in value) else value
        if not isinstance(text, str):
            found.append(Problem.of("jitsi_list_text", field=name))
            continue
        if is_file:
            try:
                text = (folder / text).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                found.append(Problem.of("jitsi_list_file", field=name, file=text))
                continue
        given[member] = text.strip()
    return given, found


def _server(key: str, given: Mapping[str, str]) -> JitsiServer:
    """Return the server these members describe.

    8x8.vc means JaaS; a domain without application id and secret is a plain link; everything else is a server of our
    own. The secret is a shared secret, or an RSA private key in PEM (line breaks may be written as `\\n`).
    """
    domain, app_id, secret = given.get("domain", "").lower(), given.get("app_id", ""), given.get("secret", "")
    is_key = secret.startswith("-----BEGIN")
    return JitsiServer(
        kind=_kind(domain, app_id, secret),
        key=key,
        title=given.get("title", ""),
        domain=domain,
        app_id=app_id,
        secret="" if is_key else secret,
        private_key=secret.replace("\\n", "\n") if is_key else "",
        key_id=given.get("key_id", ""),
        xmpp_domain=given.get("xmpp_domain", "").lower(),
        muc_domain=given.get("muc_domain", "").lower(),
        api_url=given.get("api_url", "").rstrip("/"),
        jicofo_url=given.get("jicofo_url", "").rstrip("/"),
        jvb_urls=tuple(part.strip().rstrip("/") for part in given.get("jvb_urls", "").split(",") if part.strip()),
        system_key=given.get("system_key", "").replace("\\n", "\n"),
        system_key_id=given.get("system_key_id", ""),
        events_secret=given.get("events_secret", ""),
        events_from=given.get("events_from", ""),
        webhook_secret=given.get("webhook_secret", ""),
    )


def _kind(domain: str, app_id: str, secret: str) -> ServerKind:
    if domain == JAAS_DOMAIN or domain.endswith(f".{JAAS_DOMAIN}"):
        return ServerKind.JAAS
    return ServerKind.SELF_HOSTED if app_id or secret else ServerKind.PLAIN


def _shared_secrets(servers: Sequence[JitsiServer]) -> list[Problem]:
    """Return whose posts could not be told apart: a secret is all that says which server speaks."""
    found = []
    for number, server in enumerate(servers):
        for other in servers[:number]:
            if server.events_secret and server.events_secret == other.events_secret:
                names = {"key": server.key, "other": other.key}
                found.append(Problem.of("jitsi_list_same_secret", field="events_secret", **names))
    return found


def _where(settings: JitsiSettings) -> str:
    return f"JITSI_SERVERS_FILE={settings.jitsi_servers_file}"
