"""The ways a mail leaves: printed to the terminal, written to a folder, or handed to a mail server."""

import smtplib
import ssl
import sys
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

SECONDS = 20
_HERE = ("localhost", "127.0.0.1", "::1")


class Postman(Protocol):
    """Takes one mail out of the house, or raises."""

    def send(self, mail: EmailMessage) -> None: ...


class Console:
    """Prints mails to the terminal, links included: for trying the platform out."""

    def send(self, mail: EmailMessage) -> None:
        words = mail.get_body(("plain",))
        text = words.get_content() if words else ""
        heading = f"To: {mail['To']}\nSubject: {mail['Subject']}"
        sys.stdout.write(f"\n{'=' * 72}\n{heading}\n{'-' * 72}\n{text}{'=' * 72}\n")
        sys.stdout.flush()


class Folder:
    """Writes each mail to a file named after its Message-ID; a repeat overwrites its own file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, mail: EmailMessage) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        name = mail["Message-ID"].strip("<>").partition("@")[0]
        (self.folder / f"{name}.eml").write_bytes(mail.as_bytes())


class Smtp:
    """Hands mails to a mail server, encrypted from the start (smtps) or as soon as the server offers it (smtp)."""

    def __init__(self, address: SplitResult) -> None:
        self.host = address.hostname or "localhost"
        self.is_wrapped = address.scheme == "smtps"
        self.port = address.port or (465 if self.is_wrapped else 25)
        self.user = unquote(address.username or "")
        self.password = unquote(address.password or "")

    def send(self, mail: EmailMessage) -> None:
        with self._connected() as server:
            server.send_message(mail)

    def _connected(self) -> smtplib.SMTP:
        if self.is_wrapped:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=SECONDS, context=ssl.create_default_context()
            )
            is_private = True
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
            server.ehlo()
            is_private = server.has_extn("starttls")
            if is_private:
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
        if self.user:
            if not is_private and self.host not in _HERE:
                server.close()
                raise smtplib.SMTPNotSupportedError("the server offers no encryption: the password is not sent")
            server.login(self.user, self.password)
        return server


def postman(mail_url: str) -> Postman:
    """Return the way mails leave for a MAIL_URL that Settings has accepted."""
    if mail_url == "console":
        return Console()
    address = urlsplit(mail_url)
    if address.scheme == "file":
        return Folder(Path(unquote(mail_url.removeprefix("file://").removeprefix("file:"))))
    return Smtp(address)
