"""Settings: read once from the environment, typed, and refusing nonsense with the value in the message."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent

# What describes the meeting server of the environment. docs/jitsi.md says what each is for.
JITSI_SETTINGS = (
    # What people call it; its domain if empty.
    "JITSI_TITLE",
    # Host of the web client, e.g. meet.example.go.id; empty means the built-in room.
    "JITSI_DOMAIN",
    # Application id of the token plugin, and the shared secret (HS256) or RSA private key (PEM, RS256).
    "JITSI_APP_ID",
    "JITSI_APP_SECRET",
    # Name of the RSA key's public half (`kid`); JaaS and RS256 only.
    "JITSI_KEY_ID",
    # XMPP domain and its component of rooms where they differ from the host, e.g. in docker-jitsi-meet.
    "JITSI_XMPP_DOMAIN",
    "JITSI_MUC_DOMAIN",
    # Private base addresses of Prosody's HTTP, Jicofo, and the bridges (comma-separated); empty means not asked.
    "JITSI_API_URL",
    "JITSI_JICOFO_URL",
    "JITSI_JVB_URLS",
    # RSA key (PEM) and its name with which this site, and no person, may end a meeting.
    "JITSI_SYSTEM_KEY",
    "JITSI_SYSTEM_KEY_ID",
    # Bearer secret with which Prosody's event_sync and reservations prove themselves; empty: both are refused.
    "JITSI_EVENTS_SECRET",
    # Networks those posts may come from, comma-separated (10.0.0.0/8, 127.0.0.1); empty: any.
    "JITSI_EVENTS_FROM",
    # Secret of the JaaS webhook, with its whsec_ prefix; empty: webhooks are refused.
    "JITSI_WEBHOOK_SECRET",
)


class BadSetting(ValueError):
    """A setting's value cannot be used; the message names the variable, the value and what is expected."""


@dataclass(frozen=True)
class Settings:
    """Everything an installation may decide. `Settings.read()` fills it from the environment."""

    # Where the installation keeps its state: database, uploads, queue, secret key.
    home: Path
    # SQLAlchemy address of the database; empty means SQLite in `home`.
    database_url: str = field(repr=False)
    # Redis address; set it as soon as more than one process serves the site.
    redis_url: str = field(repr=False)
    # Signs cookies and tokens. Generated once into `home` when not given.
    secret_key: str = field(repr=False)
    # Address under which people reach the site; decides Secure cookies, links in mail, calendar entries.
    public_url: str
    # Folder that holds one folder a course.
    courses_dir: Path
    # Largest upload in bytes (slides, PDF, video).
    upload_limit: int
    # "console", "file:<folder>" or smtp[s]://user:password@host:port
    mail_url: str = field(repr=False)
    # Sender of every mail.
    mail_from: str
    # The meeting server of the environment: what JITSI_SETTINGS names, by name; "" where nothing is given.
    jitsi: Mapping[str, str] = field(repr=False)
    # TOML file that names further meeting servers; empty: none.
    jitsi_servers_file: str
    # Largest recording in bytes that Jibri may bring or that is fetched from JaaS.
    recording_limit: int
    # For how many days a recording may be watched; then it is deleted.
    recording_days: int
    # For how many days a scan keeps the network and the device it came from; then only the scan itself is kept.
    scan_trace_days: int
    # How many reverse proxies stand before us; their X-Forwarded-* headers are believed.
    proxies: int
    # Whom people call when something does not work, shown on every page.
    help_name: str
    help_phone: str
    # Readable log lines for a terminal, or JSON lines for a collector.
    log_format: str
    # Templates reload and errors show in the terminal; never in production.
    debug: bool

    @property
    def secure(self) -> bool:
        """Whether people reach the site by https, so that cookies may be Secure."""
        return self.public_url.startswith("https://")

    @property
    def uploads(self) -> Path:
        return self.home / "uploads"

    @property
    def recordings(self) -> Path:
        return self.home / "recordings"

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Return the settings of this process.

        Raises BadSetting naming variable and value. Creates `home` and, once, its secret key.
        """

        def text(name: str, default: str = "") -> str:
            return environment.get(name, default).strip()

        def number(name: str, default: int, low: int, high: int) -> int:
            raw = text(name, str(default))
            if not raw.isdecimal() or not low <= int(raw) <= high:
                raise BadSetting(f"{name}={raw!r}: expected a whole number from {low} to {high}")
            return int(raw)

        def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
            raw = text(name, default)
            if raw not in allowed:
                raise BadSetting(f"{name}={raw!r}: expected one of {', '.join(allowed)}")
            return raw

        def address(name: str, default: str, schemes: tuple[str, ...]) -> str:
            raw = text(name, default)
            if raw and (urlsplit(raw).scheme not in schemes or raw.partition("://")[2].strip("/") == ""):
                raise BadSetting(f"{name}={_shown(raw)!r}: expected an address beginning with {' or '.join(schemes)}")
            return raw.rstrip("/")

        def networks(name: str) -> str:
            raw = text(name)
            for part in filter(None, (piece.strip() for piece in raw.split(","))):
                try:
                    ip_network(part, strict=False)
                except ValueError:
                    raise BadSetting(f"{name}={part!r}: expected addresses or networks, e.g. 10.0.0.0/8") from None
            return raw

        home = Path(text("JEMBATAN_HOME", str(ROOT / "var"))).expanduser()
        home.mkdir(parents=True, exist_ok=True)
        port = number("PORT", 8000, 1, 65535)
        mail_url = text("MAIL_URL", "console")
        mail = urlsplit(mail_url)
        if mail_url != "console" and not (
            (mail.scheme == "file" and mail_url != "file:") or (mail.scheme in ("smtp", "smtps") and mail.hostname)
        ):
            raise BadSetting(f"MAIL_URL={_shown(mail_url)!r}: expected console, file:FOLDER, smtp://… or smtps://…")
        database_url = text("DATABASE_URL")
        if database_url.startswith("postgres://"):
            database_url = "postgresql://" + database_url.removeprefix("postgres://")
        if database_url and not database_url.startswith(("sqlite:", "postgresql")):
            raise BadSetting(f"DATABASE_URL={database_url.split(':')[0]!r}…: expected sqlite:… or postgresql…")
        if "/" in text("JITSI_DOMAIN"):
            raise BadSetting(f"JITSI_DOMAIN={text('JITSI_DOMAIN')!r}: expected a host name without scheme or path")
        address("JITSI_API_URL", "", ("http", "https"))
        networks("JITSI_EVENTS_FROM")
        _refuse_typing_errors(environment)
        return cls(
            home=home,
            database_url=database_url or f"sqlite:///{home / 'jembatan.sqlite'}",
            redis_url=address("REDIS_URL", "", ("redis", "rediss", "unix")),
            secret_key=text("SECRET_KEY") or _kept_secret(home / "secret-key"),
            public_url=address("PUBLIC_URL", f"http://127.0.0.1:{port}", ("http", "https")),
            courses_dir=Path(text("COURSES_DIR", str(ROOT / "courses"))),
            upload_limit=number("UPLOAD_LIMIT_MB", 500, 1, 10_000) * 1024 * 1024,
            mail_url=mail_url,
            mail_from=text("MAIL_FROM", "Jembatan <jembatan@balikpapan.example>"),
            jitsi={name: text(name) for name in JITSI_SETTINGS},
            jitsi_servers_file=text("JITSI_SERVERS_FILE"),
            recording_limit=number("RECORDING_LIMIT_MB", 4000, 1, 100_000) * 1024 * 1024,
            recording_days=number("RECORDING_DAYS", 30, 1, 365),
            scan_trace_days=number("SCAN_TRACE_DAYS", 90, 1, 3650),
            proxies=number("PROXIES", 0, 0, 5),
            help_name=text("HELP_NAME", "BKPSDM Kota Balikpapan"),
            help_phone=text("HELP_PHONE", "+62542000000"),
            log_format=choice("LOG_FORMAT", "readable", ("readable", "json")),
            debug=choice("JEMBATAN_DEBUG", "0", ("0", "1")) == "1",
        )


def _refuse_typing_errors(environment: Mapping[str, str]) -> None:
    """Raise BadSetting for a JITSI_ name that is almost one of ours: it would be ignored without a word."""
    known = (*JITSI_SETTINGS, "JITSI_SERVERS_FILE")
    for name in environment:
        if name.startswith("JITSI_") and name not in known and (like := get_close_matches(name, known, 1, 0.85)):
            raise BadSetting(f"{name}: there is no such setting; is {like[0]} meant?")


def _shown(address: str) -> str:
    """Return an address without the name and password in it, for a message that ends in a log."""
    start, at, rest = address.rpartition("@")
    return f"{start.partition('://')[0]}://…@{rest}" if at else address


def _kept_secret(path: Path) -> str:
    """Return the installation's secret, made on first use; two processes starting at once agree on one.

    The file appears with its content: a second process must not read it while it is still empty. Raises
    BadSetting for a file without a key, as a full disk may have left it: cookies signed by nothing can be forged.
    """
    if not path.exists():
        descriptor, fresh = tempfile.mkstemp(dir=path.parent, prefix="secret-key-")
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
            with contextlib.suppress(FileExistsError):
                os.link(fresh, path)
        finally:
            os.unlink(fresh)
    secret = path.read_text().strip()
    if not secret:
        raise BadSetting(f"{path} is empty: put the key back, or remove the file to sign everybody out")
    return secret
