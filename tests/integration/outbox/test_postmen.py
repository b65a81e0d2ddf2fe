"""Mails handed to a mail server, spoken to over a real socket."""

import socket
import threading
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from lms.outbox.postmen import Console, Folder, Smtp, postman


class MailServer:
    """Speaks just enough SMTP, without encryption, and keeps what it was given."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        connection, _ = self.listener.accept()
        with connection, connection.makefile("rwb") as stream:

            def say(text: str) -> None:
                stream.write(text.encode() + b"\r\n")
                stream.flush()

            say("220 test")
            is_letter = False
            for raw in stream:
                line = raw.decode().rstrip("\r\n")
                self.lines.append(line)
                if is_letter:
                    if line == ".":
                        is_letter = False
                        say("250 taken")
                elif line.upper().startswith("EHLO"):
                    say("250-test\r\n250 AUTH PLAIN")
                elif line.upper() == "DATA":
                    is_letter = True
                    say("354 go on")
                elif line.upper() == "QUIT":
                    say("221 bye")
                    return
                elif line.upper().startswith("AUTH"):
                    say("235 known")
                else:
                    say("250 fine")


@pytest.fixture
def server() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.listener.close()


def letter() -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Jembatan <jembatan@balikpapan.example>"
    mail["To"] = "Ayu <ayu@example.test>"
    mail["Subject"] = "Sesi dipindahkan"
    mail["Message-ID"] = "<message-1-abc@localhost>"
    mail.set_content("Sampai jumpa – pukul 09.00 WITA.\n")
    return mail


def test_a_mail_server_gets_the_letter_with_name_and_password(server: MailServer) -> None:
    carrier = postman(f"smtp://us%40er:pa%2Fss@127.0.0.1:{server.port}")
    assert isinstance(carrier, Smtp)
    assert (carrier.user, carrier.password) == ("us@er", "pa/ss")
    carrier.send(letter())
    server.thread.join(5)
    assert any(line.startswith("AUTH PLAIN") for line in server.lines)
    assert "rcpt TO:<ayu@example.test>" in server.lines
    assert "Message-ID: <message-1-abc@localhost>" in server.lines


def test_a_server_that_is_not_there_is_an_error_to_try_again(server: MailServer) -> None:
    port = server.port
    server.listener.close()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        postman(f"smtp://127.0.0.1:{port}").send(letter())


def test_the_address_tells_which_way_mails_leave(capsys: pytest.CaptureFixture[str]) -> None:
    assert isinstance(postman("console"), Console)
    folder = postman("file:/tmp/letters")
    assert isinstance(folder, Folder)
    assert str(folder.folder) == "/tmp/letters"
    wrapped = postman("smtps://mail.example")
    assert isinstance(wrapped, Smtp)
    assert (wrapped.port, wrapped.is_wrapped) == (465, True)
    postman("console").send(letter())
    assert "Sampai jumpa – pukul 09.00 WITA." in capsys.readouterr().out
