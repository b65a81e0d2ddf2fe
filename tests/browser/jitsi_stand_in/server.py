"""The stand-in as a TLS server on loopback; see README.md beside it."""

import ipaddress
import json
import socket
import ssl
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.browser.jitsi_stand_in.verdict import verdict

WEB = Path(__file__).parent / "web"
JS_UTILS = Path(__file__).resolve().parents[3] / "node_modules" / "@jitsi" / "js-utils" / "dist"
OWN_SCRIPTS = {f"/_stand_in/{name}.js" for name in ("real_transport", "meeting", "bourne")}


class StandIn:
    """A server to be used in `with`; `domain` goes into JITSI_DOMAIN. Its attributes may change while it runs."""

    def __init__(self, *, secret: str = "", app_id: str = "jembatan") -> None:
        self.secret, self.app_id = secret, app_id
        self.script = "served"
        self.frame = "speaks"
        self.refuse_next = 0
        self.auto_join = True
        # (room, token, verdict) of everybody who came to the door.
        self.callers: list[tuple[str, str, str | None]] = []
        self._closing = threading.Event()

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            file.write(_certificate())
            file.flush()
            context.load_cert_chain(file.name)
        # The handshake belongs to the connection's own thread: a client that never begins it must not hold up others.
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def domain(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    def judge(self, room: str, token: str) -> str | None:
        """Return why the token is refused, or None, and remember who asked."""
        if self.refuse_next > 0:
            self.refuse_next -= 1
            answer: str | None = "told to refuse"
        elif self.secret:
            answer = verdict(token, room=room, secret=self.secret, app_id=self.app_id, now=time.time())
        else:
            answer = None
        self.callers.append((room, token, answer))
        return answer

    def wait_until_closed(self, at_most: float) -> None:
        self._closing.wait(at_most)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up, or distrusts the certificate, is no news."""


def _handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 30

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            if parts.path == "/external_api.js":
                self.serve_script()
            elif parts.path == "/_stand_in/door":
                refusal = stand_in.judge(query.get("room", ""), query.get("jwt", ""))
                answer = {"refusal": refusal, "autoJoin": stand_in.auto_join}
                self.answer(200, "application/json", json.dumps(answer).encode())
            elif parts.path.startswith("/_stand_in/js-utils/"):
                # Its modules name each other without their ending, for a bundler to find.
                name = parts.path.removeprefix("/_stand_in/js-utils/").removesuffix(".js")
                self.answer(200, "text/javascript", (JS_UTILS / f"{name}.js").read_bytes())
            elif parts.path in OWN_SCRIPTS:
                self.answer(200, "text/javascript", (WEB / Path(parts.path).name).read_bytes())
            elif parts.path == "/favicon.ico":
                self.answer(404, "text/plain", b"")
            elif stand_in.frame == "silent":
                self.answer(200, "text/html", b"<!doctype html><title>silent</title>")
            else:
                self.answer(200, "text/html", (WEB / "meeting.html").read_bytes())

        def serve_script(self) -> None:
            if stand_in.script == "hangs":
                stand_in.wait_until_closed(20)
            elif stand_in.script == "missing":
                self.answer(404, "text/plain", b"")
            elif stand_in.script == "page":
                self.answer(200, "text/html", b"<!doctype html><p>Welcome to nginx!")
            elif stand_in.script == "other":
                self.answer(200, "text/javascript", b"window.somethingElse = true;")
            else:
                body = (WEB / "transport.js").read_bytes() + (WEB / "external_api.js").read_bytes()
                self.answer(200, "text/javascript", body)

        def answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Addresses hold tokens, so they are not logged."""

    return Handler


def _certificate() -> bytes:
    """Return a key and its self-signed certificate for loopback, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stand-in")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return secret + certificate.public_bytes(serialization.Encoding.PEM)


def free_port() -> int:
    """Return a loopback port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    with StandIn() as stand_in:
        print(f"JITSI_DOMAIN={stand_in.domain}   (Ctrl-C ends it)")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print()
